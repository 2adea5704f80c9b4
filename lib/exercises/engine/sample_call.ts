/** A call of a learner's module that can be pasted into a cell, on the smallest input that shows its mistake. */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { shapeText } from "./check.ts";
import { close } from "./compare.ts";
import { given } from "./given.ts";

/**
 * "new Head({ width: 4, random: new Random(5) }).forward(tf.linspace(−1, 1, 8).reshape([1, 2, 4])).print()".
 * `undefined` for a part that is no class of one name, or has options that cannot be written so.
 */
export function sampleCall<Options>(
  learner: Part<Options>,
  options: object,
  { ours, theirs, input }: { ours: Module; theirs: Module; input: tf.Tensor },
): string | undefined {
  const entries = Object.entries(options);
  if (!/^class\b/.test(learner.toString()) || learner.name === "") return undefined;
  if (!entries.every(([, value]) => typeof value === "number" || typeof value === "boolean")) {
    return undefined;
  }
  const written = [...entries.map(([key, value]) => `${key}: ${value}`), "random: new Random(5)"];
  const shape = smallestShape(ours, theirs, input);
  const size = shape.reduce((product, length) => product * length, 1);
  return `new ${learner.name}({ ${
    written.join(", ")
  } }).forward(tf.linspace(-1, 1, ${size}).reshape(` +
    `${shapeText(shape)})).print()`;
}

/** The shape with each axis as short as it may be where the modules still differ. */
function smallestShape(ours: Module, theirs: Module, input: tf.Tensor): number[] {
  const shape = [...input.shape];
  for (const axis of shape.keys()) {
    for (const length of axis === 0 ? [1] : [1, 2]) {
      if (length >= shape[axis]) break;
      const shorter = shape.with(axis, length);
      if (!differ(ours, theirs, shorter)) continue;
      shape[axis] = length;
      break;
    }
  }
  return shape;
}

function differ(ours: Module, theirs: Module, shape: number[]): boolean {
  return tf.tidy(() => {
    try {
      const size = shape.reduce((product, length) => product * length, 1);
      const x = tf.reshape(tf.linspace(-1, 1, size), shape);
      const expected = theirs.forward(x);
      return !close(ours.forward(given(x)), expected);
    } catch {
      return false; // too small for the right computation, or for the learner's
    }
  });
}
