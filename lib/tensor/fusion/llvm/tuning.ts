/** What kernels' text says to LLVM about the processor that it is for, beyond the instructions that it has. */

export interface Tuning {
  /**
   * Vectors of 512 bits are used, of which LLVM by itself makes little. The rest of a row is left to it: loops with
   * the metadata `vectorize.predicate.enable`, of which a mask does the rest, gave NaN in a learner's attention
   * with heads 4 wide.
   */
  longVectors?: boolean;
}

export function attributesText({ longVectors }: Tuning): string {
  const width = longVectors ? ' "prefer-vector-width"="512"' : "";
  return `attributes #0 = { nounwind "no-builtins"${width} }`;
}

/** Loops of fewer numbers LLVM may unroll before it makes vectors of them. */
const NARROW = 32;

/**
 * Hints for the loops of a module. Loops over narrow rows stay loops: without them the loop over all rows is the
 * innermost one, of which LLVM makes vectors across rows. For rows 3 wide it then compiled without end (it asks which
 * values are the same for all lanes, along every path through the ops), and rows 2 wide gave NaN.
 */
export class LoopHints {
  #count = 0;

  /** What follows the branch at the end of a loop over so many numbers. */
  ofLoop(length: number): string {
    return length < NARROW ? `, !llvm.loop !${++this.#count}` : "";
  }

  /** Their text at a module's end. */
  toString(): string {
    const loops = Array.from({ length: this.#count }, (_, at) => at + 1);
    return [
      '!0 = !{!"llvm.loop.unroll.disable"}',
      ...loops.map((loop) => `!${loop} = distinct !{!${loop}, !0}`),
    ].join("\n");
  }
}
