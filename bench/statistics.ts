/** What is said of several measurements. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The ranks between which the median of a population lies in 95 of 100 samples (by the binomial law). */
export function medianInterval(values: readonly number[]): [low: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let probability = 0.5 ** n, below = 0, rank = 0;
  while (below + probability <= 0.025) {
    below += probability;
    rank++;
    probability *= (n - rank + 1) / rank;
  }
  const first = Math.max(0, rank - 1);
  return [sorted[first], sorted[n - 1 - first]];
}

/** The times of one side over those of another, pair by pair: above 1, the second is faster. */
export function pairedRatios(slow: readonly number[], fast: readonly number[]): number[] {
  return fast.map((time, pair) => slow[pair] / time);
}
