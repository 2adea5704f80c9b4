/** Clusters for tests: in a network of their own, else skipped, loudly. */
import type { Cluster } from "../../../lib/tensor/cluster/cluster.ts";
import { localCluster } from "../../../lib/tensor/cluster/local.ts";
import { ownNetwork } from "../../../lib/tensor/cluster/network.ts";
import { graphicsCard } from "../../../lib/tensor/native.ts";
import "../../../lib/tensor/tf.ts";

const whyNot = graphicsCard()
  ? "compute on the processor: tests/card/processes_test.ts is for graphics cards"
  : await ownNetwork() === undefined
  ? "start in a network of their own; this system allows none (unshare --net)"
  : "";
/** Whether this system allows it. */
export const canStartClusters = whyNot === "";
if (!canStartClusters) console.warn(`SKIPPED: tests of several processes, which ${whyNot}`);

/** Settings of tests that start processes. */
export const withProcesses: Partial<Deno.TestDefinition> = {
  ignore: !canStartClusters,
  // Signals and clean-up of processes that a test ends reach over its end.
  sanitizeOps: false,
  sanitizeResources: false,
};

/** What a test starts processes with. */
type Start = typeof localCluster;

/** Tests on one cluster, which starts once, in turn; the last of them may end it. */
export function clusterTests(
  size: number,
  tests: Record<string, (cluster: Cluster, start: Start) => Promise<void>>,
) {
  let shared: Promise<Cluster> | undefined;
  const last = Object.keys(tests).at(-1);
  for (const [name, test] of Object.entries(tests)) {
    clusterTest(name, async (start) => {
      shared ??= localCluster(size, { threads: 1 });
      const cluster = await shared;
      try {
        await test(cluster, start);
      } finally {
        if (name === last) await cluster.close();
      }
    });
  }
}

/** A test that starts processes, which all end with it. */
export function clusterTest(name: string, test: (start: Start) => Promise<void>) {
  Deno.test({
    name,
    ...withProcesses,
    async fn() {
      const clusters: Cluster[] = [];
      try {
        await test(async (size, options = {}) => {
          const cluster = await localCluster(size, { threads: 1, ...options });
          clusters.push(cluster);
          return cluster;
        });
      } finally {
        for (const cluster of clusters) await cluster.close();
      }
    },
  });
}
