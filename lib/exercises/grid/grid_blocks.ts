/** Checks of the parts of unit 3's transformer, whose tokens stay in their grid and which drops nothing. */
import * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import { Mlp } from "../../nn/mlp.ts";
import type { Part } from "../../nn/part.ts";
import { SelfAttention2d } from "../../nn/self_attention_2d.ts";
import { TransformerBlock } from "../../nn/transformer_block.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import { checkModule, isWholly } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { assertOwnModule } from "../engine/own_work.ts";
import type { Weights } from "../engine/plain_layers.ts";
import { sample } from "../engine/samples.ts";
import { block, blockMistakes, mlp, mlpMistakes } from "../transformer/block_mistakes.ts";
import { wrongHalf } from "../transformer/transformer_block.ts";
import { selfAttention } from "./self_attention_mistakes.ts";

const { runCheck } = checkRunner();

/** What a learner's feed-forward part is made from. */
export interface GridFeedForwardOptions {
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer. */
  hiddenWidth: number;
  random: Random;
}

/** What a learner's block is made from. */
export interface GridBlockOptions {
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer of the feed-forward part. */
  mlpWidth: number;
  heads: number;
  random: Random;
}

/** The library's block of a grid. */
class Reference extends TransformerBlock {
  constructor(options: GridBlockOptions) {
    super({ ...options, attention: SelfAttention2d });
  }
}

const shape = [2, 3, 5, 12];
const [batch, height, width, features] = shape;
const [hidden, heads] = [7, 4];

/**
 * Checks a learner's feed-forward part (Linear, GELU, Linear) against the library's `Mlp` without dropout.
 * Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkGridFeedForward(
  FeedForward: Part<GridFeedForwardOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Feed-forward part", options, () => {
    const name = "FeedForward";
    const input = sample(shape, { seed: 23, low: -2, high: 2 });
    const sized = {
      ...{ name, learner: FeedForward, library: Mlp },
      options: { width: features, hiddenWidth: hidden },
    };
    const found = checkModule<GridFeedForwardOptions>({
      ...sized,
      input,
      axes: ["B", "height", "width", "D"],
      shapeMistakes: [
        {
          shape: [batch, height, width, hidden],
          explanation: "the second Linear layer is missing in `forward`.",
        },
      ],
      first: ({ ours }) =>
        assertOwnModule(name, ours, {
          kinds: [Mlp],
          rule: "Write it yourself, from two `Linear` layers and a `Gelu`.",
        }),
      mistakes: mlpMistakes,
      compute: (x, weights, has) => mlp(x, weights, "", has),
    });
    checkOtherSizes<GridFeedForwardOptions>({
      ...{ ...sized, others: { width: 10, hiddenWidth: 9 }, shape: [1, 4, 2, 10] },
    });
    return found;
  });
}

/**
 * Checks a learner's pre-LN block over a grid against the library's `TransformerBlock`. Where the learner's
 * attention or feed-forward part inside is wrong, the right computation takes its place. Throws a
 * `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkGridBlock(
  Block: Part<GridBlockOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Transformer block", options, () => {
    const name = "TransformerBlock";
    const input = sample(shape, { seed: 24, low: -2, high: 2 });
    let half: string | undefined;
    const sized = {
      ...{ name, learner: Block, library: Reference },
      options: { width: features, mlpWidth: hidden, heads },
    };
    const found = checkModule<GridBlockOptions>({
      ...sized,
      input,
      axes: ["B", "height", "width", "D"],
      shapeMistakes: [
        {
          shape: [batch, height, width, hidden],
          explanation: "the feed-forward part must return to D features.",
        },
        {
          shape: [batch, height * width, features],
          explanation: "the tokens lost their grid; a block keeps their shape.",
        },
      ],
      first: ({ ours }) =>
        assertOwnModule(name, ours, {
          kinds: [TransformerBlock],
          rule: "Write it yourself, from `LayerNorm`, your attention and your feed-forward part.",
        }),
      mistakes: blockMistakes,
      compute: (x, weights, has) => gridBlock(x, weights, { heads }, has),
      otherwise: () => half,
      parts: [
        {
          path: "mlp",
          name: "FeedForward",
          input,
          options: { width: features, hiddenWidth: hidden },
          forward: (x, weights) => mlp(x, weights, "mlp.", new Set()),
        },
        {
          path: "attention",
          name: "SelfAttention2d",
          input,
          options: { width: features, heads },
          forward: (x, weights) =>
            selfAttention(x, weights, { heads, prefix: "attention." }, new Set()),
        },
      ],
      whenWrong: (checked) => half = wrongHalf(name, checked),
    });
    if (isWholly(found)) {
      checkOtherSizes<GridBlockOptions>({
        ...{ ...sized, others: { width: 14, mlpWidth: 9, heads: 7 }, shape: [1, 4, 2, 14] },
      });
    }
    return found;
  });
}

/** A block's computation over a grid of tokens, with the mistakes of {@link block}. */
export function gridBlock(
  grid: tf.Tensor,
  weights: Weights,
  options: { prefix?: string; heads: number },
  has: ReadonlySet<string>,
): tf.Tensor {
  const [batch, height, width, features] = grid.shape as [number, number, number, number];
  const tokens = tf.reshape(grid, [batch, height * width, features]);
  return tf.reshape(block(tokens, weights, options, has), grid.shape);
}
