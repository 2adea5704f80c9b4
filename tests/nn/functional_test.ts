import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import {
  patchify,
  repeatForBatch,
  scaledDotProductAttention,
  sinusoidalPositions,
  unpatchify,
} from "../../lib/nn/functional.ts";

await tf.ready();

Deno.test("patchify cuts images in reading order, rows of a patch one after the other", () => {
  // A 4×6 image whose values are 10·row + column, in two channels: the value and its negative.
  const pixels = Array.from(
    { length: 4 },
    (_, row) => Array.from({ length: 6 }, (_, column) => [10 * row + column, -(10 * row + column)]),
  );
  const patches = patchify(tf.tensor4d([pixels]), 2);
  assertEquals(patches.shape, [1, 6, 8]);
  const [batch] = patches.arraySync();
  assertEquals(batch[0], [0, 0, 1, -1, 10, -10, 11, -11].map((value) => value + 0));
  assertEquals(batch[1], [2, -2, 3, -3, 12, -12, 13, -13]);
  assertEquals(batch[3], [20, -20, 21, -21, 30, -30, 31, -31]);
});

Deno.test("unpatchify is the inverse of patchify", () => {
  const images = new Random(1).normal([2, 4, 6, 3]);
  const back = unpatchify(patchify(images, 2), { patchSize: 2, height: 4, width: 6 });
  assertEquals(back.arraySync(), images.arraySync() as number[][][][]);
});

Deno.test("patchify refuses patches that do not tile the image", () => {
  assertThrows(
    () => patchify(tf.zeros([1, 4, 6, 3]), 4),
    RangeError,
    "patches of 4×4 do not tile images of 4×6",
  );
});

Deno.test("scaledDotProductAttention weighs the values by the scaled products", () => {
  const query = tf.tensor2d([[2, 0, 0, 0]]);
  const key = tf.tensor2d([[1, 5, 5, 5], [0, 5, 5, 5]]);
  const value = tf.tensor2d([[10, 0], [0, 10]]);
  const [first, second] = scaledDotProductAttention(query, key, value).dataSync();
  const share = 1 / (1 + Math.exp(-1)); // products 2 and 0, divided by √4
  assertAlmostEquals(first, 10 * share, 1e-5);
  assertAlmostEquals(second, 10 * (1 - share), 1e-5);
});

Deno.test("sinusoidalPositions follows the paper's formula", () => {
  const table = sinusoidalPositions(100, 300).arraySync();
  assertEquals([table.length, table[0].length], [100, 300]);
  assertEquals(table[0].slice(0, 4), [0, 1, 0, 1]);
  for (const [position, feature] of [[1, 0], [7, 20], [99, 298]]) {
    const angle = position / 10000 ** (feature / 300);
    assertAlmostEquals(table[position][feature], Math.sin(angle), 1e-6);
    assertAlmostEquals(table[position][feature + 1], Math.cos(angle), 1e-6);
  }
});

Deno.test("repeatForBatch repeats rows, and its gradient is their sum", () => {
  const x = tf.tensor2d([[1, 2, 3]]);
  assertEquals(repeatForBatch(x, 2).arraySync(), [[[1, 2, 3]], [[1, 2, 3]]]);
  assertEquals([...tf.grad((x) => repeatForBatch(x, 5))(x).dataSync()], [5, 5, 5]);
});
