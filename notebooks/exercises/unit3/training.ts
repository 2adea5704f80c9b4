/**
 * The given training of this unit, and the measurement of what it reached: CIFAR-10, its augmentation, the
 * settings, and the checkpoints.
 */
import {
  AdamW,
  Checkpointing,
  cifar10,
  cifar10Colors,
  compose,
  copyParameters,
  type Dataset,
  type EpochReport,
  evaluate,
  exists,
  freeFolder,
  type GridModelOptions,
  GridVisionTransformer,
  homePath,
  type ImageDataset,
  isRunComplete,
  LiveChart,
  loadWeights,
  type MeasuredCheckpoint,
  type Module,
  noDecayOnNormsAndBiases,
  normalize,
  Random,
  randomCrop,
  randomHorizontalFlip,
  readCheckpointInfo,
  readLog,
  readResult,
  type Schedule,
  show,
  split,
  TensorBoard,
  Trainer,
  trainFromEarlierRun,
  trainingCurves,
  trainingIn,
  type Transform,
  warmupCosine,
  weightsFolder,
  writeTensorBoardLog,
} from "tessera";

/** The sizes of the model that is trained. */
export const sizes: Omit<GridModelOptions, "random"> = {
  imageSize: 32,
  channels: 3,
  patchSize: 4,
  width: 128, // features of a token, D
  mlpWidth: 256,
  heads: 4,
  depth: 6, // blocks
  classes: 10,
};

/** The settings of the training. */
export const settings = {
  seed: 42,
  epochs: 30,
  batchSize: 64,
  learningRate: 1e-3, // the highest one
  warmupEpochs: 2,
  weightDecay: 0.05,
  maximumGradientNorm: 1,
};

/** A quick run only shows that everything works: a small model, two epochs. */
const quickSizes = { ...sizes, width: 32, mlpWidth: 64, depth: 2 };
const quickEpochs = 2;

const evaluation = normalize(cifar10Colors.mean, cifar10Colors.standardDeviation);

/** Crop with 4 black pixels around, flip, normalisation; in evaluation normalisation alone. */
export const transforms: { train: Transform; evaluation: Transform } = {
  train: compose(randomCrop({ padding: 4 }), randomHorizontalFlip(), evaluation),
  evaluation,
};

export interface Data {
  train: ImageDataset;
  validation: ImageDataset;
}

/** CIFAR-10's training images: 45,000 to train on, 5,000 for validation; few of each in a quick run. */
export async function loadData({ quick }: { quick: boolean }): Promise<Data> {
  const { train: all } = await cifar10({ limit: quick ? 1_280 : undefined });
  const validationSize = quick ? 256 : 5_000;
  const [train, validation] = split(
    all,
    [all.size - validationSize, validationSize],
    settings.seed,
  );
  return { train, validation };
}

/** A learner's class of the model. */
export type ModelClass = new (options: GridModelOptions) => Module;

/** Two epochs of warm-up (at most half of them), then half a cosine down to 0. */
export function schedule(
  { epochs, stepsPerEpoch }: { epochs: number; stepsPerEpoch: number },
): Schedule {
  const { learningRate, warmupEpochs } = settings;
  return warmupCosine({ learningRate, warmupEpochs, epochs, stepsPerEpoch });
}

/** A trainer with the given settings. */
export function makeTrainer(
  model: Module,
  data: { train: Dataset; validation: Dataset },
  { epochs, folder }: { epochs: number; folder: string },
): Trainer {
  const { batchSize, seed, weightDecay, maximumGradientNorm } = settings;
  const stepsPerEpoch = Math.floor(data.train.size / batchSize);
  return new Trainer({
    ...{ model, transforms, epochs, batchSize, seed, maximumGradientNorm },
    ...{ train: data.train, validation: data.validation },
    optimizer: new AdamW(model, { weightDecay, groups: [noDecayOnNormsAndBiases] }),
    schedule: schedule({ epochs, stepsPerEpoch }),
    callbacks: [
      new LiveChart({ references }),
      new TensorBoard(folder),
      new Checkpointing(folder),
    ],
  });
}

/** The three gates, as lines in the chart. */
const references = { "25 %": 0.25, "50 %": 0.5, "70 %": 0.7 };

/** A learner's model with the weights of its best epoch. */
export interface Trained {
  model: Module;
  /** What it was made with. */
  sizes: typeof sizes;
}

/**
 * Trains a learner's model, or loads the weights of a training that there is already: one handed in beside
 * the notebook, an earlier one of the learner's, or the course's. A quick run always trains, shortly.
 */
export async function trainOrLoad(
  Model: ModelClass,
  { data, quick, retrain }: { data: Data; quick: boolean; retrain: boolean },
): Promise<Trained> {
  const found = quick || retrain ? undefined : await findFitting(Model);
  const used = quick ? quickSizes : sizes;
  const model = new Model({ ...used, random: new Random(settings.seed) });
  const log = found ? await load(model, found) : await train(model, data, quick);
  const best = log.findLast((report) => report.isBest)!;
  console.log(
    `Best epoch: ${best.epoch} of ${log.length}, validation accuracy ` +
      best.validation!.accuracy.toFixed(4),
  );
  return { model, sizes: used };
}

/** The learner's model with the weights of a full training; undefined where there is none. */
export async function bestModel(Model: ModelClass): Promise<Trained | undefined> {
  const found = await findFitting(Model);
  if (!found) return undefined;
  const model = new Model({ ...sizes, random: new Random(settings.seed) });
  await giveWeights(model, found);
  return { model, sizes };
}

