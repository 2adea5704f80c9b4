/** Helpers for tests of compiled steps. */
import * as tf from "../../lib/tensor/tf.ts";
import { warningsOf } from "../warnings.ts";

/** All values of a tensor, as a plain array. */
export function flatValues(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** The largest absolute difference of two tensors of one shape. */
export function largestDifference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);
}

/** What is written to `console.warn` while `task` runs, but for what a card says of ops that chance orders. */
export async function withWarnings(task: () => Promise<void>): Promise<string[]> {
  const warnings = await warningsOf(task);
  return warnings.filter((warning) => !warning.startsWith("From here on two runs may differ"));
}
