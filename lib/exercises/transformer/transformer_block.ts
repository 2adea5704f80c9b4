import type * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import type { AttentionOptions } from "../../nn/attention.ts";
import type { Part } from "../../nn/part.ts";
import { TransformerBlock } from "../../nn/transformer_block.ts";
import { attention } from "../attention/attention_mistakes.ts";
import { joinedHeads } from "../attention/joined_heads.ts";
import { type CheckOptions, checkRunner, failure } from "../engine/check.ts";
import { close } from "../engine/compare.ts";
import { checkedRate, checkModule, isWholly } from "../engine/module_check.ts";
import { type CheckedModules, evaluate, withZeros } from "../engine/run_module.ts";
import type { Weights } from "../engine/plain_layers.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { sample } from "../engine/samples.ts";
import { block, blockMistakes, mlp } from "./block_mistakes.ts";
import { checkMlpDropout } from "./dropout_check.ts";

const { runCheck } = checkRunner();

/** What a learner's block is made from. */
export interface BlockOptions {
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer of the feed-forward part. */
  mlpWidth: number;
  heads: number;
  /** Rate of the dropout in the feed-forward part. */
  dropout: number;
  random: Random;
}

/** The options of a block among those of a module that is made of blocks. */
export function blockOptions(
  { width, mlpWidth, heads, dropout }: Omit<BlockOptions, "random">,
): Omit<BlockOptions, "random"> {
  return { width, mlpWidth, heads, dropout };
}

export interface BlockCheckOptions extends CheckOptions {
  /** The attention of the library's block, where the learner has written it too: `ConcatenatedHeads`. */
  attention?: Part<AttentionOptions>;
}

const name = "AttentionBlock";
const heads = 3;

/**
 * Checks a learner's pre-LN block against the library's `TransformerBlock`. Throws a `CheckError` that
 * names the first thing wrong and its likely cause.
 */
export function checkTransformerBlock(
  AttentionBlock: Part<BlockOptions>,
  { attention: ownAttention, ...options }: BlockCheckOptions = {},
): Promise<void> {
  return runCheck("Attention block", options, () => {
    const input = sample([2, 5, 12], { seed: 4, low: -2, high: 2 });
    let half: string | undefined;
    const sized = {
      name,
      learner: AttentionBlock,
      library: class extends TransformerBlock {
        constructor(options: BlockOptions) {
          super({ ...options, attention: ownAttention });
        }
      },
      options: { width: 12, mlpWidth: 7, heads, dropout: checkedRate },
    };
    const found = checkModule<BlockOptions>({
      ...sized,
      input,
      axes: ["B", "N", "D"],
      shapeMistakes: [
        { shape: [2, 5, 7], explanation: "the feed-forward part must return to D features." },
        { shape: [2, 12], explanation: "the tokens were averaged; a block keeps them." },
      ],
      readyMade: [TransformerBlock],
      mistakes: blockMistakes,
      compute: (x, weights, has) => block(x, joinedHeads(weights), { heads }, has),
      otherwise: () => half,
      parts: [
        {
          path: "mlp",
          name: "FeedForward",
          input,
          options: { width: 12, hiddenWidth: 7, dropout: checkedRate },
          forward: (x, weights) => mlp(x, weights, "mlp.", new Set()),
        },
        ...(ownAttention
          ? [{
            path: "attention",
            name: "MultiHeadAttention",
            input,
            options: { width: 12, heads },
            forward: (x: tf.Tensor, weights: Weights) =>
              attention(x, joinedHeads(weights), { prefix: "attention.", heads }, new Set()),
          }]
          : []),
      ],
      whenWrong: (checked) => half = wrongHalf(name, checked),
      then: checkBlockDropout,
    });
    if (isWholly(found)) {
      checkOtherSizes<BlockOptions>({
        ...sized,
        others: { width: 14, mlpWidth: 9, heads: 7, dropout: 0.25 },
        shape: [1, 6, 14],
      });
    }
    return found;
  });
}

/** Which half differs when the other one is switched off by weights of zero. */
export function wrongHalf(
  name: string,
  { ours, theirs, pairs, input }: CheckedModules,
): string | undefined {
  const agreeWithout = (part: string) =>
    withZeros(
      pairs.filter(({ libraryPath }) => libraryPath.startsWith(`${part}.output.`)),
      () => close(evaluate(name, ours, input), theirs.forward(input)),
    );
  const [firstRight, secondRight] = [agreeWithout("mlp"), agreeWithout("attention")];
  if (firstRight && !secondRight) {
    return "The attention half is right; look at the second half, with the feed-forward part.";
  }
  if (secondRight && !firstRight) {
    return "The feed-forward half is right; look at the first half, with the attention.";
  }
  return undefined;
}

/** In a block only the feed-forward part drops values. */
function checkBlockDropout(checked: CheckedModules): void {
  const { ours, theirs, pairs, input } = checked;
  const withoutMlp = pairs.filter(({ libraryPath }) => libraryPath.startsWith("mlp.output."));
  const firstHalf = withZeros(withoutMlp, () => {
    const still = theirs.forward(input);
    ours.setTraining(true);
    const noisy = evaluate(name, ours, input);
    ours.setTraining(false);
    if (!close(noisy, still)) {
      throw failure(
        `${name}.forward: dropout acts outside the feed-forward part in training.`,
        "Here only the feed-forward part drops values: do not pass `dropout` to the attention, and do not " +
          "drop the block's input or output.",
      );
    }
    return still;
  });
  checkMlpDropout({ name, checked, output: "mlp.output", rate: checkedRate, rest: firstHalf });
}
