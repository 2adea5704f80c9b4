import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import {
  accuracy,
  confusionMatrix,
  correctCount,
  highestLosses,
  MetricSums,
  perClassAccuracy,
} from "../../lib/training/metrics.ts";
import { assertClose } from "./reference.ts";

const logits = () => tf.tensor2d([[3, 1, 2], [0, 5, 1], [1, 2, 3], [9, 8, 7]]);

Deno.test("correctCount and accuracy count the most likely class, for both kinds of labels", () => {
  tf.tidy(() => {
    const indices = tf.tensor1d([0, 1, 1, 2], "int32");
    assertClose(correctCount(logits(), indices), [2]);
    assertClose(accuracy(logits(), indices), [0.5]);
    const soft = tf.tensor2d([[0.6, 0.4, 0], [0, 0.1, 0.9], [0, 0.1, 0.9], [1, 0, 0]]);
    assertClose(correctCount(logits(), soft), [3]);
  });
});

Deno.test("MetricSums divides once, so that a short last batch counts by its examples", () => {
  const sums = new MetricSums();
  sums.add(8, 4, 8);
  sums.add(6, 0, 2);
  assertEquals(sums.result(), { loss: 1.4, accuracy: 0.4, examples: 10 });
  assertEquals(new MetricSums().result().loss, NaN);
});

Deno.test("confusionMatrix counts by true row and predicted column", () => {
  const confusion = confusionMatrix([0, 0, 1, 2, 2, 2], [0, 1, 1, 0, 2, 2], 3);
  assertEquals(confusion, [[1, 1, 0], [0, 1, 0], [1, 0, 2]]);
  assertEquals(perClassAccuracy(confusion), [1 / 2, 1, 2 / 3]);
  assertThrows(() => confusionMatrix([0], [3], 3), RangeError, "class 3 is not in 0…2");
  assertThrows(() => confusionMatrix([0, 1], [1], 3), RangeError, "2 labels but 1 predictions");
});

Deno.test("highestLosses gives indices from the highest loss on", () => {
  assertEquals(highestLosses([0.5, 3, 0.1, 3, 7], 3), [4, 1, 3]);
});
