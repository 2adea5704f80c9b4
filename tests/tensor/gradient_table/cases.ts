/** The cases of the table of gradients, as `tests/reference/gradients.py` wrote them with TensorFlow's gradients. */
import * as tf from "../../../lib/tensor/tf.ts";
import reference from "../../reference/gradients.json" with { type: "json" };

/** A tensor that an op is given: by a range of random numbers, or written out. */
type Given =
  | [
    kind: "float" | "distinct" | "away" | "int" | "bool",
    shape: number[],
    low: number,
    high: number,
  ]
  | [kind: "floats" | "ints" | "constants", shape: number[], values: number[]];

/** One call of an op, with the weighted sum of its outputs and that sum's gradients. */
export interface Case {
  name: string;
  number: number;
  inputs: Given[];
  // deno-lint-ignore no-explicit-any
  attributes: any;
  value: number;
  /** For each input; null where it is not differentiated. */
  gradients: (number[] | null)[];
  /** Whether values lie on a kink, where a difference says nothing of the gradient. */
  kink: boolean;
  /** Whether plain JavaScript's kernels refuse it. */
  nativeOnly: boolean;
}

/** An op as the table calls it. */
// deno-lint-ignore no-explicit-any
export type Compute = (inputs: any[], attributes: any) => tf.Tensor | tf.Tensor[];

/** The cases of each op, by its name. */
export const cases = new Map<string, Case[]>(
  Object.entries(reference as unknown as Record<string, Partial<Case>[]>).map(([name, each]) => [
    name,
    each.map((one, number) => ({
      attributes: {},
      kink: false,
      nativeOnly: false,
      ...one,
      name,
      number,
    } as Case)),
  ]),
);

/** FNV-1a, 32 bits. */
function hashed(text: string): number {
  let value = 2166136261;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 16777619);
  return value >>> 0;
}

/** Mulberry32: whole numbers of 32 bits, the same as in Python. */
function mulberry(seed: string): () => number {
  let state = hashed(seed);
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Numbers in [0, 1) of 12 bits. */
export function uniform(seed: string, count: number): number[] {
  const next = mulberry(seed);
  return Array.from({ length: count }, () => (next() >>> 20) / 4096);
}

/** Numbers no two of which are near, in random order. */
function distinct(seed: string, count: number, low: number, high: number): number[] {
  const next = mulberry(seed);
  const numbers = Array.from({ length: count }, (_, at) => low + (high - low) * (at + 0.5) / count);
  for (let at = count - 1; at > 0; at--) {
    const other = next() % (at + 1);
    [numbers[at], numbers[other]] = [numbers[other], numbers[at]];
  }
  return numbers;
}

export const sizeOf = (shape: number[]) => shape.reduce((product, size) => product * size, 1);

/** The values of an input, and its type. */
export function valuesOf(
  { name, number, inputs }: Case,
  index: number,
): { values: number[]; shape: number[]; dtype: tf.DataType } {
  const [kind, shape, low, high] = inputs[index];
  const seed = `${name}/${number}/${index}`;
  if (Array.isArray(low)) {
    return { values: low, shape, dtype: kind === "ints" ? "int32" : "float32" };
  }
  const span = high! - low;
  const random = () => uniform(seed, sizeOf(shape)).map((share) => low + span * share);
  switch (kind) {
    case "distinct":
      return { values: distinct(seed, sizeOf(shape), low, high!), shape, dtype: "float32" };
    case "away": {
      const shares = uniform(seed, sizeOf(shape));
      const values = shares.map((share) =>
        Math.trunc(low + span * share) + 0.125 + share * 53 % 1 / 4
      );
      return { values, shape, dtype: "float32" };
    }
    case "int":
      return { values: random().map(Math.floor), shape, dtype: "int32" };
    case "bool":
      return { values: random().map((value) => Number(value >= 0.5)), shape, dtype: "bool" };
    default:
      return { values: random(), shape, dtype: "float32" };
  }
}

/** The weight of each value of an output, in [−1, 1). */
export function weightsOf({ name, number }: Case, output: number, count: number): number[] {
  return uniform(`${name}/${number}/w${output}`, count).map((share) => 2 * share - 1);
}
