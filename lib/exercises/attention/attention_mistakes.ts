/** Multi-head self-attention as a plain computation, with a switch for each typical mistake. */
import * as tf from "../../tensor/tf.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { linear, type Weights } from "../engine/plain_layers.ts";
import {
  headMistakes,
  joinHeads,
  scaledAttention,
  scaledAttentionMistakes,
  splitHeads,
} from "./scaled_attention_mistakes.ts";

export const attentionMistakes = {
  ...scaledAttentionMistakes,
  ...headMistakes,
  headsMixed:
    "with heads and tokens mixed: [B, N, D] was reshaped to [B, H, N, K] at once. Reshape to " +
    "[B, N, H, K] first, then transpose",
  headsMergedWithoutTranspose:
    "with the heads' results reshaped to [B, N, D] without transposing " +
    "[B, H, N, K] to [B, N, H, K] first",
  oneHead: "with one head of the whole width, whatever the number of heads",
  partsInterleaved:
    "with queries, keys and values taken out of each head's slice ([H, 3, K]), where " +
    "the weights hold all queries first ([3, H, K])",
  noOutputProjection: "without the output projection",
} as const satisfies Mistakes<string>;

export type AttentionMistake = keyof typeof attentionMistakes;

/** Multi-head self-attention, `[B, N, D] → [B, N, D]`. */
export function attention(
  x: tf.Tensor,
  weights: Weights,
  { prefix, heads: headCount }: { prefix: string; heads: number },
  has: ReadonlySet<string>,
): tf.Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const heads = has.has("oneHead") ? 1 : headCount;
  const headWidth = width / heads;
  const joined = linear(x, weights, `${prefix}qkv`);
  const qkv = has.has("partsInterleaved")
    ? tf.split(
      tf.transpose(tf.reshape(joined, [batch, tokens, heads, 3 * headWidth]), [0, 2, 1, 3]),
      3,
      -1,
    )
    : tf.split(joined, 3, -1).map((part) => splitHeads(part, heads, has));
  const results = scaledAttention(qkv, width, has); // [B, H, N, K]
  const merged = joinHeads(results, has);
  return has.has("noOutputProjection") ? merged : linear(merged, weights, `${prefix}output`);
}
