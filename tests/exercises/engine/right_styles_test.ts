/** Unusual but right solutions: other styles, other places of parts. None may be refused. */
import { checkAttention } from "../../../lib/exercises/attention/attention.ts";
import {
  checkAttentionHead,
  checkMultiHeadAttention,
} from "../../../lib/exercises/attention/attention_heads.ts";
import {
  checkClassAttention,
  checkRollout,
} from "../../../lib/exercises/attention/attention_reading.ts";
import {
  checkCrossAttention,
  checkFusion,
} from "../../../lib/exercises/cross_attention/cross_attention.ts";
import { checkEncoder } from "../../../lib/exercises/transformer/encoder.ts";
import { checkFeedForward } from "../../../lib/exercises/transformer/feed_forward.ts";
import { checkTransformerBlock } from "../../../lib/exercises/transformer/transformer_block.ts";
import { checkEmbedding } from "../../../lib/exercises/vision_transformer/embedding.ts";
import { checkPatches } from "../../../lib/exercises/vision_transformer/patches.ts";
import {
  checkPositionEncoding,
  checkSinusoidalPositions,
} from "../../../lib/exercises/vision_transformer/positions.ts";
import { checkVisionTransformer } from "../../../lib/exercises/vision_transformer/vision_transformer.ts";
import { cell } from "../cells.ts";
import { passes } from "../verdict.ts";

type Check = (learner: never) => Promise<void>;

