import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { evaluate, evaluateExamples, Evaluator } from "../../lib/training/evaluate.ts";
import { crossEntropy, crossEntropyOfEach } from "../../lib/training/losses.ts";
import { columns, scale, SmallNet } from "./small.ts";

const data = columns(23, 4);

Deno.test("evaluate counts every example once, whatever the batch size", async () => {
  const model = new SmallNet();
  const batch = scale(
    data.batch(Array.from({ length: 23 }, (_, index) => index)),
    model.dropout.random,
  );
  const logits = model.forward(batch.images) as tf.Tensor2D;
  const losses = Array.from(await crossEntropyOfEach(logits, batch.labels).data());
  const predictions = Array.from(await tf.argMax(logits, -1).data());
  const right = predictions.filter((prediction, index) => prediction === data.labels[index]);
  for (const batchSize of [1, 5, 23, 100]) {
    for (const compile of [true, false]) {
      const options = { transform: scale, batchSize, compile };
      const metrics = await evaluate(model, data, options);
      assertEquals(metrics.examples, 23);
      assertAlmostEquals(metrics.loss, losses.reduce((sum, loss) => sum + loss) / 23, 1e-6);
      assertEquals(metrics.accuracy, right.length / 23);
      const examples = await evaluateExamples(model, data, options);
      assertEquals([...examples.predictions], predictions);
      assertEquals([...examples.labels], [...data.labels]);
      examples.losses.forEach((loss, index) => assertAlmostEquals(loss, losses[index], 1e-6));
    }
  }
});

Deno.test("evaluate runs in evaluation mode and leaves the mode as it was", async () => {
  const model = new SmallNet();
  model.setTraining(true);
  const [first, second] = [await evaluate(model, data), await evaluate(model, data)];
  assertEquals(first, second, "dropout is off");
  assertEquals(model.training, true);
});

Deno.test("Evaluator can be limited to a few batches, stopped, and used again", async () => {
  const model = new SmallNet();
  const evaluator = new Evaluator(model, data, { transform: scale, batchSize: 5 });
  const all = await evaluator.run();
  const some = await evaluator.run({ maximumBatches: 2 });
  assertEquals([...some!.losses], [...all!.losses.slice(0, 10)]);
  assertEquals(await evaluator.run({ isStopped: () => true }), undefined);
  evaluator.dispose();
});

Deno.test("evaluate leaves no tensor behind", async () => {
  const model = new SmallNet();
  for (const compile of [true, false]) {
    const evaluator = new Evaluator(model, data, { batchSize: 5, compile });
    await evaluator.run();
    const before = tf.memory().numTensors;
    await evaluator.run();
    assertEquals(tf.memory().numTensors, before, `compile: ${compile}`);
    evaluator.dispose();
  }
});

Deno.test("evaluate names what does not fit", async () => {
  const model = new SmallNet();
  assertThrows(() => new Evaluator(model, data, { batchSize: 0 }), RangeError, "batchSize is 0");
  const loss = crossEntropy as never;
  await assertRejects(() => evaluate(model, data, { loss }), RangeError, "one number an example");
  model.forward = (images) => tf.reshape(images, [-1, 6]);
  await assertRejects(() => evaluate(model, data), RangeError, "needs logits [23,3]");
});
