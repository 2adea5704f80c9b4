/**
 * The training of this unit's notebooks: as in unit 1, with curves, checkpoints and TensorBoard. Where
 * there are trained weights for a network, one's own or the course's, it loads them in place of training.
 */
import * as tf from "@tensorflow/tfjs";
import {
  Adam,
  Checkpointing,
  constant,
  countParameters,
  type Dataset,
  type EpochReport,
  evaluate,
  freeFolder,
  isRunComplete,
  LiveChart,
  loadEarlierRun,
  loadGivenWeights,
  type Measurement,
  type Module,
  type Optimizer,
  Random,
  type Schedule,
  show,
  TensorBoard,
  Trainer,
  trainFromEarlierRun,
  trainingCurves,
  transferWeights,
  type Transform,
  weightsFolder,
  writeTensorBoardLog,
} from "tessera";

/** What is the same for all networks of a notebook. */
export interface Course {
  train: Dataset;
  validation: Dataset;
  test: Dataset;
  transforms: { train: Transform; evaluation: Transform };
  batchSize: number;
  learningRate: number;
  seed: number;
  /** Where TensorBoard's logs and the notebook's own checkpoints go. */
  runFolder: string;
  /** Whether networks are trained even where there are trained weights. */
  retrain: boolean;
}

export interface Lesson {
  /** The name of the run, and of the trained weights in `checkpoints`. */
  name: string;
  model: Module;
  /** The library's network that computes the same, whose parameters have other names. It is freed. */
  twin: Module;
  epochs: number;
  /** Default: Adam without weight decay. */
  optimizer?: Optimizer;
  /** Default: the course's learning rate at every step. */
  schedule?: Schedule;
  /** Dotted lines in the chart of accuracies. */
  references?: Record<string, number>;
}

export interface Outcome {
  name: string;
  parameters: number;
  log: readonly EpochReport[];
  /** The epoch whose weights the model has now: the one with the best validation accuracy. */
  best: EpochReport;
  /** Measured once, with these weights. */
  testAccuracy: number;
}

/**
 * Trains a network, or loads the weights of an earlier training, one's own or the course's, shows its curves, and measures
 * the accuracy on the test images with the weights of the best epoch. A training that was stopped goes on.
 */
export async function trainOrLoad(lesson: Lesson, course: Course): Promise<Outcome> {
  const { name, model, twin } = lesson;
  const log = await load(lesson, course) ?? await train(lesson, course);
  twin.dispose();
  const best = log.findLast((report) => report.isBest)!;
  const transform = course.transforms.evaluation;
  const { accuracy: testAccuracy } = await evaluate(model, course.test, { transform });
  const parameters = countParameters(model);
  console.log(
    `${name}: ${parameters.toLocaleString("en")} parameters, test accuracy ${
      testAccuracy.toFixed(3)
    } ` +
      `with the weights of epoch ${best.epoch} of ${log.length}`,
  );
  return { name, parameters, log, best, testAccuracy };
}

/** Gives the model the weights of an earlier training; undefined where there are none that fit. */
async function load(lesson: Lesson, course: Course): Promise<EpochReport[] | undefined> {
  const { references } = lesson;
  if (course.retrain) return undefined;
  const trained = await loadOwn(lesson, course) ?? await loadGiven(lesson, course);
  if (trained) await show(trainingCurves(trained.log, { references }));
  return trained?.log;
}

/** The weights of this notebook's own training, once it is complete. */
async function loadOwn({ name, model, epochs }: Lesson, course: Course) {
  const folder = `${course.runFolder}/${name}`;
  if (!await isRunComplete(folder, epochs)) return undefined;
  return await loadEarlierRun({ folder, model, ...measurementOf(course) });
}

/** The weights of the library's network, trained by you or with the course. */
async function loadGiven({ name, model, twin }: Lesson, course: Course) {
  const trained = await loadGivenWeights({
    folder: await weightsFolder(name),
    model,
    twin,
    transfer: () => computesAlike(twin, model, course),
  });
  if (trained) writeTensorBoardLog(`${course.runFolder}/${name}`, trained.log);
  return trained;
}

function measurementOf({ validation, transforms }: Course): Measurement {
  return { validation, transform: transforms.evaluation };
}

/** Whether the model, which gets the twin's weights, computes with them what the twin does. */
function computesAlike(twin: Module, model: Module, course: Course): boolean {
  const random = new Random(course.seed);
  const isSame = tf.tidy(() => {
    const batch = course.validation.batch([0, 1, 2, 3]);
    return transferWeights(twin, model, course.transforms.evaluation(batch, random).images);
  });
  random.dispose();
  return isSame;
}

async function train(lesson: Lesson, course: Course): Promise<readonly EpochReport[]> {
  const { name, model, epochs, references } = lesson;
  const { optimizer = new Adam(model), schedule = constant(course.learningRate) } = lesson;
  const { train, validation, transforms, batchSize, seed } = course;
  const folder = await freeFolder(`${course.runFolder}/${name}`);
  const trainer = new Trainer({
    ...{ model, train, validation, transforms, optimizer, schedule, epochs, batchSize, seed },
    callbacks: [
      new LiveChart({ references }),
      new Checkpointing(folder),
      new TensorBoard(folder),
    ],
  });
  return await trainFromEarlierRun(trainer);
}
