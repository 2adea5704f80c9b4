/** Other ways to exchange gradients than all at once, in full. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import type { Cluster } from "../../../lib/tensor/cluster/cluster.ts";
import { describeProcesses } from "../../../lib/training/device_line.ts";
import { type Exchange, partsOf } from "../../../lib/training/shares.ts";
import { Trainer } from "../../../lib/training/trainer.ts";
import { clusterTest } from "../../tensor/cluster/groups.ts";
import { SmallNet, valuesOf } from "../small.ts";
import { smallTraining } from "./small_training.ts";

Deno.test("parts of gradients are about as large, and the last layers' come first", () => {
  assertEquals(partsOf([4, 4, 4, 4, 4, 4], 3), [[5, 4], [3, 2], [1, 0]]);
  assertEquals(partsOf([4, 4, 4], 1), [[2, 1, 0]]);
  assertEquals(partsOf([10, 10, 100], 2), [[2], [1, 0]]);
  assertEquals(partsOf([1, 100, 1], 2), [[2], [1, 0]]);
  assertEquals(partsOf([7], 3), [[0]]);
  assertEquals(partsOf([], 3), []);
});

Deno.test("how several processes train is said in words", () => {
  const cluster = { size: 2, threads: 1 } as Cluster;
  assertEquals(describeProcesses({}), undefined);
  assertEquals(describeProcesses({ cluster }), "2 processes, each with 1 thread");
  const onCards = { ...cluster, device: "gpu" } as Cluster;
  assertEquals(describeProcesses({ cluster: onCards }), "2 processes, each on a graphics card");
  assertEquals(
    describeProcesses({
      ...{ cluster, synchronizedBatchNorm: true, exchange: { type: "bfloat16", parts: 3 } },
    }),
    "2 processes, each with 1 thread, gradients in bfloat16, in 3 parts, batch normalisation over all",
  );
});

clusterTest("gradients in parts are the same, and of half width nearly", async (start) => {
  const cluster = await start(2);
  const course = async (exchange?: Exchange) => {
    const model = new SmallNet();
    const trainer = new Trainer(smallTraining(model, { epochs: 2, cluster, exchange }));
    const reports = await trainer.run();
    return { reports, values: Object.values(valuesOf(model)).flat() };
  };
  const usual = await course();
  for (const exchange of [{ parts: 3 }, { type: "bfloat16" }, { parts: 2, type: "bfloat16" }]) {
    const { reports, values } = await course(exchange as Exchange);
    const isHalf = exchange.type !== undefined;
    reports.forEach(({ train, validation }, epoch) => {
      assertEquals(train.examples, 70);
      assertAlmostEquals(train.loss, usual.reports[epoch].train.loss, isHalf ? 1e-3 : 1e-6);
      assertAlmostEquals(validation!.loss, usual.reports[epoch].validation!.loss, 1e-3);
    });
    // Hits and losses travel in full in any case.
    assertEquals(reports[0].train.accuracy, usual.reports[0].train.accuracy);
    const farthest = Math.max(...values.map((each, at) => Math.abs(each - usual.values[at])));
    assert(farthest < (isHalf ? 1e-3 : 1e-6), `${farthest}`);
    if (isHalf) assertNotEquals(farthest, 0);
  }
});

Deno.test("a Trainer says what was forgotten where its cluster is none", async () => {
  const model = new SmallNet();
  const wrong = (cluster: unknown, message: string) => {
    const options = smallTraining(model, { cluster: cluster as Cluster });
    assertThrows(() => new Trainer(options), TypeError, message);
  };
  // As localCluster(2) without await is, also where it comes to nothing.
  const failing = Promise.reject(new Error("no network"));
  wrong(failing, "cluster is a Promise (is `await` missing?), must be a Cluster: write await");
  await new Promise((resolve) => setTimeout(resolve));
  wrong(3, "Trainer: cluster is 3, must be a Cluster: write await localCluster(3)");
  wrong("2", 'Trainer: cluster is "2", must be a Cluster: write await localCluster(2)');
});

Deno.test("a Trainer names what is wrong with an exchange", () => {
  const model = new SmallNet();
  const wrong = (exchange: Exchange, message: string) =>
    assertThrows(() => new Trainer(smallTraining(model, { exchange })), RangeError, message);
  wrong({ parts: 0 }, "Trainer: exchange.parts is 0, must be a whole number from 1 to 64");
  wrong({ parts: 1.5 }, "exchange.parts is 1.5");
  wrong({ parts: "3" as unknown as number }, 'exchange.parts is "3", must be a whole number');
  wrong({ type: "float16" as "float32" }, 'exchange.type is "float16", must be "float32" or');
  const onCard = { size: 1, device: "gpu", begin: () => {} } as unknown as Cluster;
  const options = smallTraining(model, { cluster: onCard, exchange: { type: "bfloat16" } });
  assertThrows(() => new Trainer(options), RangeError, "which TensorFlow does not sum by NCCL");
  // A notebook's cells run whatever their types are.
  const none = (exchange: unknown, message: string) => {
    const options = smallTraining(model, { exchange: exchange as Exchange });
    assertThrows(() => new Trainer(options), TypeError, message);
  };
  none("bfloat16", 'Trainer: exchange is "bfloat16", must be an object with some of type, parts');
  none(null, "Trainer: exchange is null, must be an object");
  none(["bfloat16"], "Trainer: exchange is an array, must be an object");
  none({ part: 3 }, "Trainer: exchange has no part, but type, parts");
});
