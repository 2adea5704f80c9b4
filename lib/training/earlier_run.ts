/**
 * What an earlier training left in its folder. Weights say nothing of the order of operations, so they are
 * used only where the network, with them, has the validation loss and accuracy that were noted beside them:
 * then it computes the same. Else the network keeps the values that it has.
 */
import * as tf from "../tensor/tf.ts";
import type { Transform } from "../augmentations/transform.ts";
import type { Dataset } from "../datasets/dataset.ts";
import type { Module } from "../nn/module.ts";
import { NotFound } from "../platform/disk.ts";
import { FileError } from "../platform/files.ts";
import { Checkpointing, type FinishedTraining, readLog } from "./callbacks.ts";
import { loadWeights, readCheckpointInfo } from "./checkpoint.ts";
import { evaluate } from "./evaluate.ts";
import { Stopped } from "./interruption.ts";
import { Position } from "./position.ts";
import type { EpochReport } from "./report.ts";
import { trainingIn } from "./result.ts";
import { isRunComplete } from "./trained_weights.ts";
import type { Trainer } from "./trainer.ts";

/** What the noted loss and accuracy were measured on. */
export interface Measurement {
  validation: Dataset;
  /** Of validation images. */
  transform?: Transform;
}

/** A folder with weights, and the model that is to have them. */
interface Weights {
  folder: string;
  model: Module;
}

/**
 * A folder of {@link Checkpointing} with the model that is to have its weights; see {@link
 * loadEarlierRun}.
 */
export interface EarlierRun extends Weights, Measurement {
  /**
   * A network whose parameters have the names that they have in the file, and what gives the model its
   * values. Default: the model itself.
   */
  twin?: { reader: Module; give: () => void };
}

/** Gives a network the best weights of a training that is over, and says so; undefined where none fit. */
export async function loadEarlierRun(run: EarlierRun): Promise<FinishedTraining | undefined> {
  return await announced(run.folder, await orUnchanged(run, () => loadIfSame(run)));
}

/**
 * A folder with weights, the network that they were trained for, and the model that is to have
 * them; see {@link loadGivenWeights}.
 */
export interface GivenWeights extends Weights {
  /** A network whose parameters have the names that they have in the file. */
  twin: Module;
  /** Gives the model the twin's values; false where the two then compute different things. */
  transfer: () => boolean;
}

/** Gives a network weights that were trained for its twin, and says so; undefined where none fit. */
export async function loadGivenWeights(
  { twin, transfer, ...weights }: GivenWeights,
): Promise<FinishedTraining | undefined> {
  const { folder } = weights;
  const found = await orUnchanged(weights, async () => {
    const given = await loadBest(twin, folder);
    if (transfer()) return given;
    console.log(
      `With the weights in ${folder} your model computes something else: they are not used.`,
    );
  });
  return await announced(folder, found);
}

async function loadBest(model: Module, folder: string): Promise<FinishedTraining> {
  return await loadWeights(model, `${folder}/best.safetensors`) as unknown as FinishedTraining;
}

/** Says which weights are used; their own log ends with their epoch, the folder's does not. */
async function announced(
  folder: string,
  found: FinishedTraining | undefined,
): Promise<FinishedTraining | undefined> {
  if (!found) return undefined;
  const { accuracy } = found.best.validation!;
  console.log(
    `Loaded the trained weights of ${trainingIn(folder)} (epoch ${found.epoch}, validation ` +
      `accuracy ${
        accuracy.toFixed(3)
      }): the network is not trained again, unless you set \`retrain: true\`.`,
  );
  const log = await readLog(folder).catch(() => found.log);
  return { ...found, log };
}

/**
 * Trains to the last epoch, from where an earlier run was stopped if there is one, gives the model the
 * weights of the best epoch, and frees trainer and optimizer. Gives the reports of all epochs.
 *
 * Throws a {@link Stopped} where it was stopped in its first epoch, which notebooks show as the one line that
 * it has said; a FileError where another training writes to the folder (see `freeFolder`), and a TypeError
 * where the trainer has no checkpoints or nothing to validate on.
 */
