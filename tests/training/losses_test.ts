import { assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import {
  crossEntropy,
  crossEntropyOfEach,
  type Labels,
  smoothedCrossEntropy,
} from "../../lib/training/losses.ts";
import { assertClose, reference } from "./reference.ts";

const logits = () => tf.tensor2d(reference.logits, [5, 3]);
const indices = () => tf.tensor1d(reference.indices, "int32");
const soft = () => tf.tensor2d(reference.soft, [5, 3]);

const cases: [keyof typeof reference.losses, () => Labels, number][] = [
  ["indices", indices, 0],
  ["indices_smoothed", indices, 0.1],
  ["soft", soft, 0],
  ["soft_smoothed", soft, 0.2],
];

for (const [name, labels, labelSmoothing] of cases) {
  Deno.test(`crossEntropy: ${name} equals PyTorch's by value and gradient`, () => {
    tf.tidy(() => {
      const objective = (x: tf.Tensor) =>
        crossEntropy(x as tf.Tensor2D, labels(), { labelSmoothing });
      const { value, grad } = tf.valueAndGrad(objective)(logits());
      assertClose(value, [reference.losses[name].loss], 1e-6, "loss");
      assertClose(grad, reference.losses[name].gradient, 1e-6, "gradient");
      const each = smoothedCrossEntropy(labelSmoothing)(logits(), labels());
      assertClose(tf.mean(each), [reference.losses[name].loss], 1e-6, "mean of each");
    });
  });
}

Deno.test("crossEntropy names shapes that do not fit and a wrong smoothing", () => {
  tf.tidy(() => {
    const wrong = tf.tensor1d([0, 1], "int32");
    assertThrows(
      () => crossEntropy(logits(), wrong),
      RangeError,
      "logits are [5,3] and labels [2]",
    );
    const smoothing = { labelSmoothing: 1 };
    assertThrows(() => crossEntropyOfEach(logits(), indices(), smoothing), RangeError, "is 1");
  });
});
