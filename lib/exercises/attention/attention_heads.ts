import * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import { MultiHeadAttention } from "../../nn/attention.ts";
import { AttentionHead, ConcatenatedHeads } from "../../nn/attention_head.ts";
import type { Part } from "../../nn/part.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import { withHints, withoutDropout } from "../engine/hints.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { checkModule, isWholly } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { linear, type Weights } from "../engine/plain_layers.ts";
import { sample } from "../engine/samples.ts";
import { scaledAttention, scaledAttentionMistakes } from "./scaled_attention_mistakes.ts";

const { runCheck } = checkRunner();

/** What a learner's attention head is made from. */
export interface HeadOptions {
  /** Features of a token, D. */
  width: number;
  /** Features of the head's queries, keys and values, K. */
  headWidth: number;
  random: Random;
}

/** What a learner's multi-head attention is made from. */
export interface HeadsOptions {
  /** Features of a token, D. */
  width: number;
  /** Heads side by side, H; D is divisible by it. */
  heads: number;
  random: Random;
}

const { softmaxOverHeads: _, ...ofOneHead } = scaledAttentionMistakes;
const headMistakes = {
  ...ofOneHead,
  scaleByWidth: "with the scores divided by √D in place of √K (K is the width of the head)",
} as const satisfies Mistakes<string>;

// Two widths, so that a fixed 2 in place of √K shows.
const headWidths = [4, 6];
const fixedSize =
  `With headWidth ${
    headWidths[0]
  } all is right: a size is fixed in the code. Take it from the options or ` +
  "`x.shape`.";

/** One head, `[B, N, D] → [B, N, K]`. */
function head(x: tf.Tensor, weights: Weights, prefix: string, has: ReadonlySet<string>): tf.Tensor {
  const parts = ["query", "key", "value"].map((name) => linear(x, weights, prefix + name));
  return scaledAttention(parts, x.shape[2]!, has);
}

/**
 * Checks a learner's attention head, `[B, N, D] → [B, N, K]`, against the library's. Throws a
 * `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkAttentionHead(
  Head: Part<HeadOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Attention head", options, () => {
    const input = sample([3, 5, 12], { seed: 15, low: -2, high: 2 });
    const check = (headWidth: number) =>
      checkModule<HeadOptions>({
        name: "AttentionHead",
        learner: Head,
        library: AttentionHead,
        readyMade: [AttentionHead, ConcatenatedHeads, MultiHeadAttention],
        options: { width: 12, headWidth },
        input,
        axes: ["B", "N", "K"],
        shapeMistakes: [
          {
            shape: [3, 5, 5],
            explanation: "these are the weights; they must still meet the values.",
          },
          {
            shape: [3, 5, 12],
            explanation: "a head has K features; the values are mapped from D to K.",
          },
        ],
        mistakes: headMistakes,
        compute: (x, weights, has) => head(x, weights, "", has),
        otherwise: () => headWidth === headWidths[0] ? undefined : fixedSize,
      });
    withHints([
      [/these are missing: \w+\.bias/, "The three Linear layers have a bias here, as by default."],
    ], () => {
      for (const headWidth of headWidths) check(headWidth);
    });
    checkOtherSizes<HeadOptions>({
      ...{ name: "AttentionHead", learner: Head, library: AttentionHead },
      options: { width: 12, headWidth: headWidths[0] },
      others: { width: 14, headWidth: 3 },
      shape: [1, 6, 14],
    });
    return "values and gradients are right";
  });
}

const multiHeadMistakes = {
  noOutputProjection: "without the output projection",
  headsReversed: "with the heads in reverse order",
  firstHeadRepeated: "with the first head in place of every head",
  interleaved:
    "when the features of the heads take turns; the first K features come from the first head, the next K from " +
    "the second",
  tokensMixed:
    "when heads and tokens are mixed by a reshape; put the heads' results side by side with `tf.concat(…, -1)`",
  residual: "with a residual connection inside the attention; it belongs in the block",
  ...headMistakes,
} as const satisfies Mistakes<string>;

function multiHead(
  x: tf.Tensor,
  weights: Weights,
  count: number,
  has: ReadonlySet<string>,
): tf.Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const order = Array.from(
    { length: count },
    (_, index) => has.has("firstHeadRepeated") ? 0 : index,
  );
  if (has.has("headsReversed")) order.reverse();
  const results = order.map((index) => head(x, weights, `heads.${index}.`, has));
  const joined = has.has("interleaved")
    ? tf.reshape(tf.stack(results, 3), [batch, tokens, width])
    : has.has("tokensMixed")
    ? tf.reshape(tf.stack(results, 1), [batch, tokens, width])
    : tf.concat(results, -1);
  const output = has.has("noOutputProjection") ? joined : linear(joined, weights, "output");
  return has.has("residual") ? tf.add(x, output) : output;
}

/**
 * Checks a learner's multi-head attention, whose heads' results are concatenated and projected:
 * `[B, N, D] → [B, N, D]`. Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkMultiHeadAttention(
  MultiHead: Part<HeadsOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Multi-head attention", options, () => {
    const [width, heads] = [12, 3];
    const input = sample([2, 5, width], { seed: 16, low: -2, high: 2 });
    let found = "";
    const check = () => {
      found = checkModule<HeadsOptions>({
        name: "MultiHeadAttention",
        learner: MultiHead,
        library: ConcatenatedHeads,
        readyMade: [ConcatenatedHeads, MultiHeadAttention],
        options: { width, heads },
        input,
        axes: ["B", "N", "D"],
        shapeMistakes: [
          {
            shape: [2, 5, width / heads],
            explanation:
              "the heads' results were added; concatenate them along the features (axis −1).",
          },
          {
            shape: [2, 5 * heads, width],
            explanation:
              "the heads' results were concatenated along the tokens (axis 1); it must be the features.",
          },
        ],
        mistakes: multiHeadMistakes,
        compute: (x, weights, has) => multiHead(x, weights, heads, has),
        parts: Array.from({ length: heads }, (_, index) => ({
          path: `heads.${index}`,
          name: "AttentionHead",
          input,
          options: { width, headWidth: width / heads },
          forward: (x, weights) => head(x, weights, `heads.${index}.`, new Set()),
        })),
      });
    };
    withHints([
      [
        /has the wrong shape[\s\S]*yours +\[12, 12\]/,
        "Likely cause: each head has the whole width D. A head has K = D / H features, so that all heads together " +
        "have D.",
      ],
      [
        /Linear: input of shape \[2, 5, 4\]/,
        "Likely cause: the heads' results were added. Put them side by side: `tf.concat(results, -1)`.",
      ],
      [
        /Linear: input of shape \[(2, 15|6, 5), 4\]/,
        "Likely cause: the heads' results were concatenated along the wrong axis; it is the last one, −1.",
      ],
    ], check);
    if (isWholly(found)) {
      checkOtherSizes<HeadsOptions>({
        ...{ name: "MultiHeadAttention", learner: MultiHead, library: ConcatenatedHeads },
        options: { width, heads },
        others: { width: 14, heads: 7 },
        shape: [1, 6, 14],
      });
    }
    return withoutDropout(found);
  });
}
