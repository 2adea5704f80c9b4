import { assertEquals, assertThrows } from "@std/assert";
import { paddedCrop, randomCrop } from "../../lib/augmentations/crop.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import {
  assertSameDistribution,
  largestDifference,
  patternImages,
  reference,
} from "./reference.ts";

Deno.test("paddedCrop gives torchvision's pixels, padded by a value and by reflection", () => {
  const { shape, corners, cases } = reference.paddedCrops;
  const column = (index: number) =>
    tf.tensor1d(corners.map((corner: number[]) => corner[index]), "int32");
  for (const { mode, fill, pixels } of cases) {
    const place = { padding: 3, size: [7, 6] as const, top: column(0), left: column(1) };
    const cut = paddedCrop(patternImages(shape), { ...place, mode, fill });
    assertEquals(largestDifference(cut, pixels), 0, mode);
  }
});

Deno.test("randomCrop chooses each place as often as torchvision", () => {
  // Every pixel tells its place. The cut's middle is always inside the image, at the box's corner.
  const places = Array.from({ length: 7 * 7 }, (_, i) => 100 * Math.floor(i / 7) + i % 7);
  const batch = 10_000;
  const images = tf.tile(tf.tensor4d(places, [1, 7, 7, 1]), [batch, 1, 1, 1]) as tf.Tensor4D;
  const labels = tf.zeros([batch], "int32") as tf.Tensor1D;
  const cut = randomCrop({ padding: 3 })({ images, labels }, new Random(4)).images;
  const middle = tf.slice(cut, [0, 3, 3, 0], [-1, 1, 1, 1]).dataSync();
  const corners = [
    middle.map((place) => Math.floor(place / 100)),
    middle.map((place) => place % 100),
  ];
  assertSameDistribution(corners, reference.paddedCrops.places, ["top", "left"]);
});

Deno.test("randomCrop gives another size, and labels on", () => {
  const batch = { images: patternImages([2, 9, 8, 3]), labels: tf.tensor2d([[1, 0], [0, 1]]) };
  const cut = randomCrop({ size: 6, padding: 0 })(batch, new Random(1));
  assertEquals(cut.images.shape, [2, 6, 6, 3]);
  assertEquals(cut.labels, batch.labels);
  assertThrows(
    () => randomCrop({ size: [12, 20], padding: 2 })(batch, new Random(1)),
    RangeError,
    "12×20 does not fit into 9×8 padded by 2",
  );
});

Deno.test("randomCrop: a number alone is no padding", () => {
  assertThrows(() => randomCrop(4 as never), TypeError, "randomCrop({ padding: 4 })");
});
