/** Whether a module drops values where the library's drops none, more often, or at another rate. */
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

/**
 * Throws where a module does something else in training than to drop values: where it gives another result without
 * what its dropouts do. One that drops values by hand cannot be told from that, and passes.
 */
export function assertOnlyDrops(name: string, { ours, input }: CheckedModules): void {
  const modules = ours.namedModules();
  const undo = ratesOf(ours, input).map(({ path }) => {
    const layer = modules.get(path)!;
    const { forward } = layer;
    layer.forward = (x) => x;
    return () => layer.forward = forward;
  });
  try {
    const still = evaluate(name, ours, input);
    const [one, other] = [1, 2].map(() => inTraining(ours, () => evaluate(name, ours, input)));
    if (close(one, still, 1e-4) || !close(one, other, 1e-4)) return;
  } finally {
    for (const each of undo) each();
  }
  throw failure(
    `${
      callText(name)
    } gives something else in training than in evaluation, also without its dropouts.`,
    "Does `forward` ask for `this.training`?",
  );
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

/**
 * Throws where a dropout has a rate that none of the library's has. Where there are more dropouts than the library's,
 * that is the mistake, and others say so.
 */
export function assertSameRates(
  name: string,
  { ours, theirs, input }: Pick<CheckedModules, "ours" | "theirs" | "input">,
  options: object,
): void {
  const expected = new Set(
    [...theirs.namedModules().values()].flatMap((each) =>
      each instanceof Dropout && each.rate > 0 ? [each.rate] : []
    ),
  );
  if (expected.size === 0) return;
  const has = (rate: number) => [...expected].some((each) => Math.abs(each - rate) < 1e-3);
  const [found, right] = [ours, theirs].map((module) => ratesOf(module, input));
  const wrong = found.find(({ rate }) => !has(rate));
  if (!wrong || found.length > right.length) return;
  const { path, rate } = wrong;
  const [asked] = expected;
  const source = Object.entries(options).find(([, value]) => value === asked)?.[0];
  throw failure(
    `${name}: \`${path}\` drops ${percent(rate)} of the values in training, but should drop ${
      percent(asked)
    }${source ? `, \`${source}\` of the options` : ""}.`,
    has(1 - rate)
      ? "Likely cause: `1 - rate`, the share that is kept. The rate is the share that is dropped."
      : "Likely cause: a fixed rate, or another one than that of the options.",
  );
}

const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;

/** The rate of each dropout that is called in training: the library's, and layers of the learner's that drop values. */
function ratesOf(module: Module, input: tf.Tensor): { path: string; rate: number }[] {
  const rates = new Map<string, number>();
  const undo: (() => void)[] = [];
  for (const [path, layer] of module.namedModules()) {
    if (
      layer === module || layer.namedVariables().size > 0 || [...layer.namedChildren()].length > 0
    ) {
      continue;
    }
    const { forward } = layer;
    layer.forward = (...inputs) => {
      const output = forward(...inputs);
      const rate = layer instanceof Dropout ? layer.rate : rateBetween(inputs[0], output);
      if (rate !== undefined && rate > 0) rates.set(path, rate);
      return output;
    };
    undo.push(() => layer.forward = forward);
  }
  try {
    inTraining(module, () => module.forward(given(input)));
  } finally {
    for (const each of undo) each();
  }
  return [...rates].map(([path, rate]) => ({ path, rate }));
}

/** At which rate a layer has dropped values, if it did that and nothing else: each is 0, or divided by 1 − rate. */
function rateBetween(before: unknown, after: unknown): number | undefined {
  if (!(before instanceof tf.Tensor) || !(after instanceof tf.Tensor)) return undefined;
  if (before.size !== after.size) return undefined;
  const [from, to] = [before, after].map((each) => each.dataSync());
  const kept = [...to.keys()].filter((index) => to[index] !== 0);
  const factors = kept.map((index) => to[index] / from[index]);
  // A ReLU, too, gives zeros; what it keeps stays as it is.
  const isDropout = kept.length > 0 && kept.length < to.length && factors[0] > 1 + 1e-4 &&
    factors.every((factor) => Math.abs(factor - factors[0]) < 1e-3 * factors[0]);
  return isDropout ? 1 - 1 / factors[0] : undefined;
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
