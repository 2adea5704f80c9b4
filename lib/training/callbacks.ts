import { NotFound, readText } from "../platform/disk.ts";
import { FileError } from "../platform/files.ts";
import { given } from "../platform/given.ts";
import type { Lock } from "../platform/lock.ts";
import type { Module } from "../nn/module.ts";
import type { Callback, Outcome } from "./callback.ts";
import {
  damagedDescription,
  describeModel,
  loadWeights,
  readCheckpointInfo,
  writeInfo,
} from "./checkpoint.ts";
import { HeldFiles } from "./held_files.ts";
import { type EpochReport, reportFromJson, type StepReport } from "./report.ts";
import { trainingIn } from "./result.ts";
import { putBack, removeSetAside, scoreOf, scoreSetAside, setAside } from "./set_aside.ts";
import type { Trainer } from "./trainer.ts";
import { lockFolder, requireWritable, takeFreeFolder } from "./training_folder.ts";

const bestName = "best.safetensors";
const lastName = "last.safetensors";

/** How often {@link Checkpointing} saves. */
export interface CheckpointingOptions {
  /**
   * The longest time of training that a crash can lose; a shorter epoch is saved at its end.
   * Default: 300.
   */
  maximumSecondsBetween?: number;
}

/**
 * Keeps a training's checkpoints in a folder: `best.safetensors` (the weights of the best epoch),
 * `last.safetensors` (everything, to go on from), and `log.json` (the epochs' reports). While it trains the
 * folder is its own. What an earlier training has left there is set aside, in the folder's `before`, until
 * the new one is better or complete. A folder that is moved or deleted meanwhile is made anew, with a line
 * that says so.
 *
 * The files are written in an order in which the program may end at any moment: resuming repairs the rest.
 */
export class Checkpointing implements Callback {
  readonly onStepMayBeLate = true;
  readonly folder: string;
  readonly #maximumSeconds: number;
  #savedAt = 0;
  #savedStep = -1;
  #lock: Lock | undefined;
  /** Whether the folder stays locked when a training ends. */
  #isClaimed = false;
  readonly #held = new HeldFiles();
  /** Of the training that was set aside, if there is one: what the new one's epochs have to exceed. */
  #scoreBefore: number | undefined;

  /** Throws a RangeError where the folder has no name. */
  constructor(folder: string, { maximumSecondsBetween = 300 }: CheckpointingOptions = {}) {
    if (typeof folder !== "string" || folder.trim() === "") {
      throw new RangeError(`Checkpointing: the folder is "${folder ?? ""}", must have a name`);
    }
    this.folder = folder;
    this.#maximumSeconds = maximumSecondsBetween;
  }

  /**
   * Keeps them in the given folder or, while another training writes there, in the first of `FOLDER-2`, `FOLDER-3` …
   * that is free, with a line that says so. Others are kept out at once and until it is {@link release}d: what the
   * training has saved may be read and measured undisturbed.
   */
  static async inFreeFolder(
    folder: string,
    options?: CheckpointingOptions,
  ): Promise<Checkpointing> {
    const { folder: free, lock } = await takeFreeFolder(folder);
    const checkpoints = new Checkpointing(free, options);
    checkpoints.#lock = lock;
    checkpoints.#isClaimed = true;
    return checkpoints;
  }

  /** Lets others into the folder; without {@link inFreeFolder} a training does so at its end. */
  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  get best(): string {
    return `${this.folder}/${bestName}`;
  }

  get last(): string {
    return `${this.folder}/${lastName}`;
  }

