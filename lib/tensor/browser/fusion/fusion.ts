/** A browser runs no code for its processor, and has no TensorFlow that would take it. */
import type { RecordedNode } from "../../recorder.ts";

export const fusedRecord = (_: unknown, nodes: readonly RecordedNode[]) =>
  Promise.resolve({ nodes, kernels: 0, fused: [], inConvolutions: 0, convolutions: 0 });

export const fusedCode = () => undefined;
