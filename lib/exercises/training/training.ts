import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import type { Module } from "../../nn/module.ts";
import { attempt } from "../engine/attempt.ts";
import {
  type CheckOptions,
  checkRunner,
  describe,
  describeResult,
  failure,
} from "../engine/check.ts";
import { close, number } from "../engine/compare.ts";
import { sample } from "../engine/samples.ts";
import { checkSpelling } from "./spelling.ts";

const { runCheck } = checkRunner();

interface Batch {
  images: tf.Tensor4D;
  labels: tf.Tensor1D | tf.Tensor2D;
}
interface Dataset {
  readonly size: number;
  batch(indices: ArrayLike<number>): Batch;
}
type Transform = (batch: Batch, random: Random) => Batch;

interface CheckedOptimizer {
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  weightDecayOf(path: string): number;
  learningRateScaleOf(path: string): number;
  hyperparameters(): Readonly<Record<string, number | boolean>>;
}

/** What the check looks at of a trainer; the library's `Trainer` fits. */
export interface CheckedTrainer {
  readonly options: {
    model: Module;
    train: Dataset;
    validation?: Dataset;
    optimizer: CheckedOptimizer;
    schedule: (step: number) => number;
    epochs: number;
    batchSize?: number;
    seed?: number;
    dropLast?: boolean;
    maximumGradientNorm?: number;
    averageDecay?: number;
    loss?: (logits: tf.Tensor2D, labels: tf.Tensor1D) => tf.Tensor;
    transforms?: { train?: Transform; evaluation?: Transform };
    callbacks?: readonly object[];
  };
}

/** What a trainer should be made from. */
export interface TrainerExpectation extends CheckOptions {
  model: Module;
  train: Dataset;
  validation: Dataset;
  test?: Dataset;
  /** The optimizer's class: "AdamW". */
  optimizer: string;
  /** SGD's momentum. Default: any. */
  momentum?: number;
  /** The weight decay of all parameters that are in no group. */
  weightDecay?: number;
  /** The groups of parameters with a weight decay of their own. */
  groups?: readonly {
    includes(path: string, parameter: tf.Variable): boolean;
    weightDecay?: number;
    learningRateScale?: number;
  }[];
  /** The learning rate: constant, or that of each step. */
  learningRate: number | ((step: number) => number);
  epochs: number;
  batchSize: number;
  seed: number;
  transforms: { train: Transform; evaluation: Transform };
  /** The folder that callbacks write to. */
  folder?: string;
  /** The classes of the callbacks that must be there: "Checkpointing". */
  callbacks: readonly string[];
}

/**
 * Checks how a trainer was put together. Throws a `CheckError` that names the first setting that is
 * wrong and its likely cause.
 */
export function checkTrainer(trainer: CheckedTrainer, expected: TrainerExpectation): Promise<void> {
  return runCheck("Trainer", expected, () => {
    const options = trainer?.options;
    if (options === undefined) {
      throw failure(
        `\`trainer\` should be a Trainer, but is ${describeResult(trainer)}.`,
        "Write `const trainer = new Trainer({ … });`.",
      );
    }
    checkSpelling(options);
    checkModel(options, expected);
    checkData(options, expected);
    checkSettings(options, expected);
    checkLoss(options);
    checkTransforms(options, expected);
    checkCallbacks(options, expected);
    return "model, data, optimizer and settings fit together";
  });
}

type Options = CheckedTrainer["options"];

function checkModel({ model, optimizer }: Options, expected: TrainerExpectation): void {
  const stale =
    "Likely cause: the cell that makes the model was run again after the one that made this. " +
    "Run the cells below it again, in order.";
  if (model !== expected.model) {
    throw failure("The trainer has another model than `model`.", stale);
  }
  const kind = optimizer?.constructor?.name;
  if (kind !== expected.optimizer) {
    throw failure(
      `The optimizer should be ${expected.optimizer}, but is ${kind ?? "missing"}.`,
      `Write \`optimizer: new ${expected.optimizer}(model)\`.`,
    );
  }
  checkOptimizer(optimizer, expected);
  const optimised = new Set(optimizer.parameters.values());
  const left = [...model.namedParameters()].find(([, parameter]) => !optimised.has(parameter));
  if (left) {
    throw failure(`The optimizer does not change the model's parameter \`${left[0]}\`.`, stale);
  }
}

