import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  randomCropBoxes,
  randomResizedCrop,
  resizedCrop,
} from "../../lib/augmentations/resized_crop.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import {
  assertSameDistribution,
  largestDifference,
  patternImages,
  reference,
} from "./reference.ts";

Deno.test("resizedCrop gives torchvision's pixels, enlarging and shrinking", () => {
  const { shape, boxes, cases } = reference.resizedCrops;
  const column = (index: number) => tf.tensor1d(boxes.map((box: number[]) => box[index]));
  const box = { top: column(0), left: column(1), height: column(2), width: column(3) };
  for (const { size, pixels } of cases) {
    const cut = tf.tidy(() => resizedCrop(patternImages(shape), box, size));
    assertEquals(cut.shape, [shape[0], ...size, shape[3]]);
    const difference = largestDifference(cut, pixels);
    assert(difference < 1e-3 * 255, `${size}: differs by ${difference}`);
  }
});

Deno.test("resizedCrop treats one channel as each of many", () => {
  const images = patternImages([3, 9, 11, 2]);
  const box = (values: number[]) => tf.tensor1d(values);
  const boxes = {
    top: box([0, 2, 4]),
    left: box([0, 3, 1]),
    height: box([9, 5, 3]),
    width: box([11, 6, 10]),
  };
  const both = resizedCrop(images, boxes, [6, 8]);
  tf.split(images, 2, 3).forEach((channel, index) => {
    const alone = resizedCrop(channel as tf.Tensor4D, boxes, [6, 8]);
    const expected = [...both.dataSync()].filter((_, i) => i % 2 === index);
    assert(largestDifference(alone, expected) < 1e-3);
  });
});

Deno.test("resizedCrop of the whole image at its own size changes nothing", () => {
  const images = patternImages([2, 7, 5, 3]);
  const same = (value: number) => tf.fill([2], value) as tf.Tensor1D;
  const whole = { top: same(0), left: same(0), height: same(7), width: same(5) };
  assert(largestDifference(resizedCrop(images, whole, [7, 5]), [...images.dataSync()]) < 1e-3);
});

Deno.test("randomCropBoxes draws from torchvision's distribution", () => {
  const random = new Random(7);
  for (const setting of reference.cropBoxes) {
    const [height, width] = setting.image;
    const boxes = tf.tidy(() => ({
      ...randomCropBoxes([10_000, height, width, 1], random, setting),
    }));
    const columns = [boxes.top, boxes.left, boxes.height, boxes.width].map((each) =>
      each.dataSync()
    );
    assertSameDistribution(columns, setting, ["top", "left", "height", "width"]);
    for (let i = 0; i < 10_000; i++) {
      assert(columns[0][i] + columns[2][i] <= height && columns[1][i] + columns[3][i] <= width);
    }
  }
});

Deno.test("randomResizedCrop keeps the image's size unless told, and gives labels on", () => {
  const labels = tf.tensor2d([[0.3, 0.7], [1, 0]]);
  const batch = { images: patternImages([2, 12, 8, 3]), labels };
  const same = randomResizedCrop()(batch, new Random(1));
  assertEquals(same.images.shape, [2, 12, 8, 3]);
  assertEquals(same.labels, labels);
  assertEquals(randomResizedCrop({ size: 5 })(batch, new Random(1)).images.shape, [2, 5, 5, 3]);
  assertEquals(randomResizedCrop({ size: [4, 6] })(batch, new Random(1)).images.shape, [
    2,
    4,
    6,
    3,
  ]);
});

Deno.test("randomResizedCrop refuses ranges that are none", () => {
  assertThrows(() => randomResizedCrop({ scale: [1, 0.8] }), RangeError, "scale from 1 to 0.8");
  assertThrows(() => randomResizedCrop({ aspect: [0, 1] }), RangeError, "aspect from 0 to 1");
});
