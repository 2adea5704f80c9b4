import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { erase, randomErasedBoxes, randomErasing } from "../../lib/augmentations/erasing.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { assertSameDistribution, patternImages, reference } from "./reference.ts";

Deno.test("erase overwrites the box and nothing else", () => {
  const images = patternImages([2, 4, 5, 2]);
  const each = (...values: number[]) => tf.tensor1d(values);
  const boxes = { top: each(1, 0), left: each(2, 4), height: each(2, 4), width: each(3, 1) };
  const expected = images.arraySync();
  for (let y = 1; y < 3; y++) for (let x = 2; x < 5; x++) expected[0][y][x] = [9, 9];
  for (let y = 0; y < 4; y++) expected[1][y][4] = [9, 9];
  assertEquals(erase(images, boxes, 9).arraySync(), expected);
});

Deno.test("randomErasedBoxes draws from torchvision's distribution, nothing where nothing fits", () => {
  for (const setting of reference.erasing) {
    const [height, width] = setting.image;
    const boxes = tf.tidy(() => ({
      ...randomErasedBoxes([10_000, height, width, 1], new Random(9), setting),
    }));
    const columns = [boxes.height.dataSync(), boxes.width.dataSync()];
    assertSameDistribution(columns, setting, ["height", "width"]);
    const [top, left] = [boxes.top.dataSync(), boxes.left.dataSync()];
    for (let i = 0; i < 10_000; i++) {
      assert(top[i] >= 0 && top[i] + columns[0][i] <= height);
      assert(left[i] >= 0 && left[i] + columns[1][i] <= width);
    }
  }
});

Deno.test("randomErasing erases as often as told, with a value or with noise", () => {
  const size = 2000;
  const images = tf.fill([size, 6, 6, 1], 5) as tf.Tensor4D;
  const labels = tf.zeros([size], "int32") as tf.Tensor1D;
  const scale = [0.2, 0.4] as const;
  const touched = (result: tf.Tensor) => {
    const values = result.dataSync();
    let images = 0;
    for (let i = 0; i < size; i++) {
      if (values.subarray(36 * i, 36 * (i + 1)).some((value) => value !== 5)) images++;
    }
    return images / size;
  };
  const batch = { images, labels };
  const often = randomErasing({ probability: 0.3, scale })(batch, new Random(2));
  assertAlmostEquals(touched(often.images), 0.3, 4 * Math.sqrt(0.21 / size));
  const noisy = randomErasing({ probability: 1, scale, value: "random" })(batch, new Random(2));
  assertAlmostEquals(touched(noisy.images), 1, 0.02);
  const noise = Array.from(noisy.images.dataSync()).filter((value) => value !== 5);
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
  assertAlmostEquals(mean, 0, 0.05);
});

Deno.test("randomErasing refuses what is no probability and no range", () => {
  assertThrows(() => randomErasing({ probability: -1 }), RangeError, "probability -1");
  assertThrows(() => randomErasing({ scale: [0.5, 0.1] }), RangeError, "scale from 0.5 to 0.1");
});
