import * as tf from "../tensor/tf.ts";
import type { Random } from "../random.ts";
import { Gelu } from "./activation.ts";
import { type AttentionOptions, expectHeads, type ExplainedAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import { attentionWeights, mergeHeads, splitHeads } from "./functional.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./normalization.ts";
import { makePart, type Part } from "./part.ts";
import { Sequential } from "./sequential.ts";
import { expectShape } from "./shapes.ts";

/** `tokens` from place `start` on, `count` of them or all: `[B, T, D] → [B, count, D]`. */
export function takeTokens(tokens: tf.Tensor, start: number, count = -1): tf.Tensor3D {
  return tf.slice(tokens as tf.Tensor3D, [0, start, 0], [-1, count, -1]);
}

/**
 * Multi-head attention whose only query is the first token's: `[B, T, D] → [B, 1, D]`. Its cost grows
 * with T and not with T² (CrossViT, arXiv 2103.14899, section 3.3).
 */
export class CrossAttention extends Module implements ExplainedAttention {
  readonly heads: number;
  readonly query: Linear;
  /** Keys and values of every head, in this order: `[D, 2·D]`. */
  readonly keyValue: Linear;
  readonly output: Linear;
  readonly dropout: Dropout;

  constructor({ width, heads, dropout = 0, random }: AttentionOptions) {
    super();
    expectHeads("CrossAttention", width, heads);
    this.heads = heads;
    this.query = new Linear(width, width, { random });
    this.keyValue = new Linear(width, 2 * width, { random });
    this.output = new Linear(width, width, { random });
    this.dropout = new Dropout(dropout, { random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.forwardWithWeights(x).output;
  }

  /**
   * As `forward`, with the weights `[B, H, 1, T]` beside the output; a `probe` is added to them (see
   * {@link ExplainedAttention}).
   */
  forwardWithWeights(
    x: tf.Tensor,
    probe?: tf.Tensor,
  ): { output: tf.Tensor; weights: tf.Tensor4D } {
    expectShape("CrossAttention", "tokens", x, ["B", "T", this.query.weight.shape[0]]);
    return tf.tidy(() => {
      const [query] = splitHeads(this.query.forward(takeTokens(x, 0, 1)), this.heads); // [B, H, 1, K]
      const [key, value] = splitHeads(this.keyValue.forward(x), this.heads, 2); // [B, H, T, K]
      const weights = attentionWeights(query, key) as tf.Tensor4D; // [B, H, 1, T]
      const probed = probe ? tf.add(weights, probe) : weights;
      const heads = tf.matMul(this.dropout.forward(probed), value); // [B, H, 1, K]
      return { output: this.output.forward(mergeHeads(heads)), weights };
    });
  }
}

/** Settings of a {@link CrossFusion}. */
export interface CrossFusionOptions {
  /** Features of the branch's own tokens, D. */
  width: number;
  /** Features of the other branch's tokens, D′. */
  otherWidth: number;
  /** Heads of the attention among the other branch's tokens. */
  heads: number;
  /** The attention: a class or a function that makes one. Default: {@link CrossAttention}. */
  attention?: Part<AttentionOptions>;
  random: Random;
}

/**
 * Lets a branch's class token gather what the other branch saw: it is mapped to the other's width,
 * attends to the other's patches, and is mapped back; the branch's own patches stay as they are.
 * `[B, T, D], [B, T′, D′] → [B, T, D]` (arXiv 2103.14899, section 3.3 and figure 4; as in the authors' code,
 * each of the two maps is LayerNorm, GELU, Linear).
 */
export class CrossFusion extends Module {
  readonly there: Sequential;
  readonly norm: LayerNorm;
  readonly attention: Module;
  readonly back: Sequential;

  constructor(options: CrossFusionOptions) {
    super();
    const { width, otherWidth, heads, attention = CrossAttention, random } = options;
    const map = (from: number, to: number) =>
      new Sequential(new LayerNorm(from), new Gelu(), new Linear(from, to, { random }));
    this.there = map(width, otherWidth);
    this.norm = new LayerNorm(otherWidth);
    this.attention = makePart("CrossFusion", "attention", attention, {
      width: otherWidth,
      heads,
      random,
    });
    this.back = map(otherWidth, width);
  }

  forward(own: tf.Tensor, other: tf.Tensor): tf.Tensor {
    return this.#fuse(own, other, (tokens) => this.attention.forward(tokens));
  }

  /**
   * As `forward`, with the weights `[B, H, 1, T′]` of the class token beside the output.
   *
   * Throws a `TypeError` where the attention has no `forwardWithWeights`.
   */
  forwardWithWeights(
    own: tf.Tensor,
    other: tf.Tensor,
  ): { output: tf.Tensor; weights: tf.Tensor4D } {
    const attention = this.attention as Module & Partial<ExplainedAttention>;
    if (!attention.forwardWithWeights) {
      throw new TypeError(
        `CrossFusion: ${attention.constructor.name} has no forwardWithWeights(x) ` +
          "that returns { output, weights }",
      );
    }
    return tf.tidy(() => {
      let weights: tf.Tensor4D;
      const output = this.#fuse(own, other, (tokens) => {
        const explained = attention.forwardWithWeights!(tokens);
        weights = explained.weights;
        return explained.output;
      });
      return { output, weights: weights! };
    });
  }

  #fuse(own: tf.Tensor, other: tf.Tensor, attend: (tokens: tf.Tensor) => tf.Tensor): tf.Tensor {
    const classToken = this.there.forward(takeTokens(own, 0, 1)); // [B, 1, D′]
    const tokens = tf.concat([classToken, takeTokens(other, 1)], 1); // [B, T′, D′]
    const gathered = tf.add(classToken, attend(this.norm.forward(tokens))); // [B, 1, D′]
    return tf.concat([this.back.forward(gathered), takeTokens(own, 1)], 1);
  }
}
