import type * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { ConcatenatedHeads } from "../nn/attention_head.ts";
import { Dropout } from "../nn/dropout.ts";
import type { Module } from "../nn/module.ts";
import type { Part } from "../nn/part.ts";
import { TransformerEncoder } from "../nn/transformer_encoder.ts";
import { stack, stackMistakes } from "./block_stack.ts";
import { type CheckOptions, failure, runCheck } from "./check.ts";
import { joinedHeads } from "./joined_heads.ts";
import { findMistake } from "./mistakes.ts";
import { checkedRate, checkModule } from "./module_check.ts";
import { sample } from "./samples.ts";
import type { BlockOptions } from "./transformer_block.ts";
import { block, type Weights } from "./transformer_mistakes.ts";

/** What a learner's stack of blocks is made from. */
export interface EncoderOptions extends BlockOptions {
  /** Blocks. */
  depth: number;
  random: Random;
}

class Reference extends TransformerEncoder {
  constructor(options: EncoderOptions) {
    super({ ...options, attention: ConcatenatedHeads });
  }
}

const mistakes = {
  ...stackMistakes,
  noBlocks: "without any block",
  blocksParallel:
    "when each block gets the encoder's input; it must get the result of the block before it",
} as const;

const sizes = { width: 12, mlpWidth: 7, heads: 3, depth: 3, dropout: checkedRate };

/** One block of the encoder as a plain computation. */
const blockAt = (x: tf.Tensor, weights: Weights, index: number) =>
  block(x, weights, { prefix: `blocks.${index}.`, heads: sizes.heads }, new Set());

/**
 * Checks a learner's stack of pre-LN blocks with attention of concatenated heads,
 * `[B, N, D] → [B, N, D]`. Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkEncoder(
  Encoder: Part<EncoderOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Encoder", options, () => {
    const input = sample([2, 5, sizes.width], { seed: 17, low: -2, high: 2 });
    return checkModule<EncoderOptions>({
      name: "Encoder",
      learner: Encoder,
      library: Reference,
      options: sizes,
      input,
      axes: ["B", "N", "D"],
      explain: (output, weights) =>
        findMistake(output, mistakes, (has) => {
          const joined = joinedHeads(weights);
          return stack(input, sizes.depth, (x, index) => blockAt(x, joined, index), has);
        }),
      then: ({ ours }) => checkRates("Encoder", ours, sizes.depth),
      parts: Array.from({ length: sizes.depth }, (_, index) => ({
        path: `blocks.${index}`,
        name: "AttentionBlock",
        input,
        forward: (x, weights) => blockAt(x, joinedHeads(weights), index),
      })),
    });
  });
}

/** Every block must get the dropout rate of the options, once after the activation and once at the end. */
export function checkRates(name: string, module: Module, depth: number): void {
  const layers = [...module.namedModules().values()].filter((each) => each instanceof Dropout);
  if (layers.length === 0) return; // dropout of the learner's own
  const right = layers.filter(({ rate }) => rate === checkedRate).length;
  if (right >= 2 * depth) return;
  throw failure(
    `${name}: only ${right} dropout layers have the rate ${checkedRate} of the options; two in each of the ` +
      `${depth} blocks should have it.`,
    "Pass `dropout` on to the blocks.",
  );
}
