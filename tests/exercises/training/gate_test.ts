import { assert, assertEquals, assertRejects } from "@std/assert";
import { displaySymbol } from "../../../lib/display/live.ts";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import { checkGate, NoPoints } from "../../../lib/exercises/training/gate.ts";
import { printed } from "../printed.ts";
import { fails } from "../verdict.ts";

const measured = { accuracy: 0.7123, images: 5_000, source: "your own training, epoch 12" };

Deno.test("checkGate passes an accuracy that is high enough, and says what was measured", async () => {
  const results: unknown[] = [];
  const lines = await printed(async () => {
    results.push(await checkGate(measured, { least: 0.7, points: 2 }));
  });
  assertEquals(lines, [
    "✔ Validation accuracy ≥ 0.70: 0.7123 on 5,000 validation images " +
    "(your own training, epoch 12) (2 points)",
  ]);
  // A result of the cell would be taken for its points.
  assertEquals(results, [undefined]);
});

Deno.test("checkGate refuses an accuracy that is too low, also in a quick run", async () => {
  const low = { ...measured, accuracy: 0.6999 };
  for (const quick of [false, true]) {
    await fails(() => checkGate(low, { least: 0.7, quick }).then(() => {}), "0.6999", "too low");
  }
});

Deno.test("checkGate tells changed classes from too little training", async () => {
  const changed = { ...measured, accuracy: 0.2, noted: 0.75 };
  await fails(() => checkGate(changed, { least: 0.25 }).then(() => {}), "noted 0.7500");
  const early = { ...measured, accuracy: 0.2, noted: 0.21 };
  await fails(() => checkGate(early, { least: 0.25 }).then(() => {}), "Let the training go on");
});

Deno.test("checkGate without a checkpoint gives nothing: an error, in a quick run 0 points", async () => {
  const error = await assertRejects(() => checkGate(undefined, { least: 0.25 }), CheckError);
  assertEquals(error.message.includes("no trained checkpoint"), true);
  const results: unknown[] = [];
  const lines = await printed(async () => {
    results.push(await checkGate(undefined, { least: 0.25, quick: true, points: 2 }));
  });
  assert(results[0] instanceof NoPoints);
  assertEquals((results[0] as NoPoints)[displaySymbol](), { "text/plain": "0" });
  assertEquals(lines.length, 1);
  assertEquals(/not measured.* No points/.test(lines[0]), true);
  assertEquals(lines[0].includes("✔"), false);
});
