import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { conv2d } from "./functional.ts";
import {
  fanIn,
  type Initializer,
  kaimingUniform,
  parameter,
  requireRandom,
  uniform,
} from "./initialization.ts";
import { Module } from "./module.ts";
import { expectCount, expectImages } from "./shapes.ts";

/** Settings of a {@link Conv2d}; lengths in pixels. */
export interface Conv2dOptions {
  /** Height and width of the window. Default: 3. */
  size?: number;
  /** Pixels from one window to the next. Default: 1. */
  stride?: number;
  /** Zeros added on every side. Default: 0, as in PyTorch. */
  padding?: number;
  /** Whether a bias is added. Default: true. */
  bias?: boolean;
  /** First values of the weight. Default: uniform within ±1/√(size·size·inputs), as in PyTorch. */
  weightInitializer?: Initializer;
  random: Random;
}

/**
 * Two-dimensional convolution: `[B, height, width, inputs] → [B, height′, width′, outputs]`, with
 * height′ = ⌊(height + 2·padding − size) / stride⌋ + 1. The weight is `[size, size, inputs, outputs]`.
 *
 * ```ts
 * const layer = new Conv2d(3, 16, { padding: 1, random: new Random(1) });
 * layer.forward(tf.ones([8, 32, 32, 3])).shape; // [8, 32, 32, 16]
 * ```
 */
export class Conv2d extends Module {
  readonly weight: tf.Variable<tf.Rank.R4>;
  readonly bias: tf.Variable<tf.Rank.R1> | undefined;
  readonly stride: number;
  readonly padding: number;

  constructor(inputs: number, outputs: number, options: Conv2dOptions) {
    super();
    const { size = 3, stride = 1, padding = 0, bias = true, weightInitializer = kaimingUniform } =
      options ?? {};
    expectCount("Conv2d", "inputs", inputs);
    expectCount("Conv2d", "outputs", outputs);
    expectCount("Conv2d", "size", size);
    expectCount("Conv2d", "stride", stride);
    expectCount("Conv2d", "padding", padding, 0);
    const random = requireRandom("Conv2d", options?.random);
    const shape = [size, size, inputs, outputs];
    this.weight = parameter(() => weightInitializer(random, shape));
    if (bias) {
      this.bias = parameter(() => uniform(1 / Math.sqrt(fanIn(shape)))(random, [outputs]));
    }
    this.stride = stride;
    this.padding = padding;
  }

  forward(x: tf.Tensor): tf.Tensor {
    const [size, , channels] = this.weight.shape;
    expectImages("Conv2d", x, { height: "height", width: "width", channels });
    if (Math.min(x.shape[1]!, x.shape[2]!) + 2 * this.padding < size) {
      throw new RangeError(
        `Conv2d: a window of ${size}×${size} does not fit images of ` +
          `${x.shape[1]}×${x.shape[2]} with ${this.padding} zeros on every side`,
      );
    }
    const y = conv2d(x, this.weight, { stride: this.stride, padding: this.padding });
    return this.bias ? tf.add(y, this.bias) : y;
  }
}
