/** Calls of a learner's code that can be pasted into a cell, on the smallest input that shows its mistake. */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { shapeText, sizeOf } from "./check.ts";
import { close } from "./compare.ts";
import { given } from "./given.ts";

/** A learner's code and the right computation, both on an input of any sizes. */
export interface SizedCall {
  /** Those of the check's own input: of a tensor's axes, or numbers that a function gets. */
  sizes: readonly number[];
  /** Sizes must be multiples of these. Default: of 1. */
  units?: readonly number[];
  /** The call as it is written in a cell. */
  write: (sizes: readonly number[]) => string;
  ours: (sizes: readonly number[]) => tf.Tensor;
  right: (sizes: readonly number[]) => tf.Tensor;
}

/** A tensor of a shape that is quickly written, from −1 to 1; {@link rampText} writes it. */
export const ramp = (shape: readonly number[]): tf.Tensor =>
  tf.reshape(tf.linspace(-1, 1, sizeOf(shape)), [...shape]);

/** "tf.linspace(-1, 1, 8).reshape([1, 2, 4])" */
export const rampText = (shape: readonly number[]) =>
  `tf.linspace(-1, 1, ${sizeOf(shape)}).reshape(${shapeText(shape)})`;

/** "To look at it: `standardize(tf.linspace(-1, 1, 2).reshape([1, 2])).print()`" */
export const lookText = (call: SizedCall) => `To look at it: \`${call.write(smallest(call))}\``;

/** The sizes with each as small as it may be where the results still differ. */
function smallest(call: SizedCall): number[] {
  const sizes = [...call.sizes];
  for (const axis of sizes.keys()) {
    const unit = call.units?.[axis] ?? 1;
    for (const size of axis === 0 ? [unit] : [unit, 2 * unit]) {
      if (size >= sizes[axis]) break;
      const smaller = sizes.with(axis, size);
      if (!differ(call, smaller)) continue;
      sizes[axis] = size;
      break;
    }
  }
  return sizes;
}

function differ({ ours, right }: SizedCall, sizes: number[]): boolean {
  return tf.tidy(() => {
    try {
      const expected = right(sizes);
      return !close(ours(sizes), expected);
    } catch {
      return false; // too small for the right computation, or for the learner's
    }
  });
}

/**
 * The call of a module, "new Head({ width: 4, random: new Random(5) }).forward(…).print()". `undefined` for a part
 * that is no class of one name, or has options that cannot be written so.
 */
export function moduleCall<Options>(
  learner: Part<Options>,
  options: object,
  { ours, theirs, input }: { ours: Module; theirs: Module; input: tf.Tensor },
): SizedCall | undefined {
  const entries = Object.entries(options);
  if (!/^class\b/.test(learner.toString()) || learner.name === "") return undefined;
  if (!entries.every(([, value]) => typeof value === "number" || typeof value === "boolean")) {
    return undefined;
  }
  const written = [...entries.map(([key, value]) => `${key}: ${value}`), "random: new Random(5)"];
  return {
    sizes: input.shape,
    write: (shape) =>
      `new ${learner.name}({ ${written.join(", ")} }).forward(${rampText(shape)}).print()`,
    ours: (shape) => ours.forward(given(ramp(shape))),
    right: (shape) => theirs.forward(ramp(shape)),
  };
}
