import { Random } from "../../random.ts";
import { ResNet } from "../../models/resnet.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { countParameters } from "../../nn/summary.ts";
import { type ExpectedConvolution, stridesOf, withLayerDiagnosis } from "../convolution/layers.ts";
import { type CheckOptions, checkRunner, failure } from "../engine/check.ts";
import { withoutDropout } from "../engine/hints.ts";
import { type CheckedPart, checkModule, isWholly } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { build } from "../engine/run_module.ts";
import { compareInTraining } from "../engine/norm_statistics.ts";
import { sample } from "../engine/samples.ts";
import { blockLayers } from "./residual_case.ts";
import { networkMistakes, residualBlock, residualNetwork } from "./residual_mistakes.ts";

const { runCheck } = checkRunner();

/** What a learner's residual network for images of three channels is made from. */
export interface DeepOptions {
  /** Layers with weights: 6n + 2. */
  depth: number;
  classes: number;
  random: Random;
}

/** The library's network of the same options. */
class Reference extends ResNet {
  constructor({ depth, classes, random }: DeepOptions) {
    const blocksPerStage = (depth - 2) / 6;
    super({
      classes,
      stem: "small",
      widths: [16, 32, 64],
      blocks: [blocksPerStage, blocksPerStage, blocksPerStage],
      shortcut: "pad",
      random,
    });
  }
}

const name = "ResNet";
const small = { depth: 14, classes: 7 };
const blocksPerStage = 2;
/** Other sizes than those, and than those of any text. */
const others = { depth: 26, classes: 5 };

/**
 * Checks a learner's residual network of depth 6n + 2 (arXiv 1512.03385, section 4.2) against the
 * library's. Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkResNet(Net: Part<DeepOptions>, options: CheckOptions = {}): Promise<void> {
  return runCheck("Residual network", options, () => {
    for (const depth of [8, 20]) checkCount(Net, depth);
    const input = sample([2, 8, 12, 3], { seed: 10, low: -2, high: 2 });
    let found = "";
    const expected = { convolutions: convolutions(), norms: 13, pooling: false };
    withLayerDiagnosis({ name, learner: Net, options: small, input, expected }, (whenWrong) => {
      found = checkModule<DeepOptions>({
        whenWrong,
        name,
        learner: Net,
        library: Reference,
        readyMade: [ResNet],
        options: small,
        input,
        axes: ["B", "classes"],
        shapeMistakes: [
          { shape: [2, 64], explanation: "the last Linear layer is missing." },
          {
            shape: [2, 2, 3, 64],
            explanation: "the pooling and the last Linear layer are missing.",
          },
          {
            shape: [2, 2, 3, small.classes],
            explanation: "the pooling before the last Linear layer is missing.",
          },
        ],
        mistakes: networkMistakes,
        compute: (x, weights, has) => residualNetwork(x, weights, { blocksPerStage }, has),
        parts: blockParts(stridesOf(name, Net, small, input)),
        then: (modules) => compareInTraining(name, modules),
      });
    });
    if (isWholly(found)) {
      const sizes = { options: small, others, shape: [1, 8, 4, 3] };
      checkOtherSizes<DeepOptions>({ name, learner: Net, library: Reference, ...sizes });
    }
    return `${withoutDropout(found)}; ${counted(8)} parameters at depth 8, ${
      counted(20)
    } at depth 20`;
  });
}

/**
 * The blocks of the small network with the right computation for each. Their strides are the learner's:
 * they are the network's matter, and must not be put right with a block.
 */
function blockParts(strides: readonly number[]): CheckedPart[] {
  if (strides.length !== 1 + 2 * 3 * blocksPerStage) return [];
  return Array.from({ length: 3 * blocksPerStage }, (_, index) => {
    const [channels, shrunk] = [[16, 1], [16, 1], [16, 1], [32, 2], [32, 2], [64, 4]][index];
    const stage = Math.floor(index / blocksPerStage);
    const options = {
      inputs: channels,
      outputs: 16 * 2 ** stage,
      stride: stage > 0 && index % blocksPerStage === 0 ? 2 : 1,
    };
    return {
      path: `blocks.${index}`,
      name: "ResidualBlock",
      input: sample([2, 8 / shrunk, 12 / shrunk, channels], { seed: 11 }),
      options,
      forward: (x, weights) => {
        const place = { prefix: `blocks.${index}.`, stride: strides[1 + 2 * index] };
        return residualBlock(x, weights, place, new Set());
      },
    };
  });
}

