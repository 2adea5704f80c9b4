import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { expectHeads, type ExplainedAttention } from "./attention.ts";
import { attentionWeights, mergeHeads, splitHeads } from "./functional.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { expectCount, expectShape } from "./shapes.ts";

/** Settings of a {@link SelfAttention2d}. */
export interface SelfAttention2dOptions {
  /** Features of a token, D. */
  width: number;
  /** Heads that attend side by side, H. */
  heads: number;
  /** Features of a head's queries, keys and values, K. Default: width / heads. */
  headWidth?: number;
  /** Whether queries, keys and values have a bias. Default: true. */
  bias?: boolean;
  random: Random;
}

/**
 * Multi-head self-attention over a grid of tokens, every place attending to every place:
 * `[B, height, width, D] → [B, height, width, D]` (arXiv 1706.03762, section 3.2.2).
 */
export class SelfAttention2d extends Module implements ExplainedAttention {
  readonly heads: number;
  /** Queries, keys and values of every head, in this order: `[D, 3·H·K]`. */
  readonly qkv: Linear;
  readonly output: Linear;

  constructor(options: SelfAttention2dOptions) {
    super();
    const { width, heads, headWidth, bias = true, random } = options;
    expectCount("SelfAttention2d", "width", width);
    expectCount("SelfAttention2d", "heads", heads);
    if (headWidth === undefined) expectHeads("SelfAttention2d", width, heads);
    else expectCount("SelfAttention2d", "headWidth", headWidth);
    const inside = heads * (headWidth ?? width / heads);
    this.heads = heads;
    this.qkv = new Linear(width, 3 * inside, { bias, random });
    this.output = new Linear(inside, width, { random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.forwardWithWeights(x).output;
  }

  /**
   * The output `[B, height, width, D]` and the weights `[B, H, N, N]` between the N = height · width
   * places in reading order; a `probe` is added to them (see {@link ExplainedAttention}).
   */
  forwardWithWeights(
    x: tf.Tensor,
    probe?: tf.Tensor,
  ): { output: tf.Tensor; weights: tf.Tensor4D } {
    const features = this.qkv.weight.shape[0];
    expectShape("SelfAttention2d", "tokens", x, ["B", "height", "width", features]);
    const [batch, height, width] = x.shape;
    return tf.tidy(() => {
      const tokens = tf.reshape(x, [batch, height * width, features]); // [B, N, D]
      const [query, key, value] = splitHeads(this.qkv.forward(tokens), this.heads, 3); // [B, H, N, K]
      const weights = attentionWeights(query, key) as tf.Tensor4D; // [B, H, N, N]
      const heads = tf.matMul(probe ? tf.add(weights, probe) : weights, value); // [B, H, N, K]
      const output = this.output.forward(mergeHeads(heads)); // [B, N, D]
      return { output: tf.reshape(output, [batch, height, width, features]), weights };
    });
  }
}
