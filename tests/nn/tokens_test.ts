import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { ClassToken } from "../../lib/nn/class_token.ts";
import { sinusoidalPositions } from "../../lib/nn/functional.ts";
import { PatchEmbedding } from "../../lib/nn/patch_embedding.ts";
import { LearnedPositions, SinusoidalPositions } from "../../lib/nn/position_encoding.ts";
import { TokenEmbedding } from "../../lib/nn/token_embedding.ts";
import { TransformerEncoder } from "../../lib/nn/transformer_encoder.ts";

await tf.ready();
const random = new Random(8);

Deno.test("ClassToken puts the same learned token before every example's others", () => {
  const layer = new ClassToken({ width: 2, random });
  const [first, second] = layer.token.dataSync();
  const tokens = tf.tensor3d([[[1, 2]], [[3, 4]]]);
  const expected = [[[first, second], [1, 2]], [[first, second], [3, 4]]];
  assertEquals(layer.forward(tokens).arraySync(), expected);
});

Deno.test("LearnedPositions adds as many of its positions as there are tokens", () => {
  const layer = new LearnedPositions({ slots: 4, width: 2, random });
  const positions = layer.positions.arraySync();
  const sum = layer.forward(tf.zeros([3, 2, 2])).arraySync() as number[][][];
  assertEquals(sum[2], positions.slice(0, 2));
  assertThrows(
    () => layer.forward(tf.zeros([1, 5, 2])),
    RangeError,
    "LearnedPositions: 5 tokens do not fit 4 position slots",
  );
  assertThrows(
    () => layer.forward(tf.zeros([1, 4, 3])),
    RangeError,
    "LearnedPositions: tokens of shape [1, 4, 3], expected [B, N, 2]",
  );
});

Deno.test("SinusoidalPositions adds the right part of its table and has no parameter", () => {
  const layer = new SinusoidalPositions({ slots: 6, width: 4 });
  const [sum] = layer.forward(tf.zeros([1, 3, 4])).arraySync() as number[][][];
  assertEquals(sum, sinusoidalPositions(6, 4).arraySync().slice(0, 3));
  assertEquals(layer.namedParameters().size, 0);
});

Deno.test("PatchEmbedding maps each patch alone", () => {
  const layer = new PatchEmbedding({ patchSize: 2, channels: 3, width: 5, random });
  const images = random.normal([2, 4, 6, 3]);
  const tokens = layer.forward(images); // [2, 6, 5]
  const patch = tf.slice(images, [1, 2, 2, 0], [1, 2, 2, 3]);
  const alone = layer.projection.forward(tf.reshape(patch, [1, 12]));
  assertEquals(tokens.shape, [2, 6, 5]);
  const difference = tf.sub(tf.slice(tokens, [1, 4, 0], [1, 1, 5]), tf.reshape(alone, [1, 1, 5]));
  assertEquals(tf.max(tf.abs(difference)).dataSync()[0] < 1e-6, true);
});

Deno.test("TokenEmbedding gives patches and, unless told otherwise, a class token", () => {
  const sizes = { patchSize: 2, channels: 3, width: 5, slots: 6, random };
  const images = tf.zeros([2, 4, 6, 3]);
  assertEquals(new TokenEmbedding(sizes).forward(images).shape, [2, 7, 5]);
  const plain = new TokenEmbedding({ ...sizes, classToken: false });
  assertEquals(plain.forward(images).shape, [2, 6, 5]);
  assertEquals([...plain.namedParameters().keys()], [
    "patches.projection.weight",
    "patches.projection.bias",
    "positions.positions",
  ]);
});

Deno.test("TransformerEncoder applies its blocks one after the other", () => {
  const encoder = new TransformerEncoder({ depth: 2, width: 4, mlpWidth: 6, heads: 2, random });
  const x = random.normal([2, 3, 4]);
  const [first, second] = encoder.blocks;
  const expected = second.forward(first.forward(x)).dataSync();
  assertEquals([...encoder.forward(x).dataSync()], [...expected]);
  const { output, weights } = encoder.forwardWithWeights(x);
  assertEquals([...output.dataSync()], [...expected]);
  assertEquals(weights.map((each) => each.shape), [[2, 2, 3, 3], [2, 2, 3, 3]]);
});
