/** Residual blocks and networks as plain computations, with a switch for each typical mistake. */
import * as tf from "../../tensor/tf.ts";
import * as ops from "../../tensor/ops.ts";
import { conv2d, subsample } from "../../nn/functional.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { batchNorm, linear, type Weights } from "../engine/plain_layers.ts";

export const blockMistakes = {
  reluBeforeAddition:
    "with ReLU before the addition; the input is added first, then ReLU is applied to the sum",
  noFinalRelu: "without ReLU after the addition",
  reluTwice: "with ReLU both before and after the addition",
  reluOnEach:
    "with ReLU on each of the two summands; they are added first, then ReLU is applied to the sum",
  noFirstRelu: "without ReLU between the two halves",
  noShortcut: "without the shortcut: the input is not added",
  onlyShortcut: "without the two convolutions: only the shortcut comes out",
  zerosInFront: "when the shortcut puts the channels of zeros in front; here they come behind",
  zerosOnBothSides:
    "when the shortcut puts channels of zeros on both sides; here they all come behind",
  shortcutAveraged:
    "when the shortcut takes the mean of each window; it takes one place of it and skips the others",
  shortcutLargest:
    "when the shortcut takes the largest value of each window; it takes one place of it and skips the others",
  shortcutCropped:
    "when the shortcut cuts the first places out of the map, its upper left corner; it takes every `stride`-th row " +
    "and column of the whole map",
  shortcutNormalised: "with the first normalisation's result as shortcut; it is the block's input",
  shortcutFromHidden: "when the first half's result is added in place of the block's input",
  shortcutWithRelu: "with a ReLU in the shortcut",
  noFirstNorm: "without the first batch normalisation",
  noSecondNorm: "without the second batch normalisation",
  normsSwapped: "with the two batch normalisations exchanged",
  normAfterAddition: "when the second normalisation comes after the addition; it comes before",
  reluBeforeNorm: "with ReLU before the first batch normalisation; it comes after it",
  reluBeforeLastNorm:
    "with a ReLU between the second convolution and its normalisation; there is none",
} as const satisfies Mistakes<string>;

export interface BlockPlace {
  /** The path of the block's variables, with a dot at its end where there is one. */
  prefix: string;
  stride: number;
  /** How the input passes by. Default: places are skipped and channels of zeros added. */
  past?: (x: tf.Tensor, has: ReadonlySet<string>) => tf.Tensor;
}

/** A residual block over the library's variables. */
export function residualBlock(
  x: tf.Tensor,
  weights: Weights,
  { prefix, stride, past: ownPast }: BlockPlace,
  has: ReadonlySet<string>,
): tf.Tensor {
  const kernel = (name: string) =>
    weights.get(`${prefix}${name}.weight`) as tf.Variable<tf.Rank.R4>;
  const norm = (index: 1 | 2) => (y: tf.Tensor) => {
    if (has.has(index === 1 ? "noFirstNorm" : "noSecondNorm")) return y;
    return batchNorm(y, weights, `${prefix}norm${has.has("normsSwapped") ? 3 - index : index}`);
  };
  const first = conv2d(x, kernel("convolution1"), { stride, padding: 1 });
  const normal = norm(1)(has.has("reluBeforeNorm") ? ops.relu(first) : first);
  const hidden = has.has("noFirstRelu") || has.has("reluBeforeNorm") ? normal : ops.relu(normal);
  const second = conv2d(hidden, kernel("convolution2"), { padding: 1 });
  const last = has.has("reluBeforeLastNorm") ? ops.relu(second) : second;
  const residual = has.has("normAfterAddition") ? last : norm(2)(last);
  const past = ownPast ? ownPast(x, has) : shortcut(x, { stride, outputs: second.shape[3] }, has);
  const added = has.has("shortcutFromHidden")
    ? hidden
    : has.has("shortcutNormalised")
    ? normal
    : past;
  const isEach = has.has("reluOnEach");
  const early = has.has("reluBeforeAddition") || has.has("reluTwice") || isEach;
  const change = early ? ops.relu(residual) : residual;
  const sum = has.has("noShortcut")
    ? change
    : has.has("onlyShortcut")
    ? added
    : tf.add(change, isEach ? ops.relu(added) : added);
  const result = has.has("normAfterAddition") ? norm(2)(sum) : sum;
  const isBare = has.has("reluBeforeAddition") || has.has("noFinalRelu") || isEach;
  return isBare ? result : ops.relu(result);
}

