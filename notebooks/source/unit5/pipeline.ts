/**
 * The pipeline of part 1 for the other parts of this unit: the same data, augmentation and training, with
 * the model left open, and AdamW in place of SGD.
 */
import * as tf from "@tensorflow/tfjs";
import {
  AdamW,
  Checkpointing,
  cifar10,
  cifar10Colors,
  compose,
  type Dataset,
  type EpochReport,
  freeFolder,
  type ImageDataset,
  isRunComplete,
  LiveChart,
  loadEarlierRun,
  loadGivenWeights,
  type Measurement,
  type Module,
  noDecayOnNormsAndBiases,
  normalize,
  Random,
  randomCrop,
  randomHorizontalFlip,
  readResult,
  type Schedule,
  show,
  split,
  TensorBoard,
  Trainer,
  trainFromEarlierRun,
  trainingCurves,
  transferWeights,
  type Transform,
  warmupCosine,
  weightsFolder,
} from "tessera";

const evaluation = normalize(cifar10Colors.mean, cifar10Colors.standardDeviation);

/** Crop with 4 black pixels around, flip, normalisation; in evaluation normalisation alone. */
export const transforms: { train: Transform; evaluation: Transform } = {
  train: compose(randomCrop({ padding: 4 }), randomHorizontalFlip(), evaluation),
  evaluation,
};

export interface Data {
  train: ImageDataset;
  validation: ImageDataset;
  test: ImageDataset;
}

/** CIFAR-10's 45,000 training, 5,000 validation and 10,000 test images; few of each in a quick run. */
export async function loadData({ seed, quick }: { seed: number; quick: boolean }): Promise<Data> {
  const { train: labelled, test } = await cifar10({ limit: quick ? 1_280 : undefined });
  const validationSize = quick ? 256 : 5_000;
  const [train, validation] = split(
    labelled,
    [labelled.size - validationSize, validationSize],
    seed,
  );
  return { train, validation, test };
}

export interface TrainingSettings {
  /** The name of the run, and of the trained weights in `checkpoints`. */
  name: string;
  model: Module;
  /** The library's model that computes the same, for which the weights were trained. It is freed. */
  twin?: Module;
  data: Data;
  epochs: number;
  batchSize: number;
  /** The highest learning rate. */
  learningRate: number;
  weightDecay: number;
  seed: number;
  /** Whether to train even where there are trained weights. */
  retrain: boolean;
  /** Where the run's own checkpoints and TensorBoard's logs go. */
  runFolder: string;
}

/** What a training gave: the model has the weights of the best epoch now. */
export interface Trained {
  log: readonly EpochReport[];
  best: EpochReport;
}

/**
 * Trains a model and gives it the weights of the epoch with the best validation accuracy; or loads the
 * trained weights, where the course or an earlier run brings some that fit, and shows their curves. A
 * training that was stopped goes on.
 */
export async function trainOrLoad(settings: TrainingSettings): Promise<Trained> {
  const loaded = settings.retrain ? undefined : await load(settings);
  settings.twin?.dispose();
  if (loaded) await show(trainingCurves(loaded));
  const log = loaded ?? await train(settings);
  const best = log.findLast((report) => report.isBest)!;
  console.log(
    `${settings.name}: validation accuracy ${
      best.validation!.accuracy.toFixed(3)
    } in the best epoch, ` +
      `${best.epoch} of ${log.length}`,
  );
  return { log, best };
}

/** The weights of this notebook's own training once it is complete, else those of the library's model. */
async function load(settings: TrainingSettings): Promise<readonly EpochReport[] | undefined> {
  const { name, model, twin = model, data, epochs, runFolder } = settings;
  const folder = `${runFolder}/${name}`;
  if (await isRunComplete(folder, epochs)) {
    const own = await loadEarlierRun({ folder, model, ...measurementOf(settings) });
    if (own) return own.log;
  }
  const given = await loadGivenWeights({
    folder: await weightsFolder(name),
    model,
    twin,
    transfer: () => twin === model || computesAlike(twin, model, data.validation),
  });
  return given?.log;
}

/** Whether the model, which gets the twin's weights, computes with them what the twin does. */
function computesAlike(twin: Module, model: Module, validation: Dataset): boolean {
  const random = new Random(0);
  const isSame = tf.tidy(() => {
    const { images } = transforms.evaluation(validation.batch([0, 1, 2, 3]), random);
    return transferWeights(twin, model, images);
  });
  random.dispose();
  return isSame;
}

function measurementOf({ data }: TrainingSettings): Measurement {
  return { validation: data.validation, transform: transforms.evaluation };
}

/** The test of a model for which there are trained weights, yours or the course's; undefined without them. */
export async function givenResult(
  name: string,
): Promise<{ parameters: number; accuracy: number; loss: number; epoch: number } | undefined> {
  const result = await readResult(await weightsFolder(name));
  if (!result) return undefined;
  const { parameters, testAccuracy, testLoss, bestEpoch } = result;
  return { parameters, accuracy: testAccuracy, loss: testLoss, epoch: bestEpoch };
}

async function train(settings: TrainingSettings): Promise<readonly EpochReport[]> {
  const { name, model, data, epochs, batchSize, weightDecay, seed } = settings;
  const folder = await freeFolder(`${settings.runFolder}/${name}`);
  const optimizer = new AdamW(model, { weightDecay, groups: [noDecayOnNormsAndBiases] });
  const trainer = new Trainer({
    ...{ model, transforms, optimizer, epochs, batchSize, seed },
    ...{ train: data.train, validation: data.validation },
    schedule: warmupAndCosine(settings),
    maximumGradientNorm: 1,
    callbacks: [new LiveChart(), new TensorBoard(folder), new Checkpointing(folder)],
  });
  console.log(`${name} is trained now.`);
  return await trainFromEarlierRun(trainer);
}

/** Two epochs of warm-up (at most half of them), then half a cosine down to 0. */
export function warmupAndCosine(
  { data, epochs, batchSize, learningRate }: {
    data: { train: Dataset };
    epochs: number;
    batchSize: number;
    learningRate: number;
  },
): Schedule {
  const stepsPerEpoch = Math.floor(data.train.size / batchSize);
  return warmupCosine({ learningRate, warmupEpochs: 2, epochs, stepsPerEpoch });
}
