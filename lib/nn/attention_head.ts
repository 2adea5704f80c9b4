import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { type AttentionOptions, expectHeads, type ExplainedAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import { attentionWeights } from "./functional.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { makePart, type Part } from "./part.ts";
import { expectCount, expectShape } from "./shapes.ts";

/** Settings of an {@link AttentionHead}. */
export interface AttentionHeadOptions {
  /** Features of a token, D. */
  width: number;
  /** Features of the head's queries, keys and values, K. */
  headWidth: number;
  /** Share of the attention weights that is dropped while training. Default: 0. */
  dropout?: number;
  random: Random;
}

/**
 * One head of self-attention, `[B, N, D] → [B, N, K]`: each token's query is compared with every
 * token's key, and the values are averaged by the result (arXiv 1706.03762, eq. 1).
 */
export class AttentionHead extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly dropout: Dropout;

  constructor({ width, headWidth, dropout = 0, random }: AttentionHeadOptions) {
    super();
    expectCount("AttentionHead", "width", width);
    expectCount("AttentionHead", "headWidth", headWidth);
    this.query = new Linear(width, headWidth, { random });
    this.key = new Linear(width, headWidth, { random });
    this.value = new Linear(width, headWidth, { random });
    this.dropout = new Dropout(dropout, { random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.forwardWithWeights(x).output;
  }

  /** As `forward`, with the weights `[B, N, N]` beside the output; a `probe` is added to them. */
  forwardWithWeights(
    x: tf.Tensor,
    probe?: tf.Tensor,
  ): { output: tf.Tensor; weights: tf.Tensor3D } {
    expectShape("AttentionHead", "tokens", x, ["B", "N", this.query.weight.shape[0]]);
    return tf.tidy(() => {
      const weights = attentionWeights(this.query.forward(x), this.key.forward(x)); // [B, N, N]
      const probed = probe ? tf.add(weights, probe) : weights;
      const output = tf.matMul(this.dropout.forward(probed), this.value.forward(x)); // [B, N, K]
      return { output, weights: weights as tf.Tensor3D };
    });
  }
}

/** Settings of {@link ConcatenatedHeads}. */
export interface ConcatenatedHeadsOptions extends AttentionOptions {
  /** The head: a class or a function that makes one. Default: {@link AttentionHead}. */
  head?: Part<AttentionHeadOptions>;
}

/**
 * Multi-head attention as the paper writes it: heads with maps of their own, their results side by
 * side, and an output projection, `[B, N, D] → [B, N, D]` (arXiv 1706.03762, section 3.2.2). It is
 * the same function as {@link MultiHeadAttention}, which computes all heads at once and is faster.
 */
export class ConcatenatedHeads extends Module implements ExplainedAttention {
  readonly heads: readonly Module[];
  readonly output: Linear;

  constructor(options: ConcatenatedHeadsOptions) {
    super();
    const { width, heads, dropout, head = AttentionHead, random } = options;
    expectHeads("ConcatenatedHeads", width, heads);
    const headWidth = width / heads;
    this.heads = Array.from(
      { length: heads },
      () => makePart("ConcatenatedHeads", "head", head, { width, headWidth, dropout, random }),
    );
    this.output = new Linear(width, width, { random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.output.forward(tf.concat(this.heads.map((head) => head.forward(x)), -1));
  }

  forwardWithWeights(
    x: tf.Tensor,
    probe?: tf.Tensor,
  ): { output: tf.Tensor; weights: tf.Tensor4D } {
    return tf.tidy(() => {
      const probes = probe ? tf.unstack(probe, 1) : [];
      const heads = this.heads.map((head: Module & Partial<AttentionHead>, index) => {
        if (!head.forwardWithWeights) {
          throw new TypeError(
            `ConcatenatedHeads: ${head.constructor.name} has no forwardWithWeights(x) ` +
              "that returns { output, weights }",
          );
        }
        return head.forwardWithWeights(x, probes[index]);
      });
      const output = this.output.forward(tf.concat(heads.map((head) => head.output), -1));
      return { output, weights: tf.stack(heads.map((head) => head.weights), 1) as tf.Tensor4D };
    });
  }
}
