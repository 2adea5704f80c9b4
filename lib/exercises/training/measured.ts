/** Checks that measure trained models themselves, in place of believing a number. */
import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import { Module } from "../../nn/module.ts";
import { fingerprint, isSameFingerprint } from "./fingerprint.ts";
import { type CheckOptions, checkRunner, describe, failure } from "../engine/check.ts";

const { runCheck } = checkRunner();

interface Batch {
  images: tf.Tensor4D;
  labels: tf.Tensor1D | tf.Tensor2D;
}

/** What models are measured on. */
export interface Measurement {
  validation: {
    readonly size: number;
    readonly labels: ArrayLike<number>;
    batch(indices: ArrayLike<number>): Batch;
  };
  /** What happens to images before a model sees them. */
  transform: (batch: Batch, random: Random) => Batch;
}

/** A model that was trained, and the reports of its epochs. */
export interface TrainedModel {
  model: Module;
  log: readonly { train: { examples: number } }[];
  settings?: object;
  /** The name of its run. */
  name?: string;
  /** The {@link fingerprint} of the network that it was before. */
  start?: readonly number[];
}

/** What a training in a comparison should be. */
export interface ExpectedTraining {
  /** The name of its run. */
  name?: string;
  /** Makes the network that it should have begun with. */
  fresh?: () => Module;
}

export interface VariantAccuracyOptions extends CheckOptions, Measurement {
  /** How much lower than the first's a variant's accuracy may be. Default: 0.1, ten points. */
  atMostLower?: number;
}

/** A model's accuracy on the validation images; its mode is left as it was. */
export function accuracyOf(model: Module, { validation, transform }: Measurement): number {
  const batchSize = 250;
  const random = new Random(1);
  const wasTraining = model.training;
  model.setTraining(false);
  let right = 0;
  try {
    for (let start = 0; start < validation.size; start += batchSize) {
      const count = Math.min(batchSize, validation.size - start);
      const indices = Array.from({ length: count }, (_, index) => start + index);
      const predicted = tf.tidy(() => {
        const { images } = transform(validation.batch(indices), random);
        return tf.argMax(model.forward(images), 1).dataSync();
      });
      right += indices.filter((index, i) => validation.labels[index] === predicted[i]).length;
    }
  } finally {
    model.setTraining(wasTraining);
    random.dispose();
  }
  return right / validation.size;
}

/** How many images a training has seen, counted epoch by epoch in its log. */
export function trainingSamples(log: TrainedModel["log"]): number {
  return log.reduce((sum, { train }) => sum + train.examples, 0);
}

/**
 * Checks that networks of other blocks are at most some points of validation accuracy below the first one,
 * trained with as many images; says where one is higher, which gives a bonus point. Throws a `CheckError`.
 */
export function checkVariantAccuracy(
  first: TrainedModel,
  variants: Readonly<Record<string, TrainedModel>>,
  { atMostLower = 0.1, points, ...measurement }: VariantAccuracyOptions,
): Promise<void> {
  return runCheck("Accuracy of the variants", { points }, () => {
    const all = Object.entries({ "the first": first, ...variants });
    for (const [name, trained] of all) assertTrained(name, trained);
    const models = all.map(([, { model }]) => model);
    all.forEach(([name], index) => {
      if (models.indexOf(models[index]) === index) return;
      throw failure(`${name} is the same network as ${all[models.indexOf(models[index])][0]}.`);
    });
    const lowest = accuracyOf(first.model, measurement) - atMostLower;
    const reference = lowest + atMostLower;
    const parts = [`validation accuracy ${percent(reference)}`];
    const higher: string[] = [];
    for (const [name, trained] of Object.entries(variants)) {
      assertSamples(name, trained, first);
      const accuracy = accuracyOf(trained.model, measurement);
      if (accuracy < lowest - 1e-9) {
        throw failure(
          `${name} has a validation accuracy of ${percent(accuracy)}, more than ${
            (100 * atMostLower).toFixed(0)
          } points below ${percent(reference)}.`,
          "Likely cause: signals or gradients do not get through this order of operations well. Is there a way " +
            "past each part on which nothing is cut off? Is the sum of each block kept in range?",
        );
      }
      parts.push(`${name} ${percent(accuracy)}`);
      if (accuracy > reference + 1e-9) higher.push(name);
    }
    if (higher.length === 0) return parts.join(", ");
    const text = `${parts.join(", ")}; one bonus point: ${higher.join(" and ")} is higher`;
    return { text, bonus: 1 };
  });
}

export interface ComparisonOptions extends CheckOptions, Measurement {
  /** What is known of trainings, by the names of the networks. */
  expected?: Readonly<Record<string, ExpectedTraining>>;
}

/**
 * Checks that networks were trained on as many images as the first, with the same settings and from their first
 * values on, and reports their validation accuracies. Throws a `CheckError`.
 */
export function checkComparison(
  networks: Readonly<Record<string, TrainedModel>>,
  { points, expected = {}, ...measurement }: ComparisonOptions,
): Promise<void> {
  return runCheck("Comparison", { points }, () => {
    const all = Object.entries(networks);
    const [[, first]] = all;
    for (const [name, trained] of all) {
      assertTrained(name, trained);
      assertSamples(name, trained, first);
      assertSameSettings(name, trained, first);
      assertAsExpected(name, trained, expected[name] ?? {});
    }
    if (new Set(all.map(([, { model }]) => model)).size < all.length) {
      throw failure("Two of the networks are one and the same.", "Train a network of each kind.");
    }
    const found = all.map(([name, { model }]) =>
      `${name} ${percent(accuracyOf(model, measurement))}`
    );
    return `${trainingSamples(first.log).toLocaleString("en")} training images each; validation ` +
      `accuracy ${found.join(", ")}`;
  });
}

