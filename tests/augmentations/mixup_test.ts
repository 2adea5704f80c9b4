import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { randomBeta } from "../../lib/augmentations/beta.ts";
import { cutmix, mix, mixup, paste, randomPatches } from "../../lib/augmentations/mixup.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import {
  assertSameDistribution,
  type Distribution,
  largestDifference,
  patternImages,
  reference,
} from "./reference.ts";

const expected = reference.mixtures;
const labels = tf.tensor1d(expected.labels, "int32");

Deno.test("mix gives torchvision's mixtures of images and labels", () => {
  const images = patternImages(expected.shape);
  const mixed = mix({ images, labels }, tf.tensor1d([expected.share]), 4);
  assert(largestDifference(mixed.images, expected.mixup) < 1e-2);
  assert(largestDifference(mixed.labels, expected.mixupLabels.flat()) < 1e-6);
});

Deno.test("paste gives torchvision's patched images and labels", () => {
  const images = patternImages(expected.shape);
  const [left, top, right, bottom] = expected.box;
  const box = {
    top: tf.tensor1d([top]),
    left: tf.tensor1d([left]),
    height: tf.tensor1d([bottom - top]),
    width: tf.tensor1d([right - left]),
  };
  const pasted = paste({ images, labels }, box, 4);
  assertEquals(largestDifference(pasted.images, expected.cutmix), 0);
  assert(largestDifference(pasted.labels, expected.cutmixLabels.flat()) < 1e-6);
});

Deno.test("randomBeta draws from the Beta distribution", () => {
  const random = new Random(11);
  for (const [alpha, distribution] of Object.entries(expected.betas)) {
    const draws = tf.tidy(() => randomBeta(10_000, Number(alpha), random).dataSync());
    assertSameDistribution(
      [draws.map((draw) => Math.floor(20 * draw))],
      distribution as Distribution,
      [`Beta(${alpha}, ${alpha})`],
    );
  }
});

Deno.test("randomPatches draws from torchvision's distribution", () => {
  const { image, alpha } = expected.patches;
  const random = new Random(12);
  const boxes = tf.tidy(() => ({
    ...randomPatches(10_000, { shape: [8, ...image, 3], alpha, random }),
  }));
  const columns = [boxes.top, boxes.left, boxes.height, boxes.width].map((each) => each.dataSync());
  assertSameDistribution(columns, expected.patches, ["top", "left", "height", "width"]);
});

Deno.test("mixup and cutmix keep every label's sum at 1, and take soft labels", () => {
  const random = new Random(5);
  const images = patternImages([4, 6, 5, 1]);
  const soft = tf.tensor2d([[0.9, 0.1], [0.2, 0.8], [1, 0], [0.5, 0.5]]);
  const hard = tf.tensor1d([0, 1, 1, 0], "int32");
  for (const transform of [mixup({ classes: 2, alpha: 0.8 }), cutmix({ classes: 2 })]) {
    for (const labels of [soft, hard]) {
      const mixed = transform({ images, labels }, random);
      assertEquals(mixed.images.shape, images.shape);
      assertEquals(mixed.labels.shape, [4, 2]);
      tf.sum(mixed.labels, 1).dataSync().forEach((sum) => assertAlmostEquals(sum, 1, 1e-6));
    }
  }
  const three = mixup({ classes: 3 });
  assertThrows(() => three({ images, labels: soft }, random), RangeError, "of 2 classes, but 3");
  assertThrows(() => mixup({ classes: 2, alpha: 0 }), RangeError, "alpha 0 is not above 0");
});
