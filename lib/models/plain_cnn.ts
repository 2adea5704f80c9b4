import type * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import type { Random } from "../random.ts";
import { Flatten, Relu } from "../nn/activation.ts";
import { Conv2d } from "../nn/convolution.ts";
import { requireRandom } from "../nn/initialization.ts";
import { Linear } from "../nn/linear.ts";
import { Module } from "../nn/module.ts";
import { BatchNorm2d } from "../nn/normalization.ts";
import { makePart, type Part } from "../nn/part.ts";
import { GlobalAveragePool, MaxPool2d } from "../nn/pooling.ts";
import { Sequential } from "../nn/sequential.ts";
import { expectCount, expectImages } from "../nn/shapes.ts";

export interface ConvolutionBlockOptions {
  /** Channels that come in. */
  inputs: number;
  /** Channels that go out. */
  outputs: number;
  /** Whether a batch normalisation stands between convolution and ReLU. Default: false. */
  normalised?: boolean;
  /**
   * How height and width are halved: by 2×2 max-pooling, or by a convolution of stride 2.
   * Default: `pool`.
   */
  halving?: "pool" | "stride";
  random: Random;
}

/**
 * A 3×3 convolution, batch normalisation if asked for, ReLU, and half the height and width:
 * `[B, height, width, inputs] → [B, height/2, width/2, outputs]`.
 */
export class ConvolutionBlock extends Module {
  readonly convolution: Conv2d;
  readonly norm: BatchNorm2d | undefined;
  readonly pool: MaxPool2d | undefined;

  constructor(options: ConvolutionBlockOptions) {
    super();
    const { inputs, outputs, normalised = false, halving = "pool", random } = options;
    this.convolution = new Conv2d(inputs, outputs, {
      size: 3,
      padding: 1,
      stride: halving === "stride" ? 2 : 1,
      bias: !normalised, // the normalisation would subtract it, and has a shift of its own
      random,
    });
    if (normalised) this.norm = new BatchNorm2d(outputs);
    if (halving === "pool") this.pool = new MaxPool2d(2);
  }

  forward(x: tf.Tensor): tf.Tensor {
    const convolved = this.convolution.forward(x);
    const y = ops.relu(this.norm ? this.norm.forward(convolved) : convolved);
    return this.pool ? this.pool.forward(y) : y;
  }
}

/** Settings of a {@link PlainCnn}. */
export interface PlainCnnOptions {
  /** Height and width of the images in pixels. Default: 32. */
  imageSize?: number;
  /** Channels of the images, C. Default: 3. */
  channels?: number;
  classes: number;
  /** Channels of every convolution. Default: 64. */
  width?: number;
  /** Whether a batch normalisation stands between convolution and ReLU. Default: false. */
  normalised?: boolean;
  /** How height and width are halved: by 2×2 max-pooling, or by convolutions of stride 2. Default: `"pool"`. */
  halving?: "pool" | "stride";
  /**
   * What follows the convolutions: `"flatten"` is all features, a linear map to `width`, ReLU and a
   * linear map to the classes; `"mean"` is a third convolution, the mean over all places, and a
   * linear map to the classes. Default: `"flatten"`.
   */
  head?: "flatten" | "mean";
  /** The mean over all places: a class or a function that makes one. Default: {@link GlobalAveragePool}. */
  globalPool?: Part<Record<never, never>>;
  random: Random;
}

/**
 * A plain convolutional network: `[B, height, width, C] → [B, classes]` logits.
 *
 * Throws a `RangeError` where the images are too small to be halved by every block.
 */
export class PlainCnn extends Module {
  readonly imageSize: number;
  readonly channels: number;
  readonly blocks: readonly ConvolutionBlock[];
  readonly head: Sequential;

  constructor(options: PlainCnnOptions) {
    super();
    const { imageSize = 32, channels = 3, classes, width = 64, head = "flatten" } = options;
    const { normalised = false, halving = "pool", globalPool = GlobalAveragePool } = options;
    const random = requireRandom("PlainCnn", options.random);
    expectCount("PlainCnn", "imageSize", imageSize);
    expectCount("PlainCnn", "channels", channels);
    expectCount("PlainCnn", "classes", classes);
    expectCount("PlainCnn", "width", width);
    expectOneOf("halving", halving, ["pool", "stride"]);
    expectOneOf("head", head, ["flatten", "mean"]);
    const depth = head === "mean" ? 3 : 2;
    let size = imageSize;
    for (let block = 0; block < depth; block++) {
      size = halving === "pool" ? size >> 1 : (size + 1) >> 1;
    }
    if (size < 1) {
      throw new RangeError(
        `PlainCnn: images of ${imageSize}×${imageSize} are too small to halve ` +
          (depth === 2 ? "twice" : "three times"),
      );
    }
    this.imageSize = imageSize;
    this.channels = channels;
    this.blocks = Array.from(
      { length: depth },
      (_, index) =>
        new ConvolutionBlock({
          inputs: index === 0 ? channels : width,
          outputs: width,
          normalised,
          halving,
          random,
        }),
    );
    if (head === "mean") {
      this.head = new Sequential(
        makePart("PlainCnn", "globalPool", globalPool, {}),
        new Linear(width, classes, { random }),
      );
      return;
    }
    this.head = new Sequential(
      new Flatten(),
      new Linear(size * size * width, width, { random }),
      new Relu(),
      new Linear(width, classes, { random }),
    );
  }

  forward(images: tf.Tensor): tf.Tensor {
    const { imageSize: size, channels } = this;
    expectImages("PlainCnn", images, { height: size, width: size, channels });
    return this.head.forward(this.blocks.reduce((x, block) => block.forward(x), images));
  }
}

function expectOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  const names = allowed.map((each) => JSON.stringify(each)).join(" or ");
  throw new RangeError(`PlainCnn: ${name} is ${JSON.stringify(value)}, expected ${names}`);
}
