/** Ops that tfjs composes of others so that a value, a gradient or a gradient's gradient is wrong. */
import * as tf from "tfjs";
import { settings } from "./settings.ts";
import { gradientDepth } from "./gradient_depth.ts";

type Given = tf.Tensor | tf.TensorLike;

const tensorOf = (x: Given, dtype?: tf.DataType) =>
  x instanceof tf.Tensor ? x : tf.tensor(x as tf.TensorLike, undefined, dtype);

/**
 * |x|, with a slope of 0 at 0. tfjs's slope there is −1, which its own losses from logits count on: so its
 * kernel keeps it.
 */
export function abs<T extends tf.Tensor>(x: Given): T {
  return tf.tidy(() => {
    const values = tensorOf(x);
    return (values.dtype === "float32" ? tf.mul(values, tf.sign(values)) : tf.abs(values)) as T;
  });
}

/**
 * The norm of a vector along an axis, or of a matrix along two: 1, 2, ±Infinity, "euclidean" or "fro". With
 * `abs` of this file, so that what is 0 has no slope. A Euclidean one may be along any axes.
 */
export function norm(
  x: Given,
  ord: number | "euclidean" | "fro" = "euclidean",
  axis: number | number[] | null = null,
  keepDims = false,
): tf.Tensor {
  return tf.tidy(() => {
    const values = tensorOf(x);
    if (ord !== 1 && ord !== Infinity && ord !== -Infinity) {
      const isMatrix = Array.isArray(axis) && axis.length > 1;
      if (ord !== "euclidean" && ord !== (isMatrix ? "fro" : 2)) {
        throw new RangeError(`norm: there is no norm ${ord} ${isMatrix ? "of a matrix" : "here"}`);
      }
      return tf.sqrt(tf.sum(tf.square(values), axis ?? undefined, keepDims));
    }
    if (!Array.isArray(axis) || axis.length === 1) {
      const reduce = ord === 1 ? tf.sum : ord === Infinity ? tf.max : tf.min;
      return reduce(abs(values), axis ?? undefined, keepDims);
    }
    const axes = tf.util.parseAxisParam(axis, values.shape);
    if (axes.length !== 2) {
      throw new RangeError(`norm: ${ord} is of one or two axes, not [${axis}]`);
    }
    const [summed, chosen] = ord === 1 ? axes : axes.toReversed();
    const sums = tf.sum(abs(values), summed, true);
    const extreme = ord === -Infinity ? tf.min(sums, chosen, true) : tf.max(sums, chosen, true);
    return keepDims ? extreme : tf.squeeze(extreme, axes);
  });
}

/** √Σx² over all axes, or some. */
export function euclideanNorm(
  x: Given,
  axis: number | number[] | null = null,
  keepDims = false,
): tf.Tensor {
  return norm(x, "euclidean", axis, keepDims);
}

/** log σ(x). tfjs's gradient needs a tensor that may be gone by then. */
export function logSigmoid<T extends tf.Tensor>(x: Given): T {
  return tf.tidy(() => tf.neg(tf.softplus(tf.neg(tensorOf(x)))) as T);
}

/** `a / b`, and 0 where `b` is 0: so is its gradient there, where tfjs's is NaN. */
export function divNoNan<T extends tf.Tensor>(a: Given, b: Given): T {
  return tf.tidy(() => {
    const divisor = tensorOf(b);
    const isZero = tf.equal(divisor, 0);
    const quotient = tf.div(tensorOf(a), tf.where(isZero, tf.onesLike(divisor), divisor));
    return tf.where(isZero, tf.zerosLike(quotient), quotient) as T;
  });
}

/** Places of `values` in a sorted sequence, in the shape of `values`; tfjs makes a matrix of a row. */
export function searchSorted(
  sortedSequence: Given,
  values: Given,
  side: "left" | "right" = "left",
): tf.Tensor {
  return tf.tidy(() => {
    const wanted = tensorOf(values);
    return tf.reshape(tf.searchSorted(sortedSequence, wanted, side), wanted.shape);
  });
}

/** The first place of each value in a sorted sequence. */
export function lowerBound(sortedSequence: Given, values: Given): tf.Tensor {
  return searchSorted(sortedSequence, values, "left");
}

