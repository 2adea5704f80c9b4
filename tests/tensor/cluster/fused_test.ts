/** Fused kernels in the processes of a cluster. */
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { compile } from "../../../lib/tensor/compile.ts";
import { Cluster } from "../../../lib/tensor/cluster/cluster.ts";
import { backendOfClusters } from "../../../lib/tensor/cluster/local.ts";
import { ownNetwork } from "../../../lib/tensor/cluster/network.ts";
import { sumsOverProcesses } from "../../../lib/tensor/cluster/sums.ts";
import { WorkerGroup } from "../../../lib/tensor/cluster/worker_group.ts";
import { WorkerProcess } from "../../../lib/tensor/cluster/worker_process.ts";
import { fusionInWords } from "../../../lib/tensor/fusion/fusion.ts";
import { operations } from "../../../lib/tensor/fusion/llvm/operations.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { withWarnings } from "../compiled.ts";
import { canStartClusters, clusterTest } from "./groups.ts";

const runsHere = fusionInWords().runs;
if (canStartClusters && !runsHere) {
  console.warn("SKIPPED: fused kernels on several processes, which are not made here");
}

/** What is fused before the sum over processes, and what after it. */
function step(x: tf.Tensor2D): tf.Tensor {
  const own = tf.tanh(tf.add(tf.mul(x, 0.5), 0.25));
  const [sum] = sumsOverProcesses([own]);
  return tf.sqrt(tf.add(tf.square(sum), 1));
}

/** Other numbers for each process. */
const inputs = [1, 2].map((seed): [tf.Tensor2D] => [
  tf.randomUniform([64, 128], -2, 2, "float32", seed),
]);

/** The step on both processes; and how it was recorded. */
async function ran(cluster: Cluster, together: { size: number; isFused?: boolean }) {
  const compiled = compile(step, { together });
  const exported = await compiled.exported(inputs[0], () => Promise.resolve());
  const outputs = await cluster.run([exported, exported], inputs) as tf.Tensor[];
  return { code: exported.code, values: outputs.map((each) => each.dataSync()) };
}

clusterTest("processes run the fused kernels of a step, the sum outside of them", async (start) => {
  if (!runsHere) return;
  const cluster = await start(2);
  const fused = await ran(cluster, cluster), plain = await ran(cluster, { size: 2 });
  assertEquals(fused.code?.kernels.length, 2);
  assertEquals(plain.code, undefined);
  fused.values.forEach((values, process) =>
    values.forEach((value, at) => assertAlmostEquals(value, plain.values[process][at], 1e-5))
  );
  assertEquals(fused.values[0], fused.values[1]);
  const [alone] = await compile(step)(inputs[0][0]).then((each) => each.data());
  assert(Math.abs(alone - fused.values[0][0]) > 1e-3, "the sum is of both, not of one process");
});

Deno.test({
  name: "kernels that disagree with the eager run are not handed out",
  ignore: !runsHere,
  async fn() {
    const table = operations as Record<string, typeof operations.tanh>;
    const { tanh, exp } = operations;
    const exportedWith = async (operation: typeof tanh) => {
      table.tanh = operation;
      const compiled = compile(step, { together: { size: 2, isFused: true } });
      const exported = compiled.exported(inputs[0], () => Promise.resolve());
      return (await exported.finally(() => table.tanh = tanh)).code?.kernels.length;
    };
    const warnings = await withWarnings(async () => {
      assertEquals(await exportedWith(exp), undefined);
      assertEquals(await exportedWith(tanh), 2);
    });
    assertMatch(warnings.join(), /runs without fused kernels, more slowly: /);
  },
});

/** A worker that keeps what programs on other machines are told. */
class ToldWorker extends WorkerProcess {
  readonly told: string[] = [];
  override tell(line: string): void {
    this.told.push(line);
  }
}

clusterTest("where a process has another processor none runs fused kernels", async () => {
  if (!runsHere) return;
  const network = await ownNetwork();
  const first = new WorkerProcess(0, network!.make, { isApart: true });
  await first.greeting;
  // Held to older instructions, it rounds as another processor does.
  const older = [...network!.join(first.pid), "env", "ONEDNN_MAX_CPU_ISA=SSE41"];
  const other = new ToldWorker(1, older, { isApart: true });
  const workers = [first, other];
  const greetings = await Promise.all(workers.map(({ greeting }) => greeting));
  const backend = backendOfClusters();
  const group = await WorkerGroup.across(
    {
      ...{ workers, threads: [1, 1] },
      addresses: greetings.map(({ port }) => `127.0.0.1:${port}`),
    },
    {
      ...{ tensorflow: backend.binding.TF_Version, device: backend.binding.device },
      patienceSeconds: 60,
    },
  );
  try {
    let cluster: Cluster | undefined;
    const warnings = await withWarnings(() => {
      cluster = new Cluster(group, 1, backend);
      return Promise.resolve();
    });
    assertMatch(warnings.join(), /^Steps run without fused kernels.*process 1 \(PID \d+\) has/);
    assertEquals(other.told, warnings);
    const { code, values } = await ran(cluster!, cluster!);
    assertEquals(code, undefined);
    assertEquals(values[0].length, 64 * 128);
  } finally {
    await group.close();
  }
});
