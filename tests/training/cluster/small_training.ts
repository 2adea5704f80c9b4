/** What the small trainings of cluster tests have in common. */
import type { Module } from "../../../lib/nn/module.ts";
import { SGD } from "../../../lib/training/optimizers.ts";
import { constant } from "../../../lib/training/schedules.ts";
import type { TrainerOptions } from "../../../lib/training/trainer_options.ts";
import { columns, scale } from "../small.ts";

/** An epoch of 70 images in batches of 34, the last of 2; `own` options come in place of these. */
export function smallTraining(model: Module, own: Partial<TrainerOptions> = {}): TrainerOptions {
  return {
    ...{ model, epochs: 1, train: columns(70), validation: columns(40, 2) },
    transforms: { train: scale, evaluation: scale },
    optimizer: own.optimizer ?? new SGD(model, { momentum: 0.9 }),
    schedule: constant(0.01),
    ...{ batchSize: 34, dropLast: false, progress: false },
    ...own,
  };
}
