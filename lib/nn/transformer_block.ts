import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { type AttentionOptions, type ExplainedAttention, MultiHeadAttention } from "./attention.ts";
import { Mlp } from "./mlp.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./normalization.ts";
import { makePart, type Part } from "./part.ts";

/** What every block of a transformer is made from. */
export interface TransformerBlockOptions {
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer of the MLP. */
  mlpWidth: number;
  heads: number;
  /** Rate of the dropout in the MLP. Default: 0. */
  dropout?: number;
  /** Rate of the dropout on the attention weights. Default: 0. */
  attentionDropout?: number;
  /** The attention: a class or a function that makes one. Default: {@link MultiHeadAttention}. */
  attention?: Part<AttentionOptions>;
  random: Random;
}

/**
 * A pre-LN transformer block: `x + attention(norm(x))`, then `x + mlp(norm(x))`,
 * `[B, N, D] → [B, N, D]` (arXiv 2010.11929, eq. 2 and 3).
 */
export class TransformerBlock extends Module {
  readonly attentionNorm: LayerNorm;
  readonly attention: Module;
  readonly mlpNorm: LayerNorm;
  readonly mlp: Mlp;

  constructor(options: TransformerBlockOptions) {
    super();
    const { width, mlpWidth, heads, dropout = 0, attentionDropout = 0, random } = options;
    const { attention = MultiHeadAttention } = options;
    this.attentionNorm = new LayerNorm(width);
    this.attention = makePart("TransformerBlock", "attention", attention, {
      width,
      heads,
      dropout: attentionDropout,
      random,
    });
    this.mlpNorm = new LayerNorm(width);
    this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    x = tf.add(x, this.attention.forward(this.attentionNorm.forward(x)));
    return tf.add(x, this.mlp.forward(this.mlpNorm.forward(x)));
  }

  /**
   * As `forward`, with the attention's weights `[B, H, N, N]` beside the output; a `probe` is added to
   * them (see {@link ExplainedAttention}).
   *
   * Throws a `TypeError` where the attention has no `forwardWithWeights`.
   */
  forwardWithWeights(
    x: tf.Tensor,
    probe?: tf.Tensor,
  ): { output: tf.Tensor; weights: tf.Tensor4D } {
    const attention = this.attention as Module & Partial<ExplainedAttention>;
    if (!attention.forwardWithWeights) {
      throw new TypeError(
        `TransformerBlock: ${attention.constructor.name} has no forwardWithWeights(x) ` +
          "that returns { output, weights }",
      );
    }
    return tf.tidy(() => {
      const normal = this.attentionNorm.forward(x);
      const { output, weights } = attention.forwardWithWeights!(normal, probe);
      x = tf.add(x, output);
      return { output: tf.add(x, this.mlp.forward(this.mlpNorm.forward(x))), weights };
    });
  }
}
