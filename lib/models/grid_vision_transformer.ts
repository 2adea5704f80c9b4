import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { expectHeads } from "../nn/attention.ts";
import { patchify } from "../nn/functional.ts";
import { normal, parameter, requireRandom } from "../nn/initialization.ts";
import { Linear } from "../nn/linear.ts";
import { Module } from "../nn/module.ts";
import { LayerNorm } from "../nn/normalization.ts";
import type { Part } from "../nn/part.ts";
import { SelfAttention2d, type SelfAttention2dOptions } from "../nn/self_attention_2d.ts";
import { expectCount, expectImages } from "../nn/shapes.ts";
import { TransformerBlock, type TransformerBlockOptions } from "../nn/transformer_block.ts";
import { forwardWithWeights, makeBlocks } from "../nn/transformer_encoder.ts";

/** Settings of a {@link GridVisionTransformer}. */
export interface GridVisionTransformerOptions {
  /** Height and width of the images in pixels. */
  imageSize: number;
  /** Channels of the images, C. Default: 3. */
  channels?: number;
  /** Height and width of a patch in pixels, p. */
  patchSize: number;
  classes: number;
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer of each block's MLP. */
  mlpWidth: number;
  heads: number;
  /** Blocks. */
  depth: number;
  /** The attention of every block, over the grid. Default: {@link SelfAttention2d}. */
  attention?: Part<SelfAttention2dOptions>;
  /** Default: {@link TransformerBlock}. */
  block?: Part<TransformerBlockOptions>;
  random: Random;
}

/** Of the normal distribution that the first positions are drawn from. */
const positionDeviation = 0.02;

/**
 * A Vision Transformer that keeps its tokens in the grid that they come from, `[B, rows, columns, D]`,
 * and reads the class from the mean of all of them: `[B, height, width, C] → [B, classes]` logits
 * (arXiv 2010.11929; the mean in place of a class token as in "Better plain ViT baselines",
 * arXiv 2205.01580).
 *
 * Throws a `RangeError` where the patches do not tile the images or the heads do not divide the width.
 */
export class GridVisionTransformer extends Module {
  readonly imageSize: number;
  readonly patchSize: number;
  readonly projection: Linear;
  /** One vector for each place of the grid: `[rows, columns, D]`. */
  readonly positions: tf.Variable<tf.Rank.R3>;
  readonly blocks: readonly Module[];
  readonly norm: LayerNorm;
  readonly head: Linear;

  constructor(options: GridVisionTransformerOptions) {
    super();
    const { imageSize, channels = 3, patchSize, classes, width, mlpWidth, heads, depth } = options;
    const { attention = SelfAttention2d, block = TransformerBlock } = options;
    const owner = "GridVisionTransformer";
    const random = requireRandom(owner, options.random);
    expectCount(owner, "imageSize", imageSize);
    expectCount(owner, "channels", channels);
    expectCount(owner, "patchSize", patchSize);
    expectCount(owner, "classes", classes);
    expectCount(owner, "depth", depth);
    expectHeads(owner, width, heads);
    if (imageSize % patchSize !== 0) {
      throw new RangeError(
        `${owner}: patches of ${patchSize}×${patchSize} do not tile ` +
          `images of ${imageSize}×${imageSize}`,
      );
    }
    const side = imageSize / patchSize;
    this.imageSize = imageSize;
    this.patchSize = patchSize;
    this.projection = new Linear(patchSize * patchSize * channels, width, { random });
    this.positions = parameter(() => normal(positionDeviation)(random, [side, side, width]));
    this.blocks = makeBlocks(owner, depth, block, { width, mlpWidth, heads, attention, random });
    this.norm = new LayerNorm(width);
    this.head = new Linear(width, classes, { random });
  }

  forward(images: tf.Tensor): tf.Tensor {
    return this.#classify(this.blocks.reduce((x, block) => block.forward(x), this.#embed(images)));
  }

  /**
   * The logits with each block's attention weights `[B, H, N, N]`, N = rows · columns. `probes`, one
   * a block, are added to the weights.
   *
   * Throws a `TypeError` where a block or its attention has no `forwardWithWeights`.
   */
  forwardWithWeights(
    images: tf.Tensor,
    probes?: readonly tf.Tensor[],
  ): { output: tf.Tensor; weights: tf.Tensor4D[] } {
    return tf.tidy(() => {
      const settings = { owner: "GridVisionTransformer", blocks: this.blocks, probes };
      const { output, weights } = forwardWithWeights(this.#embed(images), settings);
      return { output: this.#classify(output), weights };
    });
  }

  /** `[B, height, width, C] → [B, rows, columns, D]` */
  #embed(images: tf.Tensor): tf.Tensor {
    const { imageSize, patchSize, projection, positions } = this;
    const channels = projection.weight.shape[0] / patchSize ** 2;
    const size = { height: imageSize, width: imageSize, channels };
    expectImages("GridVisionTransformer", images, size);
    const patches = patchify(images, patchSize); // [B, N, p·p·C]
    const [rows, columns] = positions.shape;
    const grid = tf.reshape(patches, [images.shape[0], rows, columns, patches.shape[2]]);
    return tf.add(projection.forward(grid), positions);
  }

  /** `[B, rows, columns, D] → [B, classes]` */
  #classify(tokens: tf.Tensor): tf.Tensor {
    return this.head.forward(tf.mean(this.norm.forward(tokens), [1, 2]));
  }
}
