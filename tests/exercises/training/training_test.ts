import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  Adam,
  AdamW,
  checkAtLeast,
  CheckError,
  Checkpointing,
  checkTrainer,
  compose,
  constant,
  cosine,
  crossEntropyOfEach,
  Flatten,
  ImageDataset,
  Linear,
  linearWarmup,
  noDecayOnNormsAndBiases,
  normalize,
  Random,
  randomHorizontalFlip,
  Sequential,
  SGD,
  type SGDOptions,
  smoothedCrossEntropy,
  TensorBoard,
  Trainer,
  type TrainerOptions,
} from "../../../lib/mod.ts";
import { printed } from "../printed.ts";
import { fails } from "../verdict.ts";

function dataset(size: number): ImageDataset {
  const images = Uint8Array.from({ length: size * 12 }, (_, index) => index * 37 % 256);
  const labels = Array.from({ length: size }, (_, index) => index % 2);
  return new ImageDataset({ images, imageShape: [3, 4, 1], labels, classNames: ["a", "b"] });
}

const [train, validation, test] = [dataset(20), dataset(6), dataset(7)];
const makeModel = () => new Sequential(new Flatten(), new Linear(12, 2, { random: new Random(1) }));
const model = makeModel();
const evaluation = normalize(0.5, 0.5);
const transforms = { train: compose(randomHorizontalFlip(), evaluation), evaluation };

const right: TrainerOptions = {
  model,
  train,
  validation,
  transforms,
  optimizer: new AdamW(model),
  schedule: constant(3e-4),
  epochs: 3,
  batchSize: 8,
  seed: 42,
  callbacks: [new Checkpointing("nowhere"), new TensorBoard("nowhere")],
};
const expected = {
  model,
  train,
  validation,
  test,
  transforms,
  optimizer: "AdamW",
  learningRate: 3e-4,
  epochs: 3,
  batchSize: 8,
  seed: 42,
  callbacks: ["Checkpointing", "TensorBoard"],
  weightDecay: 0.01,
  folder: "nowhere",
  points: 1,
};

Deno.test("checkTrainer: accepts the right trainer", async () => {
  const lines = await printed(() => checkTrainer(new Trainer(right), expected));
  assertEquals(lines, ["✔ Trainer: model, data, optimizer and settings fit together (1 point)"]);
});

Deno.test("checkTrainer: accepts logs in a folder of their own", async () => {
  const callbacks = [new Checkpointing("nowhere"), new TensorBoard("nowhere/logs")];
  const trainer = new Trainer({ ...right, callbacks });
  assertEquals((await printed(() => checkTrainer(trainer, expected))).length, 1);
  trainer.dispose();
});

Deno.test("checkTrainer: accepts the cross-entropy passed on, and settings that a trainer does not know", async () => {
  const config = { imageSize: 28, patchSize: 4, mean: 0.5, retrain: true, epochs: 9, seed: 1 };
  const { loss, ...more } = { loss: crossEntropyOfEach, maximumGradientNorm: undefined };
  const trainer = new Trainer({ ...config, ...right, ...more, loss: (a, b) => loss(a, b) });
  assertEquals((await printed(() => checkTrainer(trainer, expected))).length, 1);
  trainer.dispose();
});

for (
  const [wrong, name] of [
    ["batchsize", "batchSize"],
    ["batchSizes", "batchSize"],
    ["bathcSize", "batchSize"],
    ["callback", "callbacks"],
    ["transform", "transforms"],
    ["Seed", "seed"],
  ] as const
) {
  Deno.test(`checkTrainer: names \`${wrong}\`, which is no setting`, async () => {
    const { [name]: value, ...others } = right;
    const trainer = new Trainer({ ...others, [wrong]: value, train: dataset(200) });
    const check = () => checkTrainer(trainer, expected);
    const { message } = await assertRejects(check, CheckError);
    assertStringIncludes(message, `no setting \`${wrong}\`: it is called \`${name}\``);
    trainer.dispose();
  });
}

Deno.test("checkTrainer: names what is missing", async () => {
  const error = await assertRejects(
    () => checkTrainer(undefined as never, expected),
    CheckError,
  );
  assertStringIncludes(error.message, "`trainer` should be a Trainer, but is undefined");
});

