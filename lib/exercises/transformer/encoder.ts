import type * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import { ConcatenatedHeads } from "../../nn/attention_head.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { TransformerEncoder } from "../../nn/transformer_encoder.ts";
import { joinedHeads } from "../attention/joined_heads.ts";
import { type CheckOptions, checkRunner, failure } from "../engine/check.ts";
import { close } from "../engine/compare.ts";
import { hasDropout } from "../engine/dropped.ts";
import { checkedRate, checkModule, isWholly } from "../engine/module_check.ts";
import { type CheckedModules, evaluate } from "../engine/run_module.ts";
import { moduleAt } from "../engine/parameters.ts";
import type { Weights } from "../engine/plain_layers.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { sample } from "../engine/samples.ts";
import { block } from "./block_mistakes.ts";
import { stack, stackMistakes } from "./block_stack.ts";
import { type BlockOptions, blockOptions } from "./transformer_block.ts";

const { runCheck } = checkRunner();

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
    const sized = { name: "Encoder", learner: Encoder, library: Reference, options: sizes };
    const found = checkModule<EncoderOptions>({
      ...sized,
      input,
      axes: ["B", "N", "D"],
      readyMade: [TransformerEncoder],
      mistakes,
      compute: (x, weights, has) => {
        const joined = joinedHeads(weights);
        return stack(x, sizes.depth, (each, index) => blockAt(each, joined, index), has);
      },
      then: (checked) => checkBlocksDrop("Encoder", checked, sizes),
      parts: Array.from({ length: sizes.depth }, (_, index) => ({
        path: `blocks.${index}`,
        name: "AttentionBlock",
        input,
        options: blockOptions(sizes),
        forward: (x, weights) => blockAt(x, joinedHeads(weights), index),
      })),
    });
    if (isWholly(found)) {
      checkOtherSizes<EncoderOptions>({
        ...sized,
        others: { width: 14, mlpWidth: 9, heads: 7, depth: 2, dropout: 0.25 },
        shape: [1, 6, 14],
      });
    }
    return found;
  });
}

/** Every block must drop values in training. */
export function checkBlocksDrop(
  name: string,
  checked: CheckedModules,
  { depth, width }: { depth: number; width: number },
): void {
  for (let index = 0; index < depth; index++) {
    const block = moduleAt(`blocks.${index}`, checked);
    // A layer of rate 0, such as that on the attention's weights, does nothing.
    if (!block || hasDropout(block) || isNoisy(name, block, width)) continue;
    throw failure(
      `${name}: block ${index} drops nothing in training.`,
      "Pass `dropout` on to the blocks.",
    );
  }
}

/** Whether training changes what a block gives, as dropout of the learner's own does. */
function isNoisy(name: string, block: Module, width: number): boolean {
  const input = sample([2, 5, width], { seed: 22 });
  const [still, noisy] = [false, true].map((training) => {
    block.setTraining(training);
    return evaluate(`${name}: a block`, block, input);
  });
  block.setTraining(false);
  return !close(still, noisy, 1e-5);
}
