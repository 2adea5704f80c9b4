import * as tf from "../tensor/tf.ts";

/**
 * For each image, which of its candidates `[B, K]` is the first that is valid: 1 there and 0
 * elsewhere (float32), and all 0 where none is.
 *
 * Drawing again until something fits is a loop that depends on data, which no compiled step can
 * hold. Drawing K candidates at once and taking the first that fits has the same distribution.
 */
export function firstValid(valid: tf.Tensor2D): tf.Tensor2D {
  const candidates = valid.shape[1];
  // The earlier, the larger: K, K − 1, …, 1, so that the largest valid one is the first.
  const order = tf.tensor1d(Array.from({ length: candidates }, (_, index) => candidates - index));
  const rank = tf.mul(tf.cast(valid, "float32"), order);
  const first = tf.maximum(tf.max(rank, 1, true), 1);
  return tf.cast(tf.equal(rank, first), "float32");
}

/** The chosen candidate's value, `[B, K] → [B]`, or `otherwise` where no candidate is chosen. */
export function pick(chosen: tf.Tensor2D, values: tf.Tensor2D, otherwise: number): tf.Tensor1D {
  const value = tf.sum(tf.mul(chosen, values), 1);
  if (otherwise === 0) return value as tf.Tensor1D;
  return tf.add(value, tf.mul(tf.sub(1, tf.sum(chosen, 1)), otherwise)) as tf.Tensor1D;
}
