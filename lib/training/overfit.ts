import { Random } from "../random.ts";
import { atEnd } from "../platform/kernel_door.ts";
import type { Module } from "../nn/module.ts";
import type { Dataset } from "../datasets/dataset.ts";
import type { Transform } from "../augmentations/transform.ts";
import { crossEntropyOfEach, type Loss } from "./losses.ts";
import { AdamW, type Optimizer } from "./optimizers.ts";
import { TrainingStep } from "./training_step.ts";

/** How {@link overfitOneBatch} trains on its one batch. */
export interface OverfitOptions {
  /** How many examples the batch has. Default: 32. */
  batchSize?: number;
  /** The most steps to try. Default: 200. */
  steps?: number;
  /** The same at every step. Default: 1e-3. */
  learningRate?: number;
  optimizer?: Optimizer;
  /** The normalisation; no augmentation. */
  transform?: Transform;
  loss?: Loss;
  /** Whether the steps run as one compiled function. Default: true. */
  compile?: boolean;
}

/**
 * The course of {@link overfitOneBatch}: loss and accuracy of each step, and whether it succeeded.
 */
export interface OverfitResult {
  /** Whether every example of the batch was classified rightly in the end. */
  succeeded: boolean;
  /** Of each step, before it. */
  losses: number[];
  accuracies: number[];
}

/** So many steps in a row must be without a mistake, since dropout may make them by chance. */
const flawlessSteps = 3;

/**
 * Trains on the first batch alone until the model knows it by heart, as a right model, loss and
 * optimizer can in a few hundred steps: a test of all three that takes seconds. Changes the model.
 */
export async function overfitOneBatch(
  model: Module,
  dataset: Dataset,
  options: OverfitOptions = {},
): Promise<OverfitResult> {
  const { batchSize = 32, steps = 200, learningRate = 1e-3, transform, compile = true } = options;
  const { loss = crossEntropyOfEach } = options;
  const optimizer = options.optimizer ?? new AdamW(model, { weightDecay: 0 });
  const random = new Random(0);
  const step = new TrainingStep({ model, dataset, optimizer, loss, random, transform, compile });
  const size = Math.min(batchSize, dataset.size);
  const indices = Int32Array.from({ length: size }, (_, index) => index);
  const result: OverfitResult = { succeeded: false, losses: [], accuracies: [] };
  const wasTraining = model.training;
  model.setTraining(true);
  const end = atEnd(() => {
    model.setTraining(wasTraining);
    step.dispose();
    random.dispose();
    if (!options.optimizer) optimizer.dispose();
  });
  try {
    while (!result.succeeded && result.losses.length < steps) {
      const { loss, correct } = await step.run(indices, learningRate);
      result.losses.push(loss);
      result.accuracies.push(correct / size);
      const latest = result.accuracies.slice(-flawlessSteps);
      result.succeeded = latest.length === flawlessSteps && latest.every((value) => value === 1);
    }
  } finally {
    end();
  }
  return result;
}
