import * as tf from "../../tensor/tf.ts";
import { failure } from "../engine/check.ts";
import { close, number } from "../engine/compare.ts";
import { type CheckedModules, evaluate } from "../engine/run_module.ts";
import { Dropout } from "../../nn/dropout.ts";
import type { Module } from "../../nn/module.ts";

export interface DropoutCheck {
  name: string;
  checked: CheckedModules;
  /** The path of the second linear map in the library's module: "mlp.output". */
  output: string;
  rate: number;
  /** What the module adds to the result of its last dropout (a residual); `undefined`: nothing. */
  rest?: tf.Tensor;
}

/**
 * Checks dropout after the activation and after the last linear map of a feed-forward part, by what
 * it does to the output while training.
 */
export function checkMlpDropout({ name, checked, output, rate, rest }: DropoutCheck): void {
  const evaluated = () => stillAndNoisy(name, checked, rest);
  const [still, noisy] = evaluated();

  if (close(noisy, still, 1e-5)) {
    throw failure(
      `${name}.forward: dropout has no effect in training.`,
      areAllOff(checked.ours)
        ? "Likely cause: the rate is 0; pass `dropout` of the options on."
        : "Likely cause: a `Dropout` is missing, is not called in `forward`, or is not kept in a field of its own " +
          "(`setTraining` reaches fields only).",
    );
  }
  const values = noisy.dataSync();
  const kept = Array.from(values.keys()).filter((i) => Math.abs(values[i]) > 1e-5);
  const zeroShare = 1 - kept.length / values.length;
  if (zeroShare === 0) {
    throw failure(
      `${name}.forward: no value of the second Linear layer's result is dropped in training.`,
      "Likely cause: the last dropout is missing; it comes after the second Linear layer.",
    );
  }
  if (Math.abs(zeroShare - rate) > 0.25) {
    throw failure(
      `${name}.forward drops ${
        Math.round(100 * zeroShare)
      } % of the values in training, though the dropout ` +
        `rate is ${rate}.`,
      Math.abs(zeroShare - (1 - rate)) < 0.15
        ? "Likely cause: the rate is the share that is dropped; yours is the share that is kept."
        : "Likely cause: a fixed rate; use `dropout` of the options.",
    );
  }
  const expected = still.dataSync();
  const onlyLast = kept.every((i) =>
    Math.abs(values[i] - expected[i] / (1 - rate)) < 1e-3 * (1 + Math.abs(values[i]))
  );
  if (onlyLast) {
    throw failure(
      `${name}.forward: nothing is dropped between the two Linear layers in training.`,
      "Likely cause: the dropout after GELU is missing.",
    );
  }

  const [hidden, dropped] = withSelection(output, checked, evaluated);
  const factors = factorsOf(hidden.dataSync(), dropped.dataSync());
  const [factor, expectedFactor] = [factors[0], 1 / (1 - rate) ** 2];
  const isNear = (value: number, other: number) => Math.abs(value - other) < 5e-3 * other;
  if (!factors.every((each) => isNear(each, factor))) {
    throw failure(
      `${name}.forward: the first dropout does not act on the result of GELU.`,
      "Likely cause: it stands before GELU or before the first Linear layer; it comes after GELU.",
    );
  }
  if (!isNear(factor, expectedFactor)) {
    throw failure(
      `${name}.forward: two dropouts of rate ${rate} multiply what they keep by ${
        number(expectedFactor)
      }; yours multiply it by ${number(factor)}.`,
      factor > expectedFactor
        ? "Likely cause: a dropout too many, or one of them has a fixed rate."
        : "Likely cause: one of them has a fixed rate; use `dropout` of the options for both.",
    );
  }
}

/** What the part gives in evaluation and in training. */
function stillAndNoisy(
  name: string,
  { ours, input }: CheckedModules,
  rest?: tf.Tensor,
): [still: tf.Tensor, noisy: tf.Tensor] {
  const [still, noisy] = [false, true].map((training) => {
    ours.setTraining(training);
    const output = evaluate(name, ours, input);
    return rest ? tf.sub(output, rest) : output;
  });
  ours.setTraining(false);
  return [still, noisy];
}

/**
 * Calls with a second linear map that hands its inputs on as they are, so that what happens to them shows
 * at the output, and puts the weights back.
 */
function withSelection<T>(path: string, { pairs }: CheckedModules, call: () => T): T {
  const changed = pairs.filter(({ libraryPath }) => libraryPath.startsWith(`${path}.`));
  const values = changed.map(({ ours }) => ours.clone());
  for (const { ours, theirs } of changed) {
    const [inputs, outputs] = theirs.shape;
    // Column j of the weight takes the hidden value j, and begins anew after the last.
    const taken = Int32Array.from({ length: outputs }, (_, j) => j % inputs);
    const selection = theirs.rank === 2
      ? tf.transpose(tf.oneHot(tf.tensor1d(taken, "int32"), inputs, 1, 0, "float32"))
      : tf.zerosLike(theirs);
    ours.assign(tf.reshape(selection, ours.shape));
  }
  try {
    return call();
  } finally {
    changed.forEach(({ ours }, i) => ours.assign(values[i]));
  }
}

/** By what each value that is kept was multiplied. */
function factorsOf(still: ArrayLike<number>, noisy: ArrayLike<number>): number[] {
  return Array.from(still, (value, i) => [value, noisy[i]])
    .filter(([value, other]) => Math.abs(value) > 0.01 && Math.abs(other) > 1e-5)
    .map(([value, other]) => other / value);
}

/** Whether there are dropouts, and all of them have the rate 0. */
function areAllOff(module: Module): boolean {
  const dropouts = [...module.namedModules().values()].filter((each) => each instanceof Dropout);
  return dropouts.length > 0 && dropouts.every(({ rate }) => rate === 0);
}
