/** Self-attention over a grid as a plain computation, with a switch for each typical mistake. */
import * as tf from "../../tensor/tf.ts";
import {
  headMistakes,
  joinHeads,
  scaledAttention,
  scaledAttentionMistakes,
  splitHeads,
} from "../attention/scaled_attention_mistakes.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { linear, type Weights } from "../engine/plain_layers.ts";

export const selfAttentionMistakes = {
  ...scaledAttentionMistakes,
  ...headMistakes,
  headsMixed:
    "with heads mixed with tokens: [B, N, D] was reshaped to [B, H, N, K] at once. Reshape to [B, N, H, K] " +
    "first, then exchange the two axes with `tf.transpose`",
  headsMergedWithoutTranspose:
    "with heads mixed with tokens at the end: [B, H, N, K] was reshaped to [B, N, D] at once. Transpose to " +
    "[B, N, H, K] first",
  partsOfTokens:
    "with queries, keys and values taken from a third of the tokens each; they are thirds of the features, the " +
    "last axis",
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
  gridTransposedAtEnd:
    "when rows and columns are exchanged as the tokens go back to the grid. They stand in reading order, so one " +
    "reshape from [B, N, D] to [B, height, width, D] brings each to its place",
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
  const back = has.has("columnsOnly") || has.has("gridTransposedAtEnd")
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
  const joined = linear(x, weights, `${prefix}qkv`);
  const parts = has.has("partsInterleaved")
    ? tf.split(
      tf.transpose(tf.reshape(joined, [batch, tokens, heads, 3 * headWidth]), [0, 2, 1, 3]),
      3,
      -1,
    )
    : tf.split(joined, 3, has.has("partsOfTokens") ? 1 : -1).map((part) =>
      splitHeads(part, heads, has)
    );
  const results = scaledAttention(parts, width, has); // [B, H, N, K]
  const side = tf.reshape(joinHeads(results, has), [batch, tokens, width]);
  return has.has("noOutputProjection") ? side : linear(side, weights, `${prefix}output`);
}
