/** The layers that computations in checks are made of, as functions over weights by their paths. */
import * as tf from "../../tensor/tf.ts";
import * as ops from "../../tensor/ops.ts";

/** Weights by path, as a module's `namedParameters()` gives them. */
export type Weights = ReadonlyMap<string, tf.Variable>;

const epsilon = 1e-5;

export function linear(x: tf.Tensor, weights: Weights, path: string): tf.Tensor {
  return ops.linear(
    x,
    weights.get(`${path}.weight`) as tf.Variable<tf.Rank.R2>,
    weights.get(`${path}.bias`) as tf.Variable<tf.Rank.R1>,
  );
}

export function layerNorm(x: tf.Tensor, weights: Weights, path: string): tf.Tensor {
  return ops.layerNorm(
    x,
    weights.get(`${path}.scale`) as tf.Variable<tf.Rank.R1>,
    weights.get(`${path}.shift`) as tf.Variable<tf.Rank.R1>,
    epsilon,
  );
}

/** Batch normalisation in evaluation, over the variables of a module at a path. */
export function batchNorm(x: tf.Tensor, weights: Weights, path: string): tf.Tensor {
  const [mean, variance, shift, scale] = ["runningMean", "runningVariance", "shift", "scale"]
    .map((name) => weights.get(`${path}.${name}`) as tf.Variable<tf.Rank.R1>);
  return tf.batchNorm(x as tf.Tensor4D, mean, variance, shift, scale, epsilon);
}
