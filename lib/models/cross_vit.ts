import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import type { AttentionOptions } from "../nn/attention.ts";
import { CrossFusion, type CrossFusionOptions, takeTokens } from "../nn/cross_attention.ts";
import { Dropout } from "../nn/dropout.ts";
import { requireRandom, truncatedNormal, zeros } from "../nn/initialization.ts";
import { Linear } from "../nn/linear.ts";
import { Module } from "../nn/module.ts";
import { LayerNorm } from "../nn/normalization.ts";
import { makePart, type Part } from "../nn/part.ts";
import { expectCount, expectImages } from "../nn/shapes.ts";
import { TokenEmbedding } from "../nn/token_embedding.ts";
import type { TransformerBlockOptions } from "../nn/transformer_block.ts";
import { TransformerEncoder } from "../nn/transformer_encoder.ts";

/** The sizes of one of CrossViT's two branches. */
export interface CrossViTBranchOptions {
  /** Height and width of a patch in pixels. */
  patchSize: number;
  /** Height and width that the images are resized to. Default: as they are. */
  imageSize?: number;
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer of each block's MLP. Default: 4 · width. */
  mlpWidth?: number;
  heads: number;
  /** Transformer blocks of each stage. */
  depth: number;
}

/** Settings of a {@link CrossViT} and of its two branches. */
export interface CrossViTOptions {
  /** Height and width of the images in pixels. */
  imageSize: number;
  /** Channels of the images, C. Default: 3. */
  channels?: number;
  classes: number;
  /** The branch with small patches, and many tokens. */
  small: CrossViTBranchOptions;
  /** The branch with large patches, and few tokens. */
  large: CrossViTBranchOptions;
  /** How often encoders and cross-attention follow each other, K. Default: 3. */
  stages?: number;
  /** Rate of the dropout after the embeddings and in each MLP. Default: 0. */
  dropout?: number;
  /** How the two branches' logits become one. Default: `"mean"`, as published. */
  combine?: "mean" | "sum";
  /** Parts that replace the library's: classes, or functions that make one from its options. */
  attention?: Part<AttentionOptions>;
  crossAttention?: Part<AttentionOptions>;
  fusion?: Part<CrossFusionOptions>;
  block?: Part<TransformerBlockOptions>;
  random: Random;
}

/** What a branch is told of the other one and of the model when it is made. */
export interface CrossViTBranchSetting {
  channels: number;
  classes: number;
  imageSize: number;
  stages: number;
  dropout: number;
  other: CrossViTBranchOptions;
  attention?: Part<AttentionOptions>;
  crossAttention?: Part<AttentionOptions>;
  fusion?: Part<CrossFusionOptions>;
  block?: Part<TransformerBlockOptions>;
  random: Random;
}

/** One branch of CrossViT: its embedding, an encoder and a fusion with the other branch per stage, its head. */
export class CrossViTBranch extends Module {
  readonly imageSize: number;
  readonly embedding: TokenEmbedding;
  readonly dropout: Dropout;
  readonly encoders: readonly TransformerEncoder[];
  readonly fusions: readonly Module[];
  readonly norm: LayerNorm;
  readonly head: Linear;

  constructor(branch: CrossViTBranchOptions, setting: CrossViTBranchSetting) {
    super();
    const { patchSize, width, mlpWidth = 4 * width, heads, depth } = branch;
    const { imageSize = setting.imageSize } = branch;
    const { channels, classes, stages, dropout, other, fusion = CrossFusion, random } = setting;
    expectCount("CrossViT", "patchSize", patchSize);
    if (imageSize % patchSize !== 0) {
      throw new RangeError(
        `CrossViT: patches of ${patchSize}×${patchSize} do not tile images of ${imageSize}×${imageSize}`,
      );
    }
    this.imageSize = imageSize;
    this.embedding = new TokenEmbedding({
      patchSize,
      channels,
      width,
      slots: (imageSize / patchSize) ** 2,
      tokenStandardDeviation: 0.02,
      random,
    });
    this.dropout = new Dropout(dropout, { random });
    this.encoders = Array.from({ length: stages }, () =>
      new TransformerEncoder({
        width,
        mlpWidth,
        heads,
        depth,
        dropout,
        attention: setting.attention,
        block: setting.block,
        random,
      }));
    this.fusions = Array.from({ length: stages }, () =>
      makePart("CrossViT", "fusion", fusion, {
        width,
        otherWidth: other.width,
        heads: other.heads,
        attention: setting.crossAttention,
        random,
      }));
    this.norm = new LayerNorm(width);
    this.head = new Linear(width, classes, { random });
  }

