import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import { buffer } from "../../nn/initialization.ts";
import { Module } from "../../nn/module.ts";
import { attempt } from "../engine/attempt.ts";
import { type CheckOptions, checkRunner, describe, failure } from "../engine/check.ts";
import { number } from "../engine/compare.ts";

const { runCheck } = checkRunner();

interface Batch {
  images: tf.Tensor4D;
  labels: tf.Tensor1D | tf.Tensor2D;
}
type Transform = (batch: Batch, random: Random) => Batch;

/** What one epoch of training works on. */
export interface EpochParts {
  model: Module;
  /** The training images. */
  images: {
    readonly size: number;
    readonly classNames: readonly string[];
    readonly imageShape: readonly [number, number, number];
    batch(indices: tf.Tensor1D | ArrayLike<number>): Batch;
  };
  /** The indices of the training images, in the order of this epoch. */
  order: Int32Array;
  batchSize: number;
  transforms: { train: Transform; evaluation: Transform };
  /** Draws for the training transform. */
  random: Random;
  /** One step on a batch: changes the weights, and gives how many images the model had right before. */
  step(batch: Batch): Promise<number>;
}

/** Trains for one epoch, and gives the accuracy on the training images. */
export type TrainEpoch = (parts: EpochParts) => Promise<number>;

// The last batch is smaller, so that it shows where it is left out or counts too much.
const [examples, batchSize, classes] = [70, 20, 3];
const steps = Math.ceil(examples / batchSize);

/**
 * What decides how many images the probe has right. No two ways of counting may give one number, or the
 * cause of one would be said of the other; a test holds that. (With steps of 6 and augmented images of 14,
 * three steps too few looked like augmented images in training mode: 3 · 6 = 14 + 4.)
 */
const rightOf = { final: 64, training: 2, augmented: 4, raw: 3, step: 8 };

/** The logit of the class that the probe names; those of the others are 0. */
const certainty = 8;

/** How images have come to the model: through which transform. */
type Kind = "evaluation" | "train" | "raw";

/**
 * A model whose accuracy tells what it was measured on: it has the first so many images right, fewer in
 * training mode, on augmented images, and before its last step.
 */
class Probe extends Module {
  readonly stepsMade = buffer(() => tf.scalar(0));
  /** Hears of every evaluation. */
  onForward = () => {};

  /** Channels: the image's index, whether it was augmented, whether it was normalised. */
  forward(images: tf.Tensor): tf.Tensor {
    this.onForward();
    const [index, augmented, normalised] = tf.unstack(tf.mean(images, [1, 2]), 1);
    const raw = tf.mul(tf.sub(1, augmented), tf.sub(1, normalised));
    const stepsLeft = tf.sub(steps, tf.minimum(this.stepsMade, steps));
    const right = tf.addN([
      tf.fill(index.shape, rightOf.final - (this.training ? rightOf.training : 0)),
      tf.mul(augmented, -rightOf.augmented),
      tf.mul(raw, -rightOf.raw),
      tf.mul(tf.onesLike(index), tf.mul(stepsLeft, -rightOf.step)),
    ]);
    const isWrong = tf.cast(tf.greaterEqual(index, right), "float32");
    const label = tf.mod(index, classes);
    const said = tf.mod(tf.add(label, isWrong), classes);
    return tf.mul(tf.cast(tf.oneHot(tf.cast(said, "int32"), classes), "float32"), certainty);
  }
}

/** The number that the probe has right among some images, worked out without it. */
function countRight(
  indices: ArrayLike<number>,
  { training, kind, stepsMade }: { training: boolean; kind: Kind; stepsMade: number },
): number {
  const lost = { evaluation: 0, train: rightOf.augmented, raw: rightOf.raw }[kind];
  const threshold = rightOf.final - (training ? rightOf.training : 0) - lost -
    rightOf.step * (steps - stepsMade);
  return Array.from(indices).filter((index) => index < threshold).length;
}

const weightsFault =
  "the weights still change while you count: an image that was seen early in the epoch is judged by " +
  "weights that no longer exist. Count after the last step, in a second pass over the images";
const beforeFault =
  "you count before the training, so with the weights that the epoch begins with: train first, then count";
const transformFaults: Record<Kind, string | undefined> = {
  evaluation: undefined,
  train:
    "you count on augmented images: give the images `transforms.evaluation` in place of `transforms.train`",
  raw: "you count on raw images: give them `transforms.evaluation`, which normalises them",
};
const modeFault =
  "the model is in training mode while you count: call `model.setTraining(false)` before (in training " +
  "dropout is active, and batch normalisation takes the batch's own statistics)";

/** What a number that a learner's function may give would come from. */
interface Candidate {
  correct: number;
  faults: string[];
}

