import { assert, assertEquals } from "@std/assert";
import { overfitOneBatch } from "../../lib/training/overfit.ts";
import { columns, scale, SmallNet } from "./small.ts";

Deno.test("overfitOneBatch learns one batch by heart, and tells when a model cannot", async () => {
  const data = columns(40);
  const options = { batchSize: 16, learningRate: 0.02, transform: scale };
  const model = new SmallNet({ width: 32 });
  const good = await overfitOneBatch(model, data, options);
  assert(good.succeeded);
  assert(good.losses.length < 200 && good.losses.at(-1)! < 0.5 * good.losses[0]);
  assertEquals(model.training, false);
  const hopeless = await overfitOneBatch(new SmallNet(), data, { ...options, learningRate: 1e-9 });
  assertEquals([hopeless.succeeded, hopeless.losses.length], [false, 200]);
});