const wrong: Record<string, [Partial<TrainerOptions>, string[]]> = {
  "another model": [{ model: makeModel() }, ["another model than `model`", "was run again"]],
  "another optimizer": [{ optimizer: new Adam(model) }, ["should be AdamW, but is Adam"]],
  "other betas": [
    { optimizer: new AdamW(model, { beta1: 0.5 }) },
    ["The optimizer's `beta1` is 0.5, but should be 0.9", "its default is meant"],
  ],
  "another epsilon": [
    { optimizer: new AdamW(model, { epsilon: 0.1 }) },
    ["The optimizer's `epsilon` is 0.1"],
  ],
  "the optimizer of a model made before": [
    { optimizer: new AdamW(makeModel()) },
    ["does not change the model's parameter `layers.1.weight`", "was run again"],
  ],
  "no validation": [{ validation: undefined }, ["`validation` should be", "but is missing"]],
  "the test images for validation": [
    { validation: test },
    ["but is the test images", "look better than it is"],
  ],
  "the validation images for training": [
    { train: validation, batchSize: 5 },
    ["`train` should be the training images, but is the validation images"],
  ],
  "another learning rate": [
    { schedule: constant(1e-3) },
    ["The learning rate is 0.001 at step 0, but should be 0.0003"],
  ],
  "a learning rate that falls": [
    { schedule: cosine({ learningRate: 3e-4, steps: 100 }) },
    ["The learning rate is 0 at step 100"],
  ],
  "a number for a schedule": [
    { schedule: 3e-4 as never },
    ["`schedule` should be a function", "`constant(learningRate)`"],
  ],
  "too few epochs": [{ epochs: 2 }, ["`epochs` is 2, but should be 3"]],
  "another batch size": [{ batchSize: 10 }, ["`batchSize` is 10, but should be 8"]],
  "another seed": [{ seed: 7 }, ["`seed` is 7, but should be 42"]],
  "a partial last batch": [{ dropLast: false }, ["The last, partial batch should be dropped"]],
  "exchanged transforms": [
    { transforms: { train: transforms.evaluation, evaluation: transforms.train } },
    ["Training images do not get the transform", "are the two exchanged?"],
  ],
  "augmented validation images": [
    { transforms: { train: transforms.train, evaluation: transforms.train } },
    ["Validation images do not get", "never augmented"],
  ],
  "no transforms": [{ transforms: undefined }, ["`transforms.train` is missing"]],
  "no normalisation": [
    { transforms: { train: randomHorizontalFlip(), evaluation } },
    ["Training images do not get the transform"],
  ],
  "another loss": [
    { loss: smoothedCrossEntropy(0.1) },
    ["The loss should be the cross-entropy", "Leave out `loss`"],
  ],
  "clipped gradients": [
    { maximumGradientNorm: 1 },
    ["`maximumGradientNorm` is 1: gradients are clipped", "leave it out"],
  ],
  "averaged weights": [{ averageDecay: 0.9 }, ["`averageDecay` is 0.9", "not asked for"]],
  "another folder for checkpoints": [
    { callbacks: [new Checkpointing("elsewhere"), new TensorBoard("nowhere")] },
    ['Checkpointing writes to "elsewhere", but should to "nowhere"'],
  ],
  "a folder for checkpoints inside": [
    { callbacks: [new Checkpointing("nowhere/best"), new TensorBoard("nowhere")] },
    ['Checkpointing writes to "nowhere/best"'],
  ],
  "another folder for logs": [
    { callbacks: [new Checkpointing("nowhere"), new TensorBoard("elsewhere")] },
    ['TensorBoard writes to "elsewhere"'],
  ],
  "a group that is not asked for": [
    { optimizer: new AdamW(model, { groups: [noDecayOnNormsAndBiases] }) },
    ["The weight decay of `layers.1.bias` is 0, but should be 0.01", "not asked for here"],
  ],
  "a missing callback": [
    { callbacks: [new TensorBoard("nowhere")] },
    ["The callback Checkpointing is missing", "only TensorBoard"],
  ],
  "no callbacks": [{ callbacks: undefined }, ["Checkpointing is missing", "there is none"]],
};

for (const [title, [changes, words]] of Object.entries(wrong)) {
  Deno.test(`checkTrainer: names what is wrong with ${title}`, async () => {
    const trainer = new Trainer({ ...right, ...changes });
    const error = await assertRejects(() => checkTrainer(trainer, expected), CheckError);
    for (const word of words) assertStringIncludes(error.message, word);
    trainer.dispose();
  });
}

const groups = [noDecayOnNormsAndBiases];
const sgd = (changes: SGDOptions = {}) =>
  new SGD(model, { momentum: 0.9, weightDecay: 0.5, groups, ...changes });
