import * as tf from "../tensor/tf.ts";
import type { Module } from "../nn/module.ts";
import { failure } from "./check.ts";
import { close } from "./compare.ts";
import { evaluate } from "./module_check.ts";

export interface DropoutCheck {
  name: string;
  module: Module;
  input: tf.Tensor;
  rate: number;
  /** What the module adds to the result of its last dropout (a residual); `undefined`: nothing. */
  rest?: tf.Tensor;
}

/**
 * Checks dropout after the activation and after the last linear map of a feed-forward part, by what
 * it does to the output while training.
 */
export function checkMlpDropout({ name, module, input, rate, rest }: DropoutCheck): void {
  const withoutRest = (output: tf.Tensor) => rest ? tf.sub(output, rest) : output;
  module.setTraining(false);
  const still = withoutRest(evaluate(name, module, input));
  module.setTraining(true);
  const noisy = withoutRest(evaluate(name, module, input));
  module.setTraining(false);

  if (close(noisy, still, 1e-5)) {
    throw failure(
      `${name}.forward: dropout has no effect in training.`,
      "Likely cause: a `Dropout` is missing, is not called in `forward`, or is not kept in a field of its own " +
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
      "Likely cause: a fixed rate; use `dropout` of the options.",
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
}
