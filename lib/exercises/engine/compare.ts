import * as tf from "../../tensor/tf.ts";
import { describeNoTensor, failure, shapeText } from "./check.ts";

/** Throws unless `value` is a float32 tensor. */
export function assertTensor(value: unknown, name: string): asserts value is tf.Tensor {
  if (!(value instanceof tf.Tensor)) {
    throw failure(`${name} should be a tensor, but is ${describeNoTensor(value)}.`);
  }
  if (value.isDisposed) {
    throw failure(
      `${name} was freed before it could be used.`,
      "Return it from `tf.tidy(() => …)`, and do not call `dispose()` on it.",
    );
  }
  if (value.dtype !== "float32") {
    throw failure(
      `${name} should hold float32 values, but holds ${value.dtype}.`,
      'Cast with `tf.cast(x, "float32")`, or find the operation that changed the type.',
    );
  }
}

/** Throws where a learner's code has freed one of the tensors that it was given. */
export function assertNotFreed(name: string, inputs: tf.Tensor | readonly tf.Tensor[]): void {
  if ([inputs].flat().every((input) => !input.isDisposed)) return;
  throw failure(`${name} frees its input.`, "Do not call `dispose()` on it.");
}

export interface ShapeOptions {
  /** What is measured: "imageToPatches(images, 3)". */
  name: string;
  /** The axes' meaning, in order: `["B", "N", "D"]`. */
  axes?: readonly string[];
  /** Shapes that a typical mistake produces, with its explanation. */
  mistakes?: readonly { shape: readonly number[]; explanation: string }[];
}

/** Throws unless `tensor` has `shape`; explains the shapes of typical mistakes. */
export function assertShape(
  tensor: tf.Tensor,
  shape: readonly number[],
  { name, axes, mistakes = [] }: ShapeOptions,
): void {
  if (sameShape(tensor.shape, shape)) return;
  const meaning = axes ? ` = [${axes.join(", ")}]` : "";
  const mistake = mistakes.find((each) => sameShape(tensor.shape, each.shape));
  throw failure(
    `${name} has the wrong shape.`,
    `yours     ${shapeText(tensor.shape)}`,
    `expected  ${shapeText(shape)}${meaning}`,
    mistake && `Likely cause: ${mistake.explanation}`,
  );
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export interface Difference {
  /** The largest absolute difference (`Infinity` where a value is not finite). */
  largest: number;
  /** The index of that difference, one number per axis. */
  index: number[];
  actual: number;
  expected: number;
  /** The share of values that differ, 0 to 1. */
  share: number;
}

/**
 * The largest difference between two tensors of one shape, or `null` where all values agree within
 * `tolerance · (1 + |expected|)`.
 */
export function findDifference(
  actual: tf.Tensor,
  expected: tf.Tensor,
  tolerance = 1e-4,
): Difference | null {
  const ours = actual.dataSync();
  const theirs = expected.dataSync();
  let largest = -1;
  let place = 0;
  let differing = 0;
  for (let i = 0; i < theirs.length; i++) {
    const distance = Number.isFinite(ours[i]) ? Math.abs(ours[i] - theirs[i]) : Infinity;
    if (distance > tolerance * (1 + Math.abs(theirs[i]))) {
      differing += 1;
      if (distance > largest) [largest, place] = [distance, i];
    }
  }
  if (differing === 0) return null;
  return {
    largest,
    index: indexOf(place, actual.shape),
    actual: ours[place],
    expected: theirs[place],
    share: differing / theirs.length,
  };
}

/** Whether two tensors have one shape and agree within `tolerance · (1 + |expected|)`. */
export function close(actual: tf.Tensor, expected: tf.Tensor, tolerance = 1e-4): boolean {
  return sameShape(actual.shape, expected.shape) &&
    findDifference(actual, expected, tolerance) === null;
}

export interface CloseOptions {
  name: string;
  axes?: readonly string[];
  /** The largest difference of two values. Default: 1e-4. */
  tolerance?: number;
  /** The likely cause, looked for only when the values differ. */
  explain?: () => string | undefined;
}

/** Throws unless two tensors agree; says by how much, where, and the likely cause. */
export function expectClose(
  actual: tf.Tensor,
  expected: tf.Tensor,
  { name, axes, tolerance, explain }: CloseOptions,
): void {
  assertShape(actual, expected.shape, { name, axes });
  const difference = findDifference(actual, expected, tolerance);
  if (!difference) return;
  if (!Number.isFinite(difference.actual)) {
    throw failure(
      `${name} holds values that are not numbers (${difference.actual}).`,
      `First seen at ${place(difference.index, axes)}.`,
      explain?.() ??
        "Likely cause: a division by zero, a logarithm or root of a negative number, or an overflow.",
    );
  }
  throw failure(
    `${name} has the right shape, but wrong values.`,
    differenceText(difference, axes),
    explain?.() ?? relation(actual, expected),
  );
}

/** "largest difference 1.9 at [patch 4, value 3]: yours is 0.21, expected −1.7 (96 % of …)". */
export function differenceText(difference: Difference, axes?: readonly string[]): string {
  const percent = Math.max(1, Math.round(difference.share * 100));
  return `Largest difference ${number(difference.largest)} at ${place(difference.index, axes)}: ` +
    `yours is ${number(difference.actual)}, expected ${number(difference.expected)} ` +
    `(${percent} % of the values differ).`;
}

/** Says so where the values are the expected ones times a factor or plus a constant. */
export function relation(actual: tf.Tensor, expected: tf.Tensor): string | undefined {
  const ours = Array.from(actual.dataSync());
  const theirs = Array.from(expected.dataSync());
  if (ours.every((value) => value === ours[0])) {
    return `Likely cause: nothing is computed yet; all your values are ${number(ours[0])}.`;
  }
  // The straight line through all pairs, by least squares.
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [centre, ourCentre] = [mean(theirs), mean(ours)];
  let [covariance, variance] = [0, 0];
  for (let i = 0; i < theirs.length; i++) {
    covariance += (theirs[i] - centre) * (ours[i] - ourCentre);
    variance += (theirs[i] - centre) ** 2;
  }
  const factor = covariance / variance;
  const shift = ourCentre - factor * centre;
  const onLine = (slope: number, offset: number) =>
    ours.every((value, i) => Math.abs(value - (slope * theirs[i] + offset)) < 1e-3);
  if (onLine(1, shift)) return `Your values are the expected ones plus ${number(shift)}.`;
  if (onLine(factor, 0)) return `Your values are the expected ones times ${number(factor)}.`;
  return undefined;
}

function indexOf(position: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(position % shape[axis]);
    position = Math.floor(position / shape[axis]);
  }
  return index;
}

function place(index: number[], axes?: readonly string[]): string {
  return `[${index.map((i, axis) => axes ? `${axes[axis]} ${i}` : i).join(", ")}]`;
}

/** Four significant digits, with a real minus sign. */
export function number(value: number): string {
  return String(Number(value.toPrecision(4))).replace("-", "−");
}
