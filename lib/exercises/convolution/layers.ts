import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import { Conv2d } from "../../nn/convolution.ts";
import type { Module } from "../../nn/module.ts";
import { BatchNorm2d } from "../../nn/normalization.ts";
import type { Part } from "../../nn/part.ts";
import { MaxPool2d } from "../../nn/pooling.ts";
import { isNotSolved } from "../engine/attempt.ts";
import { CheckError, failure } from "../engine/check.ts";
import { hidingPlace } from "../engine/missing_parameters.ts";
import { build } from "../engine/run_module.ts";

/** What a convolution of a learner's network should be like. */
export interface ExpectedConvolution {
  size: number;
  padding: number;
  /** Absent where the learner may choose. */
  stride?: number;
  bias: boolean;
  /** Why there is a bias or none, why this padding: shown where it is otherwise. */
  reasons?: { bias?: string; padding?: string; stride?: string };
}

export interface ExpectedLayers {
  /** In the order of their use; those of 1×1 windows, which pass the others by, come last. */
  convolutions: readonly ExpectedConvolution[];
  /** How many batch normalisations there are. */
  norms: number;
  /** Whether max-pooling modules have a place in the network. */
  pooling: boolean;
}

export interface LayerCheck<Options extends { random: Random }> {
  name: string;
  learner: Part<Options>;
  options: Omit<Options, "random">;
  /** What the network is run on, to see in which order it uses its layers. */
  input: tf.Tensor;
  expected: ExpectedLayers;
}

/**
 * Runs a check; where it fails, looks at the settings of the learner's layers, which tell more than
 * values or shapes: a forgotten stride, a padding, a bias too many. The check gets a function that does so
 * once values are wrong, before it looks for a cause of its own, which takes longer.
 */
export function withLayerDiagnosis<Options extends { random: Random }>(
  layers: LayerCheck<Options>,
  check: (diagnose: () => void) => void,
): void {
  const failureFor = (symptom: string) => {
    const found = layerMistake(layers);
    return found && failure(...found, `(It shows as: ${symptom})`);
  };
  let isDiagnosed = false;
  try {
    check(() => {
      isDiagnosed = true;
      const found = failureFor("wrong values.");
      if (found) throw found;
    });
  } catch (error) {
    if (isDiagnosed || !(error instanceof CheckError) || isNotSolved(error)) throw error;
    throw failureFor(error.message.split("\n")[0]) ?? error;
  }
}

/** The first layer that is not as expected: a headline and the cause. */
function layerMistake<Options extends { random: Random }>(
  { name, learner, options, input, expected }: LayerCheck<Options>,
): [headline: string, cause: string] | undefined {
  const random = new Random(1);
  let module: Module | undefined;
  try {
    module = build(name, learner, { ...options, random } as unknown as Options);
    return convolutionMistake(name, module, expected, input) ??
      otherMistake(name, module, expected);
  } catch {
    return undefined; // it cannot even be made, which the check has said
  } finally {
    module?.dispose();
    random.dispose();
  }
}

function convolutionMistake(
  name: string,
  module: Module,
  { convolutions }: ExpectedLayers,
  input: tf.Tensor,
): [string, string] | undefined {
  const { layers: found, unused } = convolutionsByUse(module, input);
  if (found.length !== convolutions.length) return undefined;
  if (unused) {
    return [
      `${name}: \`forward\` does not use the convolution \`${unused}\`.`,
      "Each layer is used once; is one of a list left out?",
    ];
  }
  for (const [index, [path, convolution]] of found.entries()) {
    const { size, padding, stride, bias, reasons = {} } = convolutions[index];
    const wrong = (setting: string, actual: unknown, right: unknown, reason: string) =>
      [
        `${name}: the convolution \`${path}\` has ${setting} ${actual}, but should have ${right}.`,
        reason,
      ] as [string, string];
    const side = convolution.weight.shape[0];
    if (side !== size) return wrong("size", side, size, `Pass \`size: ${size}\`.`);
    if (convolution.padding !== padding) {
      const reason = reasons.padding ?? `Pass \`padding: ${padding}\`.`;
      return wrong("padding", convolution.padding, padding, reason);
    }
    if (stride !== undefined && convolution.stride !== stride) {
      const reason = reasons.stride ?? `Pass \`stride: ${stride}\`.`;
      return wrong("stride", convolution.stride, stride, reason);
    }
    if (bias !== (convolution.bias !== undefined)) {
      return [
        `${name}: the convolution \`${path}\` ${bias ? "has no bias" : "keeps its bias"}.`,
        reasons.bias ?? `Pass \`bias: ${bias}\`.`,
      ];
    }
  }
}

function otherMistake(
  name: string,
  module: Module,
  { norms, pooling }: ExpectedLayers,
): [string, string] | undefined {
  const found = ofKind(module, BatchNorm2d).length;
  if (found !== norms) {
    const [are, should] = [found, norms].map((count) => count === 0 ? "none" : String(count));
    return [
      `${name}: batch normalisations: there ${found === 1 ? "is" : "are"} ${are}, but there ` +
      `should be ${should}.`,
      norms > found
        ? hidingPlace(module, new Map()) ??
          "Each convolution needs one of its own, kept in a field: it has a scale, a shift and running " +
            "statistics."
        : "Take out those that the task does not ask for.",
    ];
  }
  const [pool] = ofKind(module, MaxPool2d);
  if (!pooling && pool) {
    return [
      `${name}: the pooling \`${pool[0]}\` is still there.`,
      "The strides of the convolutions take its place; take it out.",
    ];
  }
}

/** The modules of a class with their paths. */
function ofKind<M extends Module>(
  module: Module,
  kind: abstract new (...options: never[]) => M,
): [path: string, module: M][] {
  return [...module.namedModules()].filter((entry): entry is [string, M] =>
    entry[1] instanceof kind
  );
}

/**
 * The convolutions in the order in which a forward pass uses them; unused ones and 1×1 windows last. Where it
 * comes to its end, also the path of one that it does not use.
 */
function convolutionsByUse(
  module: Module,
  input: tf.Tensor,
): { layers: [path: string, module: Conv2d][]; unused?: string } {
  const all = ofKind(module, Conv2d);
  const used = new Set<Module>();
  const originals = all.map(([, each]) => {
    const { forward } = each;
    each.forward = (x: tf.Tensor) => {
      used.add(each);
      return forward(x);
    };
    return () => each.forward = forward;
  });
  let isComplete = false;
  try {
    tf.tidy(() => {
      module.forward(input);
    });
    isComplete = true;
  } catch {
    // What was used before the error tells enough.
  } finally {
    for (const restore of originals) restore();
  }
  const places = [...used];
  const place = (each: Conv2d) => {
    const index = places.indexOf(each);
    const isAside = each.weight.shape[0] === 1 ? 1 : 0;
    return isAside * 2000 + (index < 0 ? 1000 : index);
  };
  return {
    layers: all.toSorted(([, a], [, b]) => place(a) - place(b)),
    unused: isComplete ? all.find(([, each]) => !used.has(each))?.[0] : undefined,
  };
}

/** The strides of a learner's convolutions in the order of their use; none where it cannot be made. */
export function stridesOf<Options extends { random: Random }>(
  name: string,
  learner: Part<Options>,
  options: Omit<Options, "random">,
  input: tf.Tensor,
): number[] {
  const random = new Random(1);
  let module: Module | undefined;
  try {
    module = build(name, learner, { ...options, random } as unknown as Options);
    return convolutionsByUse(module, input).layers.map(([, { stride }]) => stride);
  } catch {
    return [];
  } finally {
    module?.dispose();
    random.dispose();
  }
}
