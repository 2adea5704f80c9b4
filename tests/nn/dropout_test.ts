import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { Dropout } from "../../lib/nn/dropout.ts";

await tf.ready();

Deno.test("Dropout leaves its input as it is in evaluation and at rate 0", () => {
  const x = tf.tensor1d([1, 2, 3]);
  assertEquals(new Dropout(0.9, { random: new Random(1) }).forward(x), x);
  const none = new Dropout(0, { random: new Random(1) });
  none.setTraining(true);
  assertEquals(none.forward(x), x);
});

Deno.test("Dropout zeroes the share it is told and scales the others by 1/(1 − rate)", () => {
  const layer = new Dropout(0.2, { random: new Random(1) });
  layer.setTraining(true);
  const values = layer.forward(tf.ones([200, 100])).dataSync();
  const dropped = values.filter((value) => value === 0).length / values.length;
  assertAlmostEquals(dropped, 0.2, 4 * Math.sqrt(0.16 / 20_000));
  assert(values.every((value) => value === 0 || Math.abs(value - 1.25) < 1e-6));
});

Deno.test("Dropout's gradient is the mask of its output", () => {
  const layer = new Dropout(0.5, { random: new Random(1) });
  layer.setTraining(true);
  let output: tf.Tensor;
  const gradient = tf.grad((x) => output = tf.keep(layer.forward(x)))(tf.ones([5, 7]));
  assertEquals([...gradient.dataSync()], [...output!.dataSync()]);
});

Deno.test("Dropout layers made from one Random differ, and are the same for the same seed", () => {
  const masks = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 3 }, () => {
      const layer = new Dropout(0.5, { random });
      layer.setTraining(true);
      return [...layer.forward(tf.ones([40])).dataSync()].join("");
    });
  };
  assertEquals(masks(1), masks(1));
  assertEquals(new Set([...masks(1), ...masks(2)]).size, 6);
});

Deno.test("Dropout draws another mask each time", () => {
  const layer = new Dropout(0.5, { random: new Random(1) });
  layer.setTraining(true);
  const x = tf.ones([40]);
  assertNotEquals([...layer.forward(x).dataSync()], [...layer.forward(x).dataSync()]);
});

Deno.test("Dropout refuses rates outside [0, 1)", () => {
  for (const rate of [-0.1, 1, NaN]) {
    assertThrows(() => new Dropout(rate, { random: new Random(1) }), RangeError, `rate is ${rate}`);
  }
});
