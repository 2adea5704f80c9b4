import { runInThisContext } from "node:vm";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { attempt } from "../../../lib/exercises/engine/attempt.ts";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import { assertShape, expectClose, findDifference } from "../../../lib/exercises/engine/compare.ts";
import { copyParameters, Linear, Module, Random, Sequential } from "../../../lib/mod.ts";

Deno.test("assertShape: shows both shapes and explains a known mistake", () => {
  const error = assertThrows(
    () =>
      assertShape(tf.zeros([2, 3]), [3, 2], {
        name: "scores",
        axes: ["B", "classes"],
        mistakes: [{ shape: [2, 3], explanation: "the axes are exchanged." }],
      }),
    CheckError,
  );
  assertEquals(
    error.message,
    "scores has the wrong shape.\n" +
      "  yours     [2, 3]\n" +
      "  expected  [3, 2] = [B, classes]\n" +
      "  Likely cause: the axes are exchanged.",
  );
});

Deno.test("findDifference: finds the largest difference, its place and its share", () => {
  const expected = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
  const actual = tf.tensor2d([[1, 2.5, 3], [4, 5, 8]]);
  assertEquals(findDifference(expected, expected), null);
  assertEquals(findDifference(actual, expected), {
    largest: 2,
    index: [1, 2],
    actual: 8,
    expected: 6,
    share: 2 / 6,
  });
});

Deno.test("expectClose: allows the tolerance relative to the expected value", () => {
  const expected = tf.tensor1d([1000, 0]);
  expectClose(tf.tensor1d([1000.5, 0.0005]), expected, { name: "x", tolerance: 1e-3 });
  assertThrows(
    () => expectClose(tf.tensor1d([1000, 0.002]), expected, { name: "x", tolerance: 1e-3 }),
    CheckError,
    "Largest difference 0.002 at [1]: yours is 0.002, expected 0 (50 % of the values differ).",
  );
});

Deno.test("expectClose: names values that are no numbers, factors, constants and blanks", () => {
  const expected = tf.tensor1d([1, -2, 4]);
  const fails = (values: number[], message: string) =>
    assertThrows(
      () => expectClose(tf.tensor1d(values), expected, { name: "x", axes: ["token"] }),
      CheckError,
      message,
    );
  fails([1, NaN, 4], "x holds values that are not numbers (NaN).\n  First seen at [token 1].");
  fails([2, -4, 8], "Your values are the expected ones times 2.");
  fails([1.5, -1.5, 4.5], "Your values are the expected ones plus 0.5.");
  fails([0, 0, 0], "all your values are 0");
});

Deno.test("attempt: says where code threw, and keeps the reason", () => {
  const error = assertThrows(
    () =>
      attempt("f", "on an input of shape [2]", () => {
        throw new TypeError("Cannot read properties of undefined (reading 'forward')");
      }),
    CheckError,
  );
  assertEquals(
    error.message,
    "f threw an error on an input of shape [2].\n" +
      "  TypeError: Cannot read properties of undefined (reading 'forward')\n" +
      "  Likely cause: a module that is not there: a list has no item of this index (those of n count from 0 to n − 1), or a field that the constructor does not set.",
  );
  assertEquals((error.cause as Error).name, "TypeError");
});

Deno.test("copyParameters: gives a model the weights of one whose parts have other names", () => {
  class Renamed extends Module {
    first = new Linear(3, 4, { random: new Random(1) });
    second = new Linear(4, 2, { random: new Random(2) });
    forward(x: tf.Tensor) {
      return this.second.forward(this.first.forward(x));
    }
  }
  const random = new Random(3);
  const original = new Sequential(new Linear(3, 4, { random }), new Linear(4, 2, { random }));
  const copy = new Renamed();
  copyParameters(original, copy);
  const x = tf.ones([5, 3]);
  assertEquals(findDifference(copy.forward(x), original.forward(x), 1e-6), null);
  const other = new Sequential(new Linear(3, 4, { random }));
  assertThrows(() => copyParameters(original, other), CheckError, "but should have 2");
});

Deno.test("attempt: an error happened in a function of a cell, and not in what called the check", () => {
  const inCell = (code: string, cell: number) => runInThisContext(code, `cell:${cell}`);
  const check = inCell("(function runsTheCheck(call) { return call(); })", 2);
  const messageOf = (call: () => unknown) =>
    assertThrows(() => check(() => attempt("f", "on a number", call)), CheckError).message;
  const refused = "f threw an error on a number.\n  TypeError: odd";
  const nameless = inCell('(() => () => { throw new TypeError("odd"); })', 1)();
  assertEquals(messageOf(nameless), refused);
  const named = inCell('(function half() { throw new TypeError("odd"); })', 1);
  assertEquals(messageOf(() => named()), `${refused}\n  It happened in half.`);
  // What follows the operations stands before the cell's function on the stack.
  const product = inCell(
    "(function product(tf) { tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])); })",
    1,
  );
  assertStringIncludes(messageOf(() => product(tf)), "It happened in product.");
});