const styles: Record<string, [check: Check, code: string, name: string]> = {
  "patches by slices and stacks": [
    checkPatches,
    `function patches(images, size) {
  const [, height, width] = images.shape;
  const found = [];
  for (let top = 0; top < height; top += size) {
    for (let left = 0; left < width; left += size) {
      const patch = images.slice([0, top, left, 0], [-1, size, size, -1]);
      found.push(patch.reshape([images.shape[0], -1]));
    }
  }
  return tf.stack(found, 1);
}`,
    "patches",
  ],
  "patches by depth, chained, as an arrow": [
    checkPatches,
    `const patches = (images, p) => {
  const [b, h, w, c] = images.shape;
  return images.reshape([b * (h / p), p, w / p, p * c]).transpose([0, 2, 1, 3]).reshape([b, -1, p * p * c]);
};`,
    "patches",
  ],
  "a table of positions by JavaScript's numbers": [
    checkSinusoidalPositions,
    `const table = (n, d) => tf.tensor2d(Array.from({ length: n }, (_, t) =>
  Array.from({ length: d }, (_, i) => (i % 2 ? Math.cos : Math.sin)(t / 1e4 ** ((i - i % 2) / d)))));`,
    "table",
  ],
  "a table of positions by exponentials and an outer product": [
    checkSinusoidalPositions,
    `function table(n, d) {
  const rates = tf.exp(tf.mul(tf.range(0, d, 2), -Math.log(10000) / d));
  const angles = tf.outerProduct(tf.range(0, n), rates);
  return tf.concat([tf.expandDims(tf.sin(angles), -1), tf.expandDims(tf.cos(angles), -1)], -1).reshape([n, d]);
}`,
    "table",
  ],
  "positions gathered by index": [
    checkPositionEncoding,
    `class Positions extends Module {
  constructor({ slots, width }) {
    super();
    this.rows = buffer(() => tf.tensor2d(Array.from({ length: slots }, (_, t) =>
      Array.from({ length: width }, (_, i) => (i % 2 ? Math.cos : Math.sin)(t / 1e4 ** ((i - i % 2) / width))))));
  }
  forward(x) {
    return x.add(tf.gather(this.rows, tf.range(0, x.shape[1], 1, "int32")).expandDims(0));
  }
}`,
    "Positions",
  ],
  "a head by einsum, its maps in a Map": [
    checkAttentionHead,
    `class Head extends Module {
  constructor({ width, headWidth, random }) {
    super();
    this.maps = new Map(["value", "key", "query"].map((each) => [each, new Linear(width, headWidth, { random })]));
    this.scale = headWidth ** -0.5;
  }
  forward(x) {
    const [v, k, q] = [...this.maps.values()].map((each) => each.forward(x));
    const scores = tf.einsum("bnk,bmk->bnm", q, k).mul(this.scale);
    return tf.einsum("bnm,bmk->bnk", tf.softmax(scores), v);
  }
}`,
    "Head",
  ],
  "a head that transposes the scores and the result": [
    checkAttentionHead,
    `class Head extends Module {
  a; b; c;
  constructor({ width, headWidth, random }) {
    super();
    this.c = new Linear(width, headWidth, { random });
    this.b = new Linear(width, headWidth, { random });
    this.a = new Linear(width, headWidth, { random });
  }
  #scores(x) {
    const query = this.a.forward(x);
    return tf.matMul(this.b.forward(x), tf.div(query, Math.sqrt(query.shape.at(-1))), false, true);
  }
  forward(x) {
    const shares = tf.softmax(tf.transpose(this.#scores(x), [0, 2, 1]));
    return tf.transpose(tf.matMul(this.c.forward(x), shares, true, true), [0, 2, 1]);
  }
}`,
    "Head",
  ],
  "a head with an own softmax and an own class of maps": [
    checkAttentionHead,
    `class Own extends Linear {}
const softmax = (s) => { const e = s.sub(s.max(-1, true)).exp(); return e.div(e.sum(-1, true)); };
class Head extends Module {
  constructor({ width, headWidth, random }) {
    super();
    [this.q, this.k, this.v] = Array.from({ length: 3 }, () => new Own(width, headWidth, { random }));
  }
  forward(x) {
    const { q, k, v } = this;
    return tf.tidy(() => softmax(q.forward(x).matMul(k.forward(x), false, true).div(Math.sqrt(v.weight.shape[1])))
      .matMul(v.forward(x)));
  }
}`,
    "Head",
  ],
  "several heads in a loop, each by its own slice of the output map": [
    checkMultiHeadAttention,
    `class Head extends Module {
  constructor({ width, headWidth, random }) {
    super();
    this.query = new Linear(width, headWidth, { random });
    this.key = new Linear(width, headWidth, { random });
    this.value = new Linear(width, headWidth, { random });
  }
  forward(x) {
    const q = this.query.forward(x), k = this.key.forward(x);
    return tf.matMul(tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(q.shape[2]))), this.value.forward(x));
  }
}
class Heads extends Module {
  constructor({ width, heads, random }) {
    super();
    this.list = [];
    for (let h = 0; h < heads; h++) this.list.push(new Head({ width, headWidth: width / heads, random }));
    this.mix = new Linear(width, width, { random });
  }
  forward(x) {
    let sum = tf.zerosLike(x);
    for (const [h, head] of this.list.entries()) {
      const size = this.mix.weight.shape[0] / this.list.length;
      const rows = tf.slice(this.mix.weight, [h * size, 0], [size, -1]);
      sum = tf.add(sum, tf.reshape(tf.matMul(tf.reshape(head.forward(x), [-1, size]), rows), x.shape));
    }
    return tf.add(sum, this.mix.bias);
  }
}`,
    "Heads",
  ],
  "attention with heads split by slices": [
    checkAttention,
    `class Attention extends Module {
  constructor({ width, heads, random }) {
    super();
    this.out = new Linear(width, width, { random });
    this.all = new Linear(width, 3 * width, { random });
    this.count = heads;
  }
  forward(x) {
    const all = this.all.forward(x);
    const width = x.shape.at(-1), size = width / this.count;
    const part = (which, head) => all.slice([0, 0, which * width + head * size], [-1, -1, size]);
    const results = [];
    for (let head = 0; head < this.count; head++) {
      const [q, k, v] = [0, 1, 2].map((which) => part(which, head));
      results.push(q.matMul(k, false, true).div(Math.sqrt(size)).softmax().matMul(v));
    }
    return this.out.forward(tf.concat(results, 2));
  }
}`,
    "Attention",
  ],
  "attention by einsum over one reshape": [
    checkAttention,
    `class Attention extends Module {
  heads; qkv; output;
  constructor({ width, heads, random }) {
    super();
    Object.assign(this, { heads, qkv: new Linear(width, width * 3, { random }), output: new Linear(width, width, { random }) });
  }
  forward(x) {
    const [b, n, d] = x.shape;
    const [q, k, v] = tf.unstack(tf.reshape(this.qkv.forward(x), [b, n, 3, this.heads, d / this.heads]), 2);
    const shares = tf.softmax(tf.einsum("bnhk,bmhk->bhnm", q, k).div((d / this.heads) ** 0.5));
    return this.output.forward(tf.reshape(tf.einsum("bhnm,bmhk->bnhk", shares, v), [b, n, d]));
  }
}`,
    "Attention",
  ],
  "attention with a scale on queries and keys": [
    checkAttention,
    `class Attention extends Module {
  constructor({ width, heads, random }) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  split(x) {
    return tf.transpose(tf.reshape(x, [x.shape[0], x.shape[1], this.heads, -1]), [0, 2, 1, 3]);
  }
  forward(x) {
    const [q, k, v] = tf.split(this.qkv.forward(x), 3, 2).map((each) => this.split(each));
    const root = q.shape[3] ** 0.25;
    const transposed = tf.transpose(tf.div(k, root), [0, 1, 3, 2]);
    const joined = tf.transpose(tf.matMul(tf.softmax(tf.matMul(tf.div(q, root), transposed)), v), [0, 2, 1, 3]);
    return this.output.forward(joined.reshape(x.shape));
  }
}`,
    "Attention",
  ],
  "a feed-forward part as a Sequential": [
    checkFeedForward,
    `class Mlp2 extends Module {
  constructor({ width, hiddenWidth, dropout, random }) {
    super();
    this.net = new Sequential(new Linear(width, hiddenWidth, { random }), new Gelu(), new Dropout(dropout, { random }),
      new Linear(hiddenWidth, width, { random }), new Dropout(dropout, { random }));
  }
  forward = (x) => this.net.forward(x);
}`,
    "Mlp2",
  ],
  "a feed-forward part of two dimensions, with its own GELU": [
    checkFeedForward,
    `class Part extends Module {
  constructor({ width, hiddenWidth, dropout, random }) {
    super();
    this.drops = [0, 1].map(() => new Dropout(dropout, { random }));
    this.second = new Linear(hiddenWidth, width, { random });
    this.first = new Linear(width, hiddenWidth, { random });
  }
  gelu(x) { return x.mul(0.5).mul(x.div(Math.SQRT2).erf().add(1)); }
  forward(x) {
    const rows = x.reshape([-1, x.shape.at(-1)]);
    const y = this.drops[1].forward(this.second.forward(this.drops[0].forward(this.gelu(this.first.forward(rows)))));
    return y.reshape(x.shape);
  }
}`,
    "Part",
  ],
  "a block of halves that are modules": [
    checkTransformerBlock,
    `class Residual extends Module {
  constructor(width, inner) { super(); this.inner = inner; this.norm = new LayerNorm(width); }
  forward(x) { return tf.add(this.inner.forward(this.norm.forward(x)), x); }
}
class Block extends Module {
  constructor({ width, mlpWidth, heads, dropout, random }) {
    super();
    this.halves = [
      new Residual(width, new MultiHeadAttention({ width, heads, random })),
      new Residual(width, new Mlp({ width, hiddenWidth: mlpWidth, dropout, random })),
    ];
  }
  forward(x) { return this.halves.reduce((y, half) => half.forward(y), x); }
}`,
    "Block",
  ],
  "an encoder in a Sequential": [
    checkEncoder,
    `class Encoder extends Module {
  constructor({ depth, ...options }) {
    super();
    this.all = new Sequential(...Array.from({ length: depth }, () => new TransformerBlock({ ...options, attention: ConcatenatedHeads })));
  }
  forward(x) { return this.all.forward(x); }
}`,
    "Encoder",
  ],
  "an encoder that calls itself": [
    checkEncoder,
    `class Encoder extends Module {
  constructor({ depth, ...options }) {
    super();
    this.first = new TransformerBlock({ ...options, attention: ConcatenatedHeads });
    if (depth > 1) this.rest = new Encoder({ depth: depth - 1, ...options });
  }
  forward(x) {
    const y = this.first.forward(x);
    return this.rest ? this.rest.forward(y) : y;
  }
}`,
    "Encoder",
  ],
  "an embedding whose class token is tiled and whose patches are convolved": [
    checkEmbedding,
    `class Embedding extends Module {
  constructor({ patchSize, channels, width, slots, random }) {
    super();
    this.token = tf.variable(random.normal([1, width]));
    this.size = patchSize;
    this.map = new Linear(patchSize * patchSize * channels, width, { random });
    this.table = buffer(() => tf.tensor2d(Array.from({ length: slots + 1 }, (_, t) =>
      Array.from({ length: width }, (_, i) => (i % 2 ? Math.cos : Math.sin)(t / 1e4 ** ((i - i % 2) / width))))));
  }
  forward(images) {
    const [b, h, w, c] = images.shape;
    const p = this.size, d = this.map.weight.shape[1];
    const kernel = this.map.weight.reshape([p, p, c, d]);
    const patches = tf.conv2d(images, kernel, p, "valid").add(this.map.bias).reshape([b, -1, d]);
    const all = tf.concat([this.token.tile([b, 1]).reshape([b, 1, d]), patches], 1);
    return all.add(this.table.slice(0, all.shape[1]));
  }
}`,
    "Embedding",
  ],
  "a Vision Transformer with its parts in lists": [
    checkVisionTransformer,
    `class ViT extends Module {
  constructor({ channels, patchSize, width, depth, classes, positions, dropout, random, ...rest }) {
    super();
    this.end = [new LayerNorm(width), new Linear(width, classes, { random })];
    this.middle = [...Array(depth)].map(() => new TransformerBlock({ ...rest, width, dropout, random }));
    this.places = tf.variable(random.normal([positions + 1, width]));
    this.start = { size: patchSize };
    this.patches = new Linear(channels * patchSize ** 2, width, { random });
    this.token = tf.variable(random.normal([width]));
    this.drop = new Dropout(dropout, { random });
  }
  forward(images) {
    let x = this.patches.forward(patchify(images, this.start.size));
    const token = tf.broadcastTo(this.token, [x.shape[0], 1, x.shape[2]]);
    x = tf.concat([token, x], 1);
    x = this.drop.forward(x.add(tf.gather(this.places, [...Array(x.shape[1]).keys()])));
    for (const block of this.middle) x = block.forward(x);
    return this.end[1].forward(tf.gather(this.end[0].forward(x), 0, 1));
  }
}`,
    "ViT",
  ],
  "attention of the class token by gather, head by head": [
    checkCrossAttention,
    `class ClassAttention extends Module {
  constructor({ width, heads, random }) {
    super();
    this.heads = heads;
    this.keyValue = new Linear(width, 2 * width, { random });
    this.query = new Linear(width, width, { random });
    this.output = new Linear(width, width, { random });
  }
  forward(x) {
    const first = tf.gather(x, [0], 1);
    const [k, v] = tf.split(this.keyValue.forward(x), 2, -1);
    const cut = (each) => tf.split(each, this.heads, -1);
    const [qs, ks, vs] = [this.query.forward(first), k, v].map(cut);
    const results = qs.map((q, h) => {
      const weights = tf.softmax(tf.sum(tf.mul(q, ks[h]), -1).div(Math.sqrt(q.shape[2])));
      return tf.sum(tf.mul(tf.expandDims(weights, -1), vs[h]), 1, true);
    });
    return this.output.forward(tf.concat(results, -1));
  }
}`,
    "ClassAttention",
  ],
  "a fusion with its maps in arrays and the norm of two pieces": [
    checkFusion,
    `class Fusion extends Module {
  constructor({ width, otherWidth, heads, random }) {
    super();
    this.back = [new LayerNorm(otherWidth), new Gelu(), new Linear(otherWidth, width, { random })];
    this.there = [new LayerNorm(width), new Gelu(), new Linear(width, otherWidth, { random })];
    this.norm = new LayerNorm(otherWidth);
    this.attention = new CrossAttention({ width: otherWidth, heads, random });
  }
  forward(own, other) {
    const run = (layers, x) => layers.reduce((y, layer) => layer.forward(y), x);
    const [token, ownPatches] = tf.split(own, [1, own.shape[1] - 1], 1);
    const [, patches] = tf.split(other, [1, other.shape[1] - 1], 1);
    const mapped = run(this.there, token);
    const seen = tf.concat([this.norm.forward(mapped), this.norm.forward(patches)], 1);
    return tf.concat([run(this.back, this.attention.forward(seen).add(mapped)), ownPatches], 1);
  }
}`,
    "Fusion",
  ],
  "class attention by strided slices": [
    checkClassAttention,
    `const row = (w) => tf.stridedSlice(w, [0, 0, 0, 1], w.shape, [1, 1, 1, 1]).gather(0, 2);`,
    "row",
  ],
  "a rollout from the last block backwards": [
    checkRollout,
    `function rollout(weights) {
  const eye = tf.eye(weights[0].shape[2]);
  const flows = weights.map((each) => each.mean(1).add(eye).mul(0.5));
  let total = flows.pop();
  while (flows.length > 0) total = tf.matMul(total, flows.pop());
  return total;
}`,
    "rollout",
  ],
  "variables with names, by hand, in the style of TensorFlow": [
    checkFeedForward,
    `class FeedForward extends Module {
  constructor({ width, hiddenWidth, dropout, random }) {
    super();
    const weight = (shape, name) => tf.variable(random.truncatedNormal(shape, 0, 0.02), true, name);
    const bias = (size, name) => tf.variable(tf.zeros([size]), true, name);
    [this.w1, this.b1] = [weight([width, hiddenWidth], "w1"), bias(hiddenWidth, "b1")];
    [this.w2, this.b2] = [weight([hiddenWidth, width], "w2"), bias(width, "b2")];
    this.drops = [0, 1].map(() => new Dropout(dropout, { random }));
  }
  forward(x) {
    const dense = (y, w, b) =>
      tf.matMul(y.reshape([-1, w.shape[0]]), w).add(b).reshape([...x.shape.slice(0, -1), w.shape[1]]);
    const gelu = (y) => y.mul(tf.erf(y.div(Math.SQRT2)).add(1).mul(0.5));
    return this.drops[1].forward(dense(this.drops[0].forward(gelu(dense(x, this.w1, this.b1))), this.w2, this.b2));
  }
}`,
    "FeedForward",
  ],
  "a class token with a name, broadcast": [
    checkEmbedding,
    `class Embedding extends Module {
  constructor({ patchSize, channels, width, slots, random }) {
    super();
    this.size = patchSize;
    this.positions = new SinusoidalPositions({ slots: slots + 1, width, random });
    this.token = random.normal([1, 1, width]).variable(true, "class_token");
    this.projection = new Linear(patchSize ** 2 * channels, width, { random });
  }
  forward = (images) => {
    const tokens = this.projection.forward(patchify(images, this.size));
    const [batch, , width] = tokens.shape;
    return this.positions.forward(tf.concat([tf.broadcastTo(this.token, [batch, 1, width]), tokens], 1));
  };
}`,
    "Embedding",
  ],
  "a dropout layer of one's own": [
    checkFeedForward,
    `class Drop extends Module {
  constructor(rate, random) {
    super();
    Object.assign(this, { rate, random });
  }
  forward(x) {
    if (!this.training || this.rate === 0) return x;
    const mask = tf.cast(tf.less(this.random.uniform(x.shape), 1 - this.rate), "float32");
    return x.mul(mask).div(1 - this.rate);
  }
}
class FeedForward extends Sequential {
  constructor({ width, hiddenWidth, dropout, random }) {
    const drop = () => new Drop(dropout, random);
    const [first, last] = [new Linear(width, hiddenWidth, { random }), new Linear(hiddenWidth, width, { random })];
    super(first, new Gelu(), drop(), last, drop());
  }
}`,
    "FeedForward",
  ],
  "dropout by hand in forward, weights of He's rule": [
    checkFeedForward,
    `class FeedForward extends Module {
  constructor(options) {
    super();
    const he = { weightInitializer: (random, shape) => random.normal(shape, 0, Math.sqrt(2 / shape[1])) };
    this.options = options;
    this.fc1 = new Linear(options.width, options.hiddenWidth, { ...he, random: options.random });
    this.fc2 = new Linear(options.hiddenWidth, options.width, { ...he, random: options.random });
  }
  forward(x) {
    const { dropout, random } = this.options;
    const drop = (y) => this.training ? y.mul(random.bernoulli(y.shape, 1 - dropout)).div(1 - dropout) : y;
    return drop(this.fc2.forward(drop(new Gelu().forward(this.fc1.forward(x)))));
  }
}`,
    "FeedForward",
  ],
  "one dropout layer for both places": [
    checkFeedForward,
    `class FeedForward extends Module {
  constructor({ width, hiddenWidth, dropout, random }) {
    super();
    this.fc1 = new Linear(width, hiddenWidth, { random });
    this.fc2 = new Linear(hiddenWidth, width, { random });
    this.dropout = new Dropout(dropout, { random });
  }
  forward(x) {
    const hidden = this.dropout.forward(new Gelu().forward(this.fc1.forward(x)));
    return this.dropout.forward(this.fc2.forward(hidden));
  }
}`,
    "FeedForward",
  ],
  "patches by a convolution with the unit matrix": [
    checkPatches,
    `function patches(images, p) {
  const [batch, , , channels] = images.shape;
  const size = p * p * channels;
  return tf.conv2d(images, tf.eye(size).reshape([p, p, channels, size]), p, "valid").reshape([batch, -1, size]);
}`,
    "patches",
  ],
  "an encoder that holds a shorter one": [
    checkEncoder,
    `class Encoder extends Module {
  constructor({ depth, ...options }) {
    super();
    this.block = new TransformerBlock({ ...options, attention: ConcatenatedHeads });
    if (depth > 1) this.rest = new Encoder({ depth: depth - 1, ...options });
  }
  forward(x) {
    const y = this.block.forward(x);
    return this.rest ? this.rest.forward(y) : y;
  }
}`,
    "Encoder",
  ],
  "a Vision Transformer of an embedding with named variables and a Sequential": [
    checkVisionTransformer,
    `class Embed extends Module {
  constructor(options) {
    super();
    const { patchSize, channels, width, positions, dropout, random } = options;
    this.size = patchSize;
    this.linear = new Linear(patchSize ** 2 * channels, width, { random });
    this.cls = tf.variable(random.normal([1, 1, width], 0, 0.02), true, "cls");
    this.pos = tf.variable(random.truncatedNormal([1, positions + 1, width], 0, 0.02), true, "pos");
    this.drop = new Dropout(dropout, { random });
  }
  forward(images) {
    const tokens = this.linear.forward(patchify(images, this.size));
    const x = tf.concat([this.cls.tile([tokens.shape[0], 1, 1]), tokens], 1);
    return this.drop.forward(x.add(this.pos.slice([0, 0, 0], [-1, x.shape[1], -1])));
  }
}
class ViT extends Module {
  constructor(options) {
    super();
    const { depth, width, classes, random } = options;
    this.embed = new Embed(options);
    this.encoder = new Sequential(...Array.from({ length: depth }, () => new TransformerBlock(options)));
    this.norm = new LayerNorm(width);
    this.fc = new Linear(width, classes, { random });
  }
  forward(images) {
    const [first] = this.encoder.forward(this.embed.forward(images)).unstack(1);
    return this.fc.forward(this.norm.forward(first));
  }
}`,
    "ViT",
  ],
};

for (const [title, [check, code, name]] of Object.entries(styles)) {
  Deno.test(`no right solution is refused: ${title}`, async () => {
    const learner = await cell<never>(code, name);
    await passes(() => check(learner));
  });
}
