/** A vision transformer as a learner writes it: of nothing but tf's ops, without the library's layers. */
import { Module, type Random } from "../lib/mod.ts";
import * as tf from "../lib/tensor/tf.ts";

const PATCH = 4, IMAGE = 28, WIDTH = 64, HEADS = 4, DEPTH = 3, HIDDEN = 128, CLASSES = 10;
const GRID = IMAGE / PATCH, TOKENS = GRID ** 2, KEEP = 0.9;

class Block extends Module {
  readonly attentionScale = tf.variable(tf.ones([WIDTH]));
  readonly attentionShift = tf.variable(tf.zeros([WIDTH]));
  readonly mlpScale = tf.variable(tf.ones([WIDTH]));
  readonly mlpShift = tf.variable(tf.zeros([WIDTH]));
  readonly qkv: tf.Variable;
  readonly out: tf.Variable;
  readonly up: tf.Variable;
  readonly upBias = tf.variable(tf.zeros([HIDDEN]));
  readonly down: tf.Variable;
  readonly #random: Random;

  constructor(random: Random) {
    super();
    const weight = (rows: number, columns: number) =>
      tf.variable(random.normal([rows, columns], 0, rows ** -0.5));
    this.#random = random;
    this.qkv = weight(WIDTH, 3 * WIDTH);
    this.out = weight(WIDTH, WIDTH);
    this.up = weight(WIDTH, HIDDEN);
    this.down = weight(HIDDEN, WIDTH);
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
    const [batch] = x.shape;
    const heads = tf.reshape(this.#linear(x, this.qkv), [batch, TOKENS, 3, HEADS, WIDTH / HEADS]);
    const [q, k, v] = tf.unstack(tf.transpose(heads, [2, 0, 3, 1, 4]));
    const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(WIDTH / HEADS));
    const e = tf.exp(tf.sub(scores, tf.max(scores, -1, true)));
    const shares = tf.div(e, tf.sum(e, -1, true));
    const mixed = tf.transpose(tf.matMul(this.#dropout(shares), v), [0, 2, 1, 3]);
    return this.#linear(tf.reshape(mixed, [batch, TOKENS, WIDTH]), this.out);
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

  constructor(random: Random) {
    super();
    const pixels = PATCH ** 2;
    this.patches = tf.variable(random.normal([pixels, WIDTH], 0, pixels ** -0.5));
    this.positions = tf.variable(random.normal([TOKENS, WIDTH], 0, 0.02));
    this.head = tf.variable(random.normal([WIDTH, CLASSES], 0, WIDTH ** -0.5));
    this.blocks = Array.from({ length: DEPTH }, (_, at) => new Block(random.fork(`block ${at}`)));
  }

  forward(images: tf.Tensor): tf.Tensor {
    const [batch] = images.shape;
    const grid = tf.reshape(images, [batch, GRID, PATCH, GRID, PATCH]);
    const patches = tf.reshape(tf.transpose(grid, [0, 1, 3, 2, 4]), [-1, PATCH ** 2]);
    const tokens = tf.matMul(patches as tf.Tensor2D, this.patches as tf.Tensor2D);
    let x = tf.add(tf.reshape(tokens, [batch, TOKENS, WIDTH]), this.positions);
    for (const block of this.blocks) x = block.forward(x);
    return tf.matMul(tf.mean(x, 1) as tf.Tensor2D, this.head as tf.Tensor2D);
  }
}