/** Adam's settings where a text gives none. */
const standards = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** SGD's momentum, Adam's settings, and the weight decay and learning rate of each parameter. */
function checkOptimizer(optimizer: CheckedOptimizer, expected: TrainerExpectation): void {
  const { momentum, weightDecay, groups = [] } = expected;
  if (momentum !== undefined && optimizer.momentum !== momentum) {
    throw failure(
      `The optimizer's momentum is ${optimizer.momentum ?? "missing"}, but should be ${momentum}.`,
    );
  }
  if (momentum !== undefined && optimizer.nesterov) {
    throw failure(
      "The optimizer's momentum is Nesterov's, which looks ahead along the velocity; here it is the plain one.",
      "Leave out `nesterov`.",
    );
  }
  const found = optimizer.hyperparameters();
  for (const [key, value] of Object.entries(standards)) {
    if (!(key in found) || found[key] === value) continue;
    throw failure(
      `The optimizer's \`${key}\` is ${found[key]}, but should be ${value}.`,
      `Leave out \`${key}\`: its default is meant.`,
    );
  }
  for (const [path, parameter] of optimizer.parameters) {
    const group = groups.find((each) => each.includes(path, parameter));
    const [scale, rightScale] = [
      optimizer.learningRateScaleOf(path),
      group?.learningRateScale ?? 1,
    ];
    if (scale !== rightScale) {
      throw failure(
        `The learning rate of \`${path}\` is multiplied by ${scale}, but should be by ${rightScale}.`,
        "Likely cause: `learningRateScale` in a group of parameters, which is not asked for.",
      );
    }
    if (weightDecay === undefined) continue;
    const decay = optimizer.weightDecayOf(path);
    const right = group?.weightDecay ?? weightDecay;
    if (decay === right) continue;
    throw failure(
      `The weight decay of \`${path}\` is ${decay}, but should be ${right}.`,
      group && decay === weightDecay
        ? "Likely cause: `groups` is missing among the optimizer's settings."
        : groups.length === 0 && decay === 0 && parameter.rank < 2
        ? "Likely cause: `groups`, which are not asked for here."
        : undefined,
    );
  }
}

/** Without a loss of its own a trainer takes the cross-entropy, which may also be passed on. */
function checkLoss({ loss }: Options): void {
  if (loss === undefined) return;
  const [examples, classes] = [6, 4];
  const logits = sample([examples, classes], { seed: 41, low: -3, high: 3 }) as tf.Tensor2D;
  const labels = tf.tensor1d(Array.from({ length: examples }, (_, i) => i % classes), "int32");
  const found = attempt("loss", "on logits and labels", () => loss(logits, labels));
  const likelihoods = tf.logSoftmax(logits);
  const right = tf.neg(tf.sum(tf.mul(likelihoods, tf.oneHot(labels, classes)), 1));
  if (found instanceof tf.Tensor && close(found, right, 1e-4)) return;
  throw failure(
    "The loss should be the cross-entropy, but `loss` computes something else.",
    "Leave out `loss`: a trainer takes the cross-entropy then.",
  );
}

function checkCallbacks({ callbacks = [] }: Options, expected: TrainerExpectation): void {
  const names = callbacks.map((each) => each.constructor.name);
  for (const name of expected.callbacks) {
    if (names.includes(name)) continue;
    const have = names.length > 0 ? `only ${names.join(", ")}` : "none";
    throw failure(`The callback ${name} is missing among \`callbacks\` (there is ${have}).`);
  }
  if (expected.folder === undefined) return;
  for (const callback of callbacks) {
    const { folder } = callback as { folder?: string };
    // Logs may lie in a folder of their own inside; weights are looked for in the folder itself.
    const [found, right] = [`${folder}/`, `${expected.folder}/`];
    const fits = "best" in callback ? found === right : found.startsWith(right);
    if (folder === undefined || fits) continue;
    throw failure(
      `${callback.constructor.name} writes to "${folder}", but should to "${expected.folder}".`,
      "Write `folder`, which the function is given: later cells look there.",
    );
  }
}

function checkData({ train, validation }: Options, expected: TrainerExpectation): void {
  const name = (data: Dataset | undefined) =>
    data === undefined
      ? "missing"
      : data === expected.train
      ? "the training images"
      : data === expected.validation
      ? "the validation images"
      : data === expected.test
      ? "the test images"
      : `another data set, of ${data.size} images`;
  if (train !== expected.train) {
    throw failure(`\`train\` should be the training images, but is ${name(train)}.`);
  }
  if (validation === expected.validation) return;
  throw failure(
    `\`validation\` should be the validation images, but is ${name(validation)}.`,
    validation === expected.test
      ? "The best epoch is chosen by the validation images. Chosen by the test images, the test accuracy would " +
        "look better than it is."
      : "Without validation images the best epoch cannot be chosen.",
  );
}

function checkSettings(options: Options, expected: TrainerExpectation): void {
  const { schedule, epochs, batchSize = 128, seed = 42, dropLast = true } = options;
  if (typeof schedule !== "function") {
    throw failure(
      `\`schedule\` should be a function of the step, but is ${describe(schedule)}.`,
      "`constant(learningRate)` makes one that is the same at every step.",
    );
  }
  const { learningRate } = expected;
  const changes = typeof learningRate === "function";
  const last = epochs * Math.floor(options.train.size / batchSize) - 1;
  const steps = changes ? [0, 1, 10, Math.floor(last / 2), last] : [0, 100, 10_000];
  for (const step of steps) {
    const [rate, right] = [schedule(step), changes ? learningRate(step) : learningRate];
    if (Math.abs(rate - right) < 1e-9) continue;
    throw failure(
      `The learning rate is ${number(rate)} at step ${step}, but should be ${number(right)}.`,
      changes
        ? schedule(0) === schedule(last)
          ? "It stays the same here, but should change; pass the given schedule on."
          : otherCounting(schedule, learningRate, { epochs, last })
        : undefined,
    );
  }
  const settings = { epochs, batchSize, seed };
  for (const key of Object.keys(settings) as (keyof typeof settings)[]) {
    if (settings[key] === expected[key]) continue;
    throw failure(`\`${key}\` is ${settings[key]}, but should be ${expected[key]}.`);
  }
  if (!dropLast) throw failure("The last, partial batch should be dropped; leave out `dropLast`.");
  const unasked = {
    maximumGradientNorm: "gradients are clipped, which changes the training",
    averageDecay: "a moving average of the weights is measured and saved",
  };
  for (const [key, effect] of Object.entries(unasked)) {
    const value = options[key as keyof typeof unasked];
    if (value === undefined) continue;
    throw failure(`\`${key}\` is ${value}: ${effect}. It is not asked for; leave it out.`);
  }
}