export async function trainFromEarlierRun(trainer: Trainer): Promise<readonly EpochReport[]> {
  const { callbacks = [], validation, transforms } = trainer.options;
  const checkpoints = callbacks.find((each) => each instanceof Checkpointing);
  if (!checkpoints || !validation) {
    const lacking = checkpoints ? "validation images" : "Checkpointing among its callbacks";
    throw new TypeError(`trainFromEarlierRun: the trainer has no ${lacking}, to go on by`);
  }
  try {
    await resume(trainer, checkpoints, { validation, transform: transforms?.evaluation });
    const log = await trainer.run({
      advice: () =>
        trainer.epoch === 0
          ? "Run this cell again, and the training begins anew."
          : `It is saved in ${checkpoints.folder}: run this cell again, and it goes on.`,
    });
    if (log.length === 0) throw new Stopped("The training was stopped in its first epoch");
    await loadWeights(trainer.model, checkpoints.best);
    return log;
  } finally {
    trainer.dispose();
    trainer.options.optimizer.dispose();
  }
}

/** Lets a trainer go on with a training that was stopped, and says so; else it begins with epoch 1. */
async function resume(
  trainer: Trainer,
  checkpoints: Checkpointing,
  measurement: Measurement,
): Promise<void> {
  const { folder, last } = checkpoints;
  const { model, epochs, stepsPerEpoch } = trainer;
  const log = await logOf(last);
  if (log.length === 0 || await isRunComplete(folder, epochs)) return;
  // With another batch size or learning rate it is another training.
  const isAlike = log.every(({ epoch, step, learningRate }) =>
    step === epoch * stepsPerEpoch &&
    Math.abs(learningRate - trainer.learningRate(step - 1)) <= 1e-6 * learningRate
  );
  const run = { ...measurement, folder, model };
  const resumed = isAlike && await orUnchanged(run, async () => {
    if (!await loadIfSame(run)) return undefined;
    return await takesUp(trainer, checkpoints) || undefined;
  });
  if (resumed) {
    console.log(
      `Goes on after epoch ${trainer.epoch} of ${epochs}, which was saved in ${folder}. ` +
        "Without this folder the training would begin anew.",
    );
  } else {
    console.log(`The stopped training in ${folder} is another one: this one begins anew.`);
  }
}

/** The reports of the epochs that a checkpoint has behind it; none where there is no such checkpoint. */
async function logOf(checkpoint: string): Promise<readonly EpochReport[]> {
  const info = await readCheckpointInfo(checkpoint).catch(() => undefined);
  try {
    return Position.from(info?.position ?? {}).log;
  } catch {
    return []; // damaged, which is said where it is loaded
  }
}

/** Whether the trainer stands where the training was stopped; the seed or the pictures may be others. */
async function takesUp(trainer: Trainer, checkpoints: Checkpointing): Promise<boolean> {
  try {
    return await checkpoints.resume(trainer);
  } catch (error) {
    console.log(`${(error as Error).message}.`);
    return false;
  }
}

/** Loads the best weights; undefined, and why, where the network then computes something else. */
async function loadIfSame(
  { folder, model, twin, validation, transform }: EarlierRun,
): Promise<FinishedTraining | undefined> {
  const earlier = await loadBest(twin?.reader ?? model, folder);
  twin?.give();
  const expected = earlier.best?.validation;
  if (!expected) throw new FileError(`${folder} has no validation accuracy to compare with`);
  const found = await evaluate(model, validation, { transform });
  const isSame = Math.abs(found.accuracy - expected.accuracy) < 0.01 &&
    Math.abs(found.loss - expected.loss) < 5e-4 * (1 + expected.loss);
  if (isSame) return earlier;
  console.log(
    `With the weights in ${folder} your network has a validation loss of ` +
      `${found.loss.toFixed(3)} and an accuracy of ${found.accuracy.toFixed(3)}, not ` +
      `${expected.loss.toFixed(3)} and ${expected.accuracy.toFixed(3)}: it computes something ` +
      "else. So they are not used.",
  );
}

/** Calls, and puts all values of the network back where nothing comes of it. */
async function orUnchanged<T>(
  { folder, model }: Weights,
  call: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const variables = [...model.namedVariables().values()];
  const before = variables.map((variable) => variable.clone());
  let result: T | undefined;
  try {
    result = await call();
    return result;
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    // Weights of other sizes than those that the learner has chosen.
    if (!(error instanceof FileError || (error as Error).name === "CheckError")) throw error;
    console.log(`The trained weights in ${folder} do not fit your model: they are not used.`);
  } finally {
    if (result === undefined) variables.forEach((each, index) => each.assign(before[index]));
    tf.dispose(before);
  }
}
