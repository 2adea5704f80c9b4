"""Random cases for the table of gradients, and TensorFlow's gradients of them in float64."""