/** Where a schedule's rates are those of other steps, or of another rate: how it counts. */
function otherCounting(
  schedule: (step: number) => number,
  right: (step: number) => number,
  { epochs, last }: { epochs: number; last: number },
): string | undefined {
  const perEpoch = (last + 1) / epochs;
  const steps = Array.from({ length: 12 }, (_, index) => Math.floor(index * last / 11));
  const agrees = (own: (step: number) => number, theirs: (step: number) => number) =>
    steps.every((step) => Math.abs(own(step) - theirs(step)) < 1e-6 * (1 + Math.abs(theirs(step))));
  const epochsFromOne = Array.from({ length: epochs - 1 }, (_, epoch) => epoch + 1);
  const isNear = (own: number, theirs: number) => Math.abs(own - theirs) < 1e-6;
  if (
    epochs > 2 && perEpoch > 1 &&
    epochsFromOne.every((epoch) => isNear(schedule(epoch), right(epoch * perEpoch)))
  ) {
    return `Likely cause: its lengths are in epochs. A schedule counts steps, of which an epoch has ${perEpoch}: ` +
      "multiply by the steps of an epoch.";
  }
  if (agrees(schedule, (step) => right(step + 1))) {
    return "Your rates are those of the step after: the first step is step 0.";
  }
  if (agrees((step) => schedule(step + 1), right)) {
    return "Your rates are those of the step before: the first step is step 0.";
  }
  const factor = schedule(0) / right(0);
  if (Number.isFinite(factor) && agrees(schedule, (step) => factor * right(step))) {
    return `All your rates are the right ones times ${number(factor)}.`;
  }
  const highest = (rates: (step: number) => number) => {
    const all = Array.from({ length: last + 1 }, (_, step) => rates(step));
    const most = Math.max(...all);
    return all.findIndex((rate) => rate > most * (1 - 1e-6));
  };
  const [own, wanted] = [highest(schedule), highest(right)];
  return own === wanted
    ? undefined
    : `Yours is highest at step ${own}, but should be at step ${wanted}: is the warm-up too ${
      own < wanted ? "short, or missing" : "long"
    }?`;
}

/** Compares what the transforms do to a few images. */
function checkTransforms({ train, transforms = {} }: Options, expected: TrainerExpectation): void {
  const raw = train.batch(Array.from({ length: Math.min(16, train.size) }, (_, index) => index));
  const apply = (transform: Transform | undefined, name: string, seed: number) => {
    const random = new Random(seed);
    try {
      if (!transform) return raw.images;
      return attempt(name, "on a batch of training images", () => transform(raw, random)).images;
    } finally {
      random.dispose();
    }
  };
  const right = {
    train: apply(expected.transforms.train, "transforms.train", 1),
    evaluation: apply(expected.transforms.evaluation, "transforms.evaluation", 1),
  };
  for (const part of ["train", "evaluation"] as const) {
    const images = apply(transforms[part], `transforms.${part}`, 1);
    if (close(images, right[part], 1e-3)) continue;
    const other = part === "train" ? "evaluation" : "train";
    const what = part === "train" ? "Training images" : "Validation images";
    throw failure(
      `${what} do not get the transform that they should.`,
      transforms[part] === undefined
        ? `Likely cause: \`transforms.${part}\` is missing.`
        : close(images, right[other], 1e-3)
        ? `They get the one for ${
          other === "train" ? "training" : "evaluation"
        }: are the two exchanged?`
        : undefined,
      part === "evaluation" ? "They are only normalised, never augmented." : undefined,
    );
  }
}

export interface LeastOptions extends CheckOptions {
  /** The smallest value that passes. */
  least: number;
  /** What to try where it is not reached. */
  advice?: string;
}

/** Checks that a measured value, such as an accuracy, is high enough. */
export function checkAtLeast(
  name: string,
  value: number,
  { least, advice, ...options }: LeastOptions,
): Promise<void> {
  return runCheck(name, options, () => {
    if (typeof value !== "number" || Number.isNaN(value)) {
      throw failure(`there is no value yet, but ${describe(value)}.`);
    }
    if (value < least) throw failure(`${number(value)} is below ${least}.`, advice);
    return `${number(value)}, at least ${least} was asked for`;
  });
}
