import type * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { patchify } from "./functional.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { expectCount, expectImages } from "./shapes.ts";

/** Settings of a {@link PatchEmbedding}; lengths in pixels. */
export interface PatchEmbeddingOptions {
  /** Height and width of a patch in pixels, p. */
  patchSize: number;
  /** Channels of the images, C. */
  channels: number;
  /** Features of a token, D. */
  width: number;
  random: Random;
}

/**
 * Cuts images into patches and maps each to a token: `[B, height, width, C] → [B, N, D]`
 * (An Image is Worth 16×16 Words, arXiv 2010.11929, section 3.1).
 */
export class PatchEmbedding extends Module {
  readonly patchSize: number;
  readonly channels: number;
  readonly projection: Linear;

  constructor({ patchSize, channels, width, random }: PatchEmbeddingOptions) {
    super();
    expectCount("PatchEmbedding", "patchSize", patchSize);
    expectCount("PatchEmbedding", "channels", channels);
    this.patchSize = patchSize;
    this.channels = channels;
    this.projection = new Linear(patchSize * patchSize * channels, width, { random });
  }

  forward(images: tf.Tensor): tf.Tensor {
    expectImages("PatchEmbedding", images, {
      height: "height",
      width: "width",
      channels: this.channels,
    });
    return this.projection.forward(patchify(images, this.patchSize));
  }
}