const falling = cosine({ learningRate: 0.1, steps: 6 });
const expectedSgd = {
  ...expected,
  optimizer: "SGD",
  momentum: 0.9,
  weightDecay: 0.5,
  groups,
  learningRate: falling,
};

Deno.test("checkTrainer: accepts a learning rate that changes, momentum and weight decay", async () => {
  const trainer = new Trainer({ ...right, optimizer: sgd(), schedule: falling });
  assertEquals((await printed(() => checkTrainer(trainer, expectedSgd))).length, 1);
  trainer.dispose();
});

const wrongSgd: Record<string, [Partial<TrainerOptions>, string[]]> = {
  "no momentum": [
    { optimizer: sgd({ momentum: 0 }) },
    ["The optimizer's momentum is 0, but should be 0.9"],
  ],
  "another weight decay": [
    { optimizer: sgd({ weightDecay: 0 }) },
    ["The weight decay of `layers.1.weight` is 0, but should be 0.5"],
  ],
  "Nesterov's momentum": [
    { optimizer: sgd({ nesterov: true }) },
    ["momentum is Nesterov's", "Leave out `nesterov`"],
  ],
  "missing groups": [
    { optimizer: sgd({ groups: [] }) },
    ["The weight decay of `layers.1.bias` is 0.5, but should be 0", "`groups` is missing"],
  ],
  "a learning rate of its own for some parameters": [
    { optimizer: sgd({ groups: [{ ...noDecayOnNormsAndBiases, learningRateScale: 0.1 }] }) },
    ["The learning rate of `layers.1.bias` is multiplied by 0.1, but should be by 1"],
  ],
  "a constant learning rate": [
    { schedule: constant(0.1) },
    ["The learning rate is 0.1 at step 1, but should be 0.0", "It stays the same here"],
  ],
};

for (const [title, [changes, words]] of Object.entries(wrongSgd)) {
  Deno.test(`checkTrainer: names ${title}`, async () => {
    const trainer = new Trainer({ ...right, optimizer: sgd(), schedule: falling, ...changes });
    await fails(() => checkTrainer(trainer, expectedSgd), ...words);
    trainer.dispose();
  });
}

// Two steps an epoch: one epoch of warm-up, then two along a cosine.
const rising = linearWarmup({ steps: 2, then: cosine({ learningRate: 0.1, steps: 4 }) });
const otherSchedules: Record<string, [(step: number) => number, string]> = {
  "lengths in epochs": [
    linearWarmup({ steps: 1, then: cosine({ learningRate: 0.1, steps: 2 }) }),
    "its lengths are in epochs. A schedule counts steps, of which an epoch has 2",
  ],
  "a warm-up that is too long": [
    linearWarmup({ steps: 4, then: cosine({ learningRate: 0.1, steps: 2 }) }),
    "Yours is highest at step 4, but should be at step 2: is the warm-up too long?",
  ],
  "steps from one": [
    (step) => rising(step + 1),
    "those of the step after: the first step is step 0",
  ],
  "a tenfold rate": [(step) => 10 * rising(step), "All your rates are the right ones times 10."],
};

for (const [title, [schedule, words]] of Object.entries(otherSchedules)) {
  Deno.test(`checkTrainer: says of ${title} how they count`, async () => {
    const trainer = new Trainer({ ...right, optimizer: sgd(), schedule });
    await fails(() => checkTrainer(trainer, { ...expectedSgd, learningRate: rising }), words);
    trainer.dispose();
  });
}

Deno.test("checkTrainer: leaves no tensor behind", async () => {
  const trainer = new Trainer(right);
  const before = tf.memory().numTensors;
  await printed(() => checkTrainer(trainer, expected));
  assertEquals(tf.memory().numTensors, before);
  trainer.dispose();
});

Deno.test("checkAtLeast: tells values that pass, fail and are missing apart", async () => {
  const options = { least: 0.9, advice: "Train longer.", points: 2 };
  const lines = await printed(() => checkAtLeast("Accuracy", 0.93, options));
  assertEquals(lines, ["✔ Accuracy: 0.93, at least 0.9 was asked for (2 points)"]);
  const low = await assertRejects(() => checkAtLeast("Accuracy", 0.8, options), CheckError);
  assertEquals(low.message, "✘ Accuracy: 0.8 is below 0.9.\n  Train longer.");
  const missing = await assertRejects(() => checkAtLeast("Accuracy", NaN, options), CheckError);
  assertStringIncludes(missing.message, "there is no value yet");
});
