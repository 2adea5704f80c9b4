import { assertEquals, assertNotEquals } from "@std/assert";
import { sumOfBits } from "../../lib/tensor/sum_of_bits.ts";
import * as tf from "../../lib/tensor/tf.ts";

const sumOf = (values: readonly number[], dtype: "float32" | "int32" | "bool" = "float32") =>
  tf.tidy(() => sumOfBits(tf.tensor1d([...values], dtype)));

Deno.test("a sum of bits tells values that differ in one bit, in their order or in their signs", () => {
  const values = [1, -2, 0.1, 0, 3e-40, Infinity, NaN];
  assertEquals(sumOf(values), sumOf(values));
  const others = [
    [1 + 2 ** -23, -2, 0.1, 0, 3e-40, Infinity, NaN],
    [1, -2, 0.1, -0, 3e-40, Infinity, NaN],
    [-2, 1, 0.1, 0, 3e-40, Infinity, NaN],
    [-1, 2, 0.1, 0, 3e-40, Infinity, NaN],
    [1, -2, 0.1, 0, 3e-40, NaN, Infinity],
    values.slice(1),
    [...values, 0],
  ];
  for (const other of others) assertNotEquals(sumOf(other), sumOf(values));
  const all = new Set(Array.from({ length: 20_000 }, (_, at) => sumOf([at, 0, at % 7])));
  assertEquals(all.size, 20_000);
});

Deno.test("a sum of bits is there for whole numbers, truths and texts", () => {
  assertNotEquals(sumOf([1, 2], "int32"), sumOf([1, 3], "int32"));
  assertNotEquals(sumOf([1, 0], "bool"), sumOf([0, 1], "bool"));
  const texts = (...words: string[]) => tf.tidy(() => sumOfBits(tf.tensor1d(words)));
  assertEquals(texts("a", "b"), texts("a", "b"));
  assertNotEquals(texts("a", "b"), texts("a", "c"));
});