function shortcut(
  x: tf.Tensor,
  { stride, outputs }: { stride: number; outputs: number },
  has: ReadonlySet<string>,
): tf.Tensor {
  const source = (has.has("shortcutWithRelu") ? ops.relu(x) : x) as tf.Tensor4D;
  const places = stride === 1
    ? source
    : has.has("shortcutAveraged")
    ? tf.avgPool(source, stride, stride, "valid")
    : has.has("shortcutLargest")
    ? tf.maxPool(source, stride, stride, "valid")
    : has.has("shortcutCropped")
    ? tf.slice(source, [0, 0, 0, 0], [-1, x.shape[1]! / stride, x.shape[2]! / stride, -1])
    : subsample(source, stride);
  const missing = outputs - x.shape[3]!;
  const before = has.has("zerosInFront")
    ? missing
    : has.has("zerosOnBothSides")
    ? Math.floor(missing / 2)
    : 0;
  return tf.pad(places, [[0, 0], [0, 0], [0, 0], [before, missing - before]]);
}

export const networkMistakes = {
  noStemRelu: "without ReLU after the first convolution and its normalisation",
  noStemNorm: "without the batch normalisation after the first convolution",
  stemReluBeforeNorm:
    "with ReLU before the batch normalisation after the first convolution; it comes after it",
  sum: "with the sum over all places in place of the mean, before the last Linear layer",
  largest:
    "with the largest value of each channel in place of the mean, before the last Linear layer",
  reluAtEnd: "with ReLU after the last Linear layer; the logits may be negative",
  softmax:
    "with a softmax at the end; the network gives logits, the loss takes care of the softmax",
  logSoftmax: "with a log-softmax at the end; the network gives logits, the loss takes care of it",
  ...blockMistakes,
} as const satisfies Mistakes<string>;

/** A residual network of three stages: `[B, height, width, C] → [B, classes]`. */
export function residualNetwork(
  images: tf.Tensor,
  weights: Weights,
  { blocksPerStage }: { blocksPerStage: number },
  has: ReadonlySet<string>,
): tf.Tensor {
  const stem = conv2d(images, weights.get("stem.weight") as tf.Variable<tf.Rank.R4>, {
    padding: 1,
  });
  const early = has.has("stemReluBeforeNorm");
  const entering = early ? ops.relu(stem) : stem;
  const normal = has.has("noStemNorm") ? entering : batchNorm(entering, weights, "stemNorm");
  let x: tf.Tensor = has.has("noStemRelu") || early ? normal : ops.relu(normal);
  for (let stage = 0; stage < 3; stage++) {
    for (let index = 0; index < blocksPerStage; index++) {
      const prefix = `blocks.${stage * blocksPerStage + index}.`;
      x = residualBlock(x, weights, { prefix, stride: stage > 0 && index === 0 ? 2 : 1 }, has);
    }
  }
  const pooled = has.has("sum")
    ? tf.sum(x, [1, 2])
    : has.has("largest")
    ? tf.max(x, [1, 2])
    : tf.mean(x, [1, 2]);
  const logits = linear(pooled, weights, "head");
  if (has.has("softmax")) return tf.softmax(logits);
  if (has.has("logSoftmax")) return tf.logSoftmax(logits);
  return has.has("reluAtEnd") ? ops.relu(logits) : logits;
}
