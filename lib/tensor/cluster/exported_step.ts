/** A recorded step as other processes can run it. */
import type * as tf from "tfjs";
import type { Pointer } from "../binding.ts";
import type { FusedCode } from "../fusion/fusion.ts";
import type { DeviceChoice, Precision } from "../requests.ts";
import type { TreeShape } from "../tensor_tree.ts";

/** The processes that are to run a step together. */
export interface Together {
  readonly size: number;
  /** After so many seconds a sum fails that not all take part in; undefined where none does. */
  readonly sumSeconds?: number;
  /** Whether all of them run the same fused kernels as this process. Default: false. */
  readonly isFused?: boolean;
  /** What they compute on. Default: the processor. */
  readonly device?: DeviceChoice;
}

export interface ExportedStep {
  /** The function's name, its own in this process. */
  readonly name: string;
  /**
   * The function as a serialized `FunctionDef`, with sums over processes in it. It takes the step's inputs, the
   * variables that it reads, the constants, and the variables that it changes, in this order.
   */
  readonly definition: Uint8Array<ArrayBuffer>;
  /** The fused kernels that it runs. */
  readonly code?: FusedCode;
  readonly reads: readonly tf.Variable[];
  /** Tensors that it takes as they are: the number of each, and a handle, which stays the step's. */
  readonly constants: readonly { id: number; handle: Pointer }[];
  readonly states: readonly tf.Variable[];
  /** How its outputs are built. */
  readonly shape: TreeShape;
  /** What a card computes it in. */
  readonly precision: Precision;
}
