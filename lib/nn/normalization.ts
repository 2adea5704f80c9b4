import * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import { buffer, parameter } from "./initialization.ts";
import { Module } from "./module.ts";
import { expectCount, expectShape } from "./shapes.ts";

/**
 * Normalises each token's features to mean 0 and variance 1, then scales and shifts each feature:
 * `[…, D] → […, D]` (Layer Normalization, arXiv 1607.06450).
 */
export class LayerNorm extends Module {
  readonly scale: tf.Variable<tf.Rank.R1>;
  readonly shift: tf.Variable<tf.Rank.R1>;
  /** Added to the variance, so that the division is safe. */
  readonly epsilon: number;

  constructor(width: number, { epsilon = 1e-5 }: { epsilon?: number } = {}) {
    super();
    expectCount("LayerNorm", "width", width);
    this.scale = parameter(() => tf.ones([width]));
    this.shift = parameter(() => tf.zeros([width]));
    this.epsilon = epsilon;
  }

  forward(x: tf.Tensor): tf.Tensor {
    expectShape("LayerNorm", "input", x, ["…", this.scale.shape[0]]);
    return ops.layerNorm(x, this.scale, this.shift, this.epsilon);
  }
}

/**
 * Normalises each channel over the batch and all places, then scales and shifts it:
 * `[B, height, width, C] → [B, height, width, C]` (Batch Normalization, arXiv 1502.03167).
 *
 * While training it uses the batch's own statistics and moves the running ones towards them by
 * `momentum` (the running variance is the unbiased one, as in PyTorch); in evaluation it uses the
 * running statistics. Throws a `RangeError` while training on a single value per channel.
 */
export class BatchNorm2d extends Module {
  readonly scale: tf.Variable<tf.Rank.R1>;
  readonly shift: tf.Variable<tf.Rank.R1>;
  readonly runningMean: tf.Variable<tf.Rank.R1>;
  readonly runningVariance: tf.Variable<tf.Rank.R1>;
  readonly epsilon: number;
  readonly momentum: number;

  constructor(channels: number, { epsilon = 1e-5, momentum = 0.1 } = {}) {
    super();
    expectCount("BatchNorm2d", "channels", channels);
    this.scale = parameter(() => tf.ones([channels]));
    this.shift = parameter(() => tf.zeros([channels]));
    this.runningMean = buffer(() => tf.zeros([channels]));
    this.runningVariance = buffer(() => tf.ones([channels]));
    this.epsilon = epsilon;
    this.momentum = momentum;
  }

  forward(x: tf.Tensor): tf.Tensor {
    expectShape("BatchNorm2d", "input", x, ["B", "height", "width", this.scale.shape[0]]);
    if (this.training) return this.#normaliseBatch(x as tf.Tensor4D);
    return tf.batchNorm(
      x as tf.Tensor4D,
      this.runningMean,
      this.runningVariance,
      this.shift,
      this.scale,
      this.epsilon,
    );
  }

  #normaliseBatch(x: tf.Tensor4D): tf.Tensor {
    const [batch, height, width] = x.shape;
    const values = batch * height * width;
    if (values < 2) {
      throw new RangeError(
        `BatchNorm2d: ${values} value per channel in training; ` +
          "a variance needs at least 2: use a larger batch",
      );
    }
    return tf.tidy(() => {
      const { y, mean, variance } = ops.batchNormTraining(x, this.scale, this.shift, this.epsilon);
      const follow = (running: tf.Variable<tf.Rank.R1>, statistic: tf.Tensor1D) => {
        const kept = tf.mul(running, 1 - this.momentum);
        running.assign(tf.add(kept, tf.mul(statistic, this.momentum)));
      };
      follow(this.runningMean, mean);
      follow(this.runningVariance, variance);
      return y;
    });
  }
}
