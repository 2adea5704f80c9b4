import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import type { Module } from "../../nn/module.ts";
import { type CheckOptions, checkRunner, describeResult, failure } from "../engine/check.ts";

const { runCheck } = checkRunner();

interface Batch {
  images: tf.Tensor4D;
  labels: tf.Tensor1D | tf.Tensor2D;
}
interface Dataset {
  readonly size: number;
  readonly labels: ArrayLike<number>;
  batch(indices: ArrayLike<number>): Batch;
}

/** What a model made of each example; the library's `evaluateExamples` gives it. */
export interface TestedExamples {
  predictions: ArrayLike<number>;
  labels: ArrayLike<number>;
}

export interface TestExpectation extends CheckOptions {
  /** A model with the weights that should have been tested. */
  reference: Module;
  /** The model as it was before weights were loaded. */
  untrained?: Module;
  test: Dataset;
  /** Images that must not be taken for the test. */
  others?: Record<string, Dataset>;
  /** What happens to images before the model sees them. */
  transform: (batch: Batch, random: Random) => Batch;
}

/** So many images are predicted again. */
const compared = 200;
/** So many at a time, as what every layer makes of them lies in memory until the last has run. */
const atATime = 50;
/** Nearly equal logits may fall on either side. */
const mayDiffer = 2;

/**
 * Checks the result of a test: all test images, and the predictions of the weights that should be tested.
 * Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkTested(result: TestedExamples, expected: TestExpectation): Promise<void> {
  return runCheck("Test", expected, () => {
    const { test, others = {}, reference } = expected;
    if (!result?.predictions || !result.labels) {
      throw failure(
        `The result should hold predictions and labels, but is ${describeResult(result)}.`,
        "Return what `evaluateExamples(…)` gives, after `await`.",
      );
    }
    const isOf = ({ labels }: Dataset) =>
      labels.length === result.labels.length &&
      Array.from(labels).every((label, index) => label === result.labels[index]);
    if (!isOf(test)) {
      const taken = Object.entries(others).find(([, dataset]) => isOf(dataset))?.[0];
      throw failure(
        taken
          ? `These are the results of the ${taken} images, not of the test images.`
          : `These are results of ${result.labels.length} images that are not the ${test.size} test images.`,
      );
    }
    const { untrained } = expected;
    const wasTraining = reference.training;
    const predict = (settings: { transformed: boolean; training: boolean }) =>
      differences(result, expected, settings);
    try {
      const plain = { transformed: true, training: false };
      if (predict(plain) > mayDiffer) {
        throw failure(
          "The predictions are not those of the best epoch's weights.",
          untrained &&
            differences(result, { ...expected, reference: untrained }, plain) <= mayDiffer
            ? "Likely cause: they are those of the model as it was given, before any training. Load " +
              "`best.safetensors` first."
            : predict({ transformed: false, training: false }) <= mayDiffer
            ? "Likely cause: the images are not normalised; pass the evaluation transform on."
            : predict({ transformed: true, training: true }) <= mayDiffer
            ? "Likely cause: the model is in training mode."
            : "Likely cause: the weights are those of the last epoch, or the training transform was used. Load " +
              "`best.safetensors` first, and pass the evaluation transform on.",
        );
      }
    } finally {
      reference.setTraining(wasTraining);
    }
    const right = Array.from(result.labels).filter((label, i) => label === result.predictions[i]);
    const accuracy = right.length / test.size;
    return `all ${test.size.toLocaleString("en")} test images, with the best epoch's weights; ` +
      `accuracy ${accuracy.toFixed(4)}`;
  });
}

/** How many of the first predictions differ from the reference's. */
function differences(
  { predictions }: TestedExamples,
  { reference, test, transform }: TestExpectation,
  { transformed, training }: { transformed: boolean; training: boolean },
): number {
  const random = new Random(1);
  const size = Math.min(compared, test.size);
  // In training mode batch normalisation looks at all of them, and would take them up: its variables are kept.
  const step = training ? size : atATime;
  const differ = (start: number) =>
    tf.tidy(() => {
      const length = Math.min(step, size - start);
      const raw = test.batch(Array.from({ length }, (_, index) => start + index));
      const { images } = transformed ? transform(raw, random) : raw;
      const variables = [...reference.namedVariables().values()];
      const values = training ? variables.map((variable) => variable.clone()) : [];
      reference.setTraining(training);
      const found = tf.argMax(reference.forward(images), 1).dataSync();
      values.forEach((value, index) => variables[index].assign(value));
      return found.filter((label, index) => label !== predictions[start + index]).length;
    });
  try {
    let count = 0;
    for (let start = 0; start < size; start += step) count += differ(start);
    return count;
  } finally {
    random.dispose();
  }
}
