import { assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { explainError } from "../../../lib/exercises/engine/causes.ts";
import { steps } from "../../../lib/exercises/engine/trace.ts";
import { TensorFlowError } from "../../../lib/tensor/tensorflow_error.ts";

/** Operations that fail, and what is said of them. */
const failing: Record<string, [call: () => tf.Tensor, message: string, cause: string]> = {
  "tf.add": [
    () => tf.add(tf.zeros([2, 3]), tf.zeros([2, 4])),
    "tf.add got shapes [2, 3] and [2, 4], which do not fit each other.",
    "two tensors of different shapes are added or multiplied",
  ],
  "tf.div by a sum that dropped its axis": [
    () => tf.div(tf.ones([2, 3]), tf.sqrt(tf.sum(tf.ones([2, 3]), 1))),
    "tf.div got shapes [2, 3] and [2], which do not fit each other.",
    "Keep the axis, with size 1: `tf.sum(x, axis, true)`",
  ],
  "tf.matMul": [
    () => tf.matMul(tf.zeros([2, 3]), tf.zeros([2, 3])),
    "3 columns do not meet 2 rows",
    "a matrix product of shapes that do not fit",
  ],
  "tf.reshape": [
    () => tf.reshape(tf.zeros([2, 3]), [4, 2]),
    "tf.reshape of a tensor of shape [2, 3], 6 values, got the shape [4, 2], 8 values.",
    "do not multiply to the number of values",
  ],
  "tf.reshape to a third of the values": [
    () => tf.reshape(tf.zeros([2, 3]), [2, 1]),
    "6 values, got the shape [2, 1], 2 values.",
    "There are 3 times as many values as places",
  ],
  "tf.concat": [
    () => tf.concat([tf.zeros([1, 2, 3]), tf.zeros([4, 2, 3])], 1),
    "tf.concat got shapes [1, 2, 3] and [4, 2, 3] for axis 1.",
    "`tf.tile`",
  ],
  "tf.split": [
    () => tf.split(tf.zeros([5, 6]), 3)[0],
    "tf.split of a tensor of shape [5, 6] into 3 parts along axis 0.",
    "`tf.split` without an axis",
  ],
  "tf.slice": [
    () => tf.slice(tf.zeros([2, 3]), [0, 1], [2, 4]),
    "tf.slice of a tensor of shape [2, 3]",
    "along axis 1: up to 5 of 3",
  ],
  "tf.mean": [
    () => tf.mean(tf.zeros([2, 3]), 2),
    "tf.mean of a tensor of shape [2, 3] got the axis 2.",
    "an axis that does not exist",
  ],
};

for (const [name, [call, message, cause]] of Object.entries(failing)) {
  Deno.test(`the cause of ${name} that fails comes from shapes, whatever the words`, () => {
    const trace = steps(call);
    // A processor's, a graphics card's, and words that mean something else.
    for (const words of ["Incompatible shapes", "required broadcastable shapes", "is disposed"]) {
      const found = explainError(new TensorFlowError(words, 3), { trace });
      assertStringIncludes(found.message, message);
      assertStringIncludes(found.cause ?? "", cause);
    }
  });
}

Deno.test("TensorFlow's words are shown, and never read", () => {
  for (const words of ["Cannot reshape", "x is not defined", "axis must be in range"]) {
    assertEquals(explainError(new TensorFlowError(words, 3), {}).cause, undefined);
  }
  assertStringIncludes(
    explainError(new ReferenceError("x is not defined"), {}).cause ?? "",
    "misspelt",
  );
});
