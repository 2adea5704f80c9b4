import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  checkTrainEpoch,
  countingWays,
  type EpochParts,
  miscounts,
} from "../../../lib/exercises/training/epoch_accuracy.ts";
import { evaluate } from "../../../lib/training/evaluate.ts";
import { fails, passes } from "../verdict.ts";

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
  const order = Int32Array.from({ length: 70 }, (_, i) => (i * 13 + 2) % 70);
  const ways = countingWays(order);
  assertEquals(ways.length, 24);
  assertEquals(new Set(ways.map(({ correct }) => correct)).size, 24);
  assertEquals(ways[0].faults, []);
  const others = miscounts(order).map(({ accuracy }) => Math.round(accuracy * 70 * 1e3) / 1e3);
  assertEquals(
    new Set([...ways.map(({ correct }) => correct), ...others]).size,
    24 + others.length,
  );
  // That all is right may have many causes, such as predictions that are compared with themselves.
  assert(!others.includes(70));
});

Deno.test("checkTrainEpoch names averages over batches of other sizes, and batches left out", async () => {
  const byBatch = (put: (accuracies: number[], sizes: number[]) => number) => (parts: EpochParts) =>
    trainEpoch(parts).then(() => {
      const { order, batchSize } = parts;
      const batches = [0, 1, 2, 3].map((i) => order.slice(i * batchSize, (i + 1) * batchSize));
      const right = batches.map((batch) => count({ ...parts, order: batch }));
      return put(right, batches.map(({ length }) => length));
    });
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const cases: [put: (right: number[], sizes: number[]) => number, words: string][] = [
    [
      (right, sizes) => sum(right.map((each, i) => each / sizes[i])) / 4,
      "the mean of the batches'",
    ],
    [(right) => sum(right) / 80, "division by batches · batchSize"],
    [(right) => sum(right.slice(0, 3)) / 70, "last, smaller batch is left out of the count"],
    [(right) => sum(right.slice(0, 3)) / 60, "last, smaller batch is left out; all"],
    [(right, sizes) => right[3] / sizes[3], "only the last batch is counted"],
    [(right) => 1 - sum(right) / 70, "has wrong"],
  ];
  for (const [put, words] of cases) await fails(() => checkTrainEpoch(byBatch(put)), words);
});

Deno.test("checkTrainEpoch names a loss in place of the accuracy", async () => {
  await fails(() =>
    checkTrainEpoch(async (parts) => {
      await trainEpoch(parts);
      const transform = parts.transforms.evaluation;
      return (await evaluate(parts.model, parts.images, { transform })).loss;
    }), "this is the loss of the training images");
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

/** How many images each batch has right, after the training. */
async function countBatches(parts: EpochParts): Promise<[right: number, images: number][]> {
  const { order, batchSize } = parts;
  await trainEpoch(parts);
  return Array.from({ length: Math.ceil(order.length / batchSize) }, (_, index) => {
    const indices = order.slice(index * batchSize, (index + 1) * batchSize);
    return [count({ ...parts, order: indices }), indices.length];
  });
}

const share = (batches: [number, number][]) =>
  batches.reduce((sum, [right]) => sum + right, 0) /
  batches.reduce((sum, [, images]) => sum + images, 0);

Deno.test("checkTrainEpoch wants the last, smaller batch too, and no more of it", async () => {
  await passes(() => checkTrainEpoch(async (parts) => share(await countBatches(parts))));
  await fails(
    () => checkTrainEpoch(async (parts) => share((await countBatches(parts)).slice(0, -1))),
    "the last, smaller batch is left out; all training images count",
  );
  await fails(
    () =>
      checkTrainEpoch(async (parts) => {
        const shares = (await countBatches(parts)).map((batch) => share([batch]));
        return shares.reduce((sum, each) => sum + each, 0) / shares.length;
      }),
    "the mean of the batches' accuracies",
  );
});

Deno.test("checkTrainEpoch says that the measure comes before the training", async () => {
  const message = await fails(
    () =>
      checkTrainEpoch(async (parts) => {
        const correct = count(parts);
        await trainEpoch(parts);
        return correct / parts.images.size;
      }),
    "One fault is left",
    "before the training",
  );
  assert(!message.includes("augmented"), message);
});

Deno.test("checkTrainEpoch says where an await is missing", async () => {
  const measured = async ({ model, images, transforms }: EpochParts) =>
    (await evaluate(model, images, { transform: transforms.evaluation })).accuracy;
  const missing = "`await` is missing before `trainEpoch(parts)`";
  await fails(
    () =>
      checkTrainEpoch((parts) => {
        trainEpoch(parts);
        return Promise.resolve(count(parts) / parts.images.size);
      }),
    missing,
  );
  await fails(
    () =>
      checkTrainEpoch((parts) => {
        trainEpoch(parts);
        return measured(parts);
      }),
    missing,
  );
  await fails(
    () =>
      checkTrainEpoch((parts) => {
        const { model, order, batchSize, images, transforms, random, step } = parts;
        model.setTraining(true);
        for (let start = 0; start < order.length; start += batchSize) {
          step(transforms.train(images.batch(order.slice(start, start + batchSize)), random));
        }
        return measured(parts);
      }),
    "`await` is missing before `step(batch)`",
  );
  await fails(
    () =>
      checkTrainEpoch(async (parts) => {
        await trainEpoch(parts);
        return (measured(parts) as unknown as { accuracy: number }).accuracy;
      }),
    "or an `await`?",
  );
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
  await fails(returns((right) => 100 * right / 70), "in percent");
  await fails(returns((right) => right / 79), "Count over all training images");
  await fails(returns(() => undefined), "is a `return` missing, or an `await`?");
  await fails(
    () => checkTrainEpoch(() => Promise.reject(new Error("Not solved yet: write your code"))),
    "is not written yet",
  );
});
