/**
 * Ops that tfjs lacks or composes slowly. On native TensorFlow they are its fused kernels with gradients of
 * their own (`native_ops.ts`); on other backends the same values are composed from tfjs's ops.
 */
import * as tf from "tfjs";
import { variableGradients } from "./backward.ts";
import { batchNormOverProcesses } from "./cluster/sums.ts";
import { gradientDepth } from "./gradient_depth.ts";
import { observe } from "./recording.ts";
import { nativeBackend } from "./native.ts";
import { NativeOps } from "./native_ops.ts";
import { wasmOps } from "./wasm_ops.ts";

let made: NativeOps | null = null;

/** The fused kernels, where native TensorFlow is the backend. */
function native(): NativeOps | null {
  const backend = nativeBackend();
  return backend === null ? null : made ??= new NativeOps(backend);
}

/** Kernels with gradients of their own: native TensorFlow has them all, WASM some. */
type Fused = Partial<Omit<NativeOps, "update" | "subtract">>;

/**
 * The fused kernels with gradients; null within a gradient of a gradient: theirs are not made of ops that
 * tfjs could differentiate again, the composed forms' are.
 */
function fused(): Fused | null {
  return gradientDepth() > 1 ? null : native() ?? wasmOps();
}

/** `x · weight + bias` over the last axis: `[…, D], [D, E], [E] → […, E]`. */
export function linear(x: tf.Tensor, weight: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor {
  return tf.tidy(() => {
    const [inputs, outputs] = weight.shape;
    const rows = tf.reshape(x, [-1, inputs]) as tf.Tensor2D;
    const y = bias === undefined
      ? tf.matMul(rows, weight)
      : fused()?.linear?.(rows, weight, bias) ?? tf.add(tf.matMul(rows, weight), bias);
    return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
  });
}

/**
 * Layer normalisation over the last axis, `[…, D], [D], [D] → […, D]`, with the biased variance
 * (arXiv 1607.06450).
 */
export function layerNorm(
  x: tf.Tensor,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  epsilon: number,
): tf.Tensor {
  return tf.tidy(() => {
    const result = fused()?.layerNorm?.(x, scale, shift, epsilon);
    if (result) return result;
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), scale), shift);
  });
}

/** The exact GELU, `x · Φ(x)` (arXiv 1606.08415). */
export function gelu(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() =>
    fused()?.gelu?.(x) ?? tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))))
  );
}

/** `max(x, 0)`, value by value. */
export function relu(x: tf.Tensor): tf.Tensor {
  return fused()?.relu?.(x) ?? tf.relu(x);
}

/** `x · scale` where `mask`, a bool tensor of the same shape, is true; else 0. */
export function masked(x: tf.Tensor, mask: tf.Tensor, scale: number): tf.Tensor {
  return tf.tidy(() =>
    fused()?.masked?.(x, mask, scale) ?? tf.mul(x, tf.mul(tf.cast(mask, "float32"), scale))
  );
}

/** Softmax over the last axis. */
export function softmax(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => fused()?.softmax?.(x) ?? tf.softmax(x));
}

/**
 * Batch normalisation of `[B, height, width, C]` with the batch's own statistics (arXiv 1502.03167).
 * The variance that it returns is the unbiased one, which PyTorch's running variance follows; the
 * images are divided by the biased one's root. Where a training on several processes asks for it the statistics are
 * those of the batch of all.
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  epsilon: number,
): { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  return tf.tidy(() => {
    const result = batchNormOverProcesses(x, scale, shift, epsilon) ??
      fused()?.batchNorm?.(x, scale, shift, epsilon) ??
      composedBatchNorm(x, scale, shift, epsilon);
    return result as { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D };
  });
}

function composedBatchNorm(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  epsilon: number,
) {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
  const values = x.size / x.shape[3];
  const unbiased = tf.mul(variance, values / (values - 1));
  return { y: tf.add(tf.mul(normal, scale), shift), mean, variance: unbiased };
}

/**
 * Two-dimensional convolution with `zeros` added before and after rows and columns, as numbers
 * `[[top, bottom], [left, right]]`: `[B, height, width, in], [rows, columns, in, out]`.
 */
export function conv2d(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  options: {
    stride: number;
    zeros: readonly [readonly [number, number], readonly [number, number]];
  },
): tf.Tensor4D {
  const { stride, zeros: [rows, columns] } = options;
  return tf.tidy(() => {
    const result = fused()?.conv2d?.(x, weight, { stride, zeros: [rows, columns] });
    const padded = () => tf.pad(x, [[0, 0], [...rows], [...columns], [0, 0]]);
    return (result ?? tf.conv2d(padded(), weight, stride, "valid")) as tf.Tensor4D;
  });
}

/**
 * Cross-entropy of each example, `[B, classes] → [B]`; labels are class indices `[B]` (int32) or
 * probabilities `[B, classes]`, which no gradient reaches.
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D | tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => {
    const losses = fused()?.crossEntropy?.(logits, labels);
    if (losses) return losses as tf.Tensor1D;
    const target = labels.rank === 1 ? tf.oneHot(labels as tf.Tensor1D, logits.shape[1]) : labels;
    return tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1)) as tf.Tensor1D;
  });
}

/**
 * The value of `objective` and its gradient with respect to each variable, in the same order.
 * Throws an Error where the objective does not depend on one of them.
 *
 * In a compiled step these gradients are what compiled and eager runs are compared by.
 */
