/** Variables that hold where streams of random numbers are: the same step draws differently in each process. */
import type * as tf from "tfjs";
import { mix } from "./host_random.ts";

const states = new WeakSet<tf.Variable>();

/** Notes that a variable, int32 `[2]`, is the key and the counter of a stream. */
export function noteRandomState(state: tf.Variable): void {
  states.add(state);
}

export function isRandomState(variable: tf.Variable): boolean {
  return states.has(variable);
}

/** A stream's key and counter for process `number`: the first has the stream itself. */
export function randomStateOf([key, counter]: Int32Array, number: number): Int32Array<ArrayBuffer> {
  const own = number === 0 ? key : mix(key ^ mix(number ^ 0x7feb352d));
  return Int32Array.of(own, counter);
}
