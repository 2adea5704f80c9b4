import { FileError } from "../platform/files.ts";
import { type Lock, takeLock } from "../platform/lock.ts";
import type { Module } from "../nn/module.ts";
import type { Callback, Outcome } from "./callback.ts";
import { describeModel, loadWeights, writeInfo } from "./checkpoint.ts";
import { type EpochReport, reportFromJson, type StepReport } from "./report.ts";
import { trainingIn } from "./result.ts";
import type { Trainer } from "./trainer.ts";

export interface CheckpointingOptions {
  /** The longest time of training that a crash can lose; a shorter epoch is saved at its end. */
  maximumSecondsBetween?: number;
}

/**
 * Keeps a training's checkpoints in a folder: `best.safetensors` (the weights of the best epoch),
 * `last.safetensors` (everything, to go on from), and `log.json` (the epochs' reports). While it trains the
 * folder is its own.
 */
export class Checkpointing implements Callback {
  readonly folder: string;
  readonly #maximumSeconds: number;
  #savedAt = 0;
  #savedStep = -1;
  #lock: Lock | undefined;

  constructor(folder: string, { maximumSecondsBetween = 300 }: CheckpointingOptions = {}) {
    this.folder = folder;
    this.#maximumSeconds = maximumSecondsBetween;
  }

  get best(): string {
    return `${this.folder}/best.safetensors`;
  }

  get last(): string {
    return `${this.folder}/last.safetensors`;
  }

  /** Lets a trainer go on from the last checkpoint; false where there is none. */
  async resume(trainer: Trainer): Promise<boolean> {
    try {
      await trainer.load(this.last);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  /** Throws a FileError where another training writes to the folder. */
  async onStart(): Promise<void> {
    this.#savedAt = performance.now();
    const lock = await takeLock(`${this.folder}/training.lock`);
    if (lock === null) {
      throw new FileError(
        `Another training writes to ${this.folder}, in another notebook or program: stop it first, or ` +
          "give this one a folder of its own",
      );
    }
    this.#lock = lock;
  }

  async onStep(_report: StepReport, trainer: Trainer): Promise<void> {
    const seconds = (performance.now() - this.#savedAt) / 1000;
    if (seconds > this.#maximumSeconds) await this.#saveLast(trainer);
  }

  async onEpoch(report: EpochReport, trainer: Trainer): Promise<void> {
    if (report.isBest) await trainer.saveWeights(this.best);
    await this.#saveLast(trainer);
    const { seed = 42 } = trainer.options;
    const { batchSize, epochs, model, log } = trainer;
    const info = { model: describeModel(model), seed, batchSize, epochs, log };
    await writeInfo(`${this.folder}/log.json`, info);
  }

  async onEnd(outcome: Outcome, trainer: Trainer): Promise<void> {
    if (!this.#lock) return; // the folder is another training's
    const isNew = trainer.step !== this.#savedStep && trainer.step > 0;
    try {
      if (isNew && (outcome === "stopped" || outcome === "left")) await this.#saveLast(trainer);
    } finally {
      this.#lock.release();
      this.#lock = undefined;
    }
  }

  async #saveLast(trainer: Trainer): Promise<void> {
    await trainer.save(this.last);
    this.#savedAt = performance.now();
    this.#savedStep = trainer.step;
  }
}

/** A training that was done before: its log, and the report of the epoch whose weights are loaded. */
export interface FinishedTraining {
  epoch: number;
  best: EpochReport;
  log: EpochReport[];
}

/**
 * Gives a model the best weights of an earlier training and says so; undefined where there are none.
 *
 * Throws a FileError when the file is damaged or of another model.
 */
export async function loadTrained(
  model: Module,
  folder: string,
): Promise<FinishedTraining | undefined> {
  const path = `${folder}/best.safetensors`;
  try {
    const info = await loadWeights(model, path) as unknown as FinishedTraining;
    // The weights' own log ends with their epoch.
    const log = await readLog(folder).catch(() => info.log);
    const { accuracy } = info.best.validation ?? info.best.train;
    console.log(
      `Loaded the trained weights of ${trainingIn(folder)} (epoch ${info.epoch}, validation ` +
        `accuracy ${accuracy.toFixed(3)}): the model is not trained again.`,
    );
    return { ...info, log };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Reads the reports that {@link Checkpointing} wrote to `log.json`. */
export async function readLog(folder: string): Promise<EpochReport[]> {
  const { log } = JSON.parse(await Deno.readTextFile(`${folder}/log.json`));
  return log.map(reportFromJson);
}

/** Notes the learning rate of every step. */
export class LearningRateMonitor implements Callback {
  readonly steps: number[] = [];
  readonly learningRates: number[] = [];

  onStep({ step, learningRate }: StepReport): void {
    this.steps.push(step);
    this.learningRates.push(learningRate);
  }
}

export interface EarlyStoppingOptions {
  /** So many epochs without improvement are endured. */
  patience: number;
  measure?: "loss" | "accuracy";
  /** A smaller improvement than this is none. */
  minimumImprovement?: number;
}

/** Stops a training whose validation loss (or accuracy) no longer improves. */
export function earlyStopping(
  { patience, measure = "loss", minimumImprovement = 0 }: EarlyStoppingOptions,
): Callback {
  if (!(Number.isInteger(patience) && patience > 0)) {
    throw new RangeError(
      `earlyStopping: patience is ${patience}, must be a whole number above 0`,
    );
  }
  const sign = measure === "loss" ? -1 : 1;
  const score = (report: EpochReport) => sign * (report.validation ?? report.train)[measure];
  return {
    onEpoch(_report, trainer) {
      // Computed from the log, so that a resumed training stops where a straight one does.
      let bestScore = -Infinity;
      let bestIndex = 0;
      trainer.log.forEach((report, index) => {
        if (score(report) > bestScore + minimumImprovement) {
          bestScore = score(report);
          bestIndex = index;
        }
      });
      if (trainer.log.length - 1 - bestIndex < patience) return;
      trainer.stop(`The ${measure} has not improved for ${patience} epochs`);
    },
  };
}
