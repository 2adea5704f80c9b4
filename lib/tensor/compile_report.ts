import type { Crossing } from "./placement.ts";

/** How a step came to run, for `./tessera bench` and for those who ask. */
export interface CompileReport {
  mode: "recorded" | "compiled" | "eager";
  /** How many calls it answered; 0 for steps that nothing compiles. */
  calls: number;
  /** Why the step runs eagerly; empty where it is compiled. */
  reason: string;
  /** Seconds of the recording call (one eager step) and of building and checking the function. */
  recordSeconds: number;
  buildSeconds: number;
  /** Operations in the function. */
  operations: number;
  /** Fused kernels in the function, and TensorFlow's names of the recorded ops in them, one for each. */
  kernels: number;
  fused: readonly string[];
  /** How many recorded ops are computed within convolutions. */
  inConvolutions: number;
  /** How many convolutions, and gradients of theirs, run in kernels of our own. */
  convolutions: number;
  /**
   * The largest difference between compiled and eager, relative to the tensor's largest value; where that is more than
   * is usual, from eager ops with those convolutions among them.
   */
  largestDifference: number;
  /** What that difference might have been: more on a device that is not exact. */
  allowedDifference: number;
  /** On a graphics card: the values that are copied to the processor or back within a step. */
  crossings: readonly Crossing[];
  /** On a graphics card: the ops that have no kernel for it, with how often. */
  onProcessor: readonly string[];
  /** In a browser: whether the last call ran on a graphics card, by WebGPU. */
  onCard?: boolean;
}

/** The report of a step of which nothing is known yet. */
export const noReport: Readonly<CompileReport> = {
  mode: "recorded",
  calls: 0,
  reason: "",
  recordSeconds: 0,
  buildSeconds: 0,
  operations: 0,
  kernels: 0,
  fused: [],
  inConvolutions: 0,
  convolutions: 0,
  largestDifference: 0,
  allowedDifference: 0,
  crossings: [],
  onProcessor: [],
};
