import * as tf from "../../tensor/tf.ts";
import { type CheckOptions, checkRunner, describe, failure, shapeText } from "../engine/check.ts";
import { assertShape, expectClose } from "../engine/compare.ts";
import { compareGradients } from "../engine/gradients.ts";
import { given } from "../engine/given.ts";
import { departure } from "../engine/locate.ts";
import { findMistake } from "../engine/mistakes.ts";
import { evaluateFunction } from "../engine/run_module.ts";
import { ramp, rampText } from "../engine/sample_call.ts";
import { sample } from "../engine/samples.ts";

const { runCheck } = checkRunner();

const mistakes = {
  overAll: "with the mean and standard deviation of all values together; take those of each row " +
    "(the last axis)",
  overFirstAxis: "with the mean and standard deviation over the first axis; take the last one, −1",
  variance: "with a division by the variance; the standard deviation is its square root",
  meanAbsolute:
    "with the mean of the absolute deviations; the standard deviation is the root of the mean of their squares",
  rootOfMeanAbsolute:
    "with the absolute deviations in place of their squares, before the mean and the root",
  sumOfSquares:
    "with the root of the sum of the squared deviations; the standard deviation is the root of their mean",
  smallestToLargest:
    "with each row brought to 0…1 by its smallest and largest value; it is the mean and the standard deviation that count",
  unbiased: "with a variance divided by n − 1; divide by n",
  noMean: "without subtracting the mean",
  noDivision: "without the division by the standard deviation",
} as const;

/** `(x − mean) / standardDeviation` over the last axis, with the given mistakes. */
function standardize(x: tf.Tensor, has: ReadonlySet<string>): tf.Tensor {
  const axis = has.has("overAll") ? undefined : has.has("overFirstAxis") ? 0 : -1;
  const { mean, variance } = tf.moments(x, axis, true);
  const count = x.shape.at(-1)!;
  const absolute = () => tf.mean(tf.abs(tf.sub(x, mean)), axis, true);
  if (has.has("meanAbsolute")) return tf.div(tf.sub(x, mean), absolute());
  if (has.has("rootOfMeanAbsolute")) return tf.div(tf.sub(x, mean), tf.sqrt(absolute()));
  if (has.has("sumOfSquares")) {
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.mul(variance, x.size / mean.size)));
  }
  if (has.has("smallestToLargest")) {
    const least = tf.min(x, axis, true);
    return tf.div(tf.sub(x, least), tf.sub(tf.max(x, axis, true), least));
  }
  const spread = has.has("unbiased") ? tf.mul(variance, count / (count - 1)) : variance;
  const centred = has.has("noMean") ? x : tf.sub(x, mean);
  if (has.has("noDivision")) return centred;
  return tf.div(centred, has.has("variance") ? spread : tf.sqrt(spread));
}

/**
 * Checks a learner's function that brings each row (the last axis) of a tensor to mean 0 and standard
 * deviation 1. Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkStandardize(
  learner: (x: tf.Tensor) => tf.Tensor,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Standardize", options, () => {
    if (typeof learner !== "function") {
      throw failure(`standardize should be a function, but is ${describe(learner)}.`);
    }
    for (const shape of [[3, 4], [2, 5, 7], [1, 6, 3]]) {
      const x = sample(shape, { seed: shape.length, low: -1, high: 5 });
      const name = `standardize(x of shape ${shapeText(shape)})`;
      const result = evaluateFunction(
        {
          name: "standardize",
          situation: `on a tensor of shape ${shapeText(shape)}`,
          code: learner,
          of: name,
          sizesHint: "`tf.mean(x, -1)` drops the last axis; keep it with `tf.mean(x, -1, true)`.",
        },
        x,
        learner,
      );
      assertShape(result, shape, { name });
      expectClose(result, standardize(x, new Set()), {
        name,
        explain: () =>
          findMistake(result, mistakes, (has) => standardize(x, has)) ?? departure({
            ours: () => learner(given(x)),
            right: [() => standardize(x, new Set())],
            given: [x],
            code: { function: learner },
            call: {
              sizes: shape,
              write: (sizes) => `${learner.name || "standardize"}(${rampText(sizes)}).print()`,
              ours: (sizes) => learner(ramp(sizes)),
              right: (sizes) => standardize(ramp(sizes), new Set()),
            },
          }),
      });
      compareGradients({
        name: "standardize",
        inputs: { x },
        actual: ({ x }) => learner(x),
        expected: ({ x }) => standardize(x, new Set()),
      });
    }
    return "values and gradients are right";
  });
}
