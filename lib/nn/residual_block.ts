import * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import type { Random } from "../random.ts";
import { Conv2d } from "./convolution.ts";
import { padChannels, subsample } from "./functional.ts";
import { type Initializer, kaimingNormalFanOut } from "./initialization.ts";
import { Module } from "./module.ts";
import { BatchNorm2d } from "./normalization.ts";
import { Sequential } from "./sequential.ts";

/** What every residual block is made from. */
export interface ResidualBlockOptions {
  /** Channels that come in. */
  inputs: number;
  /** Channels that go out. */
  outputs: number;
  /** Pixels from one window of the first convolution to the next. Default: 1. */
  stride?: number;
  /**
   * How the input passes by where the shape changes: `"project"` by a 1×1 convolution and batch
   * normalisation (option B of the paper), `"pad"` by skipping places and adding channels of zeros
   * (option A, no parameters). Default: `"project"`.
   */
  shortcut?: "project" | "pad";
  /** First values of the convolutions' weights. Default: {@link kaimingNormalFanOut}, as torchvision's. */
  weightInitializer?: Initializer;
  random: Random;
}

/** The way past a residual block where it changes the shape: places skipped, channels of zeros added. */
export class PaddedShortcut extends Module {
  readonly outputs: number;
  readonly stride: number;

  constructor(outputs: number, stride: number) {
    super();
    this.outputs = outputs;
    this.stride = stride;
  }

  forward(x: tf.Tensor): tf.Tensor {
    return padChannels(subsample(x, this.stride), this.outputs);
  }
}

/**
 * The two-convolution block of ResNet-18, -34 and 6n+2: convolution, norm, ReLU, convolution, norm,
 * the input added, ReLU. `[B, height, width, inputs] → [B, height/stride, width/stride, outputs]`
 * (Deep Residual Learning for Image Recognition, arXiv 1512.03385).
 */
export class ResidualBlock extends Module {
  readonly convolution1: Conv2d;
  readonly norm1: BatchNorm2d;
  readonly convolution2: Conv2d;
  readonly norm2: BatchNorm2d;
  /** Absent where the input is added as it is. */
  readonly shortcut: Module | undefined;

  constructor(options: ResidualBlockOptions) {
    super();
    const { inputs, outputs, stride = 1, shortcut = "project", random } = options;
    const { weightInitializer = kaimingNormalFanOut } = options;
    const plain = { bias: false, weightInitializer, random };
    this.convolution1 = new Conv2d(inputs, outputs, { ...plain, size: 3, padding: 1, stride });
    this.norm1 = new BatchNorm2d(outputs);
    this.convolution2 = new Conv2d(outputs, outputs, { ...plain, size: 3, padding: 1 });
    this.norm2 = new BatchNorm2d(outputs);
    if (inputs === outputs && stride === 1) return;
    if (shortcut === "pad") {
      if (outputs < inputs) {
        throw new RangeError(`ResidualBlock: ${inputs} channels cannot be padded to ${outputs}`);
      }
      this.shortcut = new PaddedShortcut(outputs, stride);
    } else if (shortcut === "project") {
      this.shortcut = new Sequential(
        new Conv2d(inputs, outputs, { ...plain, size: 1, stride }),
        new BatchNorm2d(outputs),
      );
    } else {
      throw new RangeError(
        `ResidualBlock: shortcut is ${JSON.stringify(shortcut)}, expected "project" or "pad"`,
      );
    }
  }

  forward(x: tf.Tensor): tf.Tensor {
    const hidden = ops.relu(this.norm1.forward(this.convolution1.forward(x)));
    const residual = this.norm2.forward(this.convolution2.forward(hidden));
    const past = this.shortcut ? this.shortcut.forward(x) : x;
    return ops.relu(tf.add(residual, past));
  }
}
