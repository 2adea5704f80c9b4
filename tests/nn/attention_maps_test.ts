import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { attentionRollout, classAttentionMaps } from "../../lib/nn/attention_maps.ts";

await tf.ready();

Deno.test("classAttentionMaps lays the class token's weights out as the patches lie", () => {
  // Weight of token i for token j: 10·i + j, in one head; seven tokens.
  const weights = tf.tensor4d(
    Array.from({ length: 49 }, (_, index) => 10 * Math.floor(index / 7) + index % 7),
    [1, 1, 7, 7],
  );
  const maps = classAttentionMaps(weights, { rows: 2, columns: 3 });
  assertEquals(maps.arraySync(), [[[[1, 2, 3], [4, 5, 6]]]]);
  assertThrows(
    () => classAttentionMaps(weights, { rows: 2, columns: 4 }),
    RangeError,
    "classAttentionMaps: weights of shape [1, 1, 7, 7], expected [B, H, N, 9]",
  );
});

Deno.test("attentionRollout multiplies half attention, half identity, first block first", () => {
  const first = tf.tensor4d([[[[1, 0], [1, 0]]]]);
  const second = tf.tensor4d([[[[0, 1], [0, 1]]]]);
  // Half flows: [[1, 0], [.5, .5]] and [[.5, .5], [0, 1]]; the second from the left.
  assertEquals(attentionRollout([first, second]).arraySync(), [[[0.75, 0.25], [0.5, 0.5]]]);
});

Deno.test("attentionRollout averages heads, and its rows sum to 1", () => {
  const random = new Random(3);
  const weights = [1, 2, 3].map(() => tf.softmax(random.normal([2, 3, 5, 5])));
  for (const sum of tf.sum(attentionRollout(weights), -1).dataSync()) {
    assertAlmostEquals(sum, 1, 1e-5);
  }
  assertThrows(() => attentionRollout([]), RangeError, "no weights of any block");
  assertThrows(
    () => attentionRollout([weights[0], tf.zeros([2, 3, 4, 4])]),
    RangeError,
    "weights of shape [2, 3, 4, 4], expected [2, H, 5, 5]",
  );
});
