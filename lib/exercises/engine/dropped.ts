/** Whether a module drops values where the library's drops none, or more often than the library's. */
import * as tf from "../../tensor/tf.ts";
import { Dropout } from "../../nn/dropout.ts";
import type { Module } from "../../nn/module.ts";
import { BatchNorm2d } from "../../nn/normalization.ts";
import { callText, failure } from "./check.ts";
import { close } from "./compare.ts";
import { given } from "./given.ts";
import { type CheckedModules, evaluate, inTraining } from "./run_module.ts";
import { steps } from "./trace.ts";

/** Whether a module holds a dropout that has an effect. */
export function hasDropout(module: Module): boolean {
  return [...module.namedModules().values()].some((each) =>
    each instanceof Dropout && each.rate > 0
  );
}

/** Throws where a module whose library counterpart drops nothing gives something else in training. */
export function assertNothingDropped(name: string, { ours, theirs, input }: CheckedModules): void {
  const { uses, isPlain } = dropoutsOf(ours, input);
  const advice = uses.length > 0
    ? `Leave out \`${uses[0]}\`.`
    : isPlain
    ? "Leave out `tf.dropout`."
    : "Does `forward` ask for `this.training`?";
  const headline = `${callText(name)} drops values in training, though nothing is dropped here.`;
  if (uses.length > 0 || isPlain) throw failure(headline, advice);
  // Statistics of a small batch magnify rounding: such modules are not compared by their values.
  if ([...theirs.namedModules().values()].some((each) => each instanceof BatchNorm2d)) return;
  const [still, noisy] = [
    evaluate(name, ours, input),
    inTraining(ours, () => evaluate(name, ours, input)),
  ];
  if (close(still, noisy, 1e-4)) return;
  throw failure(`${callText(name)} gives something else in training than in evaluation.`, advice);
}

/** Throws where a module drops values more often in training than the library's. */
export function assertDropsNoMore(name: string, { ours, theirs, input }: CheckedModules): void {
  const [found, expected] = [ours, theirs].map((module) => dropoutsOf(module, input).uses);
  if (found.length <= expected.length) return;
  const places = [...new Set(found)];
  const shown = places.slice(0, 4).map((path) => `\`${path}\``).join(", ");
  throw failure(
    `${
      callText(name)
    } drops values ${found.length} times in training, but should ${expected.length} times.`,
    `Likely cause: a dropout where the text has none. Values are dropped by ${shown}${
      places.length > 4 ? " …" : ""
    }.`,
  );
}

/** The paths of the dropouts in the order of their calls in training, and whether TensorFlow.js's is called. */
function dropoutsOf(module: Module, input: tf.Tensor): { uses: string[]; isPlain: boolean } {
  const uses: string[] = [];
  const undo: (() => void)[] = [];
  for (const [path, layer] of module.namedModules()) {
    if (!(layer instanceof Dropout) || layer.rate === 0) continue;
    const { forward } = layer;
    layer.forward = (...inputs) => {
      uses.push(path);
      return forward(...inputs);
    };
    undo.push(() => layer.forward = forward);
  }
  try {
    const { steps: done } = inTraining(module, () => steps(() => module.forward(given(input))));
    return {
      uses,
      isPlain: done.some(({ stack }) => /\bat (?:\w+\.)?dropout_? \(.*tfjs/.test(stack)),
    };
  } finally {
    for (const each of undo) each();
  }
}