/** The place after the last of each value in a sorted sequence. */
export function upperBound(sortedSequence: Given, values: Given): tf.Tensor {
  return searchSorted(sortedSequence, values, "right");
}

/**
 * tfjs's `tf.raggedGather`, whose values can be differentiated: the kernel gathers places, and the values
 * are taken from there.
 */
export function raggedGather(
  paramsNestedSplits: tf.Tensor[],
  paramsDenseValues: Given,
  indices: Given,
  outputRaggedRank: number,
): ReturnType<typeof tf.raggedGather> {
  return tf.tidy(() => {
    const values = tensorOf(paramsDenseValues);
    const places = tf.range(0, values.shape[0], 1, "int32");
    const gathered = tf.raggedGather(paramsNestedSplits, places, indices, outputRaggedRank);
    const outputDenseValues = tf.gather(values, gathered.outputDenseValues as tf.Tensor1D);
    return { ...gathered, outputDenseValues };
  });
}

/** tfjs's `tf.raggedTensorToTensor`, whose values and default can be differentiated, in the same way. */
export function raggedTensorToTensor(
  shape: Given,
  values: Given,
  defaultValue: Given,
  rowPartitionTensors: tf.Tensor[],
  rowPartitionTypes: string[],
): tf.Tensor {
  return tf.tidy(() => {
    const given = tensorOf(values), size = tensorOf(shape, "int32");
    if (given.dtype !== "float32" || given.size === 0) {
      return tf.raggedTensorToTensor(
        size,
        given,
        defaultValue,
        rowPartitionTensors,
        rowPartitionTypes,
      );
    }
    const inner = given.rank - 1;
    // Counted from 1: 0 stands for the default.
    const numbers = tf.range(1, given.shape[0] + 1, 1, "int32");
    const places = tf.raggedTensorToTensor(
      size.rank === 0 ? size : tf.slice(size, [0], [size.size - inner]),
      numbers,
      tf.scalar(0, "int32"),
      rowPartitionTensors,
      rowPartitionTypes,
    );
    const first = tf.maximum(tf.sub(places, tf.scalar(1, "int32")), tf.scalar(0, "int32"));
    const isGiven = tf.reshape(tf.greater(places, 0), [...places.shape, ...Array(inner).fill(1)]);
    const taken = tf.gather(given, tf.cast(first, "int32"));
    return tf.where(isGiven, taken, tensorOf(defaultValue));
  });
}

/**
 * tfjs's `tf.losses.softmaxCrossEntropy`, of ops that can be differentiated twice: labels `[B, classes]`,
 * logits `[B, classes]`, weights a scalar or `[B]`.
 */
export function softmaxCrossEntropy<T extends tf.Tensor>(
  onehotLabels: Given,
  logits: Given,
  weights?: Given,
  labelSmoothing = 0,
  reduction = tf.Reduction.SUM_BY_NONZERO_WEIGHTS,
): T {
  return tf.tidy(() => {
    const scores = tensorOf(logits);
    let labels: tf.Tensor = tf.cast(tensorOf(onehotLabels), "float32");
    tf.util.assertShapesMatch(labels.shape, scores.shape, "Error in softmaxCrossEntropy: ");
    if (labelSmoothing > 0) {
      const share = labelSmoothing / labels.shape[labels.rank - 1];
      labels = tf.add(tf.mul(labels, 1 - labelSmoothing), share);
    }
    const losses = tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(scores)), -1));
    return tf.losses.computeWeightedLoss(losses, weights, reduction) as T;
  });
}

/** The mean absolute difference, or as `reduction` says, with `tf.abs` of this file. */
export function absoluteDifference<T extends tf.Tensor, O extends tf.Tensor>(
  labels: Given,
  predictions: Given,
  weights?: Given,
  reduction = tf.Reduction.SUM_BY_NONZERO_WEIGHTS,
): O {
  return tf.tidy(() => {
    const [wanted, given] = [tensorOf(labels), tensorOf(predictions)];
    tf.util.assertShapesMatch(wanted.shape, given.shape, "Error in absoluteDifference: ");
    const losses = abs<T>(tf.sub(wanted, given));
    return tf.losses.computeWeightedLoss(losses, weights, reduction) as O;
  });
}

