import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { Dropout } from "./dropout.ts";
import { attentionWeights, mergeHeads, splitHeads } from "./functional.ts";
import { requireRandom, xavierUniform, zeros } from "./initialization.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { expectCount, expectRate, expectShape } from "./shapes.ts";

/** What every attention part is made from. */
export interface AttentionOptions {
  /** Features of a token, D. */
  width: number;
  /** Heads that attend side by side, H; D is divisible by it. */
  heads: number;
  /** Share of the attention weights that is dropped while training. Default: 0. */
  dropout?: number;
  /** Where first values and dropout are drawn from. */
  random: Random;
}

/** An attention that can also tell where it looked. */
export interface ExplainedAttention {
  /**
   * The output `[B, N, D]` and the weights `[B, H, N, N]`, each row of which sums to 1. A `probe` is
   * added to the weights before they meet the values: zeros, whose gradient is that of the weights.
   */
  forwardWithWeights(x: tf.Tensor, probe?: tf.Tensor): { output: tf.Tensor; weights: tf.Tensor4D };
}

/** Throws a `RangeError` unless the heads share the width evenly. */
export function expectHeads(owner: string, width: number, heads: number): void {
  expectCount(owner, "width", width);
  expectCount(owner, "heads", heads);
  if (width % heads !== 0) {
    throw new RangeError(`${owner}: width ${width} is not divisible by ${heads} heads`);
  }
}

/**
 * Multi-head self-attention: `[B, N, D] → [B, N, D]` (Attention Is All You Need, arXiv 1706.03762,
 * section 3.2.2). Queries, keys and values of all heads come from one linear map; its first values
 * are those of PyTorch's `nn.MultiheadAttention`.
 *
 * ```ts
 * const layer = new MultiHeadAttention({ width: 8, heads: 2, random: new Random(1) });
 * layer.forward(tf.ones([2, 5, 8])).shape; // [2, 5, 8]
 * ```
 */
export class MultiHeadAttention extends Module implements ExplainedAttention {
  readonly heads: number;
  /** Queries, keys and values of every head, in this order: `[D, 3·D]`. */
  readonly qkv: Linear;
  readonly output: Linear;
  readonly dropout: Dropout;

  constructor({ width, heads, dropout = 0, random }: AttentionOptions) {
    super();
    expectHeads("MultiHeadAttention", width, heads);
    expectRate("MultiHeadAttention", "dropout", dropout);
    requireRandom("MultiHeadAttention", random);
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, {
      weightInitializer: xavierUniform,
      biasInitializer: zeros,
      random,
    });
    this.output = new Linear(width, width, { biasInitializer: zeros, random });
    this.dropout = new Dropout(dropout, { random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.forwardWithWeights(x).output;
  }

  forwardWithWeights(
    x: tf.Tensor,
    probe?: tf.Tensor,
  ): { output: tf.Tensor; weights: tf.Tensor4D } {
    expectShape("MultiHeadAttention", "tokens", x, ["B", "N", this.output.weight.shape[0]]);
    return tf.tidy(() => {
      const [query, key, value] = splitHeads(this.qkv.forward(x), this.heads, 3); // [B, H, N, K]
      const weights = attentionWeights(query, key) as tf.Tensor4D; // [B, H, N, N]
      const probed = probe ? tf.add(weights, probe) : weights;
      const heads = tf.matMul(this.dropout.forward(probed), value); // [B, H, N, K]
      return { output: this.output.forward(mergeHeads(heads)), weights };
    });
  }
}
