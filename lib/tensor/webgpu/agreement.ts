/** How far values of the graphics card lie from WASM's. */
import type { TypedArray } from "tfjs";

export interface Pair {
  label: string;
  expected: TypedArray;
  actual: TypedArray;
}

/** They may differ by so much of a tensor's largest value; so may compiled and eager on native TensorFlow. */
export const tolerance = 2e-3;

/**
 * The pair that differs most, by how much of the largest value. A tensor whose values are all far smaller than the
 * largest tensor's is taken for rounding, such as the gradient of a bias before a normalisation: it is measured
 * against a thousandth of the largest. Whole numbers must be the same.
 */
export function largestDifference(pairs: readonly Pair[]): { label: string; relative: number } {
  const scales = pairs.map(({ expected }) => largest(expected, (value) => Math.abs(value)));
  const floats = scales.filter((_, at) => pairs[at].expected instanceof Float32Array);
  const floor = 1e-3 * Math.max(1e-30, ...floats.filter(Number.isFinite));
  let worst = { label: "", relative: 0 };
  pairs.forEach(({ label, expected, actual }, at) => {
    const isFloat = expected instanceof Float32Array;
    const difference = expected.length !== actual.length
      ? Infinity
      : largest(expected, (value, index) =>
        Object.is(value, actual[index]) ? 0 : Math.abs(value - actual[index]));
    const relative = difference === 0
      ? 0
      : isFloat
      ? difference / Math.max(scales[at], floor)
      : Infinity;
    if (!(relative <= worst.relative)) worst = { label, relative };
  });
  return worst;
}

/** NaN where one of them is. */
function largest(values: TypedArray, of: (value: number, index: number) => number): number {
  let most = 0;
  for (let index = 0; index < values.length; index++) {
    const each = of(values[index], index);
    if (!(each <= most)) most = each;
  }
  return most;
}
