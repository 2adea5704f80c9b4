import * as tf from "../tensor/tf.ts";

/** A model that can tell where its blocks looked; `probes`, one a block, are added to their weights. */
export interface ExplainedModel {
  forwardWithWeights(
    images: tf.Tensor,
    probes?: readonly tf.Tensor[],
  ): { output: tf.Tensor; weights: tf.Tensor4D[] };
}

/**
 * Each block's attention weights `[B, H, T, T]`, and how the logit of one class of each image grows with
 * them: `images [B, height, width, C] → output [B, classes]`, weights and gradients of one shape. The
 * classes are indices `[B]`; by default those that the model predicts.
 *
 * Throws an `Error` where no gradient reaches the weights, as with an attention that adds no probe.
 */
export function attentionGradients(
  model: ExplainedModel,
  images: tf.Tensor,
  classes?: ArrayLike<number>,
): { output: tf.Tensor; weights: tf.Tensor4D[]; gradients: tf.Tensor4D[] } {
  return tf.tidy(() => {
    const { output, weights } = model.forwardWithWeights(images);
    const indices = classes
      ? tf.tensor1d(Int32Array.from(classes), "int32")
      : tf.argMax(output, 1) as tf.Tensor1D;
    const chosen = tf.oneHot(indices, output.shape[1]!);
    // The logits of different images do not depend on each other, so that one sum serves for all.
    const logits = (...probes: tf.Tensor[]) =>
      tf.sum(tf.mul(model.forwardWithWeights(images, probes).output, chosen));
    const zeros = weights.map((each) => tf.zerosLike(each));
    return { output, weights, gradients: tf.grads(logits)(zeros) as tf.Tensor4D[] };
  });
}
