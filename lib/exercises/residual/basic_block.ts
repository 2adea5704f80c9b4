import * as tf from "../../tensor/tf.ts";
import * as ops from "../../tensor/ops.ts";
import { Random } from "../../random.ts";
import { Conv2d } from "../../nn/convolution.ts";
import { conv2d } from "../../nn/functional.ts";
import type { Part } from "../../nn/part.ts";
import { ResidualBlock } from "../../nn/residual_block.ts";
import type { ExpectedLayers } from "../convolution/layers.ts";
import { type CheckOptions, checkRunner, failure } from "../engine/check.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { build } from "../engine/run_module.ts";
import { batchNorm, type Weights } from "../engine/plain_layers.ts";
import {
  blockLayers,
  type CheckedBlockOptions,
  type CheckedBlockSizes,
  checkResidualCase,
  type ResidualCase,
} from "./residual_case.ts";
import { blockMistakes, residualBlock } from "./residual_mistakes.ts";

const { runCheck } = checkRunner();

/** What a learner's basic block is made from. */
export type BasicBlockOptions = CheckedBlockOptions;

/** The library's block whose shortcut is a 1×1 convolution where the shape changes. */
class ProjectedBlock extends ResidualBlock {
  constructor(options: BasicBlockOptions) {
    super({ ...options, shortcut: "project" });
  }
}

const {
  zerosInFront: _front,
  zerosOnBothSides: _sides,
  shortcutAveraged: _averaged,
  shortcutLargest: _largest,
  ...sharedMistakes
} = blockMistakes;

const mistakes = {
  noProjectionNorm: "without the batch normalisation after the shortcut's convolution",
  reluInShortcut: "with a ReLU after the shortcut's convolution and normalisation",
  projectionNormSwapped:
    "with the shortcut's normalisation and the second one of the main path exchanged",
  ...sharedMistakes,
} as const satisfies Mistakes<string>;

const name = "BasicBlock";
/**
 * A block that changes no shape, one that halves the map and adds channels, one of each alone, and one for a
 * single map of other sizes.
 */
const cases: Pick<ResidualCase, "sizes" | "maps">[] = [
  { sizes: { inputs: 3, outputs: 3, stride: 1 } },
  { sizes: { inputs: 3, outputs: 7, stride: 2 } },
  { sizes: { inputs: 5, outputs: 5, stride: 2 } },
  { sizes: { inputs: 5, outputs: 4, stride: 1 } },
  { sizes: { inputs: 4, outputs: 6, stride: 2 }, maps: [1, 8, 4] },
];

/**
 * Checks a learner's basic block, with a 1×1 convolution and batch normalisation as shortcut where the
 * shape changes, against the library's `ResidualBlock`. Throws a `CheckError` that names the first thing
 * wrong and its likely cause.
 */
export function checkBasicBlock(
  BasicBlock: Part<BasicBlockOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Basic block", options, () => {
    for (const each of cases) checkCase(BasicBlock, each);
    return "values and gradients are right, for equal shapes and for changed ones";
  });
}

function checkCase(
  learner: Part<BasicBlockOptions>,
  { sizes, maps }: typeof cases[number],
): void {
  const { inputs, outputs, stride } = sizes;
  const changes = inputs !== outputs || stride > 1;
  checkResidualCase({
    ...{ name, learner, library: ProjectedBlock, sizes, maps },
    expected: layersOf(stride, changes),
    first: () => checkProjection(learner, sizes, changes),
    mistakes,
    compute: (x, variables, has) => {
      const swapped = has.has("projectionNormSwapped") && changes;
      const weights = swapped ? exchanged(variables) : variables;
      const past = changes ? projection(weights, stride) : (x: tf.Tensor) => x;
      return residualBlock(x, weights, { prefix: "", stride, past }, has);
    },
  });
}

/** Whether there is a convolution for the shortcut where one is needed, and only there. */
function checkProjection(
  learner: Part<BasicBlockOptions>,
  sizes: CheckedBlockSizes,
  changes: boolean,
): void {
  const random = new Random(1);
  const block = build(name, learner, { ...sizes, random });
  try {
    const convolutions = [...block.namedModules().values()].filter((each) =>
      each instanceof Conv2d
    );
    if (changes && convolutions.length === 2) {
      throw failure(
        `${name} has nothing that makes its input fit the sum.`,
        "Where the block changes the number of channels or has a stride, the shortcut needs a 1×1 convolution " +
          "with that stride and a batch normalisation; the input cannot be added as it is.",
        sizes.inputs === sizes.outputs
          ? "Likely cause: only the channels are compared; a stride above 1 changes the shape too."
          : sizes.stride === 1
          ? "Likely cause: only the stride is looked at; other channels change the shape too."
          : undefined,
      );
    }
    if (!changes && convolutions.length > 2) {
      throw failure(
        `${name} has ${convolutions.length} convolutions, though its input fits the sum as it is.`,
        "Make the shortcut's convolution only where channels or places change.",
      );
    }
  } finally {
    block.dispose();
    random.dispose();
  }
}

/** The shortcut's 1×1 convolution and its normalisation. */
function projection(weights: Weights, stride: number) {
  const [kernel] = projectionPaths(weights);
  return (x: tf.Tensor, has: ReadonlySet<string>) => {
    const y = conv2d(
      has.has("shortcutWithRelu") ? ops.relu(x) : x,
      weights.get(kernel) as tf.Variable<tf.Rank.R4>,
      { stride },
    );
    const normal = has.has("noProjectionNorm")
      ? y
      : batchNorm(y, weights, projectionPaths(weights)[1].replace(/\.scale$/, ""));
    return has.has("reluInShortcut") ? ops.relu(normal) : normal;
  };
}

/** The paths of the shortcut's kernel and scale. */
function projectionPaths(weights: Weights): [kernel: string, scale: string] {
  const paths = [...weights.keys()].filter((path) => path.startsWith("shortcut."));
  return [
    paths.find((path) => path.endsWith(".weight"))!,
    paths.find((path) => path.endsWith(".scale"))!,
  ];
}

/** The same variables with those of the shortcut's normalisation and of `norm2` exchanged. */
function exchanged(weights: Weights): Weights {
  const norm = projectionPaths(weights)[1].replace(/scale$/, "");
  return new Map([...weights].map(([path, variable]) => {
    const other = path.startsWith(norm)
      ? path.replace(norm, "norm2.")
      : path.startsWith("norm2.")
      ? path.replace("norm2.", norm)
      : path;
    return [path, weights.get(other) ?? variable];
  }));
}

function layersOf(stride: number, changes: boolean): ExpectedLayers {
  const main = blockLayers(stride);
  if (!changes) return main;
  const shortcut = {
    ...{ size: 1, padding: 0, stride, bias: false },
    reasons: {
      padding: "A window of 1×1 needs no padding.",
      stride: "The shortcut must skip as many places as the main path.",
      bias: "Pass `bias: false`: a batch normalisation follows.",
    },
  };
  return { ...main, convolutions: [...main.convolutions, shortcut], norms: 3 };
}
