/** `tf.node`: image coding and TensorBoard as tfjs-node has them; SavedModel says what to do. */
import "./node_utilities.ts";

export { node } from "npm:@tensorflow/tfjs-node-gpu@4.22.0/dist/node.js";
