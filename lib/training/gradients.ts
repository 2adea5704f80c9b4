import * as tf from "../tensor/tf.ts";

/** The Euclidean norm of all gradients together (scalar). */
export function globalNorm(gradients: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => {
    const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
    return tf.sqrt(tf.addN(squares)) as tf.Scalar;
  });
}

/**
 * Scales all gradients by one factor so that their global norm is at most `maximumNorm`
 * (PyTorch's `clip_grad_norm_`; "On the difficulty of training RNNs", arXiv 1211.5063).
 */
export function clipByGlobalNorm(
  gradients: readonly tf.Tensor[],
  maximumNorm: number,
): tf.Tensor[] {
  if (!(maximumNorm > 0)) {
    throw new RangeError(`clipByGlobalNorm: maximumNorm is ${maximumNorm}, must be above 0`);
  }
  return tf.tidy(() => {
    const factor = tf.minimum(1, tf.div(maximumNorm, tf.add(globalNorm(gradients), 1e-6)));
    return gradients.map((gradient) => tf.mul(gradient, factor));
  });
}
