import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  inverseMatrices,
  randomAffine,
  randomAffineParameters,
} from "../../lib/augmentations/affine.ts";
import { warp } from "../../lib/augmentations/warp.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import {
  assertSameDistribution,
  largestDifference,
  patternImages,
  reference,
} from "./reference.ts";

type Map = [degrees: number, shift: [number, number], scale: number, shear: [number, number]];

function matricesOf(maps: Map[]): tf.Tensor2D {
  const column = (read: (map: Map) => number) => tf.tensor1d(maps.map(read));
  const radians = Math.PI / 180;
  return inverseMatrices({
    angle: column(([degrees]) => degrees * radians),
    shiftX: column(([, [x]]) => x),
    shiftY: column(([, [, y]]) => y),
    scale: column(([, , scale]) => scale),
    shearX: column(([, , , [x]]) => x * radians),
    shearY: column(([, , , [, y]]) => y * radians),
  });
}

Deno.test("warp takes torchvision's nearest pixels, and fills what lies outside", () => {
  const { shape, maps, nearest, filled } = reference.affine;
  const images = patternImages(shape);
  assertEquals(largestDifference(warp(images, matricesOf(maps)), nearest), 0);
  assertEquals(largestDifference(warp(images, matricesOf(maps), { fill: 7 }), filled), 0);
});

Deno.test("warp mixes four pixels bilinearly as torchvision", () => {
  const { shape, maps, bilinear } = reference.affine;
  const matrices = matricesOf(maps);
  const moved = warp(patternImages(shape), matrices, { interpolation: "bilinear" });
  assert(largestDifference(moved, bilinear) < 0.02);
  // With the picture's own value as fill, nothing changes.
  const filled = warp(tf.fill(shape, 40), matrices, { interpolation: "bilinear", fill: 40 });
  assert(largestDifference(filled, Array(moved.size).fill(40)) < 1e-3);
});

Deno.test("randomAffineParameters draws from torchvision's distribution", () => {
  const expected = reference.affineParameters;
  const [height, width] = expected.image;
  const { degrees, translate, scale, shears } = expected;
  const drawn = tf.tidy(() => ({
    ...randomAffineParameters([10_000, height, width, 1], new Random(3), {
      degrees,
      translate,
      scale,
      shearX: [shears[0], shears[1]],
      shearY: [shears[2], shears[3]],
    }),
  }));
  const rounded = (values: tf.Tensor, factor: number) =>
    tf.round(tf.mul(values, factor)).dataSync();
  const degree = 180 / Math.PI;
  const columns = [
    rounded(drawn.angle, degree),
    drawn.shiftX.dataSync(),
    drawn.shiftY.dataSync(),
    rounded(drawn.scale, 100),
    rounded(drawn.shearX, degree),
    rounded(drawn.shearY, degree),
  ];
  const names = ["angle", "shift x", "shift y", "scale", "shear x", "shear y"];
  assertSameDistribution(columns, expected, names);
});

Deno.test("randomAffine with nothing told changes nothing, with a scale it does", () => {
  const images = patternImages([2, 5, 6, 3]);
  const labels = tf.tensor1d([0, 1], "int32");
  const same = randomAffine()({ images, labels }, new Random(1));
  assertEquals(same.images.dataSync(), images.dataSync());
  assertEquals(same.labels, labels);
  const other = randomAffine({ scale: [2, 2] })({ images, labels }, new Random(1));
  assert(largestDifference(other.images, [...images.dataSync()]) > 50);
});

Deno.test("randomAffine refuses shifts and scales that are none", () => {
  assertThrows(() => randomAffine({ translate: [0.1, 2] }), RangeError, "translate 2");
  assertThrows(() => randomAffine({ scale: [0, 1] }), RangeError, "scale from 0 to 1");
});
