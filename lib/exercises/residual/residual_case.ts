/** A learner's residual block against the library's, for blocks of given sizes. */
import type { Random } from "../../random.ts";
import type { Part } from "../../nn/part.ts";
import { ResidualBlock } from "../../nn/residual_block.ts";
import { type ExpectedLayers, withLayerDiagnosis } from "../convolution/layers.ts";
import { isNotSolved } from "../engine/attempt.ts";
import { CheckError, shapeText } from "../engine/check.ts";
import { type Hint, withHints } from "../engine/hints.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { checkModule, type MistakenModule } from "../engine/module_check.ts";
import { compareInTraining } from "../engine/norm_statistics.ts";
import { sample } from "../engine/samples.ts";

/** What a learner's residual block is made from. */
export interface CheckedBlockOptions {
  /** Channels that come in. */
  inputs: number;
  /** Channels that go out. */
  outputs: number;
  /** Places from one window of the first convolution to the next, and of the shortcut. */
  stride: number;
  random: Random;
}

export type CheckedBlockSizes = Omit<CheckedBlockOptions, "random">;

export interface ResidualCase {
  /** The learner's class, as its name is shown. */
  name: string;
  learner: Part<CheckedBlockOptions>;
  library: Part<CheckedBlockOptions>;
  sizes: CheckedBlockSizes;
  /** Batch, height and width of the maps that come in. Default: two of 6×10. */
  maps?: readonly [batch: number, height: number, width: number];
  expected: ExpectedLayers;
  /** Looks at the learner's block before it is compared. */
  first?: () => void;
  mistakes: Mistakes<string>;
  /** The block's right computation, with a switch for each mistake. */
  compute: MistakenModule;
  /** Causes by what a message says. */
  hints?: readonly Hint[];
}

/** Compares a block in evaluation and in training; a `CheckError` names the sizes at its end. */
export function checkResidualCase(check: ResidualCase): void {
  const { name, learner, library, sizes, expected, maps = [2, 6, 10] } = check;
  const [batch, height, width] = maps;
  const { inputs, outputs, stride } = sizes;
  const input = sample([batch, height, width, inputs], { seed: 9, low: -2, high: 2 });
  try {
    check.first?.();
    withHints(
      check.hints ?? [],
      () =>
        withLayerDiagnosis({ name, learner, options: sizes, input, expected }, (whenWrong) => {
          checkModule<CheckedBlockOptions>({
            whenWrong,
            readyMade: [ResidualBlock],
            ...{ name, learner, library, options: sizes, input },
            axes: ["B", "height", "width", "C"],
            shapeMistakes: [{
              shape: [batch, height, width, outputs],
              explanation: "height and width are not divided by the stride.",
            }, {
              shape: [batch, height / stride, width / stride, 2 * outputs],
              explanation:
                "the input is put beside the result, as further channels; it is added: `tf.add(a, b)`.",
            }],
            mistakes: check.mistakes,
            compute: check.compute,
            then: (modules) => compareInTraining(name, modules),
          });
        }),
    );
  } catch (error) {
    if (!(error instanceof CheckError) || isNotSolved(error)) throw error;
    const where = `With inputs ${inputs}, outputs ${outputs}, stride ${stride}, on maps of shape ` +
      `${shapeText(input.shape)}.`;
    throw new CheckError([error.message, where].join("\n  "), error.cause);
  }
}

/** What the layers of a block's main path should be like. */
export function blockLayers(stride: number): ExpectedLayers {
  const reasons = {
    bias:
      "Pass `bias: false`: the batch normalisation after it subtracts each channel's mean, and with it the " +
      "bias, and adds a shift of its own.",
    padding: "Without `padding: 1` a 3×3 window cuts a pixel off every side.",
  };
  const plain = { size: 3, padding: 1, bias: false };
  return {
    convolutions: [
      {
        ...plain,
        stride,
        reasons: { ...reasons, stride: "The block's stride belongs to its first convolution." },
      },
      {
        ...plain,
        stride: 1,
        reasons: {
          ...reasons,
          stride:
            "The block's stride belongs to its first convolution alone; the second has stride 1.",
        },
      },
    ],
    norms: 2,
    pooling: false,
  };
}