export function valueAndGradients(
  objective: () => tf.Scalar,
  variables: readonly tf.Variable[],
): { value: tf.Scalar; gradients: tf.Tensor[] } {
  const { value, grads } = variableGradients(objective, [...variables]);
  const gradients = variables.map((variable, index) => {
    const gradient = grads[variable.name];
    if (!gradient) {
      throw new Error(
        `no gradient for variable ${index} of shape [${variable.shape}]: the objective does not use it`,
      );
    }
    return gradient;
  });
  observe("gradient", gradients);
  return { value, gradients };
}

/** The settings of one {@link adamUpdate}. */
export interface AdamUpdate {
  /** Scalars: the step's learning rate, and 1 − β₁ᵗ and 1 − β₂ᵗ of the bias correction. */
  learningRate: tf.Scalar;
  firstCorrection: tf.Scalar;
  secondCorrection: tf.Scalar;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled weight decay (AdamW): the parameter shrinks by learningRate · weightDecay first. */
  weightDecay: number;
}

/** Of an {@link AdamUpdate}, what TensorFlow's kernels take; the caller owns the tensors. */
export interface AdamScalars {
  beta1: tf.Scalar;
  beta2: tf.Scalar;
  /** β₁ᵗ and β₂ᵗ. */
  firstPower: tf.Tensor;
  secondPower: tf.Tensor;
  epsilon: tf.Tensor;
  /** By how much of itself the parameter shrinks; undefined where it does not. */
  decay?: tf.Tensor;
}

/**
 * The scalars of updates with the same settings, to be given to each of them: made once for all parameters they cost
 * a step nothing, where each of a hundred would make eleven of its own. Undefined where no native kernel takes them.
 */
export function adamScalars(update: AdamUpdate): AdamScalars | undefined {
  if (native() === null) return undefined;
  return tf.tidy(() => {
    const { learningRate, firstCorrection, secondCorrection, epsilon, weightDecay } = update;
    return {
      beta1: tf.scalar(update.beta1),
      beta2: tf.scalar(update.beta2),
      firstPower: tf.sub(1, firstCorrection),
      secondPower: tf.sub(1, secondCorrection),
      // TensorFlow adds ε before the bias correction, PyTorch after it: ε is scaled to agree.
      epsilon: tf.mul(tf.sqrt(secondCorrection), epsilon),
      ...weightDecay === 0 ? {} : { decay: tf.mul(learningRate, weightDecay) },
    };
  });
}

/**
 * One Adam(W) update of a parameter and its two moments, in place, by PyTorch's formula. `scalars`: those of
 * `update`, where others share them.
 */
export function adamUpdate(
  parameter: tf.Variable,
  firstMoment: tf.Variable,
  secondMoment: tf.Variable,
  gradient: tf.Tensor,
  update: AdamUpdate,
  scalars?: AdamScalars,
): void {
  tf.tidy(() => {
    const { learningRate, beta1, beta2, epsilon, weightDecay } = update;
    const kernels = native();
    if (kernels) {
      const given = scalars ?? adamScalars(update)!;
      if (given.decay) kernels.subtract(parameter, tf.mul(parameter, given.decay));
      kernels.update("ResourceApplyAdam", [parameter, firstMoment, secondMoment], [
        ...[given.firstPower, given.secondPower, learningRate, given.beta1, given.beta2],
        ...[given.epsilon, gradient],
      ]);
      return;
    }
    const { firstCorrection, secondCorrection } = update;
    const changing = { learningRate, firstCorrection, secondCorrection };
    const onWasm = wasmOps()?.adam(
      { parameter, first: firstMoment, second: secondMoment, gradient, ...changing },
      { beta1, beta2, epsilon, weightDecay },
    );
    if (onWasm) {
      [parameter, firstMoment, secondMoment].forEach((each, index) => each.assign(onWasm[index]));
      return;
    }
    firstMoment.assign(tf.add(tf.mul(firstMoment, beta1), tf.mul(gradient, 1 - beta1)));
    secondMoment.assign(
      tf.add(tf.mul(secondMoment, beta2), tf.mul(tf.square(gradient), 1 - beta2)),
    );
    const decayed = tf.mul(parameter, tf.sub(1, tf.mul(learningRate, weightDecay)));
    const denominator = tf.add(
      tf.div(tf.sqrt(secondMoment), tf.sqrt(update.secondCorrection)),
      epsilon,
    );
    const stepSize = tf.div(learningRate, update.firstCorrection);
    parameter.assign(tf.sub(decayed, tf.mul(stepSize, tf.div(firstMoment, denominator))));
  });
}

/** The settings of one {@link momentumUpdate}. */
export interface MomentumUpdate {
  learningRate: tf.Scalar;
  momentum: number;
  nesterov: boolean;
}

/** One SGD update with momentum of a parameter and its velocity, in place, by PyTorch's formula. */
export function momentumUpdate(
  parameter: tf.Variable,
  velocity: tf.Variable,
  gradient: tf.Tensor,
  update: MomentumUpdate,
): void {
  tf.tidy(() => {
    const { learningRate, momentum, nesterov } = update;
    const kernels = native();
    if (kernels) {
      const inputs = [learningRate, gradient, tf.scalar(momentum)];
      kernels.update("ResourceApplyMomentum", [parameter, velocity], inputs, { nesterov });
      return;
    }
    velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
    const direction = nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity;
    parameter.assign(tf.sub(parameter, tf.mul(learningRate, direction)));
  });
}
