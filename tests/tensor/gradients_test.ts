/** Gradients that TensorFlow.js has wrong or refuses, worked out by hand; the table of gradients has the rest. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { flatValues } from "./compiled.ts";

const { image } = tf;

/** The gradient of the sum of `compute(x)` times weights. */
function slope(compute: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, weights?: number[]): number[] {
  const gradient = tf.grad((x: tf.Tensor) => {
    const y = compute(x);
    return tf.sum(weights === undefined ? y : tf.mul(y, tf.tensor(weights, y.shape)));
  });
  return flatValues(gradient(x));
}

const upTo16 = Array.from({ length: 16 }, (_, at) => at + 1);

Deno.test("mirrored values add to the gradient of what they mirror", () => {
  const reflected = (x: tf.Tensor) => tf.mirrorPad(x, [[2, 1]], "reflect");
  const weights = [1, 10, 100, 1000, 10000, 100000];
  assertEquals(slope(reflected, tf.tensor1d([1, 2, 3]), weights), [100, 101010, 10001]);
});

Deno.test("resizing about the pixels' centres has the gradient of its own places", () => {
  const pixels = tf.ones([2, 2, 1]);
  const bilinear = (x: tf.Tensor) => image.resizeBilinear(x as tf.Tensor3D, [4, 4], false, true);
  const nearest = (x: tf.Tensor) =>
    image.resizeNearestNeighbor(x as tf.Tensor3D, [4, 4], false, true);
  assertEquals(slope(bilinear, pixels, upTo16), [16.5, 23.5, 44.5, 51.5]);
  assertEquals(slope(nearest, pixels, upTo16), [14, 22, 46, 54]);
});

Deno.test("tokens times one matrix can be trained by either, with one sum over all tokens", () => {
  const tokens = tf.reshape(tf.range(0, 12), [2, 3, 2]), weights = tf.tensor2d([[1, 2], [3, 4]]);
  assertEquals(slope((x) => tf.matMul(tokens, x as tf.Tensor2D), weights), [30, 30, 36, 36]);
  assertEquals(slope((x) => tf.matMul(x, weights), tokens), Array(6).fill([3, 7]).flat());
});

Deno.test("einsum of a matrix with itself has the gradient of both factors", () => {
  const matrix = tf.tensor2d([[1, 2], [3, 4]]);
  assertEquals(slope((m) => tf.einsum("ij,jk->ik", m, m), matrix), [7, 11, 9, 13]);
});

Deno.test("batch normalisation without scale and offset can be differentiated", () => {
  const normal = (x: tf.Tensor) => tf.batchNorm(x, [1, 2], [3, 8], undefined, undefined, 1);
  const [first, second] = slope(normal, tf.tensor2d([[5, 6]]), [1, 1]);
  assertAlmostEquals(first, 0.5, 1e-6);
  assertAlmostEquals(second, 1 / 3, 1e-6);
});

Deno.test("softmax cross-entropy has the second derivative of its probabilities", () => {
  const logits = tf.tensor2d([[0.5, -1, 2]]), labels = tf.tensor2d([[0, 0, 1]]);
  const loss = (x: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, x) as tf.Scalar;
  const first = (x: tf.Tensor) => tf.sum(tf.slice(tf.grad(loss)(x), [0, 0], [1, 1])) as tf.Scalar;
  const [p, q, r] = flatValues(tf.softmax(logits));
  const expected = [p * (1 - p), -p * q, -p * r];
  flatValues(tf.grad(first)(logits)).forEach((value, at) =>
    assertAlmostEquals(value, expected[at], 1e-6)
  );
});

Deno.test("a spectrum passes its gradient on through complex values", () => {
  // |FFT(x)|² sums to n · Σx², so that its gradient is 2n · x.
  const energy = (x: tf.Tensor) =>
    tf.square(tf.abs(tf.fft(tf.complex(x, tf.zerosLike(x))) as tf.Tensor));
  slope(energy, tf.tensor1d([1, 2, -3])).forEach((value, at) =>
    assertAlmostEquals(value, 6 * [1, 2, -3][at], 1e-4)
  );
});

Deno.test("tf.abs has no slope at 0, and the sigmoid's loss at logits of 0 has its own", () => {
  assertEquals(slope((x) => tf.abs(x), tf.tensor1d([-2, 0, 3])), [-1, 0, 1]);
  const loss = (x: tf.Tensor) => tf.losses.sigmoidCrossEntropy(tf.tensor1d([1, 0]), x);
  assertEquals(slope(loss, tf.tensor1d([0, 0])), [-0.25, 0.25]);
});
