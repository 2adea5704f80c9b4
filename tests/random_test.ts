import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "../lib/tensor/tf.ts";
import { Random } from "../lib/random.ts";

await tf.ready();

Deno.test("Random.bernoulli is 1 with the given probability, certainty included", () => {
  const random = new Random(5);
  for (const probability of [0.003, 0.25, 0.5, 0.9]) {
    const share = random.bernoulli([3, 7, 1001], probability).mean().dataSync()[0];
    assertAlmostEquals(share, probability, 4 * Math.sqrt(probability * (1 - probability) / 21_021));
  }
  for (const probability of [0, 1]) {
    const drawn = random.bernoulli([501], probability);
    assertEquals(new Set(drawn.dataSync()), new Set([probability]));
    assertEquals([drawn.shape, drawn.dtype], [[501], "float32"]);
  }
});

Deno.test("Random draws on after a certainty as after any other draw", () => {
  const draws = [0.5, 1].map((probability) => {
    const random = new Random(6);
    random.bernoulli([4], probability);
    return [...random.uniform([4]).dataSync()];
  });
  assertEquals(draws[0], draws[1]);
});
