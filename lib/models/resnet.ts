import { given } from "../platform/given.ts";
import type * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import type { Random } from "../random.ts";
import { Conv2d } from "../nn/convolution.ts";
import { type Initializer, kaimingNormalFanOut, requireRandom } from "../nn/initialization.ts";
import { Linear } from "../nn/linear.ts";
import { Module } from "../nn/module.ts";
import { BatchNorm2d } from "../nn/normalization.ts";
import { makePart, type Part } from "../nn/part.ts";
import { GlobalAveragePool, MaxPool2d } from "../nn/pooling.ts";
import { ResidualBlock, type ResidualBlockOptions } from "../nn/residual_block.ts";
import { expectCount, expectImages } from "../nn/shapes.ts";

/** What every residual network has, whatever its depth. */
export interface ResNetCommonOptions {
  classes: number;
  /** Channels of the images, C. Default: 3. */
  channels?: number;
  /** The block: a class or a function that makes one. Default: {@link ResidualBlock}. */
  block?: Part<ResidualBlockOptions>;
  /** First values of the convolutions' weights. Default: {@link kaimingNormalFanOut}, as torchvision's. */
  weightInitializer?: Initializer;
  random: Random;
}

/** Settings of a {@link ResNet}. */
export interface ResNetOptions extends ResNetCommonOptions {
  /**
   * What comes before the blocks: `"imagenet"` is a 7×7 convolution of stride 2 and 3×3 max-pooling
   * of stride 2, `"small"` a 3×3 convolution of stride 1, for images of about 32×32.
   */
  stem: "imagenet" | "small";
  /** Channels of each stage; each but the first halves height and width. */
  widths: readonly number[];
  /** Blocks of each stage. */
  blocks: readonly number[];
  /** How the input passes by where a block changes the shape. Default: `"project"`. */
  shortcut?: "project" | "pad";
}

/**
 * A residual network: `[B, height, width, C] → [B, classes]` logits (Deep Residual Learning for Image
 * Recognition, arXiv 1512.03385).
 */
export class ResNet extends Module {
  readonly channels: number;
  readonly stem: Conv2d;
  readonly stemNorm: BatchNorm2d;
  readonly stemPool: MaxPool2d | undefined;
  /** All stages' blocks, one after the other. */
  readonly blocks: readonly Module[];
  readonly pool: GlobalAveragePool;
  readonly head: Linear;

  constructor(options: ResNetOptions) {
    super();
    const { classes, channels = 3, stem, widths, shortcut = "project", random } = options;
    const { block = ResidualBlock, weightInitializer = kaimingNormalFanOut } = options;
    requireRandom("ResNet", random);
    expectCount("ResNet", "classes", classes);
    expectCount("ResNet", "channels", channels);
    if (widths.length === 0 || widths.length !== options.blocks.length) {
      throw new RangeError(
        `ResNet: widths for ${widths.length} stages, blocks for ${options.blocks.length}`,
      );
    }
    const stems = {
      imagenet: { size: 7, stride: 2, padding: 3 },
      small: { size: 3, stride: 1, padding: 1 },
    };
    if (!Object.hasOwn(stems, stem)) {
      throw new RangeError(
        `ResNet: stem is ${JSON.stringify(stem)}, expected "imagenet" or "small"`,
      );
    }
    this.channels = channels;
    this.stem = new Conv2d(channels, widths[0], {
      ...stems[stem],
      bias: false,
      weightInitializer,
      random,
    });
    this.stemNorm = new BatchNorm2d(widths[0]);
    if (stem === "imagenet") this.stemPool = new MaxPool2d(3, { stride: 2, padding: 1 });
    let inputs = widths[0];
    this.blocks = widths.flatMap((outputs, stage) => {
      expectCount("ResNet", `blocks of stage ${stage}`, options.blocks[stage]);
      return Array.from({ length: options.blocks[stage] }, (_, index) => {
        const stride = stage > 0 && index === 0 ? 2 : 1;
        const part = makePart("ResNet", "block", block, {
          inputs,
          outputs,
          stride,
          shortcut,
          weightInitializer,
          random,
        });
        inputs = outputs;
        return part;
      });
    });
    this.pool = new GlobalAveragePool();
    this.head = new Linear(inputs, classes, { random });
  }

  forward(images: tf.Tensor): tf.Tensor {
    const { channels } = this;
    expectImages("ResNet", images, { height: "height", width: "width", channels });
    const stem = ops.relu(this.stemNorm.forward(this.stem.forward(images)));
    const pooled = this.stemPool ? this.stemPool.forward(stem) : stem;
    const features = this.blocks.reduce((x, block) => block.forward(x), pooled);
    return this.head.forward(this.pool.forward(features));
  }
}

/** Settings of {@link resNet18}. */
export interface ResNet18Options extends ResNetCommonOptions {
  /** See {@link ResNetOptions}. Default: `"imagenet"`, torchvision's layout. */
  stem?: "imagenet" | "small";
}

/**
 * ResNet-18 (arXiv 1512.03385, table 1): 11,181,642 parameters with ten classes, as torchvision's.
 * On ImageNet the paper reports 72.1 % top-1 accuracy.
 */
export function resNet18({ stem = "imagenet", ...options }: ResNet18Options): ResNet {
  return new ResNet({
    ...options,
    stem,
    widths: [64, 128, 256, 512],
    blocks: [2, 2, 2, 2],
    shortcut: "project",
  });
}

/** Settings of {@link smallResNet}. */
export interface SmallResNetOptions extends ResNetCommonOptions {
  /** Layers with weights: 6n + 2, so 8, 14, 20, 32, 44, 56, 110. */
  depth: number;
}

/**
 * The paper's residual network of depth 6n + 2 for images of 32×32 (arXiv 1512.03385, section 4.2):
 * 16, 32 and 64 filters on maps of 32, 16 and 8, shortcuts without parameters. On CIFAR-10 the paper
 * reports 91.25 % accuracy for depth 20 (0.27 million parameters).
 */
export function smallResNet({ depth, ...options }: SmallResNetOptions): ResNet {
  const perStage = (depth - 2) / 6;
  if (!Number.isInteger(perStage) || perStage < 1) {
    throw new RangeError(`smallResNet: depth is ${given(depth)}, expected 6n + 2: 8, 14, 20, …`);
  }
  return new ResNet({
    ...options,
    stem: "small",
    widths: [16, 32, 64],
    blocks: [perStage, perStage, perStage],
    shortcut: "pad",
  });
}
