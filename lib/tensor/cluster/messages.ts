/** What the process that leads a training and its workers tell one another, as headers of frames. */
import type { KernelImage } from "../fusion/fusion.ts";
import type { DeviceChoice, Precision } from "../requests.ts";
import type { Membership } from "./server.ts";

/** A tensor whose bytes are the frame's payload of the same place. */
export interface Described {
  shape: readonly number[];
  /** Its `TF_DataType`. */
  dtype: number;
}

/** What a worker is asked to do; each gets one answer, in order, but for `ping`, which is answered at once. */
export type Request =
  | { kind: "ping" }
  /** Starts TensorFlow as one of a group. */
  | { kind: "join"; membership: Membership }
  /** Takes tensors that functions get as they are. */
  | { kind: "constants"; keys: readonly number[]; tensors: readonly Described[] }
  /** Gives variables these values; those that it does not have yet are made. */
  | { kind: "variables"; keys: readonly number[]; tensors: readonly Described[] }
  /** Takes fused kernels of functions that come: the payloads are the bytes of the op's own code, and of theirs. */
  | {
    kind: "kernels";
    opName: string;
    numbers: readonly number[];
    images: readonly Omit<KernelImage, "bytes">[];
  }
  /** Takes a function: its definition is the payload. */
  | { kind: "function"; name: string }
  /** Runs a function; the answer holds its outputs. */
  | {
    kind: "run";
    name: string;
    /** The inputs, of which the payloads are the values. */
    tensors: readonly Described[];
    /** Variables that it reads, constants, and variables that it changes: its inputs after those. */
    reads: readonly number[];
    constants: readonly number[];
    states: readonly number[];
    outputs: number;
    /** What a card computes it in. */
    precision: Precision;
    /** Whether a card takes only kernels that give the same twice. */
    isDeterministic: boolean;
  }
  /** Asks for variables' values. */
  | { kind: "read"; keys: readonly number[] }
  /** Asks for a checksum of each variable. */
  | { kind: "checksums"; keys: readonly number[] }
  /** Frees all functions, constants and variables. */
  | { kind: "forget" };

/** What a worker says of itself when it starts. */
export interface Greeting {
  kind: "ready";
  /** The version of TensorFlow that it has. */
  tensorflow: string;
  /** What it computes on. */
  device: DeviceChoice;
  /** What must be the same where fused kernels come from; undefined where it runs none. */
  kernelHost?: string;
  /** A port of its machine that is free. */
  port: number;
}

export type Answer =
  | { kind: "done"; id: number; tensors?: readonly Described[]; checksums?: readonly string[] }
  | { kind: "failed"; id: number; message: string; code?: number };
