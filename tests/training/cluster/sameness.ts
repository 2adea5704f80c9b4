/** How far a training on several processes is from the same training in one. */
import type { Dataset } from "../../../lib/datasets/dataset.ts";
import type { Module } from "../../../lib/nn/module.ts";
import { Random } from "../../../lib/random.ts";
import type { Cluster } from "../../../lib/tensor/cluster/cluster.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import type { Transform } from "../../../lib/augmentations/transform.ts";
import { AdamW, SGD } from "../../../lib/training/optimizers.ts";
import { constant } from "../../../lib/training/schedules.ts";
import { Trainer } from "../../../lib/training/trainer.ts";

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

/** The loss of each step, and what the parameters are at the end. */
export interface Course {
  losses: number[];
  weights: ReadonlyMap<string, Float32Array>;
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

/**
 * Trains; on a cluster with batch normalisation over all its processes. `isRounded`: from parameters that are one
 * rounding larger, which shows how far a training strays by rounding alone.
 */
export async function courseOf(
  training: Training,
  { cluster, isRounded = false }: { cluster?: Cluster; isRounded?: boolean } = {},
): Promise<Course> {
  const random = new Random(7);
  const model = training.model(random);
  for (const parameter of isRounded ? model.namedParameters().values() : []) {
    tf.tidy(() => parameter.assign(tf.mul(parameter, 1 + 2 ** -23)));
  }
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
  const weights = new Map(
    [...model.namedParameters()].map(([path, parameter]) =>
      [path, parameter.dataSync() as Float32Array] as const
    ),
  );
  for (const each of [model, random]) each.dispose();
  return { losses, weights };
}

/** Throws an Error where one course has other steps or parameters than the other, or no number. */
export function distance(one: Course, other: Course): Distance {
  const names = [...one.weights.keys()];
  if (String(names) !== String([...other.weights.keys()])) throw new Error("other parameters");
  return {
    loss: largest(one.losses, other.losses),
    weight: Math.max(
      ...names.map((name) => largest(one.weights.get(name)!, other.weights.get(name)!)),
    ),
  };
}

function largest(some: ArrayLike<number>, others: ArrayLike<number>): number {
  if (some.length !== others.length) throw new Error(`${some.length} and ${others.length} numbers`);
  return Array.from(some).reduce((most, value, index) => {
    const difference = Math.abs(value - others[index]);
    if (!Number.isFinite(difference)) throw new Error(`${value} and ${others[index]}`);
    return Math.max(most, difference);
  }, 0);
}
