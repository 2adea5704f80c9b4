import * as tf from "../tensor/tf.ts";

/**
 * Applies one matrix to the rows and one to the columns of every image:
 * `[B, height, width, C], [B, newHeight, height], [B, newWidth, width] → [B, newHeight, newWidth, C]`.
 *
 * Cropping and resizing are linear and treat the two axes apart, so two matrix products do both.
 */
export function resample(
  images: tf.Tensor4D,
  rows: tf.Tensor3D,
  columns: tf.Tensor3D,
): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const newHeight = rows.shape[1];
  const newWidth = columns.shape[1];
  const flat = tf.reshape(images, [batch, height, width * channels]);
  const tall = tf.matMul(rows, flat); // [B, newHeight, width·C]
  if (channels === 1) {
    const done = tf.matMul(tall, columns, false, true); // [B, newHeight, newWidth]
    return tf.reshape(done, [batch, newHeight, newWidth, 1]);
  }
  const grid = tf.reshape(tall, [batch, newHeight, width, channels]);
  const turned = tf.reshape(tf.transpose(grid, [0, 2, 1, 3]), [batch, width, newHeight * channels]);
  const done = tf.matMul(columns, turned); // [B, newWidth, newHeight·C]
  const turnedGrid = tf.reshape(done, [batch, newWidth, newHeight, channels]);
  return tf.transpose(turnedGrid, [0, 2, 1, 3]) as tf.Tensor4D;
}

export interface AxisSizes {
  inputSize: number;
  outputSize: number;
}

/**
 * The matrices that cut `length` pixels from `start` on and resize them bilinearly, with
 * antialiasing: `[B], [B] → [B, outputSize, inputSize]`.
 *
 * Pixel i lies at i + ½. Enlarging, each output pixel mixes its two neighbours; shrinking, all that
 * it covers, by a triangle as wide. Pixels outside of the cut have no weight. As PyTorch's
 * `interpolate(mode="bilinear", antialias=True)` on the cut.
 */
export function bilinearMatrix(
  start: tf.Tensor1D,
  length: tf.Tensor1D,
  { inputSize, outputSize }: AxisSizes,
): tf.Tensor3D {
  const perImage = (values: tf.Tensor) => tf.reshape(values, [-1, 1, 1]);
  const first = perImage(start);
  const scale = tf.div(perImage(length), outputSize);
  const outputs = tf.add(tf.range(0, outputSize), 0.5).reshape([1, outputSize, 1]);
  const inputs = tf.add(tf.range(0, inputSize), 0.5).reshape([1, 1, inputSize]);
  const centers = tf.add(first, tf.mul(outputs, scale)); // [B, outputSize, 1]
  const distances = tf.div(tf.abs(tf.sub(inputs, centers)), tf.maximum(scale, 1));
  const inside = tf.logicalAnd(
    tf.greater(inputs, first),
    tf.less(inputs, tf.add(first, perImage(length))),
  ); // [B, 1, inputSize]
  const weights = tf.mul(tf.relu(tf.sub(1, distances)), tf.cast(inside, "float32"));
  return tf.div(weights, tf.sum(weights, 2, true));
}
