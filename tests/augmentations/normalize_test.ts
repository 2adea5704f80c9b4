import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { normalize } from "../../lib/augmentations/normalize.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";

const random = new Random(1);
const labels = tf.tensor1d([3], "int32");

Deno.test("normalize maps MNIST's bytes as (x/255 − mean) / deviation", () => {
  const images = tf.tensor4d([0, 51, 255], [1, 1, 3, 1]);
  const result = normalize(0.1307, 0.3081)({ images, labels }, random).images.dataSync();
  [0, 51, 255].forEach((byte, i) =>
    assertAlmostEquals(result[i], (byte / 255 - 0.1307) / 0.3081, 1e-5)
  );
});

Deno.test("normalize takes a mean and a deviation for each channel", () => {
  const images = tf.tensor4d([255, 255, 255, 0, 0, 0], [1, 2, 1, 3]);
  const transform = normalize([0.5, 0.25, 0], [0.5, 0.25, 2]);
  const result = transform({ images, labels }, random);
  [1, 3, 0.5, -1, -1, 0].forEach((value, i) =>
    assertAlmostEquals(result.images.dataSync()[i], value, 1e-5)
  );
  assertEquals(result.labels, labels);
});

Deno.test("normalize refuses deviations that are not above 0 and channels that do not fit", () => {
  assertThrows(() => normalize(0.5, 0), RangeError, "standard deviation 0 is not above 0");
  assertThrows(() => normalize([0.5, 0.5], 0.5), RangeError, "2 means, but 1 standard deviations");
  const gray = { images: tf.zeros([1, 2, 2, 1]) as tf.Tensor4D, labels };
  assertThrows(
    () => normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])(gray, random),
    RangeError,
    "3 means for images of 1 channels",
  );
});