/** So many validation images are enough for a quick run. */
const quickImages = 1_000;
const measured = new WeakMap<ModelClass, Map<string, MeasuredCheckpoint>>();

/**
 * Gives the learner's model the weights of the checkpoint and measures its accuracy on the validation
 * images; undefined where there is no checkpoint. Weights that were handed in and are of another model, or of
 * other code than is there now, make way for the course's: a right model is not to lose its points for them.
 */
export async function measure(
  Model: ModelClass,
  { quick }: { quick: boolean },
): Promise<MeasuredCheckpoint | undefined> {
  const found = await findFitting(Model);
  if (!found) return undefined;
  const result = await measureWith(Model, found, quick);
  const { accuracy, noted = 0 } = result;
  const course = found.source === handedInSource ? await courseCheckpoint() : undefined;
  if (!course || noted - accuracy <= noticeable) return result;
  console.log(
    `Not taken: best.safetensors, with which your model reaches ${
      accuracy.toFixed(4)
    }, and its training ` +
      `noted ${
        noted.toFixed(4)
      }: it is of other code. The course's weights are measured in your model.`,
  );
  return await measureWith(Model, course, quick);
}

/** A difference that another number of images or other hardware cannot make. */
const noticeable = 0.05;

async function measureWith(
  Model: ModelClass,
  found: Checkpoint,
  quick: boolean,
): Promise<MeasuredCheckpoint> {
  const path = `${found.folder}/best.safetensors`;
  const key = JSON.stringify([path, quick, await readCheckpointInfo(path)]);
  const before = measured.get(Model)?.get(key);
  if (before) return before; // three gates ask, one answer will do
  const { validation } = await loadData({ quick: false });
  const images = quick ? quickImages : validation.size;
  const part = validation.subset(Array.from({ length: images }, (_, index) => index));
  const model = new Model({ ...sizes, random: new Random(settings.seed) });
  const { epoch, best } = await giveWeights(model, found);
  const { accuracy } = await evaluate(model, part, { transform: transforms.evaluation });
  model.dispose();
  const noted = (best as EpochReport | undefined)?.validation?.accuracy;
  const result = { accuracy, images, source: `${found.source}, epoch ${epoch}`, noted };
  if (!measured.has(Model)) measured.set(Model, new Map());
  measured.get(Model)!.set(key, result);
  return result;
}

/** A folder with trained weights. */
interface Checkpoint {
  folder: string;
  source: string;
  /** Whether the weights are of the library's model, whose parameters may have other names. */
  isLibrary: boolean;
}

const handedInSource = "the checkpoint that was handed in";
const ownFolder = homePath("runs", "unit3", "cifar-grid-vit");

/** Where trained weights are looked for: what was handed in, then one's own, then the course's. */
async function findCheckpoint(): Promise<Checkpoint | undefined> {
  const handedIn = "."; // the notebook's folder
  if (exists(`${handedIn}/best.safetensors`)) {
    return { folder: handedIn, source: handedInSource, isLibrary: false };
  }
  if (await isRunComplete(ownFolder, settings.epochs)) {
    return { folder: ownFolder, source: "your own training", isLibrary: false };
  }
  return await courseCheckpoint();
}

/** The same, but for weights that were handed in and do not fit the learner's model. */
async function findFitting(Model: ModelClass): Promise<Checkpoint | undefined> {
  const found = await findCheckpoint();
  if (found?.source !== handedInSource) return found;
  const model = new Model({ ...sizes, random: new Random(settings.seed) });
  try {
    await giveWeights(model, found);
    return found;
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    console.log(`Not taken: best.safetensors, which is not of your model (${reason}).`);
    return await courseCheckpoint();
  } finally {
    model.dispose();
  }
}

async function courseCheckpoint(): Promise<Checkpoint | undefined> {
  const folder = await weightsFolder("cifar-grid-vit");
  // A training that still runs has no result yet.
  if (!exists(`${folder}/best.safetensors`) || !await readResult(folder)) return undefined;
  return { folder, source: trainingIn(folder), isLibrary: true };
}

/** Gives a model of the learner's the weights of a checkpoint, and tells what is noted in it. */
async function giveWeights(model: Module, { folder, isLibrary }: Checkpoint) {
  const path = `${folder}/best.safetensors`;
  if (!isLibrary) return await loadWeights(model, path);
  const twin = new GridVisionTransformer({ ...sizes, random: new Random(settings.seed) });
  const info = await loadWeights(twin, path);
  copyParameters(twin, model);
  twin.dispose();
  return info;
}

/** Loads trained weights and shows the curves of their training. */
async function load(model: Module, found: Checkpoint): Promise<readonly EpochReport[]> {
  const info = await giveWeights(model, found);
  const log = await readLog(found.folder).catch(() => info.log as EpochReport[]);
  console.log(`Loaded the weights of ${found.source}; nothing is trained now.`);
  const begun = (await readLog(ownFolder).catch(() => [])).length;
  if (begun > 0 && begun < settings.epochs) {
    console.log(
      `Your own training has ${begun} of ${settings.epochs} epochs: \`retrain = true\` goes on from there.`,
    );
  }
  if (found.isLibrary) writeTensorBoardLog(homePath("runs", "unit3", "course"), log);
  await show(trainingCurves(log, { references }));
  return log;
}

async function train(model: Module, data: Data, quick: boolean): Promise<readonly EpochReport[]> {
  const folder = await freeFolder(
    quick ? homePath("runs", "unit3-quick", "cifar-grid-vit") : ownFolder,
  );
  const epochs = quick ? quickEpochs : settings.epochs;
  return await trainFromEarlierRun(makeTrainer(model, data, { epochs, folder }));
}
