/** Numbers and choices from a seed, the same on every machine. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1);
  }

  /** A number in [0, 1): mulberry32. */
  number(): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let t = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  }

  /** A whole number from `first` to `last`. */
  integer(first: number, last: number): number {
    return first + Math.floor(this.number() * (last - first + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length - 1)];
  }

  chance(probability: number): boolean {
    return this.number() < probability;
  }

  /** So many values, about normally distributed. */
  normal(count: number): Float32Array {
    return Float32Array.from({ length: count }, () => {
      const sum = Array.from({ length: 6 }, () => this.number()).reduce((a, b) => a + b, 0);
      return (sum - 3) * Math.SQRT2;
    });
  }
}