  /** Tokens, ready for the first encoder: `[B, height, width, C] → [B, T, D]`. */
  embed(images: tf.Tensor): tf.Tensor {
    const size = this.imageSize;
    const resized = images.shape[1] === size
      ? images
      : tf.image.resizeBilinear(images as tf.Tensor4D, [size, size], false, true);
    return this.dropout.forward(this.embedding.forward(resized));
  }

  /** The branch's own logits: `[B, T, D] → [B, classes]`. */
  forward(tokens: tf.Tensor): tf.Tensor {
    const classToken = takeTokens(tokens, 0, 1);
    const [batch, , width] = classToken.shape;
    return this.head.forward(this.norm.forward(tf.reshape(classToken, [batch, width])));
  }
}

/** Where CrossViT looked: attention weights of each encoder block `[B, H, T, T]`, and of each fusion `[B, H, 1, T′]`. */
export interface CrossViTWeights {
  small: tf.Tensor4D[];
  large: tf.Tensor4D[];
  /** The small branch's class token over the large branch's tokens, its own at place 0. */
  smallToLarge: tf.Tensor4D[];
  /** The large branch's class token over the small branch's tokens, its own at place 0. */
  largeToSmall: tf.Tensor4D[];
}

/**
 * CrossViT: two transformers, one for small and one for large patches, whose class tokens look at each
 * other's patches after every stage. `[B, height, width, C] → [B, classes]` logits (CrossViT:
 * Cross-Attention Multi-Scale Vision Transformer for Image Classification, arXiv 2103.14899).
 *
 * Departs from the authors' code in LayerNorm's ε (1e-5, not 1e-6), in resizing (bilinear, not bicubic),
 * in having no stochastic depth, and in the first values of linear maps: the authors cut the normal
 * distribution of deviation 0.02 at ±2, so hardly at all, this one at two deviations, which leaves a
 * deviation of 0.0176; and the authors' patch projections start as PyTorch's convolutions do.
 */
export class CrossViT extends Module {
  readonly imageSize: number;
  readonly channels: number;
  readonly combine: "mean" | "sum";
  readonly small: CrossViTBranch;
  readonly large: CrossViTBranch;

  constructor(options: CrossViTOptions) {
    super();
    const { imageSize, channels = 3, classes, small, large, stages = 3, dropout = 0 } = options;
    const { combine = "mean", attention, crossAttention, fusion, block } = options;
    const random = requireRandom("CrossViT", options.random);
    expectCount("CrossViT", "imageSize", imageSize);
    expectCount("CrossViT", "channels", channels);
    expectCount("CrossViT", "classes", classes);
    expectCount("CrossViT", "stages", stages);
    if (combine !== "mean" && combine !== "sum") {
      throw new RangeError(
        `CrossViT: combine is ${JSON.stringify(combine)}, expected "mean" or "sum"`,
      );
    }
    this.imageSize = imageSize;
    this.channels = channels;
    this.combine = combine;
    const setting = {
      channels,
      classes,
      imageSize,
      stages,
      dropout,
      attention,
      crossAttention,
      fusion,
      block,
      random,
    };
    this.small = new CrossViTBranch(small, { ...setting, other: large });
    this.large = new CrossViTBranch(large, { ...setting, other: small });
    for (const module of this.namedModules().values()) {
      if (module instanceof Linear) initialise(module, random);
    }
  }

  forward(images: tf.Tensor): tf.Tensor {
    let [small, large] = this.#embed(images);
    this.small.encoders.forEach((encoder, stage) => {
      const ownSmall = encoder.forward(small);
      const ownLarge = this.large.encoders[stage].forward(large);
      small = this.small.fusions[stage].forward(ownSmall, ownLarge);
      large = this.large.fusions[stage].forward(ownLarge, ownSmall);
    });
    return this.#classify(small, large);
  }

