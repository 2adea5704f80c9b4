/** A browser runs no code for its processor, and has no TensorFlow that would take it. */
import { unfused } from "../../fusion/fused_record.ts";
import type { RecordedNode } from "../../recorder.ts";

export const fusedRecord = (_: unknown, nodes: readonly RecordedNode[]) =>
  Promise.resolve(unfused(nodes));

export const fusedCode = () => undefined;
