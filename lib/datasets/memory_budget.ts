/** Memory that several calls share: each waits until there is enough for it. */
export class MemoryBudget {
  #free: number;
  readonly #waiting: { bytes: number; begin: () => void }[] = [];

  constructor(readonly bytes: number) {
    this.#free = bytes;
  }

  /** Calls `use` once so many bytes are free; one that needs more than there are waits until it is alone. */
  async use<T>(bytes: number, use: () => Promise<T>): Promise<T> {
    const needed = Math.min(bytes, this.bytes);
    if (this.#waiting.length > 0 || needed > this.#free) {
      await new Promise<void>((begin) => this.#waiting.push({ bytes: needed, begin }));
    } else this.#free -= needed;
    try {
      return await use();
    } finally {
      this.#free += needed;
      // In their order, so that a large one is not passed over for ever.
      while (this.#waiting.length > 0 && this.#waiting[0].bytes <= this.#free) {
        const { bytes, begin } = this.#waiting.shift()!;
        this.#free -= bytes;
        begin();
      }
    }
  }
}