function assertSameSettings(name: string, trained: TrainedModel, reference: TrainedModel): void {
  if (!trained.settings || !reference.settings) return;
  const [own, right] = [trained.settings, reference.settings] as Record<string, unknown>[];
  const keys = [...new Set([...Object.keys(right), ...Object.keys(own)])];
  const key = keys.find((each) => String(own[each]) !== String(right[each]));
  if (key === undefined) return;
  throw failure(
    `${name} was trained with \`${key}\` ${own[key]}, the first with ${right[key]}.`,
    "A comparison is fair only with the same settings: pass `settings` on as it is.",
  );
}

function assertAsExpected(
  label: string,
  trained: TrainedModel,
  { name, fresh }: ExpectedTraining,
): void {
  if (name !== undefined && trained.name !== name) {
    throw failure(
      `The training of ${label} is called ${
        trained.name === undefined ? "nothing" : `"${trained.name}"`
      }, but should be called "${name}".`,
      "By its name its weights are kept, and found the next time.",
    );
  }
  if (!fresh) return;
  const network = fresh();
  try {
    if (trained.start && isSameFingerprint(trained.start, fingerprint(network))) return;
  } finally {
    network.dispose();
  }
  throw failure(
    `${label} did not begin with the first values of a new network.`,
    "Likely cause: it was trained before or got other weights, or its `random` is another one. Make a new network " +
      "where you train it, with `random: newRandom()`, and train it once.",
  );
}

/** One training of an experiment with settings. */
export interface Experiment extends TrainedModel {
  settings: object;
}

/**
 * Checks an experiment with other settings against a baseline: something was changed, both saw the same
 * number of training images (within a hundredth, or but for the last batches of epochs), and reports both
 * accuracies. Throws a `CheckError`.
 */
export function checkEnhancement(
  baseline: Experiment,
  enhanced: Experiment,
  { points, ...measurement }: CheckOptions & Measurement,
): Promise<void> {
  return runCheck("Enhancement", { points }, () => {
    for (const [name, each] of Object.entries({ baseline, enhanced })) {
      assertTrained(name, each);
      if (typeof each.settings === "object" && each.settings !== null) continue;
      throw failure(
        `\`${name}.settings\` should hold the settings, but is ${describe(each.settings)}.`,
      );
    }
    if (baseline.model === enhanced.model) {
      throw failure("Both experiments have the same network; train a new one.");
    }
    const [before, after] = [baseline, enhanced].map(({ settings }) =>
      settings as Record<string, unknown>
    );
    const names = [...new Set([before, after].flatMap((each) => Object.keys(each)))];
    const changed = names.filter((name) => String(before[name]) !== String(after[name]));
    if (changed.length === 0) {
      throw failure(
        "No setting was changed.",
        "Change at least one that you expect to help, and train again.",
      );
    }
    assertSamples("The second training", enhanced, baseline);
    const [first, second] = [baseline, enhanced].map(({ model }) => accuracyOf(model, measurement));
    const effect = 100 * (second - first);
    return `changed ${
      changed.map((name) => `${name} ${before[name]} → ${after[name]}`)
        .join(", ")
    }; ${trainingSamples(enhanced.log).toLocaleString("en")} training images each; validation ` +
      `accuracy ${percent(first)} → ${percent(second)} (${effect < 0 ? "−" : "+"}${
        Math.abs(effect).toFixed(1)
      } points)`;
  });
}

function assertTrained(name: string, trained: TrainedModel): void {
  if (!(trained?.model instanceof Module)) {
    throw failure(`${name} should be a trained network with its log, but is ${describe(trained)}.`);
  }
  if (!Array.isArray(trained.log) || trained.log.length === 0) {
    throw failure(`${name} has no log of a training.`, "Train it, or load its trained weights.");
  }
}

/**
 * Both must have seen the same number of images. The last batch of an epoch, which is dropped where it is not
 * full, does not count: it hangs on the batch size alone.
 */
function assertSamples(name: string, trained: TrainedModel, reference: TrainedModel): void {
  const both = [trained, reference];
  const [samples, expected] = both.map(({ log }) => trainingSamples(log));
  if (Math.abs(samples - expected) <= 0.01 * expected) return;
  const [epochs, expectedEpochs] = both.map(({ log }) => log.length);
  if (epochs === expectedEpochs && mayBeOfOneDataSet(trained, reference)) return;
  throw failure(
    `${name} saw ${samples.toLocaleString("en")} training images, but the first ${
      expected.toLocaleString("en")
    }.`,
    epochs === expectedEpochs
      ? "Both were trained for as many epochs, but an epoch had another number of images. Train both on the same " +
        "pictures."
      : `It was trained for ${epochs} epochs, the first for ${expectedEpochs}. A comparison is fair only with the ` +
        "same number of training samples: the number of epochs times the images of an epoch. More epochs are no " +
        "better settings.",
  );
}

/** Whether the batches of two trainings may divide the same number of images. */
function mayBeOfOneDataSet(...both: [TrainedModel, TrainedModel]): boolean {
  const [one, other] = both.map((trained) => {
    const images = trainingSamples(trained.log) / trained.log.length;
    const { batchSize = 1 } = (trained.settings ?? {}) as { batchSize?: number };
    // Only where all batches are full may images have been left out.
    const most = images % batchSize === 0 ? images + batchSize - 1 : images;
    return { least: images, most };
  });
  return one.least <= other.most && other.least <= one.most;
}

function percent(accuracy: number): string {
  return `${(100 * accuracy).toFixed(1)} %`;
}
