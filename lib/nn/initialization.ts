import * as tf from "../tensor/tf.ts";
import { Random } from "../random.ts";

/** Draws the first values of a parameter of the given shape. */
export type Initializer = (random: Random, shape: number[]) => tf.Tensor;

/** A trainable variable with values of its own: what `make` leaves behind is freed. */
export function parameter<R extends tf.Rank>(make: () => tf.Tensor): tf.Variable<R> {
  return tf.tidy(() => tf.variable(make())) as tf.Variable<R>;
}

/** A variable that no optimizer changes, but that is saved with the model (running statistics). */
export function buffer<R extends tf.Rank>(make: () => tf.Tensor): tf.Variable<R> {
  return tf.tidy(() => tf.variable(make(), false)) as tf.Variable<R>;
}

/** The source of first values that a part was given; throws a `TypeError` where there is none. */
export function requireRandom(owner: string, random: Random | undefined): Random {
  if (random instanceof Random) return random;
  throw new TypeError(
    `${owner}: options.random is missing; pass { random: new Random(42) } or the model's own`,
  );
}

/**
 * The number of inputs that reach one output: `in` of `[in, out]`, and height · width · in of
 * `[height, width, in, out]`.
 */
export function fanIn(shape: readonly number[]): number {
  return shape.slice(0, -1).reduce((product, size) => product * size, 1);
}

/**
 * The number of outputs that one input reaches: `out` of `[in, out]`, and height · width · out of
 * `[height, width, in, out]`. Throws a `RangeError` for a shape of fewer than two axes.
 */
export function fanOut(shape: readonly number[]): number {
  if (shape.length < 2) {
    throw new RangeError(
      `fanOut: shape [${shape}], expected [in, out] or [height, width, in, out]`,
    );
  }
  return fanIn(shape) / shape.at(-2)! * shape.at(-1)!;
}

/** Makes first values that are all zero, as biases and shifts have them. */
export const zeros: Initializer = (_random, shape) => tf.zeros(shape);

/** Values from the normal distribution. */
export function normal(standardDeviation = 1): Initializer {
  return (random, shape) => random.normal(shape, 0, standardDeviation);
}

/** Values from the normal distribution, those beyond two standard deviations drawn anew. */
export function truncatedNormal(standardDeviation: number): Initializer {
  return (random, shape) => random.truncatedNormal(shape, 0, standardDeviation);
}

/** Values from the uniform distribution on [−bound, bound). */
export function uniform(bound: number): Initializer {
  return (random, shape) => random.uniform(shape, -bound, bound);
}

/**
 * PyTorch's default for the weights of linear and convolution layers, `kaiming_uniform_(a=√5)`:
 * uniform within ±1/√fanIn (Delving Deep into Rectifiers, arXiv 1502.01852, with another gain).
 */
export const kaimingUniform: Initializer = (random, shape) =>
  uniform(1 / Math.sqrt(fanIn(shape)))(random, shape);

/**
 * Normal values of variance 2/fanOut, for convolutions that a ReLU follows (`kaiming_normal_` of
 * mode `fan_out`, as residual networks are initialised; arXiv 1502.01852).
 */
export const kaimingNormalFanOut: Initializer = (random, shape) =>
  random.normal(shape, 0, Math.sqrt(2 / fanOut(shape)));

/**
 * Uniform within ±√(6 / (fanIn + fanOut)), PyTorch's `xavier_uniform_` (Understanding the difficulty
 * of training deep feedforward neural networks, Glorot and Bengio, 2010).
 */
export const xavierUniform: Initializer = (random, shape) =>
  uniform(Math.sqrt(6 / (fanIn(shape) + fanOut(shape))))(random, shape);
