import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClusterError } from "../../../lib/tensor/cluster/cluster_error.ts";
import { ownNetwork } from "../../../lib/tensor/cluster/network.ts";
import { localCluster } from "../../../lib/tensor/cluster/local.ts";
import { compile } from "../../../lib/tensor/compile.ts";
import { sumsOverProcesses } from "../../../lib/tensor/cluster/sums.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { run } from "../subprocess.ts";
import { clusterTest, clusterTests } from "./groups.ts";

const cluster = new URL("../../../lib/tensor/cluster/", import.meta.url);
const noPreparation = () => Promise.resolve();

clusterTests(2, {
  "a recorded step sums over processes, in shares of several shapes": async (cluster) => {
    const total = tf.variable(tf.tensor1d([1, 2]));
    const scale = tf.variable(tf.scalar(10));
    const step = compile((x: tf.Tensor2D) => {
      const [sum, count] = sumsOverProcesses([tf.sum(x, 0), tf.scalar(x.shape[0])]);
      total.assign(tf.add(total, tf.mul(sum, scale)));
      return { sum, count };
    }, { together: cluster });
    const shares = [tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6]])];
    const steps = [];
    for (const share of shares) steps.push(await step.exported([share], noPreparation));
    assertEquals([...total.dataSync()], [1, 2], "recording changes no variable");
    for (let round = 1; round <= 2; round++) {
      const outputs = await cluster.run(steps, shares.map((share) => [share]));
      for (const each of outputs as { sum: tf.Tensor; count: tf.Tensor }[]) {
        assertEquals([...each.sum.dataSync()], [9, 12]);
        assertEquals(each.count.dataSync()[0], 3);
      }
    }
    assertEquals([...total.dataSync()], [1, 2], "the processes are ahead");
    await cluster.requireEqual(new Map([["total", total]]));
    await cluster.refresh();
    assertEquals([...total.dataSync()], [181, 242]);
    total.assign(tf.tensor1d([0, 0]));
    await cluster.run(steps, shares.map((share) => [share]));
    await cluster.refresh();
    assertEquals([...total.dataSync()], [90, 120], "what is assigned here reaches the processes");
  },

  "processes whose values differ are found, by the variable's name": async (cluster) => {
    const last = tf.variable(tf.scalar(0));
    const same = tf.variable(tf.scalar(0));
    const step = compile((x: tf.Scalar) => {
      last.assign(x);
      same.assign(sumsOverProcesses([x])[0] as tf.Scalar);
      return tf.neg(x);
    }, { together: cluster });
    const named = new Map([["the same", same], ["the last", last]]);
    for (const values of [[1, 1], [1, 2]]) {
      const inputs = values.map((value): [tf.Scalar] => [tf.scalar(value)]);
      const exported = await step.exported(inputs[0], noPreparation);
      await cluster.run([exported, exported], inputs);
      if (values[0] === values[1]) await cluster.requireEqual(named);
    }
    await assertRejects(
      () => cluster.requireEqual(named),
      ClusterError,
      "processes 0 and 1 hold different values of the last",
    );
  },

  "what fails in one process ends all, with the process that failed": async (cluster) => {
    const table = tf.tensor1d([1, 2, 3]);
    const step = compile(
      (index: tf.Tensor1D) => sumsOverProcesses([tf.gather(table, index)])[0],
      { together: cluster },
    );
    const inputs = [0, 7].map((index): [tf.Tensor1D] => [tf.tensor1d([index], "int32")]);
    const exported = await step.exported(inputs[0], noPreparation);
    const run = () => cluster.run([exported, exported], inputs);
    const error = await assertRejects(run, ClusterError, "process 1 (PID");
    assert(/indices\[0\] = 7/.test(error.message), error.message);
    await assertRejects(run, ClusterError, error.message);
  },
});

clusterTest("the processes end with the program that started them", async () => {
  const { output } = await run(`
    import { localCluster } from "./lib/mod.ts";
    const cluster = await localCluster(2, { threads: 1 });
    console.log(cluster.pids.join());
    Deno.kill(Deno.pid, "SIGKILL");
  `);
  const pids = output.trim().split(",").map(Number);
  assertEquals(pids.length, 2);
  const isThere = (pid: number) => {
    try {
      // One that has ended may wait for a parent that asks how.
      return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
    } catch {
      return false;
    }
  };
  while (pids.some(isThere)) await new Promise((resolve) => setTimeout(resolve, 20));
});

clusterTest(
  "without a network of their own processes start only where that is allowed",
  async () => {
    const network = await ownNetwork();
    const script = `
    import { localCluster } from "${new URL("local.ts", cluster)}";
    import { bringLoopbackUp } from "${new URL("loopback.ts", cluster)}";
    import { startNative } from "${new URL("../native.ts", cluster)}";
    bringLoopbackUp(); // of the test's own network, so that no other hears of it
    await startNative();
    Deno.env.set("PATH", ""); // no program that makes one
    await localCluster(2, { threads: 1 }).catch(({ message }) => console.log(message));
    const group = await localCluster(2, { threads: 1, trustNetwork: true });
    console.log("started", group.size);
    await group.close();
  `;
    const { code, output, errors } = await run(script, {}, network!.make);
    assertEquals(code, 0, errors);
    const [refused, started] = output.trim().split("\n");
    assert(/^several processes need a network of their own/.test(refused), output);
    assertEquals(started, "started 2");
  },
);

Deno.test("localCluster names what is wrong with its settings", async () => {
  const wrong = (message: string, ...settings: unknown[]) =>
    assertRejects(
      () => localCluster(...settings as Parameters<typeof localCluster>),
      Error,
      message,
    );
  await wrong("size is 0, must be a whole number from 1 to 64", 0);
  await wrong("size is 1.5", 1.5);
  await wrong('size is "2", must be a whole number', "2");
  await wrong('threads is "2", must be a whole number', 2, { threads: "2" });
  await wrong('patienceSeconds is "20", must be above 0', 2, { patienceSeconds: "20" });
  await wrong("second argument has no thread, but threads, trustNetwork", 2, { thread: 2 });
  await wrong("second argument is 4, must be an object with some of threads", 2, 4);
  await wrong("threads is 0, must be a whole number above 0", 2, { threads: 0 });
  await wrong("patienceSeconds is 0, must be above 0", 2, { patienceSeconds: 0 });
});
