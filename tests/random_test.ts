import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { permutation, Random } from "../lib/random.ts";
import { nativeBackend } from "../lib/tensor/native.ts";
import * as tf from "../lib/tensor/tf.ts";

const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

function moments(sample: number[]): { mean: number; deviation: number } {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const variance = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sample.length;
  return { mean, deviation: Math.sqrt(variance) };
}

const draws: Record<string, (random: Random) => tf.Tensor> = {
  uniform: (random) => random.uniform([3, 5]),
  normal: (random) => random.normal([3, 5]),
  truncatedNormal: (random) => random.truncatedNormal([3, 5]),
  integers: (random) => random.integers([3, 5], 0, 1000),
  bernoulli: (random) => random.bernoulli([3, 5], 0.5),
};

for (const [name, draw] of Object.entries(draws)) {
  Deno.test(`Random.${name} is the same for one seed, and new at every draw`, () => {
    const [a, b, other] = [new Random(5), new Random(5), new Random(6)];
    const first = [values(draw(a)), values(draw(a))];
    assertEquals([values(draw(b)), values(draw(b))], first);
    assertNotEquals(first[0], first[1]);
    assertNotEquals(values(draw(other)), first[0]);
  });
}

Deno.test("Random.uniform fills its range evenly", () => {
  const sample = values(new Random(1).uniform([20000], -2, 4));
  const { mean, deviation } = moments(sample);
  assert(Math.abs(mean - 1) < 0.05, `mean ${mean}`);
  assert(Math.abs(deviation - 6 / Math.sqrt(12)) < 0.03, `deviation ${deviation}`);
  assert(Math.min(...sample) >= -2 && Math.max(...sample) < 4);
});

Deno.test("Random.normal has the mean and deviation that were asked for", () => {
  const { mean, deviation } = moments(values(new Random(2).normal([20000], 3, 0.5)));
  assert(Math.abs(mean - 3) < 0.015 && Math.abs(deviation - 0.5) < 0.01, `${mean} ± ${deviation}`);
});

Deno.test("Random.truncatedNormal stays within two deviations", () => {
  const sample = values(new Random(3).truncatedNormal([20000], 1, 2));
  assert(Math.max(...sample.map((value) => Math.abs(value - 1))) <= 4);
  const { deviation } = moments(sample);
  assert(Math.abs(deviation - 2 * 0.8796) < 0.03, `deviation ${deviation}`); // √(1 − 4φ(2)/(2Φ(2) − 1))
});

Deno.test("Random.integers are whole, and each of them comes equally often", () => {
  const counts = new Map<number, number>();
  for (const value of values(new Random(4).integers([20000], -2, 3))) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort((a, b) => a - b), [-2, -1, 0, 1, 2]);
  for (const count of counts.values()) assert(Math.abs(count - 4000) < 250, `${count} of 20,000`);
  assertThrows(() => new Random(1).integers([2], 3, 3), RangeError, "no whole numbers in [3, 3)");
});

for (const probability of [0, 0.1, 0.5, 0.9, 1]) {
  Deno.test(`Random.chance is true with probability ${probability}, for odd sizes too`, () => {
    const chosen = new Random(7).chance([101, 201], probability);
    assertEquals([chosen.dtype, chosen.shape], ["bool", [101, 201]]);
    const { mean } = moments(values(chosen));
    assert(Math.abs(mean - probability) < 0.01, `${mean}`);
  });
}

Deno.test("Random.fork gives streams that do not depend on draws, nor on each other", () => {
  const parent = new Random(9);
  const before = values(parent.fork("a").uniform([8]));
  parent.uniform([3]);
  assertEquals(values(parent.fork("a").uniform([8])), before);
  assertNotEquals(values(parent.fork("b").uniform([8])), before);
  assertNotEquals(values(parent.uniform([8])), before);
});

Deno.test("Random goes on from a state that was saved", () => {
  const random = new Random(11);
  random.uniform([4]);
  const saved = random.state.clone();
  const next = values(random.normal([6]));
  const resumed = new Random(0);
  resumed.state.assign(saved as tf.Tensor1D);
  assertEquals(values(resumed.normal([6])), next);
});

Deno.test("Random leaves nothing behind but its state", () => {
  const binding = nativeBackend()?.binding;
  const before = [tf.memory().numTensors, binding?.getNumOfTensors()];
  const random = new Random(1);
  for (const draw of Object.values(draws)) draw(random).dispose();
  random.dispose();
  assertEquals([tf.memory().numTensors, binding?.getNumOfTensors()], before);
});

Deno.test("Random refuses a seed that is no whole number", () => {
  assertThrows(() => new Random(0.5), RangeError, "the seed is 0.5");
  assertThrows(() => new Random(NaN), RangeError, "must be a whole number");
});

Deno.test("permutation holds every index once, and depends on seed and size alone", () => {
  const order = permutation(1000, 3);
  assertEquals([...order].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  assertEquals(permutation(1000, 3), order);
  assertNotEquals(permutation(1000, 4), order);
  const fixed = order.filter((value, index) => value === index).length;
  assert(fixed < 8, `${fixed} of 1,000 stayed in place`);
});
