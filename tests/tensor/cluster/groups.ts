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

/** A test that starts processes, which all end with it. */
export function clusterTest(name: string, test: (start: typeof localCluster) => Promise<void>) {
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
