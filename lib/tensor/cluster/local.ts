/** Several processes on this machine. */
import { given, requireFields } from "../../platform/given.ts";
import { type NativeBackend, nativeBackend } from "../native.ts";
import { requestedThreads } from "../requests.ts";
import { cardsHere } from "./cards.ts";
import type { Cluster } from "./cluster.ts";
import { NotTogetherError } from "./cluster_error.ts";

/** Settings of {@link localCluster}: what each process has, and when it counts as lost. */
export interface LocalClusterOptions {
  /** Threads of each process. Default: this machine's cores, or `TESSERA_THREADS`, shared out. */
  threads?: number;
  /**
   * Whether the processes may listen on the machine's own network where the system allows them none of their own:
   * whoever reaches TensorFlow's ports there can run any op, also those that read and write files. Default: false.
   */
  trustNetwork?: boolean;
  /** After so many seconds without a sign of life a process counts as lost. Default: 20. */
  patienceSeconds?: number;
}

/** No machine of a course has more cores to share out. */
export const mostProcesses = 64;

/**
 * Starts `size` processes on this machine, on which a `Trainer` trains: `cluster: await localCluster(2)` among its
 * options. They end with the program that started them, or when the cluster is closed. On graphics cards each has one
 * of its own, those of CUDA_VISIBLE_DEVICES where it is set.
 *
 * Throws a RangeError where the size is not a whole number from 1 to 64, a TypeError where a setting is none, and a
 * ClusterError where they do not start, or are more than the cards.
 */
export async function localCluster(
  size: number,
  options: LocalClusterOptions = {},
): Promise<Cluster> {
  requireFields("localCluster's second argument", options, [
    "threads",
    "trustNetwork",
    "patienceSeconds",
  ]);
  const { threads, trustNetwork = false, patienceSeconds = 20 } = options;
  if (!(Number.isInteger(size) && size >= 1 && size <= mostProcesses)) {
    throw new RangeError(
      `localCluster: size is ${given(size)}, must be a whole number from 1 to ${mostProcesses}`,
    );
  }
  const cores = requestedThreads() ?? navigator.hardwareConcurrency;
  const each = threads ?? Math.max(1, Math.floor(cores / size));
  if (!(Number.isInteger(each) && each >= 1)) {
    throw new RangeError(
      `localCluster: threads is ${given(threads)}, must be a whole number above 0`,
    );
  }
  if (!(typeof patienceSeconds === "number" && patienceSeconds > 0)) {
    throw new RangeError(
      `localCluster: patienceSeconds is ${given(patienceSeconds)}, must be above 0`,
    );
  }
  const backend = backendOfClusters();
  const cards = cardsHere(size);
  const [{ Cluster }, { WorkerGroup }] = await Promise.all([
    import("./cluster.ts"),
    import("./worker_group.ts"),
  ]);
  const group = await WorkerGroup.start({
    ...{ size, threads: each, cards, trustNetwork, patienceSeconds },
    ...{ tensorflow: backend.binding.TF_Version, device: backend.binding.device },
  });
  return new Cluster(group, each, backend);
}

/** What records steps for several processes. Throws a NotTogetherError where this program cannot. */
export function backendOfClusters(): NativeBackend {
  const backend = nativeBackend();
  if (backend === null) {
    throw new NotTogetherError(
      "several processes need native TensorFlow, which is not in use here: train in one process",
    );
  }
  return backend;
}
