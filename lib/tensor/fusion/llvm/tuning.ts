/** What kernels' text says to LLVM about the processor that it is for, beyond the instructions that it has. */

export interface Tuning {
  /**
   * Vectors of 512 bits, of which a mask can leave any lanes alone: those are used, of which LLVM by itself makes
   * little, and the rest of a row is one more vector instead of numbers one by one.
   */
  maskedVectors?: boolean;
}

/** How many floats are in the longest vectors. */
const LANES = 16;

export function attributesText({ maskedVectors }: Tuning): string {
  const width = maskedVectors ? ' "prefer-vector-width"="512"' : "";
  return `attributes #0 = { nounwind "no-builtins"${width} }`;
}

/** Hints for single loops, and their text at a module's end. */
export class LoopHints {
  readonly #tuning: Tuning;
  #count = 0;

  constructor(tuning: Tuning) {
    this.#tuning = tuning;
  }

  /** What follows the branch at the end of a loop over so many numbers. */
  ofLoop(length: number): string {
    if (!this.#tuning.maskedVectors || length % LANES === 0) return "";
    return `, !llvm.loop !${++this.#count}`;
  }

  toString(): string {
    const loops = Array.from({ length: this.#count }, (_, at) => at + 1);
    return [
      '!0 = !{!"llvm.loop.vectorize.predicate.enable", i1 true}',
      ...loops.map((loop) => `!${loop} = distinct !{!${loop}, !0}`),
    ].join("\n");
  }
}
