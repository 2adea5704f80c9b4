import * as tf from "../../tensor/tf.ts";
import * as ops from "../../tensor/ops.ts";
import type { Mistakes } from "../engine/mistakes.ts";

/** What goes wrong between queries, keys and values and the result, in any attention. */
export const scaledAttentionMistakes = {
  noScale: "without the scale: the scores must be divided by √K (K being the width of a head)",
  scaleByWidth: "with the scores divided by √D in place of √K (K = D / H is the width of one head)",
  scaleWithoutRoot: "with the scores divided by K in place of √K",
  scaleUp: "with the scores multiplied by √K; they are divided by it",
  scaleAfterSoftmax:
    "when √K divides the weights after the softmax; it divides the scores before it",
  softmaxOverQueries:
    "with the softmax over the wrong axis, the queries (axis −2). It goes over the keys (axis −1), so that " +
    "each row sums to 1",
  softmaxOverHeads:
    "with the softmax over the wrong axis, the heads (axis 1). It goes over the keys, the last axis",
  softmaxOverBatch:
    "with the softmax over the wrong axis, the images (axis 0). It goes over the keys, the last axis",
  noSoftmax: "without the softmax",
  keysReshaped:
    "when Kᵀ is made by a reshape: that moves no value, it only reads the same row of numbers with other " +
    "axes. Write `tf.matMul(query, key, false, true)`",
  queriesAndKeysSwapped: "with queries and keys exchanged: the scores are Q Kᵀ, not K Qᵀ",
  keysAndValuesSwapped: "with keys and values exchanged",
  queriesAndValuesSwapped: "with queries and values exchanged",
  weightsTransposed: "with the attention weights transposed before they meet the values",
} as const satisfies Mistakes<string>;

/**
 * Scaled dot-product attention, `softmax(Q Kᵀ / √K) V`, as a plain computation with a switch for each of
 * {@link scaledAttentionMistakes}: `[…, N, K], […, T, K], […, T, K] → […, N, K]`. With heads, they
 * are axis 1. `width` is that of a token, D, which some divide by.
 */
export function scaledAttention(
  [query, key, value]: readonly tf.Tensor[],
  width: number,
  has: ReadonlySet<string>,
): tf.Tensor {
  if (has.has("queriesAndKeysSwapped")) [query, key] = [key, query];
  if (has.has("keysAndValuesSwapped")) [key, value] = [value, key];
  if (has.has("queriesAndValuesSwapped")) [query, value] = [value, query];
  const shares = attentionShares(query, key, width, has);
  return tf.matMul(shares, value, has.has("weightsTransposed"), false);
}

/** `[…, N, K], […, T, K] → […, N, T]` */
function attentionShares(
  query: tf.Tensor,
  key: tf.Tensor,
  width: number,
  has: ReadonlySet<string>,
): tf.Tensor {
  const [tokens, headWidth] = key.shape.slice(-2);
  const root = Math.sqrt(headWidth);
  const divisor = has.has("noScale") || has.has("scaleAfterSoftmax")
    ? 1
    : has.has("scaleByWidth")
    ? Math.sqrt(width)
    : has.has("scaleWithoutRoot")
    ? headWidth
    : has.has("scaleUp")
    ? 1 / root
    : root;
  const products = has.has("keysReshaped")
    ? tf.matMul(query, tf.reshape(key, [...key.shape.slice(0, -2), headWidth, tokens]))
    : tf.matMul(query, key, false, true);
  const scores = tf.div(products, divisor);
  const shares = has.has("noSoftmax")
    ? scores
    : has.has("softmaxOverQueries")
    ? softmaxOver(scores, scores.rank - 2)
    : has.has("softmaxOverHeads")
    ? softmaxOver(scores, 1)
    : has.has("softmaxOverBatch")
    ? softmaxOver(scores, 0)
    : ops.softmax(scores);
  return has.has("scaleAfterSoftmax") ? tf.div(shares, root) : shares;
}

/** Softmax over any axis; `ops.softmax` goes over the last one. */
function softmaxOver(x: tf.Tensor, axis: number): tf.Tensor {
  const exponentials = tf.exp(tf.sub(x, tf.max(x, axis, true)));
  return tf.div(exponentials, tf.sum(exponentials, axis, true));
}
