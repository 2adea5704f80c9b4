import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { randomHorizontalFlip } from "../../lib/augmentations/flip.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { patternImages } from "./reference.ts";

const labels = tf.tensor1d([0, 1, 2], "int32");

Deno.test("randomHorizontalFlip with probability 1 mirrors, with 0 leaves alone", () => {
  const images = patternImages([3, 2, 5, 2]);
  const mirrored = randomHorizontalFlip({ probability: 1 })({ images, labels }, new Random(1));
  const expected = images.arraySync().map((image) => image.map((row) => row.toReversed()));
  assertEquals(mirrored.images.arraySync(), expected);
  assertEquals(mirrored.labels, labels);
  const kept = randomHorizontalFlip({ probability: 0 })({ images, labels }, new Random(1));
  assertEquals(kept.images.arraySync(), images.arraySync());
});

Deno.test("randomHorizontalFlip mirrors whole images, each by itself, as often as told", () => {
  const size = 4000;
  const images = tf.tile(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), [size, 1, 1, 1]) as tf.Tensor4D;
  for (const probability of [0.5, 0.2]) {
    const batch = { images, labels: tf.zeros([size], "int32") as tf.Tensor1D };
    const { images: result } = randomHorizontalFlip({ probability })(batch, new Random(5));
    const values = result.dataSync();
    let flips = 0;
    for (let i = 0; i < size; i++) {
      const image = [...values.subarray(4 * i, 4 * i + 4)].join();
      assert(image === "1,2,3,4" || image === "2,1,4,3", image);
      if (image === "2,1,4,3") flips++;
    }
    // Four standard errors.
    const limit = 4 * Math.sqrt(probability * (1 - probability) / size);
    assertAlmostEquals(flips / size, probability, limit);
  }
});

Deno.test("randomHorizontalFlip refuses a probability that is none", () => {
  assertThrows(() => randomHorizontalFlip({ probability: 1.5 }), RangeError, "probability 1.5");
});
