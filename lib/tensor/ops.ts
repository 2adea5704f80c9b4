/** Provisional: final signatures, composed from tfjs ops (native versions with own gradients follow). */
import * as tf from "./tf.ts";

/** `x · weight + bias` over the last axis: `[…, D], [D, E], [E] → […, E]`. */
export function linear(x: tf.Tensor, weight: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor {
  return tf.tidy(() => {
    const [inputs, outputs] = weight.shape;
    const flat = tf.matMul(tf.reshape(x, [-1, inputs]), weight);
    const y = bias ? tf.add(flat, bias) : flat;
    return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
  });
}

/** Layer normalisation over the last axis (biased variance, as PyTorch). */
export function layerNorm(
  x: tf.Tensor,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  epsilon: number,
): tf.Tensor {
  return tf.tidy(() => {
    const mean = tf.mean(x, -1, true);
    const centred = tf.sub(x, mean);
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), scale), shift);
  });
}

/** The exact GELU, `x · Φ(x)`. */
export function gelu(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))));
}

export function relu(x: tf.Tensor): tf.Tensor {
  return tf.relu(x);
}

/** Softmax over the last axis. */
export function softmax(x: tf.Tensor): tf.Tensor {
  return tf.softmax(x);
}

/** Batch normalisation with the batch's own statistics: `[B, height, width, C]`. */
export function batchNormTraining(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  epsilon: number,
): { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const y = tf.add(
    tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), scale),
    shift,
  );
  return { y: y as tf.Tensor4D, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}

/**
 * Cross-entropy of each example, `[B, classes] → [B]`; labels are class indices `[B]` (int32) or
 * probabilities `[B, classes]`.
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D | tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => {
    const target = labels.rank === 1
      ? tf.oneHot(labels as tf.Tensor1D, logits.shape[1]) as tf.Tensor2D
      : labels as tf.Tensor2D;
    return tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1)) as tf.Tensor1D;
  });
}

/**
 * The value of `objective` and its gradient with respect to each variable, in the same order.
 * The compiler compares these gradients, compiled against eager, once after recording.
 */
export function valueAndGradients(
  objective: () => tf.Scalar,
  variables: readonly tf.Variable[],
): { value: tf.Scalar; gradients: tf.Tensor[] } {
  const { value, grads } = tf.variableGrads(objective, [...variables]);
  return { value, gradients: variables.map((variable) => grads[variable.name]) };
}

export interface AdamUpdate {
  /** Scalars: the step's learning rate, and 1 − β₁ᵗ and 1 − β₂ᵗ of PyTorch's bias correction. */
  learningRate: tf.Scalar;
  firstCorrection: tf.Scalar;
  secondCorrection: tf.Scalar;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled weight decay (AdamW): the parameter shrinks by learningRate · weightDecay first. */
  weightDecay: number;
}

/** One Adam(W) update of a parameter and its two moments, in place (PyTorch's formula). */
export function adamUpdate(
  parameter: tf.Variable,
  firstMoment: tf.Variable,
  secondMoment: tf.Variable,
  gradient: tf.Tensor,
  update: AdamUpdate,
): void {
  tf.tidy(() => {
    const { learningRate, beta1, beta2, epsilon, weightDecay } = update;
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

export interface MomentumUpdate {
  learningRate: tf.Scalar;
  momentum: number;
  nesterov: boolean;
}

/** One SGD update with momentum of a parameter and its velocity, in place (PyTorch's formula). */
export function momentumUpdate(
  parameter: tf.Variable,
  velocity: tf.Variable,
  gradient: tf.Tensor,
  update: MomentumUpdate,
): void {
  tf.tidy(() => {
    const { learningRate, momentum, nesterov } = update;
    velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
    const direction = nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity;
    parameter.assign(tf.sub(parameter, tf.mul(learningRate, direction)));
  });
}
