/** Random numbers from a seed, for faults that can be had again. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed >>> 0) || 1;
  }

  /** A whole number from 0 up to, and without, `limit` (Marsaglia's xorshift of 32 bits). */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
}
