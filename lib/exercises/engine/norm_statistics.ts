import * as tf from "../../tensor/tf.ts";
import { atEnd } from "../../platform/kernel_door.ts";
import { Module } from "../../nn/module.ts";
import { BatchNorm2d } from "../../nn/normalization.ts";
import { callText, failure } from "./check.ts";
import { close, expectClose } from "./compare.ts";
import { type CheckedModules, evaluate } from "./run_module.ts";
import { fillParameters, type ParameterPair } from "./parameters.ts";
import { sample } from "./samples.ts";

/** The batch normalisations of two modules that stand for each other. */
export function matchNorms(
  { ours, theirs, pairs }: {
    ours: Module;
    theirs: Module;
    pairs: readonly ParameterPair[];
  },
): { ours: BatchNorm2d; theirs: BatchNorm2d }[] {
  const [ourModules, theirModules] = [ours.namedModules(), theirs.namedModules()];
  const parent = (path: string) => path.split(".").slice(0, -1).join(".");
  return pairs.flatMap(({ path, libraryPath }) => {
    if (!libraryPath.endsWith("scale")) return [];
    const [one, other] = [ourModules.get(parent(path)), theirModules.get(parent(libraryPath))];
    return one instanceof BatchNorm2d && other instanceof BatchNorm2d
      ? [{ ours: one, theirs: other }]
      : [];
  });
}

/** Gives both modules the same irregular values, running statistics included. */
export function fillModules(modules: CheckedModules): void {
  fillParameters(modules.pairs);
  fillStatistics(modules);
}

/**
 * Gives the batch normalisations of both modules the same irregular running statistics, so that those
 * left out or exchanged show. The variances keep values in range with the weights of `fillParameters`.
 */
function fillStatistics(modules: CheckedModules): void {
  matchNorms(modules).forEach(({ ours, theirs }, index) => {
    tf.tidy(() => {
      const shape = theirs.runningMean.shape;
      const mean = sample(shape, { seed: 2 * index + 101, low: -0.5, high: 0.5 });
      const spread = sample(shape, { seed: 2 * index + 102, low: 0.5, high: 1.5 });
      const variance = tf.mul(spread, shape[0]);
      for (const norm of [ours, theirs]) {
        norm.runningMean.assign(mean as tf.Tensor1D);
        norm.runningVariance.assign(variance as tf.Tensor1D);
      }
    });
  });
}

/** Compares both modules in training, when batch normalisation takes the batch's own statistics. */
export function compareInTraining(name: string, modules: CheckedModules): void {
  const { ours, theirs, input } = modules;
  fillStatistics(modules);
  const end = atEnd(() => {
    ours.setTraining(false);
    theirs.setTraining(false);
  });
  try {
    ours.setTraining(true);
    theirs.setTraining(true);
    expectClose(evaluate(name, ours, input), theirs.forward(input), {
      name: `${callText(name)} in training`,
      tolerance: 1e-3,
      explain: () =>
        "In evaluation, with fixed statistics, it is right. Likely cause: a batch normalisation that sees other " +
        "values, as after the pooling; or that `setTraining` does not reach, because it is not kept in a field.",
    });
    compareStatistics(name, modules);
  } finally {
    end();
  }
}

/** After a forward pass in training the running statistics must have moved as the library's did. */
function compareStatistics(name: string, modules: CheckedModules): void {
  const paths = new Map([...modules.ours.namedModules()].map(([path, each]) => [each, path]));
  for (const { ours, theirs } of matchNorms(modules)) {
    const isSame = close(ours.runningMean, theirs.runningMean, 1e-2) &&
      close(ours.runningVariance, theirs.runningVariance, 1e-2);
    if (isSame) continue;
    throw failure(
      `${name}: the running statistics of \`${
        paths.get(ours)
      }\` are wrong after a step of training.`,
      ours.momentum === theirs.momentum
        ? "Likely cause: it is called more than once, or it is not in training when it is called."
        : `Likely cause: \`momentum\` is ${ours.momentum}; the default of ${theirs.momentum} is meant.`,
    );
  }
}
