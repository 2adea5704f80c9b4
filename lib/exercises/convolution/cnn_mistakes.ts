/** Unit 2's convolutional networks as a plain computation, with a switch for each typical mistake. */
import * as tf from "../../tensor/tf.ts";
import * as ops from "../../tensor/ops.ts";
import { conv2d, maxPool2d } from "../../nn/functional.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { batchNorm, linear, type Weights } from "../engine/plain_layers.ts";

/** How one of the networks differs from the others. */
export interface CnnKind {
  /** Whether a batch normalisation stands between convolution and ReLU. */
  normalised: boolean;
  /** The stride of each convolution. */
  strides: readonly number[];
  /** Whether 2×2 max-pooling follows each ReLU. */
  pooling: boolean;
  /** Two linear maps with ReLU on all features, or one on the mean of each channel. */
  head: "flatten" | "mean";
}

export const cnnMistakes = {
  noRelu: "without ReLU after the convolutions",
  noFirstRelu: "without ReLU after the first convolution",
  noLastRelu: "without ReLU after the last convolution",
  reluBeforeNorm:
    "when ReLU comes before the batch normalisation; it comes after it: convolution, normalisation, ReLU",
  firstReluBeforeNorm:
    "when the first ReLU comes before its batch normalisation; it comes after it",
  lastReluBeforeNorm: "when the last convolution's ReLU comes before its batch normalisation",
  noNorm: "without the batch normalisations",
  normsSwapped: "with the batch normalisations exchanged",
  averagePooling: "with the mean of each 2×2 window in place of the largest value",
  noHiddenRelu: "without ReLU between the two Linear layers",
  reluAtEnd: "with ReLU after the last Linear layer; the logits may be negative",
  sum: "with the sum over all places in place of the mean",
  largest: "with the largest value of each channel in place of the mean",
  softmax:
    "with a softmax at the end; the network gives logits, the loss takes care of the softmax",
  logSoftmax: "with a log-softmax at the end; the network gives logits, the loss takes care of it",
} as const satisfies Mistakes<string>;

/** `[B, height, width, C] → [B, classes]`, over the variables of the library's network. */
export function cnn(
  images: tf.Tensor,
  weights: Weights,
  kind: CnnKind,
  has: ReadonlySet<string>,
): tf.Tensor {
  const count = kind.strides.length;
  const features = kind.strides.reduce<tf.Tensor>((x, stride, index) => {
    const path = `blocks.${index}`;
    const weight = weights.get(`${path}.convolution.weight`) as tf.Variable<tf.Rank.R4>;
    const bias = weights.get(`${path}.convolution.bias`);
    const map = conv2d(x, weight, { stride, padding: 1 });
    const convolved = bias ? tf.add(map, bias) : map;
    const normPath = has.has("normsSwapped") ? `blocks.${count - 1 - index}.norm` : `${path}.norm`;
    const isNormalised = kind.normalised && !has.has("noNorm");
    const norm = (y: tf.Tensor) => isNormalised ? batchNorm(y, weights, normPath) : y;
    const isBare = has.has("noRelu") || (has.has("noFirstRelu") && index === 0) ||
      (has.has("noLastRelu") && index === count - 1);
    const relu = (y: tf.Tensor) => isBare ? y : ops.relu(y);
    const halve = (y: tf.Tensor) =>
      !kind.pooling
        ? y
        : has.has("averagePooling")
        ? tf.avgPool(y as tf.Tensor4D, 2, 2, "valid")
        : maxPool2d(y, 2);
    const isEarly = has.has("reluBeforeNorm") ||
      (has.has("firstReluBeforeNorm") && index === 0) ||
      (has.has("lastReluBeforeNorm") && index === count - 1);
    if (isEarly) return halve(norm(relu(convolved)));
    return halve(relu(norm(convolved)));
  }, images);
  const logits = head(features, weights, kind, has);
  if (has.has("softmax")) return tf.softmax(logits);
  if (has.has("logSoftmax")) return tf.logSoftmax(logits);
  return has.has("reluAtEnd") ? ops.relu(logits) : logits;
}

function head(
  features: tf.Tensor,
  weights: Weights,
  { head }: CnnKind,
  has: ReadonlySet<string>,
): tf.Tensor {
  if (head === "mean") {
    const pooled = has.has("sum")
      ? tf.sum(features, [1, 2])
      : has.has("largest")
      ? tf.max(features, [1, 2])
      : tf.mean(features, [1, 2]);
    return linear(pooled, weights, "head.layers.1");
  }
  const flat = tf.reshape(features, [features.shape[0], features.size / features.shape[0]]);
  const hidden = linear(flat, weights, "head.layers.1");
  const activated = has.has("noHiddenRelu") ? hidden : ops.relu(hidden);
  return linear(activated, weights, "head.layers.3");
}
