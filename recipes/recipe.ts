import type { Transform } from "../lib/augmentations/transform.ts";
import type { Dataset } from "../lib/datasets/dataset.ts";
import type { Module } from "../lib/nn/module.ts";
import type { Random } from "../lib/random.ts";
import type { Optimizer } from "../lib/training/optimizers.ts";
import type { Schedule } from "../lib/training/schedules.ts";

/** What a training is made on: weights are chosen by validation, and the test set is seen once. */
export interface Splits {
  train: Dataset;
  validation: Dataset;
  test: Dataset;
}

/** A training that `./tessera train` can run: what is trained on what, and how. */
export interface Recipe {
  /** One line for the list of recipes. */
  summary: string;
  /** The course unit that loads the trained weights: `unit1`. */
  unit: string;
  seed: number;
  epochs: number;
  batchSize: number;
  /** The data; `limit` asks for only so many images of each part. */
  load(options: { seed: number; limit?: number }): Promise<Splits>;
  transforms: { train: Transform; evaluation: Transform };
  model(random: Random): Module;
  optimizer(model: Module): Optimizer;
  schedule(lengths: { epochs: number; stepsPerEpoch: number }): Schedule;
  maximumGradientNorm?: number;
  /** What these settings should reach, for the table of results. */
  reference?: string;
}
