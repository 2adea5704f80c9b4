/** TensorFlow's `ServerDef`: which processes a group has, and which of them this one is. */
import { bytesField, varintField } from "../protocol_buffer.ts";
import { configuration } from "../session_config.ts";

/** Field numbers of `ServerDef`, `ClusterDef`, `JobDef` and of a map's entries. */
const CLUSTER = 1, JOB_NAME = 2, TASK_INDEX = 3, DEFAULT_SESSION_CONFIG = 4, PROTOCOL = 5;
const JOB = 1;
const NAME = 1, TASKS = 2;
const KEY = 1, VALUE = 2;

const job = "worker";
/** The process that the others ask who belongs to the group. */
const groupLeader = `/job:${job}/replica:0/task:0`;

/** A process's place in its group. */
export interface Membership {
  /** Where each process of the group is reached, as `host:port`, in the order of their numbers. */
  addresses: readonly string[];
  /** The process's own number, from 0. */
  task: number;
  /** Threads that it computes with. */
  threads: number;
}

/** The bytes that `TFE_EnableCollectiveOps` takes. */
export function serverDefinition(
  { addresses, task, threads }: Membership,
): Uint8Array<ArrayBuffer> {
  const tasks = addresses.flatMap((address, number) =>
    bytesField(TASKS, [...varintField(KEY, number), ...bytesField(VALUE, address)])
  );
  const config = configuration({
    threadsWithinOps: threads,
    threadsAcrossOps: threads,
    groupLeader,
  });
  return Uint8Array.from([
    ...bytesField(CLUSTER, bytesField(JOB, [...bytesField(NAME, job), ...tasks])),
    ...bytesField(JOB_NAME, job),
    ...varintField(TASK_INDEX, task),
    ...bytesField(DEFAULT_SESSION_CONFIG, config),
    ...bytesField(PROTOCOL, "grpc"),
  ]);
}
