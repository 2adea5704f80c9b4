import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { learningRateFind } from "../../lib/training/learning_rate_finder.ts";
import { SGD } from "../../lib/training/optimizers.ts";
import { brighten, columns, SmallNet, valuesOf } from "./small.ts";

Deno.test("learningRateFind finds a usable learning rate and leaves all as it was", async () => {
  const model = new SmallNet();
  const optimizer = new SGD(model, { momentum: 0.9 });
  const before = valuesOf(model);
  const found = await learningRateFind({
    model,
    train: columns(100),
    optimizer,
    batchSize: 16,
    transforms: { train: brighten },
    lowest: 1e-4,
    highest: 100,
    steps: 60,
  });
  assertEquals(valuesOf(model), before);
  for (const velocity of optimizer.namedVariables().values()) {
    assert(velocity.dataSync().every((value) => value === 0));
  }
  assert(found.learningRates.length < 60, "the loss broke away before the end");
  assert(found.suggestion > 1e-3 && found.suggestion < 10, `${found.suggestion}`);
  assertStringIncludes(found.chart.toString(), "learning rate");
});

Deno.test("learningRateFind names a range that is none", async () => {
  const model = new SmallNet();
  const options = { model, train: columns(20), optimizer: new SGD(model), lowest: 1, highest: 0.1 };
  await assertRejects(() => learningRateFind(options), RangeError, "lowest is 1 and highest 0.1");
});