  /**
   * As `forward`, with every attention's weights.
   *
   * Throws a `TypeError` where a part has no `forwardWithWeights`.
   */
  forwardWithWeights(images: tf.Tensor): { output: tf.Tensor; weights: CrossViTWeights } {
    return tf.tidy(() => {
      let [small, large] = this.#embed(images);
      const weights: CrossViTWeights = { small: [], large: [], smallToLarge: [], largeToSmall: [] };
      this.small.encoders.forEach((encoder, stage) => {
        const ownSmall = encoder.forwardWithWeights(small);
        const ownLarge = this.large.encoders[stage].forwardWithWeights(large);
        const [a, b] = [ownSmall.output, ownLarge.output];
        const newSmall = explained(this.small.fusions[stage]).forwardWithWeights(a, b);
        const newLarge = explained(this.large.fusions[stage]).forwardWithWeights(b, a);
        weights.small.push(...ownSmall.weights);
        weights.large.push(...ownLarge.weights);
        weights.smallToLarge.push(newSmall.weights);
        weights.largeToSmall.push(newLarge.weights);
        [small, large] = [newSmall.output, newLarge.output];
      });
      return { output: this.#classify(small, large), weights: { ...weights } };
    });
  }

  #embed(images: tf.Tensor): [tf.Tensor, tf.Tensor] {
    const { imageSize: size, channels } = this;
    expectImages("CrossViT", images, { height: size, width: size, channels });
    return [this.small.embed(images), this.large.embed(images)];
  }

  #classify(small: tf.Tensor, large: tf.Tensor): tf.Tensor {
    const logits = tf.add(this.small.forward(small), this.large.forward(large));
    return this.combine === "sum" ? logits : tf.mul(logits, 0.5);
  }
}

/** A fusion that can tell where it looked. Throws a `TypeError` where it cannot. */
function explained(fusion: Module): Pick<CrossFusion, "forwardWithWeights"> {
  if ("forwardWithWeights" in fusion) return fusion as CrossFusion;
  throw new TypeError(
    `CrossViT: ${fusion.constructor.name} has no forwardWithWeights(own, other) ` +
      "that returns { output, weights }",
  );
}

/** Normal weights of deviation 0.02, cut at two deviations (see {@link CrossViT}), and biases 0. */
function initialise(linear: Linear, random: Random): void {
  tf.tidy(() => {
    linear.weight.assign(truncatedNormal(0.02)(random, linear.weight.shape) as tf.Tensor2D);
    linear.bias?.assign(zeros(random, linear.bias.shape) as tf.Tensor1D);
  });
}

/** Widths, heads, blocks of the large branch, and MLP width over width, of the published sizes. */
const PUBLISHED = {
  "tiny": { widths: [96, 192], heads: 3, depth: 4, ratio: 4 },
  "small": { widths: [192, 384], heads: 6, depth: 4, ratio: 4 },
  "base": { widths: [384, 768], heads: 12, depth: 4, ratio: 4 },
  "9": { widths: [128, 256], heads: 4, depth: 3, ratio: 3 },
  "15": { widths: [192, 384], heads: 6, depth: 5, ratio: 3 },
  "18": { widths: [224, 448], heads: 7, depth: 6, ratio: 3 },
} as const;

/** What may be chosen in a {@link crossViT} of a published size. */
export interface PublishedCrossViTOptions
  extends Omit<CrossViTOptions, "imageSize" | "small" | "large" | "stages"> {
  size: keyof typeof PUBLISHED;
}

/**
 * CrossViT in one of its published sizes (arXiv 2103.14899, table 1), for images of 240×240: patches of
 * 12 for the small branch, and of 16 for the large one, at 224×224. With 1000 classes 7.0 (tiny), 26.9
 * (small), 105.0 (base), 8.6 (9), 27.5 (15) and 43.3 (18) million parameters; the paper reports 73.4,
 * 81.0, 82.2, 73.9, 81.5 and 82.5 % top-1 accuracy on ImageNet.
 */
export function crossViT({ size, ...options }: PublishedCrossViTOptions): CrossViT {
  if (!Object.hasOwn(PUBLISHED, size)) {
    const sizes = Object.keys(PUBLISHED).map((each) => JSON.stringify(each)).join(", ");
    throw new RangeError(`crossViT: size is ${JSON.stringify(size)}, expected one of ${sizes}`);
  }
  const { widths, heads, depth, ratio } = PUBLISHED[size];
  const branch = (width: number, patchSize: number, imageSize: number, depth: number) => ({
    patchSize,
    imageSize,
    width,
    mlpWidth: ratio * width,
    heads,
    depth,
  });
  return new CrossViT({
    ...options,
    imageSize: 240,
    small: branch(widths[0], 12, 240, 1),
    large: branch(widths[1], 16, 224, depth),
    stages: 3,
  });
}