  /**
   * Lets a trainer go on from the last checkpoint; false where there is none. Throws a FileError where another
   * training writes to the folder, and where its files are damaged or of different trainings.
   */
  async resume(trainer: Trainer): Promise<boolean> {
    const lock = this.#lock ?? await lockFolder(this.folder);
    try {
      await putBack(this.folder);
      await trainer.load(this.last);
      await this.#repair(trainer);
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    } finally {
      if (lock !== this.#lock) lock.release();
    }
  }

  /** Throws a FileError where another training writes to the folder, or nothing can be written there. */
  async onStart(trainer: Trainer): Promise<void> {
    this.#savedAt = performance.now();
    this.#lock ??= await lockFolder(this.folder);
    await putBack(this.folder);
    if (trainer.step === 0) await setAside(this.folder);
    await requireWritable(this.folder);
    this.#scoreBefore = await scoreSetAside(this.folder);
    for (const name of [bestName, lastName]) await this.#held.hold(this.folder, name);
  }

  async onStep(_report: StepReport, trainer: Trainer): Promise<void> {
    const seconds = (performance.now() - this.#savedAt) / 1000;
    if (seconds > this.#maximumSeconds) await this.#saveLast(trainer);
  }

  async onWarning(trainer: Trainer): Promise<void> {
    await this.#saveLast(trainer);
  }

  async onEpoch(report: EpochReport, trainer: Trainer): Promise<void> {
    await this.#keepPlace(trainer);
    // Where the program ends before the last state is written, that epoch is trained again, and gives the same.
    if (report.isBest) {
      await trainer.saveWeights(this.best);
      await this.#held.hold(this.folder, bestName);
    }
    await this.#saveLast(trainer);
    await this.#writeLog(trainer); // which the last state holds too
    if (this.#scoreBefore !== undefined && scoreOf(report) > this.#scoreBefore) {
      await this.#removeSetAside();
    }
  }

  async onEnd(outcome: Outcome, trainer: Trainer): Promise<void> {
    if (!this.#lock) return this.#held.close(); // the folder is another training's
    const isNew = trainer.step !== this.#savedStep && trainer.step > 0;
    try {
      await this.#keepPlace(trainer);
      if (isNew && (outcome === "stopped" || outcome === "left")) await this.#saveLast(trainer);
      if (outcome === "finished") await this.#removeSetAside();
      else await putBack(this.folder);
    } finally {
      if (!this.#isClaimed) this.release();
      this.#held.close();
    }
  }

  /**
   * Makes the folder anew where it is not where it was, with all that was saved in it. Throws a FileError,
   * which says where everything is, where another training has begun there.
   */
  async #keepPlace(trainer: Trainer): Promise<void> {
    if (!this.#lock || await this.#lock.isInPlace()) return;
    this.release();
    const happened = `${this.folder} was moved or deleted while a training wrote to it`;
    const { folder, lock } = await takeFreeFolder(this.folder);
    this.#lock = lock;
    await setAside(folder);
    await this.#held.writeTo(folder);
    if (trainer.epoch > 0) await this.#writeLog(trainer, folder);
    if (folder !== this.folder) {
      if (trainer.step > 0) await trainer.save(`${folder}/${lastName}`);
      this.release();
      throw new FileError(`${happened}, and another one began there: this one is in ${folder}`);
    }
    this.#scoreBefore = await scoreSetAside(folder);
    console.warn(`${happened}: what the training has saved is there anew, and nothing else.`);
  }

  async #saveLast(trainer: Trainer): Promise<void> {
    await this.#keepPlace(trainer);
    await trainer.save(this.last);
    await this.#held.hold(this.folder, lastName);
    this.#savedAt = performance.now();
    this.#savedStep = trainer.step;
  }

  async #writeLog(trainer: Trainer, folder = this.folder): Promise<void> {
    const { seed = 42 } = trainer.options;
    const { batchSize, epochs, model, log } = trainer;
    const info = { model: describeModel(model), seed, batchSize, epochs, log };
    await writeInfo(logPath(folder), info);
  }

  async #removeSetAside(): Promise<void> {
    this.#scoreBefore = undefined;
    await removeSetAside(this.folder);
  }

  /** Puts right what a program has left that ended while it wrote: log and best weights follow the last state. */
  async #repair(trainer: Trainer): Promise<void> {
    const log = await readLog(this.folder).catch(() => []);
    if (JSON.stringify(log) !== JSON.stringify(trainer.log)) await this.#writeLog(trainer);
    const { best, epoch, step, stepsPerEpoch } = trainer;
    if (!best) return;
    const saved = await readCheckpointInfo(this.best).catch((error: Error) => error);
    if (!(saved instanceof Error)) {
      const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
      // Other programs' weights, and those of old versions, say nothing of themselves.
      if (saved.epoch === undefined || isSame(saved.best, best)) return;
      // Of the epoch that is trained again now.
      const isNext = Array.isArray(saved.log) && isSame(saved.log.slice(0, epoch), trainer.log);
      if (saved.epoch === epoch + 1 && isNext) return;
    }
    if (best.epoch === epoch && step === epoch * stepsPerEpoch) {
      return await trainer.saveWeights(this.best);
    }
    const fault = !(saved instanceof Error)
      ? `is of epoch ${saved.epoch} of another training`
      : saved instanceof NotFound
      ? "is missing"
      : `cannot be read (${saved.message})`;
    throw new FileError(
      `${this.best} ${fault}; it should hold the weights of epoch ${best.epoch} of the training that ` +
        `${this.last} goes on with. Restore it, or begin that training anew`,
    );
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
    if (!info.best?.train || !Array.isArray(info.log)) throw damagedDescription(path);
    // The weights' own log ends with their epoch.
    const log = await readLog(folder).catch(() => info.log);
    const { accuracy } = info.best.validation ?? info.best.train;
    console.log(
      `Loaded the trained weights of ${trainingIn(folder)} (epoch ${info.epoch}, validation ` +
        `accuracy ${accuracy.toFixed(3)}): the model is not trained again.`,
    );
    return { ...info, log };
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

const logPath = (folder: string) => `${folder}/log.json`;

/**
 * Reads the reports that {@link Checkpointing} wrote to `log.json`. Throws a FileError where that is damaged.
 */
export async function readLog(folder: string): Promise<EpochReport[]> {
  const path = logPath(folder);
  const text = await readText(path);
  try {
    const { log } = JSON.parse(text);
    return log.map(reportFromJson);
  } catch (error) {
    throw new FileError(`${path} is damaged: restore it, or train again`, { cause: error });
  }
}

/** Notes the learning rate of every step. */
export class LearningRateMonitor implements Callback {
  readonly onStepMayBeLate = true;
  readonly steps: number[] = [];
  readonly learningRates: number[] = [];

  onStep({ step, learningRate }: StepReport): void {
    this.steps.push(step);
    this.learningRates.push(learningRate);
  }
}

/** When {@link earlyStopping} ends a training. */
export interface EarlyStoppingOptions {
  /** So many epochs without improvement are endured. */
  patience: number;
  /** What is to improve. Default: `loss`. */
  measure?: "loss" | "accuracy";
  /** A smaller improvement than this is none. Default: 0. */
  minimumImprovement?: number;
}

/** Stops a training whose validation loss (or accuracy) no longer improves. */
export function earlyStopping(
  { patience, measure = "loss", minimumImprovement = 0 }: EarlyStoppingOptions,
): Callback {
  if (!(Number.isInteger(patience) && patience > 0)) {
    throw new RangeError(
      `earlyStopping: patience is ${given(patience)}, must be a whole number above 0`,
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
