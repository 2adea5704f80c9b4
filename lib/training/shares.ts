/** A batch cut among several processes, and what they make of it together. */
import { given, requireFields } from "../platform/given.ts";
import * as tf from "../tensor/tf.ts";
import { type ExchangeType, sumsOverProcesses } from "../tensor/cluster/sums.ts";

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

/** How processes exchange gradients. */
export interface Exchange {
  /**
   * What gradients travel as. "bfloat16": half the bytes, and of each gradient, and of each sum of two processes', no
   * more than 8 bits. Default: "float32".
   */
  type?: ExchangeType;
  /**
   * In so many parts of about the same size, each as soon as it is there, so that it may go on beside the rest of the
   * backward pass. Default: 1.
   */
  parts?: number;
}

/** More parts than this would be small ones, each with a network's delay of its own. */
const mostParts = 64;

/** Throws a RangeError where a setting is out of range, and a TypeError where it is none. */
export function requireExchange(exchange: Exchange): void {
  requireFields("Trainer: exchange", exchange, ["type", "parts"]);
  const { type = "float32", parts = 1 } = exchange;
  if (type !== "float32" && type !== "bfloat16") {
    throw new RangeError(
      `Trainer: exchange.type is ${given(type)}, must be "float32" or "bfloat16"`,
    );
  }
  if (Number.isInteger(parts) && parts >= 1 && parts <= mostParts) return;
  throw new RangeError(
    `Trainer: exchange.parts is ${given(parts)}, must be a whole number from 1 to ${mostParts}`,
  );
}

/**
 * The same of the whole batch, in few exchanges between the processes, by default one. `statistics`, such as the
 * running means of batch normalisation, become the processes' weighted mean.
 */
export function overProcesses(
  { loss, correct, gradients }: StepParts,
  { weight, statistics, exchange: { type = "float32", parts: count = 1 } = {} }: {
    weight: tf.Scalar;
    statistics: readonly tf.Variable[];
    exchange?: Exchange;
  },
): { loss: tf.Scalar; correct: tf.Scalar; gradients: tf.Tensor[] } {
  // An example that weighs nothing is not counted.
  const counted = tf.mul(correct, tf.sign(weight));
  const rest = [loss, counted, ...statistics.map((each) => tf.mul(each, weight))];
  const parts = partsOf(gradients.map(({ size }) => size), count);
  const last = parts.pop() ?? [];
  const whole: tf.Tensor[] = [];
  /** Sums a part, and other tensors with it; gives those. */
  const summed = (part: readonly number[], others: readonly tf.Tensor[] = []) => {
    const sums = sumsOverProcesses([...others, ...part.map((each) => gradients[each])], type);
    part.forEach((each, at) => whole[each] = sums[others.length + at]);
    return sums.slice(0, others.length);
  };
  parts.forEach((part) => summed(part));
  // Hits are counted and statistics kept: they travel in full.
  const isFull = type === "float32";
  if (!isFull) summed(last);
  const [wholeLoss, hits, ...means] = isFull ? summed(last, rest) : sumsOverProcesses(rest);
  statistics.forEach((each, index) => each.assign(means[index]));
  return { loss: wholeLoss as tf.Scalar, correct: hits as tf.Scalar, gradients: whole };
}

/**
 * Cuts gradients of so many numbers into `count` parts of about the same size, or into fewer where there are fewer
 * gradients; gives their places. The last layers' come first, as the backward pass makes them.
 */
export function partsOf(sizes: readonly number[], count: number): number[][] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const parts: number[][] = [];
  let taken = 0;
  for (const place of [...sizes.keys()].reverse()) {
    // By where its middle lies.
    const part = Math.min(count - 1, Math.floor((taken + sizes[place] / 2) / total * count));
    (parts[part] ??= []).push(place);
    taken += sizes[place];
  }
  return parts.filter((part) => part.length > 0); // one large gradient leaves parts empty
}
