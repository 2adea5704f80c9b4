import * as tf from "../../tensor/tf.ts";
import { type AttentionOptions, MultiHeadAttention } from "../../nn/attention.ts";
import type { Part } from "../../nn/part.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { checkModule } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { sample } from "../engine/samples.ts";
import { attention, attentionMistakes } from "./attention_mistakes.ts";
import { assertComputesOwnAttention } from "./own_attention.ts";

const { runCheck } = checkRunner();

const [batch, tokens, width] = [2, 5, 12];

const mistakes = {
  residual: "with a residual connection inside the attention; it belongs in the block",
  ...attentionMistakes,
} as const satisfies Mistakes<string>;

/**
 * Checks a learner's multi-head self-attention, `[B, N, D] → [B, N, D]`, whose queries, keys and values
 * come from one linear map, for one head and for several. Throws a `CheckError` that names the first
 * thing wrong and its likely cause; a ready-made attention is something wrong.
 */
export function checkAttention(
  Attention: Part<AttentionOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Attention", options, () => {
    for (const heads of [1, 3]) checkHeads(Attention, heads);
    checkOtherSizes<AttentionOptions>({
      ...{ name: "Attention", learner: Attention, library: MultiHeadAttention },
      options: { width, heads: 3 },
      others: { width: 14, heads: 7 },
      shape: [1, 6, 14],
    });
    return "values and gradients are right, for one head and for several";
  });
}

function checkHeads(learner: Part<AttentionOptions>, heads: number): void {
  const name = heads === 1 ? "Attention (with one head)" : `Attention (with ${heads} heads)`;
  const input = sample([batch, tokens, width], { seed: 14, low: -2, high: 2 });
  checkModule<AttentionOptions>({
    name,
    learner,
    library: MultiHeadAttention,
    options: { width, heads },
    input,
    axes: ["B", "N", "D"],
    shapeMistakes: [
      {
        shape: [batch, tokens, 3 * width],
        explanation: "these are queries, keys and values side by side; split them first.",
      },
      {
        shape: [batch, heads, tokens, tokens],
        explanation: "these are the weights; they must still meet the values.",
      },
      {
        shape: [batch, heads, tokens, width / heads],
        explanation: "the heads' results must still be put side by side, [B, H, N, K] → [B, N, D].",
      },
    ],
    first: ({ ours }) => assertComputesOwnAttention(name, ours, input),
    mistakes,
    compute: (x, weights, has) => {
      const result = attention(x, weights, { prefix: "", heads }, has);
      return has.has("residual") ? tf.add(x, result) : result;
    },
  });
}
