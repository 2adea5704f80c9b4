/** Short trainings by a function for one epoch, which a notebook writes itself. */
import * as tf from "@tensorflow/tfjs";
import {
  AdamW,
  compile,
  correctCount,
  crossEntropyOfEach,
  type EpochParts,
  evaluate,
  type Module,
  type Optimizer,
  permutation,
  Random,
  type TrainEpoch,
  valueAndGradients,
} from "tessera";
import type { Course, Settings } from "./training.ts";

/** One training step as one compiled function; it gives how many images the model had right before. */
export function makeStep(
  model: Module,
  optimizer: Optimizer,
  learningRate: number,
): EpochParts["step"] & { dispose(): void } {
  const variables = [...optimizer.parameters.values()];
  const run = compile((images: tf.Tensor4D, labels: tf.Tensor1D) => {
    let correct!: tf.Scalar;
    const { gradients } = valueAndGradients(() => {
      const logits = model.forward(images) as tf.Tensor2D;
      correct = tf.keep(correctCount(logits, labels));
      return tf.mean(crossEntropyOfEach(logits, labels)) as tf.Scalar;
    }, variables);
    optimizer.apply(gradients, tf.scalar(learningRate));
    return correct;
  }, { name: "training step" });
  const step: EpochParts["step"] = async ({ images, labels }) => {
    const correct = await run(images, labels as tf.Tensor1D);
    const [count] = await correct.data();
    correct.dispose();
    return count;
  };
  return Object.assign(step, { dispose: () => run.dispose() });
}

/** The accuracies of a short training, epoch by epoch. */
export interface Accuracies {
  /** What the given function for an epoch says of the training images. */
  training: number[];
  validation: number[];
}

export interface ShortTraining {
  /** A new network, the same at every call. */
  newModel: () => Module;
  epochs: number;
  /** So many training images, drawn at random. */
  images: number;
  settings: Settings;
}

/** Trains a new network with a function for one epoch. One seed, so the same training each time. */
export async function trainWith(
  trainEpoch: TrainEpoch,
  { newModel, epochs, images: count, settings }: ShortTraining,
  { train, validation, transforms, seed }: Course,
): Promise<Accuracies> {
  const { batchSize, learningRate } = settings;
  const size = Math.floor(Math.min(count, train.size) / batchSize) * batchSize;
  const images = train.subset(permutation(train.size, seed).slice(0, size));
  const model = newModel();
  const optimizer = new AdamW(model, { weightDecay: 0 });
  const random = new Random(seed);
  const step = makeStep(model, optimizer, learningRate);
  const result: Accuracies = { training: [], validation: [] };
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const order = permutation(size, seed + epoch);
      const parts = { model, images, order, batchSize, transforms, random, step };
      result.training.push(await trainEpoch(parts));
      const transform = transforms.evaluation;
      result.validation.push((await evaluate(model, validation, { transform })).accuracy);
    }
  } finally {
    for (const each of [step, model, optimizer, random, images]) each.dispose();
  }
  return result;
}
