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

/** Loops of fewer numbers LLVM may write out before it makes vectors of them. */
const NARROW = 96;

/**
 * Hints for the loops of a module. Loops over narrow rows stay loops until vectors are made of them: written out, they
 * are computed number by number, or the loop over all rows is the innermost one, of which LLVM makes vectors across
 * rows. For rows 3 wide it then compiled without end (it asks which values are the same for all lanes, along every path
 * through the ops), and rows 2 wide gave NaN; attention of 49 tokens took a third longer. Loops whose steps are calls
 * stay loops for good: written out they only take LLVM long.
 */
export class LoopHints {
  readonly #loops: string[] = [];

  /** What follows the branch at the end of a loop over so many numbers. */
  ofLoop(length: number): string {
    return length < NARROW ? this.#hint("!0, !1") : "";
  }

  /** What follows the branch at the end of a loop that is not to be written out. */
  staysLoop(): string {
    return this.#hint("!0");
  }

  #hint(properties: string): string {
    const loop = FIRST_LOOP + this.#loops.length;
    this.#loops.push(`!${loop} = distinct !{!${loop}, ${properties}}`);
    return `, !llvm.loop !${loop}`;
  }

  /** Their text at a module's end. */
  toString(): string {
    return [
      '!0 = !{!"llvm.loop.unroll.disable"}',
      // The loops that vectors were made of have no hint any more.
      '!1 = !{!"llvm.loop.vectorize.followup_all"}',
      ...this.#loops,
    ].join("\n");
  }
}

/** Numbers below are those of the properties. */
const FIRST_LOOP = 2;
