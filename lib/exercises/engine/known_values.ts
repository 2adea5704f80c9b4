/** Recognises values of one computation in another, whatever their shape and order. */

/** Values agree within `tolerance · (1 + |value|)`. */
const tolerance = 1e-4;

/** Tensors of fewer values than this may agree by chance. */
const fewest = 4;

export class KnownValues {
  /** The sorted values of each tensor, by their number. */
  readonly #bySize = new Map<number, { key: string; sorted: Float32Array }[]>();
  #all: Float32Array | undefined;

  /** Takes up a tensor's values under a name. */
  add(key: string, values: Float32Array): void {
    if (values.length === 0) return;
    const sorted = values.toSorted();
    const others = this.#bySize.get(values.length) ?? [];
    this.#bySize.set(values.length, [...others, { key, sorted }]);
    this.#all = undefined;
  }

  /** The name of a tensor with the same values in whatever order, and the factor between them (mostly 1). */
  find(values: Float32Array): { key: string; factor: number } | undefined {
    if (values.length < fewest) return undefined;
    const sorted = values.toSorted();
    const candidates = this.#bySize.get(values.length) ?? [];
    const same = candidates.find((each) => agree(sorted, each.sorted));
    return same && { key: same.key, factor: 1 };
  }

  /** As `find`, for values that are a tensor's times one factor. */
  findScaled(values: Float32Array): { key: string; factor: number } | undefined {
    if (values.length < 2 * fewest) return undefined;
    const sorted = values.toSorted();
    const length = norm(sorted);
    for (const { key, sorted: other } of this.#bySize.get(values.length) ?? []) {
      const factor = length / norm(other);
      if (!Number.isFinite(factor) || factor === 0) continue;
      if (agree(sorted.map((value) => value / factor), other)) return { key, factor };
    }
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

const norm = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
