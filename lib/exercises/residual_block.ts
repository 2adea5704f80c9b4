import type { Random } from "../random.ts";
import type { Part } from "../nn/part.ts";
import { ResidualBlock } from "../nn/residual_block.ts";
import { CheckError, type CheckOptions, runCheck, shapeText } from "./check.ts";
import { type ExpectedLayers, withLayerDiagnosis } from "./layers.ts";
import { findMistake } from "./mistakes.ts";
import { checkModule } from "./module_check.ts";
import { compareInTraining, fillStatistics } from "./norm_statistics.ts";
import { blockMistakes, residualBlock } from "./residual_mistakes.ts";
import { sample } from "./samples.ts";
import type { Weights } from "./transformer_mistakes.ts";

/** What a learner's residual block is made from. */
export interface ShortcutBlockOptions {
  /** Channels that come in. */
  inputs: number;
  /** Channels that go out, as many or more. */
  outputs: number;
  /** Places from one window of the first convolution to the next, and of the shortcut. */
  stride: number;
  random: Random;
}

/** The library's block with a shortcut without parameters. */
class PaddedBlock extends ResidualBlock {
  constructor(options: ShortcutBlockOptions) {
    super({ ...options, shortcut: "pad" });
  }
}

const [batch, height, width] = [2, 6, 10];
/** First a block that changes no shape, then one that halves height and width and adds channels. */
const cases = [
  { inputs: 3, outputs: 3, stride: 1 },
  { inputs: 3, outputs: 7, stride: 2 },
];

/**
 * Checks a learner's residual block with identity shortcuts against the library's. Throws a `CheckError`
 * that names the first thing wrong and its likely cause.
 */
export function checkResidualBlock(
  Block: Part<ShortcutBlockOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Residual block", options, () => {
    for (const each of cases) checkCase(Block, each);
    return "values and gradients are right, for equal shapes and for halved ones";
  });
}

function checkCase(learner: Part<ShortcutBlockOptions>, sizes: typeof cases[number]): void {
  const { inputs, outputs, stride } = sizes;
  const name = "ResidualBlock";
  const input = sample([batch, height, width, inputs], { seed: 9, low: -2, high: 2 });
  let variables: Weights;
  try {
    withLayerDiagnosis({ name, learner, options: sizes, expected: blockLayers(stride) }, () => {
      checkModule<ShortcutBlockOptions>({
        name,
        learner,
        library: PaddedBlock,
        options: sizes,
        input,
        axes: ["B", "height", "width", "C"],
        shapeMistakes: [{
          shape: [batch, height, width, outputs],
          explanation: "height and width are not divided by the stride.",
        }],
        first: (modules) => {
          fillStatistics(modules);
          variables = modules.theirs.namedVariables();
        },
        explain: (output) =>
          findMistake(
            output,
            blockMistakes,
            (has) => residualBlock(input, variables, { prefix: "", stride }, has),
          ),
        then: (modules) => compareInTraining(name, modules),
      });
    });
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    const where = `With inputs ${inputs}, outputs ${outputs}, stride ${stride}, on maps of shape ` +
      `${shapeText(input.shape)}.`;
    throw new CheckError([error.message, ...hints(error.message), where].join("\n  "), error.cause);
  }
}

/** What TensorFlow's messages about shapes mean in a block. */
function hints(message: string): string[] {
  if (!/\b(Add|AddV2|add)\b.*(Incompatible shapes|broadcast)/i.test(message)) return [];
  return [
    "Likely cause: where the block halves the map and adds channels, the shortcut must do so too. Skip places, " +
    "and pad with channels of zeros.",
  ];
}

/** What the layers of a block should be like. */
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
