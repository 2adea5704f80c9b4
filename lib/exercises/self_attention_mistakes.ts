/** Self-attention over a grid as a plain computation, with a switch for each typical mistake. */
import * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import type { Mistakes } from "./mistakes.ts";
import { linear, softmaxOver, type Weights } from "./transformer_mistakes.ts";

export const selfAttentionMistakes = {
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
  headsMixed:
    "with heads mixed with tokens: [B, N, D] was reshaped to [B, H, N, K] at once. Reshape to [B, N, H, K] " +
    "first, then exchange the two axes with `tf.transpose`",
  headsMergedWithoutTranspose:
    "with heads mixed with tokens at the end: [B, H, N, K] was reshaped to [B, N, D] at once. Transpose to " +
    "[B, N, H, K] first",
  featuresInTurns:
    "with a transposed reshape: the D features were taken as [K, H]. The first K features are the first " +
    "head's, the next K the second's, so it is [H, K]",
  oneHead: "with one head of the whole width, whatever the number of heads",
  partsInterleaved:
    "with queries, keys and values taken out of each head's slice ([H, 3, K]), where the weights hold all " +
    "queries first ([3, H, K])",
  queriesAndKeysSwapped: "with queries and keys exchanged: the scores are Q Kᵀ, not K Qᵀ",
  keysAndValuesSwapped: "with keys and values exchanged",
  queriesAndValuesSwapped: "with queries and values exchanged",
  weightsTransposed: "with the attention weights transposed before they meet the values",
  noOutputProjection: "without the output projection, the linear map at the end",
  residual: "with a residual connection inside the attention; it belongs in the block",
  rowsOnly:
    "when tokens attend to their own row of the grid only. Join height and width to one axis of N tokens",
  columnsOnly:
    "when tokens attend to their own column of the grid only. Join height and width to one axis of N tokens",
  acrossImages:
    "when tokens attend to those of other images too. The batch stays an axis of its own: [B, N, D]",
  gridTransposed:
    "with a transposed reshape of the grid: its rows and columns are exchanged. The tokens stand in reading " +
    "order, [B, height, width, D] ↔ [B, height · width, D]",
} as const satisfies Mistakes<string>;

/** Multi-head self-attention over all places of a grid, `[B, height, width, D] → [B, height, width, D]`. */
export function selfAttention(
  grid: tf.Tensor,
  weights: Weights,
  { heads, prefix = "" }: { heads: number; prefix?: string },
  has: ReadonlySet<string>,
): tf.Tensor {
  const [batch, height, width, features] = grid.shape as [number, number, number, number];
  const turned = () => tf.transpose(grid, [0, 2, 1, 3]); // [B, width, height, D]
  const tokens = has.has("rowsOnly")
    ? tf.reshape(grid, [batch * height, width, features])
    : has.has("columnsOnly")
    ? tf.reshape(turned(), [batch * width, height, features])
    : has.has("acrossImages")
    ? tf.reshape(grid, [1, batch * height * width, features])
    : has.has("gridTransposed")
    ? tf.reshape(turned(), [batch, height * width, features])
    : tf.reshape(grid, [batch, height * width, features]);
  const mixed = mixTokens(tokens, weights, { heads, prefix }, has);
  const back = has.has("columnsOnly")
    ? tf.transpose(tf.reshape(mixed, [batch, width, height, features]), [0, 2, 1, 3])
    : tf.reshape(mixed, grid.shape);
  return has.has("residual") ? tf.add(grid, back) : back;
}

/** `[B, N, D] → [B, N, D]` */
function mixTokens(
  x: tf.Tensor,
  weights: Weights,
  { heads: headCount, prefix }: { heads: number; prefix: string },
  has: ReadonlySet<string>,
): tf.Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const heads = has.has("oneHead") ? 1 : headCount;
  const headWidth = width / heads;
  const split = (part: tf.Tensor) =>
    has.has("headsMixed")
      ? tf.reshape(part, [batch, heads, tokens, headWidth])
      : has.has("featuresInTurns")
      ? tf.transpose(tf.reshape(part, [batch, tokens, headWidth, heads]), [0, 3, 1, 2])
      : tf.transpose(tf.reshape(part, [batch, tokens, heads, headWidth]), [0, 2, 1, 3]);
  const joined = linear(x, weights, `${prefix}qkv`);
  let [query, key, value] = has.has("partsInterleaved")
    ? tf.split(
      tf.transpose(tf.reshape(joined, [batch, tokens, heads, 3 * headWidth]), [0, 2, 1, 3]),
      3,
      -1,
    )
    : tf.split(joined, 3, -1).map(split);
  if (has.has("queriesAndKeysSwapped")) [query, key] = [key, query];
  if (has.has("keysAndValuesSwapped")) [key, value] = [value, key];
  if (has.has("queriesAndValuesSwapped")) [query, value] = [value, query];

  const shares = attentionShares(query, key, width, has); // [B, H, N, N]
  const results = tf.matMul(shares, value, has.has("weightsTransposed"), false); // [B, H, N, K]
  const merged = has.has("headsMergedWithoutTranspose")
    ? results
    : tf.transpose(results, has.has("featuresInTurns") ? [0, 2, 3, 1] : [0, 2, 1, 3]);
  const side = tf.reshape(merged, [batch, tokens, width]);
  return has.has("noOutputProjection") ? side : linear(side, weights, `${prefix}output`);
}

/** `[B, H, N, K], [B, H, N, K] → [B, H, N, N]` */
function attentionShares(
  query: tf.Tensor,
  key: tf.Tensor,
  width: number,
  has: ReadonlySet<string>,
): tf.Tensor {
  const [batch, heads, tokens, headWidth] = key.shape as [number, number, number, number];
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
    ? tf.matMul(query, tf.reshape(key, [batch, heads, headWidth, tokens]))
    : tf.matMul(query, key, false, true);
  const scores = tf.div(products, divisor);
  const shares = has.has("noSoftmax")
    ? scores
    : has.has("softmaxOverQueries")
    ? softmaxOver(scores, 2)
    : has.has("softmaxOverHeads")
    ? softmaxOver(scores, 1)
    : has.has("softmaxOverBatch")
    ? softmaxOver(scores, 0)
    : ops.softmax(scores);
  return has.has("scaleAfterSoftmax") ? tf.div(shares, root) : shares;
}
