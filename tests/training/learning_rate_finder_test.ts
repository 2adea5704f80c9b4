import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { learningRateFind } from "../../lib/training/learning_rate_finder.ts";
import { NotFiniteError } from "../../lib/training/not_finite.ts";
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

Deno.test("learningRateFind names a number of steps that is too small", async () => {
  const model = new SmallNet();
  const options = { model, train: columns(20), optimizer: new SGD(model) };
  for (const steps of [0, 1, 19, 30.5, NaN]) {
    const expected = `steps is ${steps}, must be a whole number of at least 20`;
    await assertRejects(() => learningRateFind({ ...options, steps }), RangeError, expected);
  }
});

Deno.test("learningRateFind says where the loss is not finite from the start", async () => {
  const model = new SmallNet();
  const before = valuesOf(model);
  const options = { model, train: columns(20), optimizer: new SGD(model) };
  const loss = (logits: tf.Tensor2D) => tf.mul(tf.sum(logits, 1), NaN) as tf.Tensor1D;
  await assertRejects(
    () => learningRateFind({ ...options, loss }),
    NotFiniteError,
    "learningRateFind: the loss is NaN before the first step",
  );
  await assertRejects(
    () => learningRateFind({ ...options, lowest: 1e20, highest: 1e30 }),
    RangeError,
    "lowest is 1.00e+20, where the loss breaks away at once; must be lower",
  );
  assertEquals(valuesOf(model), before);
});

Deno.test("learningRateFind finds the steepest place of a short curve", async () => {
  const model = new SmallNet();
  // The loss of each step as one that a test decides: 3, 3, 3, 1, 1, 1, then it is not finite.
  let step = 0;
  const loss = (logits: tf.Tensor2D) =>
    tf.add(tf.mul(tf.sum(logits, 1), 0), step++ < 3 ? 3 : step < 7 ? 1 : Infinity) as tf.Tensor1D;
  const options = { model, train: columns(20), optimizer: new SGD(model), loss, compile: false };
  const { learningRates, losses, suggestion } = await learningRateFind(options);
  assertEquals([learningRates.length, losses.length], [6, 6]);
  // The smoothed loss falls from the fourth step on, the most over that and the next.
  assertEquals(suggestion, learningRates[3]);
});
