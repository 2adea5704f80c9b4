/** How far a training on several processes is from the same training in one. */
import type { Dataset } from "../../../lib/datasets/dataset.ts";
import type { Module } from "../../../lib/nn/module.ts";
import type { Random } from "../../../lib/random.ts";
import { Random as Randomness } from "../../../lib/random.ts";
import type { Cluster } from "../../../lib/tensor/cluster/cluster.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import type { Transform } from "../../../lib/augmentations/transform.ts";
import { AdamW, SGD } from "../../../lib/training/optimizers.ts";
import { constant } from "../../../lib/training/schedules.ts";
import { Trainer } from "../../../lib/training/trainer.ts";
import { valuesOf } from "../small.ts";

/** A training without dropout or augmentation; SGD has momentum 0.9, and the learning rate is 0.01. */
export interface Training {
  name: string;
  model(random: Random): Module;
  data: Dataset;
  /** `AdamW` has its own learning rate, 3e-4. */
  optimizer: "SGD" | "AdamW";
  batchSize: number;
  steps: number;
}

/** The loss of each step, and what the variables are at the end. */
export interface Course {
  losses: number[];
  values: Record<string, number[]>;
}

/** The largest differences between two courses. */
export interface Distance {
  loss: number;
  weight: number;
}

/** Bytes to −1…1. */
const scaled: Transform = ({ images, labels }) => ({
  images: tf.sub(tf.mul(images, 2 / 255), 1) as tf.Tensor4D,
  labels,
});

/** Trains; on a cluster with batch normalisation over all its processes. */
export async function courseOf(training: Training, cluster?: Cluster): Promise<Course> {
  const random = new Randomness(7);
  const model = training.model(random);
  const losses: number[] = [];
  const trainer = new Trainer({
    ...{ model, train: training.data, cluster, synchronizedBatchNorm: cluster !== undefined },
    transforms: { train: scaled, evaluation: scaled },
    optimizer: training.optimizer === "SGD" ? new SGD(model, { momentum: 0.9 }) : new AdamW(model),
    schedule: constant(training.optimizer === "SGD" ? 0.01 : 3e-4),
    epochs: Math.ceil(training.steps * training.batchSize / training.data.size),
    ...{ batchSize: training.batchSize, dropLast: false, progress: false },
    callbacks: [{ onStep: ({ loss }) => void losses.push(loss) }],
  });
  await trainer.run();
  const values = valuesOf(model);
  for (const each of [model, random]) each.dispose();
  return { losses, values };
}

/** Throws an Error where one course has other steps or variables than the other, or no number. */
export function distance(one: Course, other: Course): Distance {
  const names = Object.keys(one.values);
  if (String(names) !== String(Object.keys(other.values))) throw new Error("other variables");
  return {
    loss: largest(one.losses, other.losses),
    weight: Math.max(...names.map((name) => largest(one.values[name], other.values[name]))),
  };
}

function largest(some: readonly number[], others: readonly number[]): number {
  if (some.length !== others.length) throw new Error(`${some.length} and ${others.length} numbers`);
  return some.reduce((most, value, index) => {
    const difference = Math.abs(value - others[index]);
    if (!Number.isFinite(difference)) throw new Error(`${value} and ${others[index]}`);
    return Math.max(most, difference);
  }, 0);
}