/** The stem, then two of each block. */
function convolutions(): ExpectedConvolution[] {
  const strides = [1, 1, 2, 1, 2, 1];
  const [first] = blockLayers(1).convolutions;
  const stem = {
    ...first,
    reasons: { ...first.reasons, stride: "The first convolution keeps height and width." },
  };
  const reason =
    "The first block of the second and of the third stage halves height and width; all others keep them.";
  return [
    stem,
    ...strides.flatMap((stride) => {
      const [one, two] = blockLayers(stride).convolutions;
      return [{ ...one, reasons: { ...one.reasons, stride: reason } }, two];
    }),
  ];
}

function counted(depth: number): string {
  return withNetworks([Reference], depth, ([count]) => count.toLocaleString("en"));
}

/** Compares the number of parameters, which tells much about depth and widths. */
function checkCount(Net: Part<DeepOptions>, depth: number): void {
  withNetworks([Net, Reference], depth, ([count, expected], [ours, theirs]) => {
    if (count === expected) return;
    const kernels = (module: Module) =>
      [...module.namedParameters().values()].filter(({ rank }) => rank === 4).length;
    const [found, right] = [kernels(ours), kernels(theirs)];
    const biases = [...ours.namedParameters()].filter(([path]) => path.endsWith("bias"));
    throw failure(
      `${name} of depth ${depth} has ${count.toLocaleString("en")} parameters, but should have ${
        expected.toLocaleString("en")
      }.`,
      found !== right
        ? `It has ${found} convolutions in place of ${right}. Depth 6n + 2 means one convolution first, then three ` +
          `stages of n = ${(depth - 2) / 6} ${
            depth === 8 ? "block" : "blocks"
          } with two convolutions each, then one ` +
          "Linear layer."
        : biases.length > 1
        ? `Likely cause: convolutions with a bias (\`${biases[0][0]}\`). Pass \`bias: false\`.`
        : otherInputs(ours, theirs) ??
          "Likely cause: other widths; the three stages have 16, 32 and 64 filters.",
    );
  });
}

/** Where all convolutions have the right numbers of filters, and one takes another number of channels. */
function otherInputs(ours: Module, theirs: Module): string | undefined {
  const kernels = (module: Module) =>
    [...module.namedParameters()].filter(([, { rank }]) => rank === 4)
      .map(([path, { shape }]) => ({
        path: path.replace(/\.\w+$/, ""),
        inputs: shape[2],
        outputs: shape[3]!,
      }));
  const filters = (module: Module) => kernels(module).map(({ outputs }) => outputs).sort().join();
  if (filters(ours) !== filters(theirs)) return undefined;
  const left = kernels(theirs);
  for (const { path, inputs, outputs } of kernels(ours)) {
    const same = left.findIndex((each) => each.inputs === inputs && each.outputs === outputs);
    if (same < 0) {
      return `Likely cause: \`${path}\` takes ${inputs} channels. A block takes as many as the one before it gives: ` +
        "only the first block of a stage takes another number than it gives.";
    }
    left.splice(same, 1);
  }
}

/** Makes networks of 10 classes, calls `use` with their numbers of parameters, and frees them. */
function withNetworks<T>(
  parts: readonly Part<DeepOptions>[],
  depth: number,
  use: (counts: number[], modules: Module[]) => T,
): T {
  const random = new Random(1);
  const modules: Module[] = [];
  try {
    for (const part of parts) modules.push(build(name, part, { depth, classes: 10, random }));
    return use(modules.map(countParameters), modules);
  } finally {
    for (const module of modules) module.dispose();
    random.dispose();
  }
}
