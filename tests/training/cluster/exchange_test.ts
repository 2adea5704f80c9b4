/** Other ways to exchange gradients than all at once, in full. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
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

Deno.test("a Trainer names what is wrong with an exchange", () => {
  const model = new SmallNet();
  const wrong = (exchange: Exchange, message: string) =>
    assertThrows(() => new Trainer(smallTraining(model, { exchange })), RangeError, message);
  wrong({ parts: 0 }, "exchange.parts is 0, must be a whole number from 1 to 64");
  wrong({ parts: 1.5 }, "exchange.parts is 1.5");
  wrong({ type: "float16" as "float32" }, 'exchange.type is "float16", must be "float32" or');
});
