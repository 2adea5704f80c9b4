import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { MultiHeadAttention } from "../../lib/nn/attention.ts";
import { Conv2d } from "../../lib/nn/convolution.ts";
import { kaimingNormalFanOut, xavierUniform } from "../../lib/nn/initialization.ts";
import { Linear } from "../../lib/nn/linear.ts";
import { BatchNorm2d, LayerNorm } from "../../lib/nn/normalization.ts";
import { LearnedPositions } from "../../lib/nn/position_encoding.ts";

await tf.ready();
const random = new Random(11);

/** Fails unless values look uniform on [−bound, bound): extremes, mean and standard deviation. */
function assertUniform(values: tf.Tensor, bound: number) {
  const { least, largest, mean, deviation } = statistics(values);
  assert(largest <= bound && largest > 0.98 * bound, `largest ${largest}, bound ${bound}`);
  assert(least >= -bound && least < -0.98 * bound, `least ${least}, bound ${bound}`);
  const error = bound / Math.sqrt(3 * values.size);
  assert(Math.abs(mean) < 4 * error, `mean ${mean}`);
  assertAlmostEquals(deviation, bound / Math.sqrt(3), 4 * error);
}

function assertNormal(values: tf.Tensor, standardDeviation: number) {
  const { largest, mean, deviation } = statistics(values);
  const error = standardDeviation / Math.sqrt(values.size);
  assert(Math.abs(mean) < 4 * error, `mean ${mean}`);
  assertAlmostEquals(deviation, standardDeviation, 4 * error);
  assert(largest > 2.5 * standardDeviation, `largest ${largest}`);
}

function statistics(tensor: tf.Tensor) {
  const values = tensor.dataSync() as Float32Array;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  let [least, largest] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  return { least, largest, mean, deviation: Math.sqrt(variance) };
}

Deno.test("Linear starts uniform within ±1/√inputs", () => {
  const layer = new Linear(25, 400, { random });
  assertUniform(layer.weight, 0.2);
  assertUniform(layer.bias!, 0.2);
  layer.dispose();
});

Deno.test("Conv2d starts uniform within ±1/√(size·size·inputs)", () => {
  const layer = new Conv2d(4, 300, { size: 5, random });
  assertUniform(layer.weight, 0.1);
  assertUniform(layer.bias!, 0.1);
  layer.dispose();
});

Deno.test("MultiHeadAttention starts Xavier-uniform over queries, keys and values, biases 0", () => {
  const layer = new MultiHeadAttention({ width: 60, heads: 4, random });
  assertUniform(layer.qkv.weight, Math.sqrt(6 / 240));
  assertUniform(layer.output.weight, 1 / Math.sqrt(60));
  for (const bias of [layer.qkv.bias!, layer.output.bias!]) {
    assert(bias.dataSync().every((value) => value === 0));
  }
  layer.dispose();
});

Deno.test("LearnedPositions start normal", () => {
  const layer = new LearnedPositions({ slots: 50, width: 60, random });
  assertNormal(layer.positions, 1);
  layer.dispose();
});

Deno.test("kaimingNormalFanOut has variance 2/fanOut", () => {
  assertNormal(kaimingNormalFanOut(random, [3, 3, 40, 50]), Math.sqrt(2 / 450));
});

Deno.test("xavierUniform counts a convolution's window among inputs and outputs, as PyTorch's", () => {
  assertUniform(xavierUniform(random, [30, 50]), Math.sqrt(6 / 80));
  assertUniform(xavierUniform(random, [3, 2, 40, 50]), Math.sqrt(6 / (6 * 90)));
});

Deno.test("initializers by inputs and outputs refuse a shape that has but one axis", () => {
  for (const initializer of [kaimingNormalFanOut, xavierUniform]) {
    assertThrows(
      () => initializer(random, [5]),
      RangeError,
      "fanOut: shape [5], expected [in, out] or [height, width, in, out]",
    );
  }
});

Deno.test("norms start as the identity, running statistics as standard", () => {
  const values = (variable: tf.Variable) => [...variable.dataSync()];
  const layer = new LayerNorm(2);
  assertEquals([values(layer.scale), values(layer.shift)], [[1, 1], [0, 0]]);
  const batch = new BatchNorm2d(2);
  assertEquals([values(batch.scale), values(batch.shift)], [[1, 1], [0, 0]]);
  assertEquals([values(batch.runningMean), values(batch.runningVariance)], [[0, 0], [1, 1]]);
});
