/** Processes that are to compute on graphics cards, as far as that shows without one. */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { cString } from "../../../lib/tensor/attributes.ts";
import { cardsFor } from "../../../lib/tensor/cluster/cards.ts";
import { ClusterError } from "../../../lib/tensor/cluster/cluster_error.ts";
import { sumsOverProcesses } from "../../../lib/tensor/cluster/sums.ts";
import { WorkerGroup } from "../../../lib/tensor/cluster/worker_group.ts";
import { WorkerProcess } from "../../../lib/tensor/cluster/worker_process.ts";
import { compile } from "../../../lib/tensor/compile.ts";
import { gpuKernels } from "../../../lib/tensor/gpu_kernels.ts";
import { graphicsCard, nativeBackend } from "../../../lib/tensor/native.ts";
import { bufferBytes } from "../../../lib/tensor/op_definitions.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { clusterTest, withProcesses } from "./groups.ts";

const noPreparation = () => Promise.resolve();

Deno.test("each process has a card of its own, of those that the user lets it see", () => {
  assertEquals(cardsFor(2, 2), ["0", "1"]);
  assertEquals(cardsFor(1, 4), ["0"]);
  assertEquals(cardsFor(2, 3, "5, 2,GPU-1a2b"), ["5", "2"]);
  assertEquals(cardsFor(1, 1, "MIG-8ad"), ["MIG-8ad"]);
  const refused = (words: string, ...given: Parameters<typeof cardsFor>) =>
    assertThrows(() => cardsFor(...given), ClusterError, words);
  refused("3 processes need a graphics card each, and there are 2: start as many as cards", 3, 2);
  refused("and there is 1: start as many as cards, or set TESSERA_DEVICE=cpu", 2, 1, "7");
});

/** Two sums, of which neither waits for the other by what it computes. */
const twoSums = (x: tf.Tensor1D) => {
  const [first] = sumsOverProcesses([x]), [second] = sumsOverProcesses([tf.square(x)]);
  return { first, second };
};

Deno.test("a step for cards sums on the card, by NCCL, one sum after the other", async () => {
  const nodesFor = async (device: "cpu" | "gpu") => {
    const step = compile(twoSums, { together: { size: 2, device } });
    const { definition } = await step.exported([tf.tensor1d([1])], noPreparation);
    const text = new TextDecoder("latin1").decode(definition);
    return {
      hints: [...text.matchAll(/communication_hint[^a-z]*([a-z]+)/g)].map(([, hint]) => hint),
      devices: [...text.matchAll(/\/device:[CG]PU:\d/g)].map(String),
      order: [...text.matchAll(/\^CollectiveReduceV2_\d+/g)].length,
    };
  };
  assertEquals(await nodesFor("cpu"), {
    hints: ["auto", "auto"],
    devices: ["/device:CPU:0", "/device:CPU:0"],
    order: 0,
  });
  assertEquals(await nodesFor("gpu"), {
    hints: ["nccl", "nccl"],
    devices: ["/device:GPU:0", "/device:GPU:0"],
    order: 1,
  });
});

Deno.test("on a card the sum takes and leaves values there, as Identity does in its place", () => {
  const { api, status } = nativeBackend()!.binding;
  const list = api.TF_GetRegisteredKernelsForOp(cString("CollectiveReduceV2"), status)!;
  const kernels = gpuKernels(bufferBytes(list)).get("CollectiveReduceV2");
  api.TF_DeleteBuffer(list);
  assertEquals(kernels, [{ types: {}, onHost: ["group_size", "group_key", "instance_key"] }]);
});

clusterTest(
  "a step for cards ends at once, in TensorFlow's words, where none is there",
  async (start) => {
    const cluster = await start(2);
    const step = compile(twoSums, { together: { size: 2, device: "gpu" } });
    const inputs = [[1, 2], [3, 4]].map((values): [tf.Tensor1D] => [tf.tensor1d(values)]);
    const exported = await step.exported(inputs[0], noPreparation);
    const run = () => cluster.run([exported, exported], inputs);
    const words = "was explicitly assigned to /device:GPU:0 but available devices are";
    const { message } = await assertRejects(run, ClusterError, words);
    assertMatch(message, /^process [01] \(PID \d+\): tessera_step_\d+: Cannot assign a device/);
  },
);

Deno.test("a step goes to other processes with the precision in which it was recorded", async () => {
  for (const precision of ["tf32", "float32"] as const) {
    const step = compile((x: tf.Tensor1D) => tf.square(x), { together: { size: 1 }, precision });
    assertEquals((await step.exported([tf.tensor1d([1])], noPreparation)).precision, precision);
  }
});

/** Why a group of one such worker does not come together. */
async function refusal(worker: WorkerProcess): Promise<string> {
  const tensorflow = nativeBackend()!.binding.TF_Version;
  const start = () =>
    WorkerGroup.across({ workers: [worker], addresses: ["127.0.0.1:1"], threads: [1] }, {
      ...{ tensorflow, device: "gpu", patienceSeconds: 60 },
    });
  return (await assertRejects(start, ClusterError)).message;
}

Deno.test({
  name:
    "a worker sees its card alone, and says where TensorFlow finds none, or where it is to use none",
  ...withProcesses,
  ignore: Deno.build.os !== "linux" || nativeBackend() === null || graphicsCard() !== undefined,
  async fn() {
    const onCard = new WorkerProcess(0, [], { isApart: false, card: "GPU-1a2b" });
    await onCard.greeting;
    const environment = (await Deno.readTextFile(`/proc/${onCard.pid}/environ`)).split("\0");
    for (const each of ["TESSERA_DEVICE=gpu", "CUDA_VISIBLE_DEVICES=GPU-1a2b"]) {
      assert(environment.includes(each), each);
    }
    assertMatch(
      await refusal(onCard),
      /^process 0 \(PID \d+\): TensorFlow finds no graphics card \(CUDA_VISIBLE_DEVICES is GPU-1a2b\)$/,
    );
    const onProcessor = new WorkerProcess(0, [], { isApart: false });
    assertMatch(
      await refusal(onProcessor),
      /computes on the processor, the program of process 0 on a graphics card: set TESSERA_DEVICE alike/,
    );
  },
});
