import { assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  checkTrainEpoch,
  countingWays,
  type EpochParts,
} from "../../lib/exercises/epoch_accuracy.ts";
import { evaluate } from "../../lib/training/evaluate.ts";
import { fails, passes } from "./verdict.ts";

/** The given loop. */
async function trainEpoch(parts: EpochParts): Promise<number> {
  const { model, images, order, batchSize, transforms, random, step } = parts;
  model.setTraining(true);
  let correct = 0;
  for (let start = 0; start < order.length; start += batchSize) {
    const raw = images.batch(order.slice(start, start + batchSize));
    const batch = transforms.train(raw, random);
    correct += await step(batch);
    tf.dispose([raw.images, raw.labels, batch.images, batch.labels]);
  }
  return correct / order.length;
}

/** Counts in a second pass over the images. */
function count(
  { model, images, order, transforms, random }: EpochParts,
  { training = false, transform = transforms.evaluation } = {},
): number {
  model.setTraining(training);
  return tf.tidy(() => {
    const batch = transform(images.batch(order), random);
    const right = tf.equal(tf.argMax(model.forward(batch.images), 1), batch.labels as tf.Tensor1D);
    return tf.sum(tf.cast(right, "int32")).dataSync()[0];
  });
}

/** Counts within the loop, in evaluation mode and on normalised images. */
async function inLoop(parts: EpochParts, when: "before" | "after"): Promise<number> {
  const { model, images, order, batchSize, transforms, random, step } = parts;
  let correct = 0;
  for (let start = 0; start < order.length; start += batchSize) {
    const indices = order.slice(start, start + batchSize);
    if (when === "before") correct += count({ ...parts, order: indices });
    model.setTraining(true);
    await step(transforms.train(images.batch(indices), random));
    if (when === "after") correct += count({ ...parts, order: indices });
  }
  return correct / order.length;
}

Deno.test("countingWays: every way of counting gives a number of its own", () => {
  const order = Int32Array.from({ length: 60 }, (_, i) => (i * 23 + 7) % 60);
  const ways = countingWays(order);
  assertEquals(ways.length, 18);
  assertEquals(new Set(ways.map(({ correct }) => correct)).size, 18);
  assertEquals(ways[0].faults, []);
});

Deno.test("checkTrainEpoch accepts a second pass, by hand or by the library", async () => {
  const line = await passes(() =>
    checkTrainEpoch(async (parts) => {
      await trainEpoch(parts);
      return count(parts) / parts.images.size;
    }, { points: 1 })
  );
  assertStringIncludes(line, "measured with the epoch's last weights");
  await passes(() =>
    checkTrainEpoch(async (parts) => {
      await trainEpoch(parts);
      const transform = parts.transforms.evaluation;
      return (await evaluate(parts.model, parts.images, { transform })).accuracy;
    })
  );
});

Deno.test("checkTrainEpoch finds all three faults of the given loop", async () => {
  await fails(
    () => checkTrainEpoch(trainEpoch),
    "Three faults are left",
    "the weights still change",
    "augmented images",
    "training mode",
  );
});

const after = (settings: (parts: EpochParts) => Parameters<typeof count>[1]) => () =>
  checkTrainEpoch(async (parts) => {
    await trainEpoch(parts);
    return count(parts, settings(parts)) / parts.images.size;
  });

Deno.test("checkTrainEpoch says which fault is left", async () => {
  await fails(after(() => ({ training: true })), "One fault is left", "in training mode");
  await fails(
    after(({ transforms }) => ({ transform: transforms.train })),
    "One fault is left",
    "`transforms.evaluation` in place of `transforms.train`",
  );
  await fails(after(() => ({ transform: (batch) => batch })), "One fault is left", "raw images");
  await fails(
    after(({ transforms }) => ({ training: true, transform: transforms.train })),
    "Two faults are left",
  );
  for (const when of ["before", "after"] as const) {
    await fails(
      () => checkTrainEpoch((parts) => inLoop(parts, when)),
      "One fault is left",
      "weights still change",
    );
  }
});

Deno.test("checkTrainEpoch sees to the training itself", async () => {
  await fails(
    () => checkTrainEpoch((parts) => Promise.resolve(count(parts) / parts.images.size)),
    "No step of training was made",
  );
  await fails(
    () =>
      checkTrainEpoch(async (parts) => {
        await trainEpoch({ ...parts, order: parts.order.slice(0, 40) });
        return count(parts) / parts.images.size;
      }),
    "trained on 40 images in 2 steps",
  );
  await fails(
    () =>
      checkTrainEpoch(async (parts) => {
        const { transforms } = parts;
        await trainEpoch({ ...parts, transforms: { ...transforms, train: transforms.evaluation } });
        return count(parts) / parts.images.size;
      }),
    "without augmentation",
  );
  let epochs = 0;
  await fails(
    () =>
      checkTrainEpoch(async (parts) => {
        if (epochs++ === 0) parts.model.setTraining(true);
        const { order, batchSize, images, transforms, random, step } = parts;
        for (let start = 0; start < order.length; start += batchSize) {
          const raw = images.batch(order.slice(start, start + batchSize));
          await step(transforms.train(raw, random));
        }
        return count(parts) / images.size;
      }),
    "From the second epoch on the model is trained in evaluation mode",
  );
});

Deno.test("checkTrainEpoch explains counts, percent, and other values", async () => {
  const returns = (change: (right: number) => unknown) => () =>
    checkTrainEpoch(async (parts) => {
      await trainEpoch(parts);
      return change(count(parts)) as number;
    });
  await fails(returns((right) => right), "divide by `images.size`");
  await fails(returns((right) => 100 * right / 60), "in percent");
  await fails(returns((right) => right / 70), "Count over all training images");
  await fails(returns(() => undefined), "is a `return` missing?");
  await fails(
    () => checkTrainEpoch(() => Promise.reject(new Error("Not solved yet: write your code"))),
    "is not written yet",
  );
});