type FusedOptions = Parameters<typeof tf.fused.conv2d>[0];

/** What a fused convolution does after it. */
function activated(
  x: tf.Tensor,
  { activation = "linear", preluActivationWeights, leakyreluAlpha }: FusedOptions,
): tf.Tensor {
  switch (activation) {
    case "linear":
      return x;
    case "prelu":
      return tf.prelu(x, preluActivationWeights!);
    case "leakyrelu":
      return tf.leakyRelu(x, leakyreluAlpha);
    default:
      return tf[activation as "relu" | "relu6" | "elu" | "sigmoid"](x);
  }
}

/**
 * A fused convolution that is taken apart where its dilated window is differentiated, which tfjs refuses, and
 * where the device's kernel takes no such window.
 */
const differentiable =
  (fused: typeof tf.fused.conv2d, convolve: typeof tf.conv2d, takesDilated = () => true) =>
  <T extends tf.Tensor3D | tf.Tensor4D>(options: Parameters<typeof tf.fused.conv2d<T>>[0]): T => {
    const isDilated = [options.dilations ?? 1].flat().some((rate) => rate !== 1);
    if (!isDilated || gradientDepth() === 0 && takesDilated()) return fused(options);
    return tf.tidy(() => {
      const { x, filter, strides, pad, dataFormat, dilations, dimRoundingMode, bias } = options;
      const y = convolve(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
      const { activation, preluActivationWeights, leakyreluAlpha } = options;
      const rest = { activation, preluActivationWeights, leakyreluAlpha } as FusedOptions;
      return activated(bias === undefined ? y : tf.add(y, bias), rest) as T;
    });
  };

/** tfjs's `tf.fused`. */
export const fused = {
  ...tf.fused,
  conv2d: differentiable(tf.fused.conv2d, tf.conv2d),
  depthwiseConv2d: differentiable(
    tf.fused.depthwiseConv2d as typeof tf.fused.conv2d,
    tf.depthwiseConv2d as typeof tf.conv2d,
    () => settings().dilatedDepthwise,
  ),
};

/**
 * A convolution along one axis. A number as padding is so many zeros before and after it; tfjs would add them to an
 * axis as well that it makes for its own convolution over two, and cannot take the result apart again.
 */
export const conv1d: typeof tf.conv1d = (x, filter, stride, pad, ...rest) => {
  const sides: typeof pad = typeof pad === "number" ? [[0, 0], [0, 0], [pad, pad], [0, 0]] : pad;
  return tf.conv1d(x, filter, stride, sides, ...rest);
};

/** Those that are exports of `tf`. */
export const ops = {
  abs,
  conv1d,
  divNoNan,
  euclideanNorm,
  fused,
  logSigmoid,
  lowerBound,
  norm,
  raggedGather,
  raggedTensorToTensor,
  searchSorted,
  upperBound,
};

/** Puts them where tfjs looks for its own: in `tf.losses`, and among the tensors' methods. */
export function correctMethods(): void {
  tf.losses.absoluteDifference = absoluteDifference as typeof tf.losses.absoluteDifference;
  tf.losses.softmaxCrossEntropy = softmaxCrossEntropy as typeof tf.losses.softmaxCrossEntropy;
  tf.Tensor.prototype.divNoNan = function <T extends tf.Tensor>(this: tf.Tensor, b: Given): T {
    return divNoNan(this, b);
  };
  tf.Tensor.prototype.abs = function <T extends tf.Tensor>(this: T): T {
    return abs(this);
  };
  tf.Tensor.prototype.euclideanNorm = function (this: tf.Tensor, axis, keepDims) {
    return euclideanNorm(this, axis, keepDims);
  } as typeof tf.Tensor.prototype.euclideanNorm;
  tf.Tensor.prototype.norm = function (this: tf.Tensor, ord, axis, keepDims) {
    return norm(this, ord, axis, keepDims);
  } as typeof tf.Tensor.prototype.norm;
  tf.Tensor.prototype.logSigmoid = function <T extends tf.Tensor>(this: tf.Tensor): T {
    return logSigmoid(this);
  };
}
