/**
 * The training of this unit's notebooks: the same functions and settings for every network. Where the
 * course brings trained weights for a network on these pictures, it loads them in place of training.
 */
import {
  AdamW,
  Checkpointing,
  compose,
  constant,
  copyWeights,
  cosine,
  coursePictures,
  type EpochReport,
  fingerprint,
  freeFolder,
  homePath,
  type ImageDataset,
  isRunComplete,
  linearWarmup,
  LiveChart,
  loadEarlierRun,
  type Measurement,
  type Module,
  noDecayOnNormsAndBiases,
  normalize,
  type PictureSource,
  randomCrop,
  randomHorizontalFlip,
  type Schedule,
  show,
  split,
  TensorBoard,
  Trainer,
  trainFromEarlierRun,
  trainingCurves,
  type Transform,
  weightsFolder,
} from "tessera";

/** The settings of one training. */
export interface Settings {
  batchSize: number;
  epochs: number;
  /** The highest learning rate. */
  learningRate: number;
  /** Epochs in which the learning rate rises from 0. */
  warmupEpochs: number;
  /** Whether the learning rate stays, or falls to 0 along half a cosine. */
  decay: "none" | "cosine";
  /** How strongly each step pulls weights towards 0 (not norms and biases). */
  weightDecay: number;
}

/** What all trainings of a notebook share. */
export interface Course {
  train: ImageDataset;
  validation: ImageDataset;
  test: ImageDataset;
  source: PictureSource;
  /** Crop with some black pixels around, flip, normalisation; in evaluation normalisation alone. */
  transforms: { train: Transform; evaluation: Transform };
  seed: number;
  /** Where TensorBoard's logs and the notebook's own checkpoints go. */
  runFolder: string;
  /** Whether networks are trained even where there are trained weights. */
  retrain: boolean;
}

export interface CourseOptions {
  seed: number;
  quick: boolean;
  retrain: boolean;
  /** A folder of pictures of one's own. */
  own?: string;
  /** Height and width of photographs, in pixels. */
  imageSize: number;
}

/**
 * Loads the pictures; those to validate on are divided in two: one half chooses the best epoch, the
 * other half is for the end.
 */
export async function startCourse(options: CourseOptions): Promise<Course> {
  const { seed, quick, retrain, own, imageSize } = options;
  const limitPerClass = quick ? 26 : undefined;
  const pictures = await coursePictures({ own, imageSize, limitPerClass });
  const [validation, test] = split(pictures.validation, [0.5, 0.5], seed);
  const evaluation = normalize(0.5, 0.5);
  const padding = pictures.source.imageSize / 8;
  const train = compose(randomCrop({ padding }), randomHorizontalFlip(), evaluation);
  const { kind } = pictures.source;
  return {
    ...{ train: pictures.train, validation, test, source: pictures.source },
    transforms: { train, evaluation },
    ...{ seed, retrain: retrain || quick },
    runFolder: homePath("runs", `unit4-${kind}${quick ? "-quick" : ""}`),
  };
}

export interface Lesson {
  /** The name of the run, and of the trained weights in `checkpoints`. */
  name: string;
  model: Module;
  /** The library's network with the same parameters, which reads the course's weights. It is freed. */
  twin: Module;
  settings: Settings;
}

/** A trained network; it has the weights of the best epoch. */
export interface Outcome {
  name: string;
  model: Module;
  settings: Settings;
  log: readonly EpochReport[];
  best: EpochReport;
  /** By which the check knows what the network was before. */
  start: readonly number[];
}

/**
 * Trains a network and gives it the weights of the epoch with the best validation accuracy; or loads
 * trained weights, where the course or an earlier run brings some that fit. A training that was stopped
 * goes on. Shows the curves.
 */
export async function trainOrLoad(lesson: Lesson, course: Course): Promise<Outcome> {
  const { name, model, twin, settings } = lesson;
  const start = fingerprint(model);
  const loaded = course.retrain ? undefined : await load(lesson, course);
  twin.dispose();
  if (loaded) await show(trainingCurves(loaded));
  const log = loaded ?? await train(lesson, course);
  const best = log.findLast((report) => report.isBest)!;
  console.log(
    `${name}: validation accuracy ${
      best.validation!.accuracy.toFixed(3)
    } in the best epoch, ${best.epoch} ` +
      `of ${log.length}`,
  );
  return { name, model, settings, log, best, start };
}

/** The weights of this notebook's own training once it is complete, else those of the library's network. */
async function load(
  lesson: Lesson,
  course: Course,
): Promise<readonly EpochReport[] | undefined> {
  const { name, model, twin, settings } = lesson;
  const measurement = measurementOf(course);
  const folder = `${course.runFolder}/${name}`;
  if (await isRunComplete(folder, settings.epochs)) {
    const own = await loadEarlierRun({ folder, model, ...measurement });
    if (own) return own.log;
  }
  if (course.source.kind !== "cifar10") return undefined; // on whose pictures those were trained
  const { images } = course.validation.batch([0, 1]); // to see which part stands for which
  const given = await loadEarlierRun({
    folder: await weightsFolder(courseName(lesson)),
    model,
    twin: { reader: twin, give: () => copyWeights(twin, model, images)(false) },
    ...measurement,
  });
  images.dispose();
  return given?.log;
}

async function train(lesson: Lesson, course: Course): Promise<readonly EpochReport[]> {
  const { name, model, settings } = lesson;
  const { train, validation, transforms, seed } = course;
  const { batchSize, epochs, weightDecay } = settings;
  const folder = await freeFolder(`${course.runFolder}/${name}`);
  const optimizer = new AdamW(model, { weightDecay, groups: [noDecayOnNormsAndBiases] });
  const schedule = scheduleOf(settings, Math.floor(train.size / batchSize));
  const trainer = new Trainer({
    ...{ model, train, validation, transforms, optimizer, schedule, epochs, batchSize, seed },
    callbacks: [new LiveChart(), new Checkpointing(folder), new TensorBoard(folder)],
  });
  console.log(`${name} is trained now.`);
  return await trainFromEarlierRun(trainer);
}

function measurementOf({ validation, transforms }: Course): Measurement {
  return { validation, transform: transforms.evaluation };
}

/** The learning rate of each step. */
export function scheduleOf(settings: Settings, stepsPerEpoch: number): Schedule {
  const { epochs, learningRate, decay } = settings;
  const warmup = Math.min(settings.warmupEpochs, epochs / 2);
  const then = decay === "cosine"
    ? cosine({ learningRate, steps: (epochs - warmup) * stepsPerEpoch })
    : constant(learningRate);
  return warmup > 0 ? linearWarmup({ steps: warmup * stepsPerEpoch, then }) : then;
}

/** Experiments are called by their settings; for some the course has weights of another name. */
export const namesInCourse: Record<string, string> = { "vit-346e7094": "folder-vit-tuned" };

function courseName({ name }: Lesson): string {
  return namesInCourse[name] ?? name;
}

/** A name that changes with every setting: `vit-1f2e3d4c`. */
export function experimentName(settings: object): string {
  let hash = 0x811c9dc5; // FNV-1a
  for (const [key, value] of Object.entries(settings).sort()) {
    for (const letter of `${key}=${value};`) {
      hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0;
    }
  }
  return `vit-${hash.toString(16).padStart(8, "0")}`;
}
