/** TensorFlow's `ConfigProto`, as far as Tessera sets it, in protocol-buffer bytes. */

export interface SessionSettings {
  /** Threads within one op; TensorFlow takes one a core where it is not given. */
  threadsWithinOps?: number;
  /** Ops that may run side by side. */
  threadsAcrossOps?: number;
  /** Whether a graphics card is left alone. */
  withoutCard?: boolean;
}

/** Field numbers of `ConfigProto`. */
const DEVICE_COUNT = 1;
const INTRA_OP_PARALLELISM_THREADS = 2, INTER_OP_PARALLELISM_THREADS = 5, ALLOW_SOFT_PLACEMENT = 7;

/** A field that holds a whole number. */
function varintField(field: number, value: number): number[] {
  const bytes = [field << 3];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** An entry of `device_count`, a map: no graphics card. */
const noCard = [
  (DEVICE_COUNT << 3) | 2,
  7,
  (1 << 3) | 2,
  3,
  ...new TextEncoder().encode("GPU"),
  2 << 3,
  0,
];

/** The bytes that `TFE_ContextOptionsSetConfig` takes. */
export function configuration(settings: SessionSettings): Uint8Array<ArrayBuffer> {
  const { threadsWithinOps, threadsAcrossOps, withoutCard } = settings;
  return Uint8Array.from([
    ...(withoutCard ? noCard : []),
    ...(threadsWithinOps ? varintField(INTRA_OP_PARALLELISM_THREADS, threadsWithinOps) : []),
    ...(threadsAcrossOps ? varintField(INTER_OP_PARALLELISM_THREADS, threadsAcrossOps) : []),
    // An op without a GPU kernel runs on the CPU.
    ...varintField(ALLOW_SOFT_PLACEMENT, 1),
  ]);
}
