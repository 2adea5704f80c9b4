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

/** What goes wrong where features are divided among heads, and heads are joined again. */
export const headMistakes = {
  featuresInTurns:
    "when the heads take the features in turns: D was reshaped to [K, H]. The first K features are the first head's, " +
    "the next K the second's, so it is [H, K]",
  featuresSplitInTurns:
    "when the heads take queries, keys and values in turns, but are joined one after the other: D was reshaped to " +
    "[K, H]. The first K features are the first head's, the next K the second's, so it is [H, K]",
  headsLeftInPlace:
    "when heads attend to each other within each token: [B, N, H, K] must become [B, H, N, K] before the products, " +
    "so that these go over the tokens, and [B, N, H, K] again after them",
} as const satisfies Mistakes<string>;

/** `[B, N, D] → [B, H, N, K]` */
export function splitHeads(x: tf.Tensor, heads: number, has: ReadonlySet<string>): tf.Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const headWidth = width / heads;
  if (has.has("headsMixed")) return tf.reshape(x, [batch, heads, tokens, headWidth]);
  if (has.has("featuresInTurns") || has.has("featuresSplitInTurns")) {
    return tf.transpose(tf.reshape(x, [batch, tokens, headWidth, heads]), [0, 3, 1, 2]);
  }
  const split = tf.reshape(x, [batch, tokens, heads, headWidth]);
  return has.has("headsLeftInPlace") ? split : tf.transpose(split, [0, 2, 1, 3]);
}

/** `[B, H, N, K] → [B, N, D]` */
export function joinHeads(results: tf.Tensor, has: ReadonlySet<string>): tf.Tensor {
  const isInPlace = has.has("headsMergedWithoutTranspose") || has.has("headsLeftInPlace");
  const [batch, heads, tokens, headWidth] = results.shape as [number, number, number, number];
  const merged = isInPlace
    ? results
    : tf.transpose(results, has.has("featuresInTurns") ? [0, 2, 3, 1] : [0, 2, 1, 3]);
  const sizes = has.has("headsLeftInPlace") ? [heads, tokens] : [tokens, heads];
  return tf.reshape(merged, [batch, sizes[0], sizes[1] * headWidth]);
}

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
