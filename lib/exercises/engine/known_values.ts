/** Recognises values of one computation in another, whatever their shape and order. */

/** Values agree within `tolerance · (1 + |value|)`. */
const tolerance = 1e-4;

/** Tensors of fewer values than this may agree by chance. */
const fewest = 4;

/** A tensor's values, and what of them is alike in every order. */
interface Known {
  key: string;
  sorted: Float32Array;
  sum: number;
  norm: number;
}

export class KnownValues {
  /** The tensors taken up, by the number of their values. */
  readonly #bySize = new Map<number, Known[]>();
  #all: Float32Array | undefined;

  /** Takes up a tensor's values under a name. */
  add(key: string, values: Float32Array): void {
    if (values.length === 0) return;
    const sorted = values.toSorted();
    const others = this.#bySize.get(values.length) ?? [];
    this.#bySize.set(values.length, [
      ...others,
      { key, sorted, sum: sumOf(values), norm: normOf(values) },
    ]);
    this.#all = undefined;
  }

  /** The name of a tensor with the same values in whatever order, and the factor between them (mostly 1). */
  find(values: Float32Array): { key: string; factor: number } | undefined {
    if (values.length < fewest) return undefined;
    const candidates = this.#like(values, 1);
    if (candidates.length === 0) return undefined;
    const sorted = values.toSorted();
    const same = candidates.find((each) => agree(sorted, each.sorted));
    return same && { key: same.key, factor: 1 };
  }

  /** As `find`, for values that are a tensor's times one factor. */
  findScaled(values: Float32Array): { key: string; factor: number } | undefined {
    if (values.length < 2 * fewest) return undefined;
    const norm = normOf(values);
    let sorted: Float32Array | undefined;
    for (const { key, sorted: other, norm: otherNorm } of this.#like(values)) {
      const factor = norm / otherNorm;
      if (!Number.isFinite(factor) || factor === 0) continue;
      sorted ??= values.toSorted();
      if (agree(sorted.map((value) => value / factor), other)) return { key, factor };
    }
  }

  /**
   * The tensors whose values may be these in another order, times `factor` or, without one, times any: their sums
   * agree as far as the values may differ. To sort takes most of the time.
   */
  #like(values: Float32Array, factor?: number): Known[] {
    const others = this.#bySize.get(values.length) ?? [];
    if (others.length === 0) return [];
    const sum = sumOf(values);
    const norm = factor === undefined ? normOf(values) : 0;
    return others.filter((other) => {
      const scaled = sum / (factor ?? norm / other.norm);
      // At most √n times the norm is the sum of the sizes.
      const most = tolerance * (values.length + Math.sqrt(values.length) * other.norm);
      return !(Math.abs(scaled - other.sum) > most);
    });
  }

  /** Whether each value is one of those taken up: of a part of a tensor, or of several put together. */
  holds(values: Float32Array): boolean {
    if (values.length < 2 * fewest) return false;
    this.#all ??= Float32Array.from(
      [...this.#bySize.values()].flat().flatMap(({ sorted }) => [...sorted]),
    )
      .sort();
    return values.every((value) => isAmong(this.#all!, value));
  }
}

function agree(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) {
    if (!(Math.abs(a[i] - b[i]) <= tolerance * (1 + Math.abs(b[i])))) return false;
  }
  return true;
}

function isAmong(sorted: Float32Array, value: number): boolean {
  let [low, high] = [0, sorted.length];
  const least = value - 1e-5 * (1 + Math.abs(value));
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low < sorted.length && sorted[low] <= value + 1e-5 * (1 + Math.abs(value));
}

const sumOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0);
const normOf = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
