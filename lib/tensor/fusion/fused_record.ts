/** A recording of a step, and what of it was fused. */
import type { RecordedNode } from "../recorder.ts";
import type { ConvolutionsBeside } from "./convolutions.ts";
import type { Fusion } from "./fuse.ts";

export interface FusedRecord extends Fusion {
  /** How many ops convolutions compute along. */
  inConvolutions: number;
  /** How many convolutions are kernels of their own. */
  convolutions: number;
  /** What they are compared by, where there are any: nothing else of this recording is fused. */
  beside?: ConvolutionsBeside;
}

/** A recording of which nothing is fused. */
export const unfused = (nodes: readonly RecordedNode[]): FusedRecord => ({
  nodes,
  kernels: 0,
  fused: [],
  inConvolutions: 0,
  convolutions: 0,
});
