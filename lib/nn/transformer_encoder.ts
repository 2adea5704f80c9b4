import * as tf from "../tensor/tf.ts";
import { Module } from "./module.ts";
import { makePart, type Part } from "./part.ts";
import { expectCount } from "./shapes.ts";
import { TransformerBlock, type TransformerBlockOptions } from "./transformer_block.ts";

/** Settings of a {@link TransformerEncoder}. */
export interface TransformerEncoderOptions extends TransformerBlockOptions {
  /** How many blocks. */
  depth: number;
  /** The block: a class or a function that makes one. Default: {@link TransformerBlock}. */
  block?: Part<TransformerBlockOptions>;
}

/** A block that can also tell where its attention looked. */
type ExplainedBlock = Module & Partial<Pick<TransformerBlock, "forwardWithWeights">>;

/** A stack of transformer blocks: `[B, N, D] → [B, N, D]`. */
export class TransformerEncoder extends Module {
  readonly blocks: readonly Module[];

  constructor({ depth, block = TransformerBlock, ...options }: TransformerEncoderOptions) {
    super();
    expectCount("TransformerEncoder", "depth", depth);
    this.blocks = makeBlocks("TransformerEncoder", depth, block, options);
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.blocks.reduce((tokens, block) => block.forward(tokens), x);
  }

  /**
   * As `forward`, with each block's attention weights `[B, H, N, N]`; `probes`, one a block, are added
   * to them.
   *
   * Throws a `TypeError` where a block or its attention has no `forwardWithWeights`.
   */
  forwardWithWeights(
    x: tf.Tensor,
    probes?: readonly tf.Tensor[],
  ): { output: tf.Tensor; weights: tf.Tensor4D[] } {
    return forwardWithWeights(x, { owner: "TransformerEncoder", blocks: this.blocks, probes });
  }
}

/** Blocks with weights of their own each. */
export function makeBlocks(
  owner: string,
  depth: number,
  block: Part<TransformerBlockOptions>,
  options: TransformerBlockOptions,
): Module[] {
  return Array.from({ length: depth }, () => makePart(owner, "block", block, { ...options }));
}

/**
 * Applies blocks one after the other and gathers their attention weights; `probes`, one a block, are
 * added to them.
 *
 * Throws a `TypeError` where a block or its attention has no `forwardWithWeights`.
 */
export function forwardWithWeights(
  x: tf.Tensor,
  { owner, blocks, probes = [] }: {
    owner: string;
    blocks: readonly Module[];
    probes?: readonly tf.Tensor[];
  },
): { output: tf.Tensor; weights: tf.Tensor4D[] } {
  return tf.tidy(() => {
    const weights = blocks.map((block: ExplainedBlock, index) => {
      if (!block.forwardWithWeights) {
        throw new TypeError(
          `${owner}: ${block.constructor.name} has no forwardWithWeights(x) ` +
            "that returns { output, weights }",
        );
      }
      const step = block.forwardWithWeights(x, probes[index]);
      x = step.output;
      return step.weights;
    });
    return { output: x, weights };
  });
}
