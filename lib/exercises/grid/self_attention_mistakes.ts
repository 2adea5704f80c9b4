/** Self-attention over a grid as a plain computation, with a switch for each typical mistake. */
import * as tf from "../../tensor/tf.ts";
import {
  scaledAttention,
  scaledAttentionMistakes,
} from "../attention/scaled_attention_mistakes.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { linear, type Weights } from "../engine/plain_layers.ts";

export const selfAttentionMistakes = {
  ...scaledAttentionMistakes,
  headsMixed:
    "with heads mixed with tokens: [B, N, D] was reshaped to [B, H, N, K] at once. Reshape to [B, N, H, K] " +
    "first, then exchange the two axes with `tf.transpose`",
  headsMergedWithoutTranspose:
    "with heads mixed with tokens at the end: [B, H, N, K] was reshaped to [B, N, D] at once. Transpose to " +
    "[B, N, H, K] first",
  headsLeftInPlace:
    "when heads attend to each other within each token: [B, N, H, K] must become [B, H, N, K] first, so that " +
    "the products go over the tokens",
  partsOfTokens:
    "with queries, keys and values taken from a third of the tokens each; they are thirds of the features, the " +
    "last axis",
  featuresInTurns:
    "with a transposed reshape: the D features were taken as [K, H]. The first K features are the first " +
    "head's, the next K the second's, so it is [H, K]",
  oneHead: "with one head of the whole width, whatever the number of heads",
  partsInterleaved:
    "with queries, keys and values taken out of each head's slice ([H, 3, K]), where the weights hold all " +
    "queries first ([3, H, K])",
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
      : has.has("headsLeftInPlace")
      ? tf.reshape(part, [batch, tokens, heads, headWidth])
      : tf.transpose(tf.reshape(part, [batch, tokens, heads, headWidth]), [0, 2, 1, 3]);
  const joined = linear(x, weights, `${prefix}qkv`);
  const parts = has.has("partsInterleaved")
    ? tf.split(
      tf.transpose(tf.reshape(joined, [batch, tokens, heads, 3 * headWidth]), [0, 2, 1, 3]),
      3,
      -1,
    )
    : tf.split(joined, 3, has.has("partsOfTokens") ? 1 : -1).map(split);
  const results = scaledAttention(parts, width, has); // [B, H, N, K]
  const merged = has.has("headsMergedWithoutTranspose")
    ? results
    : tf.transpose(results, has.has("featuresInTurns") ? [0, 2, 3, 1] : [0, 2, 1, 3]);
  const side = tf.reshape(merged, [batch, tokens, width]);
  return has.has("noOutputProjection") ? side : linear(side, weights, `${prefix}output`);
}
