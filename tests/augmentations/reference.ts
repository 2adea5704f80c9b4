import { assert } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";

/** What torchvision does, written by tests/reference/augmentations.py. */
export const reference = JSON.parse(
  await Deno.readTextFile(new URL("../reference/augmentations.json", import.meta.url)),
);

/** The reference script's images: whole numbers from 0 to 255 by a formula. */
export function patternImages(
  [batch, height, width, channels]: readonly number[],
): tf.Tensor4D {
  const values = new Float32Array(batch * height * width * channels);
  let i = 0;
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          values[i++] = (b * 83 + y * y * 37 + x * 91 + y * x * 11 + c * 53) % 256;
        }
      }
    }
  }
  return tf.tensor4d(values, [batch, height, width, channels]);
}

/** The largest difference between a tensor and the reference's flat list. */
export function largestDifference(actual: tf.Tensor, expected: readonly number[]): number {
  const values = actual.dataSync();
  assert(values.length === expected.length, `${values.length} values, not ${expected.length}`);
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    // Not Math.max, which forgets a difference after a NaN of the other side.
    const difference = Math.abs(values[i] - expected[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

export interface Distribution {
  samples: number;
  shares: { from: number; cumulative: number[] }[];
  correlation: number[][];
}

/**
 * Asserts that columns of whole numbers are distributed as the reference's: by Kolmogorov and
 * Smirnov's distance (wrong once in thousands for equal distributions), and by correlations.
 */
export function assertSameDistribution(
  columns: readonly ArrayLike<number>[],
  expected: Distribution,
  names: readonly string[],
): void {
  const drawn = columns[0].length;
  const limit = 2 * Math.sqrt((drawn + expected.samples) / (drawn * expected.samples));
  columns.forEach((column, index) => {
    const { from, cumulative } = expected.shares[index];
    const sorted = Array.from(column).sort((a, b) => a - b);
    const share = (value: number) => sorted.filter((each) => each <= value).length / drawn;
    for (let step = -1; step <= cumulative.length; step++) {
      const wanted = step < 0 ? 0 : step >= cumulative.length ? 1 : cumulative[step];
      const found = share(from + step);
      assert(
        Math.abs(found - wanted) < limit,
        `${names[index]} ≤ ${from + step}: ${found} of the samples, not ${wanted}`,
      );
    }
  });
  for (let i = 0; i < columns.length; i++) {
    for (let j = 0; j < i; j++) {
      const wanted = expected.correlation[i][j];
      const found = correlation(columns[i], columns[j]);
      assert(
        Math.abs(found - wanted) < 2 * limit,
        `${names[i]} and ${names[j]} correlate with ${found}, not ${wanted}`,
      );
    }
  }
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, each) => sum + each, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    product += (a[i] - meanA) * (b[i] - meanB);
    squaresA += (a[i] - meanA) ** 2;
    squaresB += (b[i] - meanB) ** 2;
  }
  // Columns that never change correlate with nothing.
  return product === 0 ? 0 : product / Math.sqrt(squaresA * squaresB);
}

/** The bytes of a text in base 64. */
export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
