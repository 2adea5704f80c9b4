/** A vision transformer as a learner writes it: of nothing but tf's ops, without the library's layers. */
import { Module, type Random } from "../lib/mod.ts";
import * as tf from "../lib/tensor/tf.ts";

const PATCH = 4, IMAGE = 28, CLASSES = 10, GRID = IMAGE / PATCH, TOKENS = GRID ** 2, KEEP = 0.9;

export interface LearnersVitSizes {
  width: number;
  heads: number;
  depth: number;
  /** Features of the MLP's hidden layer. */
  hidden: number;
}

class Block extends Module {
  readonly attentionScale: tf.Variable;
  readonly attentionShift: tf.Variable;
  readonly mlpScale: tf.Variable;
  readonly mlpShift: tf.Variable;
  readonly qkv: tf.Variable;
  readonly out: tf.Variable;
  readonly up: tf.Variable;
  readonly upBias: tf.Variable;
  readonly down: tf.Variable;
  readonly #random: Random;
  readonly #heads: number;

  constructor({ width, heads, hidden }: LearnersVitSizes, random: Random) {
    super();
    const weight = (rows: number, columns: number) =>
      tf.variable(random.normal([rows, columns], 0, rows ** -0.5));
    this.#random = random;
    this.#heads = heads;
    this.attentionScale = tf.variable(tf.ones([width]));
    this.attentionShift = tf.variable(tf.zeros([width]));
    this.mlpScale = tf.variable(tf.ones([width]));
    this.mlpShift = tf.variable(tf.zeros([width]));
    this.qkv = weight(width, 3 * width);
    this.out = weight(width, width);
    this.up = weight(width, hidden);
    this.upBias = tf.variable(tf.zeros([hidden]));
    this.down = weight(hidden, width);
  }

  #norm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
    const { mean, variance } = tf.moments(x, -1, true);
    const normal = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
    return tf.add(tf.mul(normal, scale), shift);
  }

  #linear(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
    const product = tf.matMul(tf.reshape(x, [-1, x.shape.at(-1)!]), weight as tf.Tensor2D);
    return tf.reshape(product, [...x.shape.slice(0, -1), weight.shape[1]!]);
  }

  #dropout(x: tf.Tensor): tf.Tensor {
    if (!this.training) return x;
    return tf.div(tf.mul(x, this.#random.bernoulli(x.shape, KEEP)), KEEP);
  }

  #attention(x: tf.Tensor): tf.Tensor {
    const [batch, , width] = x.shape as [number, number, number];
    const features = width / this.#heads;
    const all = this.#linear(x, this.qkv);
    const heads = tf.reshape(all, [batch, TOKENS, 3, this.#heads, features]);
    const [q, k, v] = tf.unstack(tf.transpose(heads, [2, 0, 3, 1, 4]));
    const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(features));
    const e = tf.exp(tf.sub(scores, tf.max(scores, -1, true)));
    const shares = tf.div(e, tf.sum(e, -1, true));
    const mixed = tf.transpose(tf.matMul(this.#dropout(shares), v), [0, 2, 1, 3]);
    return this.#linear(tf.reshape(mixed, [batch, TOKENS, width]), this.out);
  }

  #mlp(x: tf.Tensor): tf.Tensor {
    const y = tf.add(this.#linear(x, this.up), this.upBias);
    const gelu = tf.mul(tf.mul(y, 0.5), tf.add(tf.erf(tf.div(y, Math.SQRT2)), 1));
    return this.#linear(this.#dropout(gelu), this.down);
  }

  forward(x: tf.Tensor): tf.Tensor {
    const normal = this.#norm(x, this.attentionScale, this.attentionShift);
    const y = tf.add(x, this.#dropout(this.#attention(normal)));
    return tf.add(y, this.#dropout(this.#mlp(this.#norm(y, this.mlpScale, this.mlpShift))));
  }
}

export class LearnersVit extends Module {
  readonly patches: tf.Variable;
  readonly positions: tf.Variable;
  readonly head: tf.Variable;
  readonly blocks: Block[];

  constructor(sizes: LearnersVitSizes, random: Random) {
    super();
    const { width, depth } = sizes;
    const pixels = PATCH ** 2;
    this.patches = tf.variable(random.normal([pixels, width], 0, pixels ** -0.5));
    this.positions = tf.variable(random.normal([TOKENS, width], 0, 0.02));
    this.head = tf.variable(random.normal([width, CLASSES], 0, width ** -0.5));
    this.blocks = Array.from(
      { length: depth },
      (_, at) => new Block(sizes, random.fork(`block ${at}`)),
    );
  }

  forward(images: tf.Tensor): tf.Tensor {
    const [batch] = images.shape;
    const grid = tf.reshape(images, [batch, GRID, PATCH, GRID, PATCH]);
    const patches = tf.reshape(tf.transpose(grid, [0, 1, 3, 2, 4]), [-1, PATCH ** 2]);
    const tokens = tf.matMul(patches as tf.Tensor2D, this.patches as tf.Tensor2D);
    let x = tf.add(tf.reshape(tokens, [batch, TOKENS, -1]), this.positions);
    for (const block of this.blocks) x = block.forward(x);
    return tf.matMul(tf.mean(x, 1) as tf.Tensor2D, this.head as tf.Tensor2D);
  }
}
