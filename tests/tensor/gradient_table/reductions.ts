/** Sums, extremes, norms, losses, and what runs along an axis. */
import * as tf from "../../../lib/tensor/tf.ts";
import type { Entry } from "./judge.ts";

const overAxes = ["euclideanNorm", "logSumExp", "max", "mean", "min", "prod", "sum"] as const;
const along = ["cumprod", "cumsum"] as const;
// deno-fmt-ignore
const losses = [
  "absoluteDifference", "hingeLoss", "logLoss", "meanSquaredError", "sigmoidCrossEntropy",
] as const;

/** tfjs's reductions by name. */
const reduce = tf as unknown as Record<
  string,
  (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor
>;

export const reductions: Record<string, Entry> = {
  ...Object.fromEntries(overAxes.map((name) => [
    name,
    {
      compute: ([x], { axis, keepDims }) => reduce[name](x, axis ?? undefined, keepDims),
    } satisfies Entry,
  ])),
  ...Object.fromEntries(along.map((name) => [
    name,
    {
      compute: ([x], { axis, exclusive, reverse }) => tf[name](x, axis, exclusive, reverse),
    } satisfies Entry,
  ])),
  moments: {
    compute: ([x], { axis, keepDims }) => {
      const { mean, variance } = tf.moments(x, axis ?? undefined, keepDims);
      return [mean, variance];
    },
  },
  norm: {
    compute: ([x], { ord, axis, keepDims }) =>
      tf.norm(x, ord === "inf" ? Infinity : ord, axis, keepDims),
  },
  topk: { compute: ([x], { k }) => tf.topk(x, k).values },
  argMax: {
    compute: ([x], { axis }) =>
      tf.mul(tf.expandDims(tf.cast(tf.argMax(x, axis), "float32"), axis), x),
  },
  argMin: {
    compute: ([x], { axis }) =>
      tf.mul(tf.expandDims(tf.cast(tf.argMin(x, axis), "float32"), axis), x),
  },
  all: {
    compute: ([x], { axis }) =>
      tf.where(tf.all(tf.greater(x, 1), axis, true), tf.square(x), tf.mul(x, 3)),
  },
  any: {
    compute: ([x], { axis }) =>
      tf.where(tf.any(tf.greater(x, 1), axis, true), tf.square(x), tf.mul(x, 3)),
  },
  softmax: { compute: ([x]) => tf.softmax(x) },
  logSoftmax: { compute: ([x]) => tf.logSoftmax(x) },
  movingAverage: {
    compute: ([average, x], { decay }) => tf.movingAverage(average, x, decay, 1, false),
  },
  ...Object.fromEntries(losses.map((name) => [
    `losses.${name}`,
    {
      compute: ([labels, predictions, weights], { reduction }) => {
        const loss = tf.losses[name] as (...given: unknown[]) => tf.Tensor;
        const rest = name === "logLoss"
          ? [1e-7, reduction]
          : name === "sigmoidCrossEntropy"
          ? [0, reduction]
          : [reduction];
        return loss(labels, predictions, weights, ...rest);
      },
    } satisfies Entry,
  ])),
  "losses.huberLoss": {
    compute: ([labels, predictions, weights], { reduction }) =>
      tf.losses.huberLoss(labels, predictions, weights, 1, reduction),
  },
  "losses.cosineDistance": {
    compute: ([labels, predictions], { axis, reduction }) =>
      tf.losses.cosineDistance(labels, predictions, axis, undefined, reduction),
  },
  "losses.softmaxCrossEntropy": {
    compute: ([given, logits, weights], { labelSmoothing, reduction }) => {
      const labels = tf.div(given, tf.sum(given, -1, true));
      return tf.losses.softmaxCrossEntropy(labels, logits, weights, labelSmoothing, reduction);
    },
  },
  "losses.computeWeightedLoss": {
    compute: ([x, weights], { reduction }) => tf.losses.computeWeightedLoss(x, weights, reduction),
  },
};
