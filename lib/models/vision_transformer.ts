import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { type AttentionOptions, expectHeads } from "../nn/attention.ts";
import { Dropout } from "../nn/dropout.ts";
import { requireRandom } from "../nn/initialization.ts";
import { Linear } from "../nn/linear.ts";
import { Module } from "../nn/module.ts";
import { LayerNorm } from "../nn/normalization.ts";
import { makePart, type Part } from "../nn/part.ts";
import type { PatchEmbeddingOptions } from "../nn/patch_embedding.ts";
import type { LearnedPositionsOptions } from "../nn/position_encoding.ts";
import { expectCount, expectImages } from "../nn/shapes.ts";
import { TokenEmbedding, type TokenEmbeddingOptions } from "../nn/token_embedding.ts";
import { TransformerBlock, type TransformerBlockOptions } from "../nn/transformer_block.ts";
import { forwardWithWeights, makeBlocks } from "../nn/transformer_encoder.ts";

/** Settings of a {@link VisionTransformer}, and the parts that may take the place of its own. */
export interface VisionTransformerOptions {
  /** Height and width of the images in pixels, or one number for both. */
  imageSize: number | readonly [height: number, width: number];
  /** Channels of the images, C. */
  channels: number;
  /** Height and width of a patch in pixels. */
  patchSize: number;
  classes: number;
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer of each block's MLP. Default: 4 · width. */
  mlpWidth?: number;
  /** Heads of each block's attention. */
  heads: number;
  /** Blocks. */
  depth: number;
  /** Rate of the dropout after the embedding and in each MLP. Default: 0.1. */
  dropout?: number;
  /** Rate of the dropout on the attention weights. Default: 0. */
  attentionDropout?: number;
  /** Position slots for patches; the class token has one more. Default: the number of patches. */
  positions?: number;
  /** What the class is read from: the class token, or the mean of all patches. Default: `"class"`. */
  pool?: "class" | "mean";
  /** Of the normal distribution of the first class token and positions. Default: 1. */
  tokenStandardDeviation?: number;
  /** Parts that replace the library's: classes, or functions that make one from its options. */
  embedding?: Part<TokenEmbeddingOptions>;
  patchEmbedding?: Part<PatchEmbeddingOptions>;
  positionEncoding?: Part<LearnedPositionsOptions>;
  attention?: Part<AttentionOptions>;
  block?: Part<TransformerBlockOptions>;
  random: Random;
}

/**
 * A Vision Transformer: `[B, height, width, C] → [B, classes]` logits (An Image is Worth 16×16 Words,
 * arXiv 2010.11929), with one linear map as its head.
 *
 * Throws a `RangeError` where the patches do not tile the images, the heads do not divide the width
 * or the patches outnumber the position slots.
 */
export class VisionTransformer extends Module {
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly pool: "class" | "mean";
  readonly embedding: Module;
  readonly dropout: Dropout;
  readonly blocks: readonly Module[];
  readonly norm: LayerNorm;
  readonly head: Linear;

  constructor(options: VisionTransformerOptions) {
    super();
    const {
      imageSize,
      channels,
      patchSize,
      classes,
      width,
      mlpWidth = 4 * width,
      heads,
      depth,
      dropout = 0.1,
      attentionDropout = 0,
      pool = "class",
      tokenStandardDeviation,
      embedding = TokenEmbedding,
      patchEmbedding,
      positionEncoding,
      attention,
      block = TransformerBlock,
    } = options;
    const owner = "VisionTransformer";
    const random = requireRandom(owner, options.random);
    const [imageHeight, imageWidth] = typeof imageSize === "number"
      ? [imageSize, imageSize]
      : imageSize;
    expectCount(owner, "image height", imageHeight);
    expectCount(owner, "image width", imageWidth);
    expectCount(owner, "channels", channels);
    expectCount(owner, "patchSize", patchSize);
    expectCount(owner, "classes", classes);
    expectCount(owner, "depth", depth);
    expectHeads(owner, width, heads);
    if (imageHeight % patchSize !== 0 || imageWidth % patchSize !== 0) {
      throw new RangeError(
        `${owner}: patches of ${patchSize}×${patchSize} do not tile ` +
          `images of ${imageHeight}×${imageWidth}`,
      );
    }
    if (pool !== "class" && pool !== "mean") {
      throw new RangeError(`${owner}: pool is ${JSON.stringify(pool)}, expected "class" or "mean"`);
    }
    const patches = (imageHeight / patchSize) * (imageWidth / patchSize);
    const { positions = patches } = options;
    if (positions < patches) {
      throw new RangeError(`${owner}: ${patches} patches do not fit ${positions} position slots`);
    }

    this.imageShape = [imageHeight, imageWidth, channels];
    this.pool = pool;
    this.embedding = makePart(owner, "embedding", embedding, {
      patchSize,
      channels,
      width,
      slots: positions,
      classToken: pool === "class",
      tokenStandardDeviation,
      patchEmbedding,
      positionEncoding,
      random,
    });
    this.dropout = new Dropout(dropout, { random });
    this.blocks = makeBlocks(owner, depth, block, {
      width,
      mlpWidth,
      heads,
      dropout,
      attentionDropout,
      attention,
      random,
    });
    this.norm = new LayerNorm(width);
    this.head = new Linear(width, classes, { random });
  }

  forward(images: tf.Tensor): tf.Tensor {
    const tokens = this.blocks.reduce((x, block) => block.forward(x), this.#embed(images));
    return this.#classify(tokens);
  }

  /**
   * The logits with each block's attention weights `[B, H, T, T]`, T being the patches and, where
   * there is one, the class token at place 0. `probes`, one a block, are added to the weights.
   *
   * Throws a `TypeError` where a block or its attention has no `forwardWithWeights`.
   */
  forwardWithWeights(
    images: tf.Tensor,
    probes?: readonly tf.Tensor[],
  ): { output: tf.Tensor; weights: tf.Tensor4D[] } {
    return tf.tidy(() => {
      const tokens = this.#embed(images);
      const settings = { owner: "VisionTransformer", blocks: this.blocks, probes };
      const { output, weights } = forwardWithWeights(tokens, settings);
      return { output: this.#classify(output), weights };
    });
  }

  /** Tokens, ready for the blocks: `[B, height, width, C] → [B, T, D]`. */
  #embed(images: tf.Tensor): tf.Tensor {
    const [height, width, channels] = this.imageShape;
    expectImages("VisionTransformer", images, { height, width, channels });
    return this.dropout.forward(this.embedding.forward(images));
  }

  /** `[B, T, D] → [B, classes]` */
  #classify(tokens: tf.Tensor): tf.Tensor {
    const [batch, , width] = tokens.shape;
    const pooled = this.pool === "class"
      ? tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width!]), [batch, width!])
      : tf.mean(tokens, 1);
    return this.head.forward(this.norm.forward(pooled));
  }
}
