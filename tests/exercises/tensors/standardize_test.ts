import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkStandardize } from "../../../lib/exercises/tensors/standardize.ts";
import { printed } from "../printed.ts";
import { mistakes } from "../verdict.ts";

type Standardize = (x: tf.Tensor) => tf.Tensor;

const by =
  (change: (x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor) => tf.Tensor, axis?: number) =>
  (x: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, axis, true);
    return change(x, mean, variance);
  };
const formula = (x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor) =>
  tf.div(tf.sub(x, mean), tf.sqrt(variance));

const wrong: Record<string, [Standardize, string[]]> = {
  "the unsolved stub": [
    () => {
      throw new Error("Not solved yet: write your code in place of this line.");
    },
    ["standardize is not written yet"],
  ],
  "axes that are dropped": [
    (x) => tf.sub(x, tf.mean(x, -1)),
    [
      "threw an error on a tensor of shape [3, 4]",
      "Keep the axis, with size 1: `tf.mean(x, axis, true)`",
    ],
  ],
  "the mean alone": [(x) => tf.mean(x, -1), ["wrong shape", "[3]", "[3, 4]"]],
  "all values together": [by(formula), ["of all values together"]],
  "the first axis": [by(formula, 0), ["over the first axis"]],
  "the variance": [
    by((x, mean, variance) => tf.div(tf.sub(x, mean), variance), -1),
    ["a division by the variance"],
  ],
  "n − 1": [
    by((x, mean, variance) => {
      const count = x.shape.at(-1)!;
      return formula(x, mean, tf.mul(variance, count / (count - 1)));
    }, -1),
    ["divided by n − 1"],
  ],
  "no mean": [by((x, _mean, variance) => tf.div(x, tf.sqrt(variance)), -1), [
    "without subtracting",
  ]],
  "no division": [by((x, mean) => tf.sub(x, mean), -1), ["without the division"]],
  "an input that is freed": [
    (x) => {
      const result = by(formula, -1)(x);
      x.dispose();
      return result;
    },
    ["standardize frees its input"],
  ],
  "values read out": [
    (x) => tf.tensor(by(formula, -1)(x).dataSync(), x.shape),
    ["no gradient", "values leave TensorFlow"],
  ],
};

Deno.test("checkStandardize: accepts the solution", async () => {
  assertEquals(await printed(() => checkStandardize(by(formula, -1))), [
    "✔ Standardize: values and gradients are right",
  ]);
});

mistakes("checkStandardize: names what is wrong with", wrong, checkStandardize);