/** All ways of counting, those with the fewest faults first. */
export function countingWays(order: Int32Array): Candidate[] {
  const batches = Array.from(
    { length: steps },
    (_, index) => order.slice(index * batchSize, (index + 1) * batchSize),
  );
  const ways: Candidate[] = [];
  for (const when of ["after", "before", "before each step", "after each step"] as const) {
    for (const kind of ["evaluation", "train", "raw"] as const) {
      for (const training of [false, true]) {
        const correct = batches.reduce((sum, batch, index) => {
          const stepsMade = {
            after: steps,
            before: 0,
            "before each step": index,
            "after each step": index + 1,
          }[when];
          return sum + countRight(batch, { training, kind, stepsMade });
        }, 0);
        const faults = [
          when === "after" ? undefined : when === "before" ? beforeFault : weightsFault,
          transformFaults[kind],
          training ? modeFault : undefined,
        ].filter((fault) => fault !== undefined);
        ways.push({ correct, faults });
      }
    }
  }
  return ways.sort((a, b) => a.faults.length - b.faults.length);
}

/** Right ways of measuring, put together wrongly from the batches. */
export function miscounts(order: Int32Array): { accuracy: number; fault: string }[] {
  const batches = Array.from(
    { length: steps },
    (_, index) => order.slice(index * batchSize, (index + 1) * batchSize),
  );
  const right = batches.map((batch) =>
    countRight(batch, { training: false, kind: "evaluation", stepsMade: steps })
  );
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const full = right.slice(0, -1);
  const wrong = 1 - sum(right) / examples;
  return [
    {
      accuracy: sum(right.map((count, index) => count / batches[index].length)) / steps,
      fault:
        "the mean of the batches' accuracies. The last batch is smaller, so that its images count more than the " +
        "others. Sum what is right, and divide once by the number of images.",
    },
    {
      accuracy: sum(right) / (steps * batchSize),
      fault:
        "a division by batches · batchSize; the last batch is smaller. Divide by `images.size`.",
    },
    {
      accuracy: sum(full) / examples,
      fault: "the last, smaller batch is left out of the count.",
    },
    {
      accuracy: sum(full) / (full.length * batchSize),
      fault: "the last, smaller batch is left out; all training images count.",
    },
    {
      accuracy: right.at(-1)! / batches.at(-1)!.length,
      fault: "only the last batch is counted; all training images count.",
    },
    {
      accuracy: Math.log(1 + (classes - 1) / Math.exp(certainty)) + certainty * wrong,
      fault: "this is the loss of the training images. `evaluate` gives `{ loss, accuracy }`.",
    },
    {
      accuracy: wrong,
      fault: "this is the share of the images that the model has wrong.",
    },
  ];
}

/** What the probe's training saw. */
interface Seen {
  indices: number[];
  augmented: boolean;
  training: boolean;
}

/**
 * Checks a learner's epoch of training that measures the accuracy on the training images afterwards: with
 * the weights of its end, on images that are only normalised, in evaluation mode. Throws a `CheckError`
 * that says which of these is still wrong.
 */
export async function checkTrainEpoch(
  trainEpoch: TrainEpoch,
  options: CheckOptions = {},
): Promise<void> {
  const random = new Random(8);
  const probe = new Probe();
  const order = Int32Array.from({ length: examples }, (_, i) => (i * 13 + 2) % examples);
  const table = tf.tensor(Array.from({ length: examples }, (_, i) => [[[i, 0, 0]]])) as tf.Tensor4D;
  const labels = tf.tensor1d(Array.from({ length: examples }, (_, i) => i % classes), "int32");
  const seen: Seen[] = [];
  let stepsUnderWay = 0;
  let notAwaited: "step(batch)" | "trainEpoch(parts)" | undefined;
  probe.onForward = () => {
    if (stepsUnderWay > 0) notAwaited ??= "trainEpoch(parts)";
  };
  const parts: EpochParts = {
    model: probe,
    images: {
      size: examples,
      classNames: ["a", "b", "c"],
      imageShape: [1, 1, 3],
      batch: (indices) =>
        tf.tidy(() => {
          const chosen = indices instanceof tf.Tensor
            ? indices
            : tf.tensor1d(Array.from(indices), "int32");
          return {
            images: tf.gather(table, chosen),
            labels: tf.gather(labels, chosen) as tf.Tensor1D,
          };
        }),
    },
    order,
    batchSize,
    transforms: { train: marking([0, 1, 0]), evaluation: marking([0, 0, 1]) },
    random,
    step: async (batch) => {
      if (stepsUnderWay > 0) notAwaited ??= "step(batch)";
      const [right, first] = tf.tidy(() => {
        const chosen = tf.argMax(probe.forward(batch.images), 1);
        const equal = tf.equal(chosen, tf.cast(batch.labels as tf.Tensor1D, "int32"));
        return [tf.sum(tf.cast(equal, "int32")), tf.reshape(batch.images, [-1, 3])];
      });
      const rows = (first as tf.Tensor2D).arraySync();
      seen.push({
        indices: rows.map(([index]) => index),
        augmented: rows.every(([, augmented]) => augmented === 1),
        training: probe.training,
      });
      const count = right.dataSync()[0];
      tf.dispose([right, first]);
      tf.tidy(() => probe.stepsMade.assign(tf.add(probe.stepsMade, 1)));
      // It takes time, as a real one: what does not wait for it comes too early here too.
      stepsUnderWay++;
      await aMoment();
      stepsUnderWay--;
      return count;
    },
  };
  try {
    const results: { value?: unknown; error?: unknown }[] = [];
    const epochs: Seen[][] = [];
    // Twice, as in a training: what the first epoch leaves behind must not spoil the second.
    for (let epoch = 0; epoch < 2; epoch++) {
      tf.tidy(() => probe.stepsMade.assign(tf.scalar(0)));
      try {
        results.push({ value: await trainEpoch(parts) });
      } catch (error) {
        results.push({ error });
      }
      if (stepsUnderWay > 0) notAwaited ??= "trainEpoch(parts)";
      // What nobody waited for ends before its tensors are freed.
      do await aMoment(); while (stepsUnderWay > 0);
      epochs.push(seen.splice(0));
    }
    await runCheck("Training accuracy", options, () => {
      if (notAwaited) {
        throw failure(
          notAwaited === "step(batch)"
            ? "A step of training begins before the last one has ended."
            : "The accuracy is measured before the training has ended.",
          `\`await\` is missing before \`${notAwaited}\`.`,
        );
      }
      for (const [index, result] of results.entries()) {
        const value = attempt("trainEpoch", `in epoch ${index + 1}`, () => {
          if ("error" in result) throw result.error;
          return result.value;
        });
        judge(value, epochs[index], order, index + 1);
      }
      return "measured with the epoch's last weights, on images that are only normalised, in evaluation mode";
    });
  } finally {
    probe.dispose();
    random.dispose();
    tf.dispose([table, labels]);
  }
}

