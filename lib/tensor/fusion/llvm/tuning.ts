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
