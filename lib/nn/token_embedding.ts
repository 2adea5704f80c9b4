import type * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { ClassToken } from "./class_token.ts";
import { Module } from "./module.ts";
import { makePart, type Part } from "./part.ts";
import { PatchEmbedding, type PatchEmbeddingOptions } from "./patch_embedding.ts";
import { LearnedPositions, type LearnedPositionsOptions } from "./position_encoding.ts";

/** Settings of a {@link TokenEmbedding}. */
export interface TokenEmbeddingOptions {
  /** Height and width of a patch in pixels, p. */
  patchSize: number;
  /** Channels of the images, C. */
  channels: number;
  /** Features of a token, D. */
  width: number;
  /** How many patches there can be at most; the class token has a position slot of its own. */
  slots: number;
  /** Whether a class token goes first. Default: true. */
  classToken?: boolean;
  /** Of the normal distribution of the first class token and positions. Default: 1. */
  tokenStandardDeviation?: number;
  patchEmbedding?: Part<PatchEmbeddingOptions>;
  positionEncoding?: Part<LearnedPositionsOptions>;
  random: Random;
}

/**
 * What a transformer's blocks get from images: patches mapped to tokens, a class token before them,
 * positions added. `[B, height, width, C] → [B, T, D]`, T = height/p · width/p + 1 with a class token
 * (arXiv 2010.11929, eq. 1).
 */
export class TokenEmbedding extends Module {
  readonly patches: Module;
  readonly classToken: ClassToken | undefined;
  readonly positions: Module;

  constructor(options: TokenEmbeddingOptions) {
    super();
    const { patchSize, channels, width, slots, classToken = true, random } = options;
    const { patchEmbedding = PatchEmbedding, positionEncoding = LearnedPositions } = options;
    const { tokenStandardDeviation: standardDeviation = 1 } = options;
    const owner = "TokenEmbedding";
    this.patches = makePart(owner, "patchEmbedding", patchEmbedding, {
      patchSize,
      channels,
      width,
      random,
    });
    if (classToken) this.classToken = new ClassToken({ width, standardDeviation, random });
    this.positions = makePart(owner, "positionEncoding", positionEncoding, {
      slots: slots + (classToken ? 1 : 0),
      width,
      standardDeviation,
      random,
    });
  }

  forward(images: tf.Tensor): tf.Tensor {
    const patches = this.patches.forward(images); // [B, N, D]
    const tokens = this.classToken ? this.classToken.forward(patches) : patches; // [B, T, D]
    return this.positions.forward(tokens);
  }
}