/** Lets everything run that is ready to. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A transform that leaves a mark in the channels. */
function marking(mark: number[]): Transform {
  return ({ images, labels }) => ({
    images: tf.tidy(() => tf.add(images, tf.tensor1d(mark))),
    labels: labels.clone(),
  });
}

function judge(value: unknown, seen: readonly Seen[], order: Int32Array, epoch: number): void {
  judgeTraining(seen, order, epoch);
  if (typeof value !== "number" || Number.isNaN(value)) {
    const what = value === undefined
      ? "undefined (is a `return` missing, or an `await`?)"
      : describe(value);
    throw failure(
      `The accuracy should be a number, but is ${what}.`,
      "Return the share of the training images that the model has right: `correct / images.size`.",
    );
  }
  const correct = value * examples;
  const near = (count: number) => Math.abs(correct - count) < 1e-3;
  const ways = countingWays(order);
  const way = ways.find((each) => near(each.correct));
  if (way?.faults.length === 0) return;
  if (way) {
    const left = way.faults.length === 1
      ? "One fault is left"
      : `${["", "", "Two", "Three"][way.faults.length]} faults are left`;
    throw failure(`${left}:`, ...way.faults.map((fault) => `· ${fault}.`));
  }
  const [right] = ways;
  const miscount = miscounts(order).find((each) => Math.abs(each.accuracy - value) < 1e-5);
  throw failure(
    `The accuracy is ${number(value)}, but should be ${number(right.correct / examples)}.`,
    miscount
      ? `Likely cause: ${miscount.fault}`
      : Math.abs(value - right.correct) < 1e-3
      ? "This is how many images are right; divide by `images.size`."
      : Math.abs(value - 100 * right.correct / examples) < 1e-3
      ? "This is in percent; give the share, between 0 and 1."
      : "Count over all training images, each once, and divide by their number.",
  );
}

/** The training itself must stay as it was. */
function judgeTraining(seen: readonly Seen[], order: Int32Array, epoch: number): void {
  const kept = "The training itself stays as in `trainEpoch`; only the measuring changes.";
  if (seen.length === 0) {
    throw failure(
      "No step of training was made.",
      "Call `step` for each batch, as before. " + kept,
    );
  }
  const indices = seen.flatMap((each) => each.indices);
  if (indices.length !== order.length || indices.some((index, i) => index !== order[i])) {
    throw failure(
      `Epoch ${epoch} trained on ${indices.length} images in ${seen.length} steps, not on each of the ` +
        `${order.length} once, in the epoch's order.`,
      kept,
    );
  }
  if (seen.some((each) => !each.augmented)) {
    throw failure("The model is trained on images without augmentation.", kept);
  }
  if (seen.some((each) => !each.training)) {
    throw failure(
      epoch === 1
        ? "The model is trained in evaluation mode."
        : "From the second epoch on the model is trained in evaluation mode.",
      "Likely cause: `model.setTraining(false)` for the measuring, and no `model.setTraining(true)` before " +
        "the first step.",
    );
  }
}
