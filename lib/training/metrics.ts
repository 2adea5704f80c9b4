import * as tf from "../tensor/tf.ts";
import type { Labels } from "./losses.ts";

/** What is known of a model on some examples; sums are divided once, by the number of examples. */
export interface Metrics {
  /** The mean loss. */
  loss: number;
  /** The part of the examples whose most likely class is right, 0 to 1. */
  accuracy: number;
  /** How many examples were counted. */
  examples: number;
}

/** The most likely class of each example: `[B, classes] → [B]` (int32). */
export function predictedClasses(logits: tf.Tensor2D): tf.Tensor1D {
  return tf.argMax(logits, -1) as tf.Tensor1D;
}

/** The class of each label: indices as they are, soft labels by their largest probability. */
export function labelClasses(labels: Labels): tf.Tensor1D {
  return (labels.rank === 1 ? labels : tf.argMax(labels, -1)) as tf.Tensor1D;
}

/** How many examples of a batch have the right class as their most likely one (scalar). */
export function correctCount(logits: tf.Tensor2D, labels: Labels): tf.Scalar {
  return tf.tidy(() => {
    // As floats, which a graphics card compares; whole numbers it would hand to the processor.
    const [predicted, label] = [predictedClasses(logits), labelClasses(labels)].map((classes) =>
      tf.cast(classes, "float32")
    );
    const right = tf.equal(predicted, label);
    return tf.sum(tf.cast(right, "float32")) as tf.Scalar;
  });
}

/**
 * The part of a batch's examples that are classified rightly (scalar, 0 to 1).
 *
 * ```ts
 * const logits = tf.tensor2d([[1, 0], [1, 0]]);
 * await accuracy(logits, tf.tensor1d([0, 1], "int32")).array(); // 0.5
 * ```
 */
export function accuracy(logits: tf.Tensor2D, labels: Labels): tf.Scalar {
  return tf.tidy(() => tf.div(correctCount(logits, labels), logits.shape[0]) as tf.Scalar);
}

/** Adds up the losses and hits of batches of any size. */
export class MetricSums {
  lossSum = 0;
  correct = 0;
  examples = 0;

  add(lossSum: number, correct: number, examples: number): void {
    this.lossSum += lossSum;
    this.correct += correct;
    this.examples += examples;
  }

  /** The means so far; NaN where nothing was counted. */
  result(): Metrics {
    const { examples } = this;
    return { loss: this.lossSum / examples, accuracy: this.correct / examples, examples };
  }
}

/**
 * Counts of examples by true class (row) and predicted class (column).
 *
 * Throws a RangeError when the two lists differ in length or hold a class outside 0…classes−1.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  if (labels.length !== predictions.length) {
    throw new RangeError(
      `confusionMatrix: ${labels.length} labels but ${predictions.length} predictions`,
    );
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let index = 0; index < labels.length; index++) {
    const [label, prediction] = [labels[index], predictions[index]];
    for (const value of [label, prediction]) {
      if (!(value >= 0 && value < classes)) {
        throw new RangeError(`confusionMatrix: class ${value} is not in 0…${classes - 1}`);
      }
    }
    counts[label][prediction]++;
  }
  return counts;
}

/** The part of each class's examples that are right (the matrix's diagonal); NaN for empty classes. */
export function perClassAccuracy(confusion: readonly (readonly number[])[]): number[] {
  return confusion.map((row, index) => row[index] / row.reduce((sum, count) => sum + count, 0));
}

/** The indices of the examples with the highest loss, highest first: what a model gets most wrong. */
export function highestLosses(losses: ArrayLike<number>, count: number): number[] {
  return Array.from(losses, (loss, index) => ({ loss, index }))
    .sort((a, b) => b.loss - a.loss || a.index - b.index)
    .slice(0, count)
    .map(({ index }) => index);
}
