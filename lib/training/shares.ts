/** A batch cut among several processes, and what they make of it together. */
import * as tf from "../tensor/tf.ts";
import { sumsOverProcesses } from "../tensor/cluster/sums.ts";

/** One process's part of a batch. */
export interface Share {
  indices: Int32Array;
  /** Its part of the batch's examples, 0 to 1. */
  weight: number;
}

/**
 * Cuts a batch into `count` shares that differ by one example at most. Where there are fewer examples than shares,
 * the last ones have an example of the first's that weighs nothing.
 */
export function sharesOf(indices: Int32Array, count: number): Share[] {
  const least = Math.floor(indices.length / count), more = indices.length % count;
  return Array.from({ length: count }, (_, number) => {
    const start = number * least + Math.min(number, more);
    const share = indices.slice(start, start + least + (number < more ? 1 : 0));
    return share.length === 0
      ? { indices: indices.slice(0, 1), weight: 0 }
      : { indices: share, weight: share.length / indices.length };
  });
}

/** What a step makes of its share: sums over it of which each counts by the share's weight, but for `correct`. */
export interface StepParts {
  loss: tf.Scalar;
  /** The number of right examples. */
  correct: tf.Scalar;
  gradients: readonly tf.Tensor[];
}

/**
 * The same of the whole batch, in one exchange between the processes. `statistics`, such as the running means of batch
 * normalisation, become the processes' weighted mean.
 */
export function overProcesses(
  { loss, correct, gradients }: StepParts,
  weight: tf.Scalar,
  statistics: readonly tf.Variable[],
): { loss: tf.Scalar; correct: tf.Scalar; gradients: tf.Tensor[] } {
  // An example that weighs nothing is not counted.
  const counted = tf.mul(correct, tf.sign(weight));
  const weighted = statistics.map((each) => tf.mul(each, weight));
  const sums = sumsOverProcesses([loss, counted, ...gradients, ...weighted]);
  const means = sums.slice(2 + gradients.length);
  statistics.forEach((each, index) => each.assign(means[index]));
  return {
    loss: sums[0] as tf.Scalar,
    correct: sums[1] as tf.Scalar,
    gradients: sums.slice(2, 2 + gradients.length),
  };
}
