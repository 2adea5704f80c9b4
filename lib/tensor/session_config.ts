/** TensorFlow's `ConfigProto`, as far as Tessera sets it, in protocol-buffer bytes. */
import { bytesField, varintField } from "./protocol_buffer.ts";

export interface SessionSettings {
  /** Threads within one op; TensorFlow takes one a core where it is not given. */
  threadsWithinOps?: number;
  /** Ops that may run side by side. */
  threadsAcrossOps?: number;
  /** Whether a graphics card is left alone. */
  withoutCard?: boolean;
  /** The process, by its device name, that tells the others of a group who belongs to it. */
  groupLeader?: string;
}

/** Field numbers of `ConfigProto`. */
const DEVICE_COUNT = 1;
const INTRA_OP_PARALLELISM_THREADS = 2, INTER_OP_PARALLELISM_THREADS = 5, ALLOW_SOFT_PLACEMENT = 7;
const EXPERIMENTAL = 16, COLLECTIVE_GROUP_LEADER = 1;

/** An entry of `device_count`, a map: no graphics card. */
const noCard = bytesField(DEVICE_COUNT, [...bytesField(1, "GPU"), ...varintField(2, 0)]);

/** The bytes that `TFE_ContextOptionsSetConfig` takes. */
export function configuration(settings: SessionSettings): Uint8Array<ArrayBuffer> {
  const { threadsWithinOps, threadsAcrossOps, withoutCard, groupLeader } = settings;
  return Uint8Array.from([
    ...(withoutCard ? noCard : []),
    ...(threadsWithinOps ? varintField(INTRA_OP_PARALLELISM_THREADS, threadsWithinOps) : []),
    ...(threadsAcrossOps ? varintField(INTER_OP_PARALLELISM_THREADS, threadsAcrossOps) : []),
    // An op without a GPU kernel runs on the CPU.
    ...varintField(ALLOW_SOFT_PLACEMENT, 1),
    ...(groupLeader
      ? bytesField(EXPERIMENTAL, bytesField(COLLECTIVE_GROUP_LEADER, groupLeader))
      : []),
  ]);
}
