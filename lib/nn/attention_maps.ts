import * as tf from "../tensor/tf.ts";
import { expectShape } from "./shapes.ts";

/**
 * How much the class token attends to each patch, as images: `[B, H, T, T] → [B, H, rows, columns]`,
 * T = 1 + rows · columns with the class token at place 0. Weights `[B, H, 1, T]` of a cross-attention
 * do as well.
 *
 * Throws a `RangeError` where the patches are not rows · columns.
 */
export function classAttentionMaps(
  weights: tf.Tensor,
  { rows, columns }: { rows: number; columns: number },
): tf.Tensor4D {
  const tokens = 1 + rows * columns;
  expectShape("classAttentionMaps", "weights", weights, ["B", "H", "N", tokens]);
  const [batch, heads] = weights.shape;
  return tf.tidy(() => {
    const patches = tf.slice(weights as tf.Tensor4D, [0, 0, 0, 1], [-1, -1, 1, tokens - 1]);
    return tf.reshape(patches, [batch, heads, rows, columns]);
  });
}

/**
 * Attention rollout: how much of each first token reaches each last one through all blocks, if half of
 * a token comes from the attention, averaged over heads, and half past it. `[B, H, T, T]` of each block,
 * first to last, `→ [B, T, T]`; each row sums to 1 (Quantifying Attention Flow in Transformers,
 * arXiv 2005.00928).
 *
 * Throws a `RangeError` where there are no weights, or their shapes differ.
 */
export function attentionRollout(weights: readonly tf.Tensor[]): tf.Tensor3D {
  if (weights.length === 0) throw new RangeError("attentionRollout: no weights of any block");
  const [batch, , tokens] = weights[0].shape;
  for (const each of weights) {
    expectShape("attentionRollout", "weights", each, [batch, "H", tokens, tokens]);
  }
  return tf.tidy(() => {
    const identity = tf.eye(tokens);
    const flows = weights.map((each) => tf.mul(tf.add(tf.mean(each, 1), identity), 0.5));
    return flows.reduce((rollout, flow) => tf.matMul(flow, rollout)) as tf.Tensor3D;
  });
}
