import * as tf from "@tensorflow/tfjs";
import { checkAttentionHead } from "../../../lib/exercises/attention/attention_heads.ts";
import { checkCrossAttention } from "../../../lib/exercises/cross_attention/cross_attention.ts";
import { checkBasicBlock } from "../../../lib/exercises/residual/basic_block.ts";
import { checkSelfAttentionConstructor } from "../../../lib/exercises/grid/self_attention.ts";
import {
  checkFeedForward,
  type FeedForwardOptions,
} from "../../../lib/exercises/transformer/feed_forward.ts";
import { checkEmbedding } from "../../../lib/exercises/vision_transformer/embedding.ts";
import { type AttentionOptions, Dropout, Gelu, Linear, Module, Random } from "../../../lib/mod.ts";
import { cell } from "../cells.ts";
import { printed } from "../printed.ts";
import { fails, passes } from "../verdict.ts";

/** A head each of whose layers has the generator that an expression of `random` and `layer` gives. */
const headFrom = (generator: string) =>
  cell<never>(
    `class Head extends Module {
      constructor({ width, headWidth, random }) {
        super();
        const make = (layer) => new Linear(width, headWidth, { random: ${generator} });
        [this.query, this.key, this.value] = [0, 1, 2].map(make);
      }
      forward(x) {
        const [q, k, v] = [this.query, this.key, this.value].map((each) => each.forward(x));
        return tf.matMul(tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(q.shape[2]))), v);
      }
    }`,
    "Head",
  );

/** A class token's attention; `begin` stands at the end of its constructor. */
const crossWith = (begin: string) =>
  cell<never>(
    `class ClassAttention extends Module {
      constructor({ width, heads, random }) {
        super();
        this.heads = heads;
        this.query = new Linear(width, width, { random });
        this.keyValue = new Linear(width, 2 * width, { random });
        this.output = new Linear(width, width, { random });
        ${begin}
      }
      forward(x) {
        const [batch, , width] = x.shape;
        const split = (each) =>
          tf.transpose(tf.reshape(each, [batch, -1, this.heads, width / this.heads]), [0, 2, 1, 3]);
        const query = split(this.query.forward(tf.slice(x, [0, 0, 0], [batch, 1, width])));
        const [key, value] = tf.split(this.keyValue.forward(x), 2, -1).map(split);
        const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(width / this.heads));
        return this.output.forward(tf.reshape(tf.matMul(tf.softmax(scores), value), [batch, 1, width]));
      }
    }`,
    "ClassAttention",
  );

Deno.test("first values that a seed of one's own decides are seen", async () => {
  for (const right of ["random", "random.fork(`layer ${layer}`)"]) {
    await printed(async () => checkAttentionHead(await headFrom(right))); // throws unless it passes
  }
  const wrong = await headFrom("new Random(layer)");
  await fails(
    () => checkAttentionHead(wrong),
    "the first values of `query.weight` are the same whatever the seed is",
    "such as `new Random(42)`",
  );
  class Grid extends Module {
    qkv: Linear;
    output: Linear;
    heads: number;
    constructor({ width, heads }: AttentionOptions) {
      super();
      const random = new Random(42);
      this.heads = heads;
      this.qkv = new Linear(width, 3 * width, { random });
      this.output = new Linear(width, width, { random });
    }
    forward(x: tf.Tensor): tf.Tensor {
      return x;
    }
  }
  await fails(() => checkSelfAttentionConstructor(Grid), "the same whatever the seed is");
});

Deno.test("layers that begin with the same values are seen", async () => {
  for (const generator of ["new Random(random.seed)", "random.fork('layer')"]) {
    const wrong = await headFrom(generator);
    await fails(
      () => checkAttentionHead(wrong),
      "`query.weight` and `key.weight` begin with the same values",
      "Pass `random` of the options on to all of them",
    );
  }
  // Of other shapes, and not the ones drawn one after the other.
  const wrong = await crossWith(
    "this.output = new Linear(width, width, { random: new Random(random.seed) });",
  );
  await fails(() => checkCrossAttention(wrong), "begin with the same values");
});

Deno.test("a weight whose parts begin alike, or that is much too wide, is seen", async () => {
  const weight = (values: string) => crossWith(`this.keyValue.weight.assign(${values});`);
  const [right, repeated, constant, wide] = await Promise.all([
    weight("random.normal([width, 2 * width], 0, Math.sqrt(2 / width))"),
    weight("tf.tile(random.normal([width, width], 0, 0.2), [1, 2])"),
    weight("tf.fill([width, 2 * width], 0.1)"),
    weight("random.normal([width, 2 * width])"),
  ]);
  await passes(() => checkCrossAttention(right));
  await fails(
    () => checkCrossAttention(repeated),
    "the first values of `keyValue.weight` repeat",
    "Draw values for the whole shape",
  );
  await fails(
    () => checkCrossAttention(constant),
    "the first values of `keyValue.weight` are all 0.1",
    "Units that begin alike",
  );
  await fails(() => checkCrossAttention(wide), "which is too much", "±1 / √inputs");
});

Deno.test("a block of convolutions with a seed of its own, or without effect, is seen", async () => {
  const code = (random: string, more = "") =>
    `class BasicBlock extends Module {
    constructor({ inputs, outputs, stride, random: given }) {
      super();
      const random = ${random};
      this.convolution1 = new Conv2d(inputs, outputs, { padding: 1, bias: false, stride, random });
      this.norm1 = new BatchNorm2d(outputs);
      this.convolution2 = new Conv2d(outputs, outputs, { padding: 1, bias: false, random });
      this.norm2 = new BatchNorm2d(outputs);
      ${more}
      if (inputs === outputs && stride === 1) return;
      this.projection = new Conv2d(inputs, outputs, { size: 1, bias: false, stride, random });
      this.projectionNorm = new BatchNorm2d(outputs);
    }
    forward(x) {
      const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
      const past = this.projection ? this.projectionNorm.forward(this.projection.forward(x)) : x;
      return tf.relu(tf.add(this.norm2.forward(this.convolution2.forward(hidden)), past));
    }
  }`;
  const scale = (norm: string, value: string) =>
    code("given", `this.${norm}.scale.assign(tf.fill([outputs], ${value}));`);
  const [right, wrong, silent, half, fromShortcut] = await Promise.all([
    cell<never>(code("given"), "BasicBlock"),
    cell<never>(code("new Random(0)"), "BasicBlock"),
    cell<never>(scale("norm1", "0"), "BasicBlock"),
    cell<never>(scale("norm2", "0.5"), "BasicBlock"),
    cell<never>(scale("norm2", "0"), "BasicBlock"),
  ]);
  await passes(() => checkBasicBlock(right));
  // The residual branch adds nothing yet, and learns to.
  await passes(() => checkBasicBlock(fromShortcut));
  await fails(
    () => checkBasicBlock(wrong),
    "`convolution1.weight` are the same whatever the seed is",
  );
  await fails(
    () => checkBasicBlock(silent),
    "the first values of `norm1.scale` are 0, but should be 1",
  );
  await fails(() => checkBasicBlock(half), "the first values of `norm2.scale` are 0.5");
});

Deno.test("the usual ways to draw first values are right", async () => {
  const ways = [
    "random.normal(shape, 0, Math.sqrt(2 / (inputs + outputs)))", // Xavier
    "random.uniform(shape).sub(0.5).mul(2 * Math.sqrt(6 / (inputs + outputs)))",
    "random.normal(shape, 0, Math.sqrt(2 / inputs))", // Kaiming
    "random.normal(shape, 0, Math.sqrt(2 / outputs))",
    "random.normal(shape, 0, 0.02).clipByValue(-0.04, 0.04)", // as in BERT and ViT
    "tf.zeros(shape)", // of one layer: what begins so is the identity of a residual
  ];
  for (const way of ways) {
    const right = await crossWith(`
      const shape = [width, width];
      const [inputs, outputs] = shape;
      this.output.weight.assign(${way});
      this.output.bias.assign(tf.zeros([width]));`);
    await passes(() => checkCrossAttention(right));
  }
  const dead = await crossWith(`
    this.keyValue.weight.assign(tf.zeros([width, 2 * width]));
    this.keyValue.bias.assign(tf.zeros([2 * width]));
    this.output.weight.assign(tf.zeros([width, width]));`);
  await fails(() => checkCrossAttention(dead), "are all 0", "Units that begin alike");
});

/** A feed-forward part each of whose dropouts has a generator of a test's choice. */
const droppingFrom = (generator: (random: Random) => Random) =>
  class FeedForward extends Module {
    hidden: Linear;
    output: Linear;
    drops: Dropout[];
    constructor({ width, hiddenWidth, dropout, random }: FeedForwardOptions) {
      super();
      this.hidden = new Linear(width, hiddenWidth, { random });
      this.output = new Linear(hiddenWidth, width, { random });
      this.drops = [1, 2].map(() => new Dropout(dropout, { random: generator(random) }));
    }
    forward(x: tf.Tensor): tf.Tensor {
      const [first, second] = this.drops;
      const hidden = first.forward(new Gelu().forward(this.hidden.forward(x)));
      return second.forward(this.output.forward(hidden));
    }
  };

Deno.test("dropouts that do not follow the seed, or drop alike, are seen", async () => {
  await passes(() => checkFeedForward(droppingFrom((random) => random)));
  await fails(
    () => checkFeedForward(droppingFrom(() => new Random(3))),
    "`drops.0` drops the same values whatever the seed is",
  );
  await fails(
    () => checkFeedForward(droppingFrom((random) => new Random(random.seed))),
    "`drops.0` and `drops.1` drop the same values",
  );
  class ByHand extends droppingFrom((random) => random) {
    generator = new Random(3);
    override forward(x: tf.Tensor): tf.Tensor {
      const drop = (y: tf.Tensor) =>
        this.training ? tf.div(tf.mul(y, this.generator.bernoulli(y.shape, 0.7)), 0.7) : y;
      return drop(this.output.forward(drop(new Gelu().forward(this.hidden.forward(x)))));
    }
  }
  await fails(() => checkFeedForward(ByHand), "drops the same values whatever the seed is");
});

Deno.test("zeros and ones that a style begins with pass", async () => {
  const code = `class FeedForward extends Module {
    constructor({ width, hiddenWidth, dropout, random }) {
      super();
      this.w1 = tf.variable(random.normal([width, hiddenWidth], 0, width ** -0.5));
      this.b1 = tf.variable(tf.zeros([hiddenWidth]));
      this.w2 = tf.variable(random.truncatedNormal([hiddenWidth, width], 0, 0.02));
      this.b2 = tf.variable(tf.zeros([width]));
      this.drops = [new Dropout(dropout, { random }), new Dropout(dropout, { random })];
    }
    forward(x) {
      const map = (y, w, b) =>
        tf.matMul(y.reshape([-1, w.shape[0]]), w).add(b).reshape([...y.shape.slice(0, -1), w.shape[1]]);
      const hidden = this.drops[0].forward(new Gelu().forward(map(x, this.w1, this.b1)));
      return this.drops[1].forward(map(hidden, this.w2, this.b2));
    }
  }`;
  await passes(async () => checkFeedForward(await cell<never>(code, "FeedForward")));
  const embedding = `class Embedding extends Module {
    constructor({ patchSize, channels, width, slots, random }) {
      super();
      this.patchSize = patchSize;
      this.projection = new Linear(patchSize ** 2 * channels, width, { random });
      this.classToken = tf.variable(tf.zeros([1, 1, width]));
      this.positions = new SinusoidalPositions({ slots: slots + 1, width, random });
    }
    forward(images) {
      const tokens = this.projection.forward(patchify(images, this.patchSize));
      return this.positions.forward(tf.concat([tf.tile(this.classToken, [tokens.shape[0], 1, 1]), tokens], 1));
    }
  }`;
  await passes(async () => checkEmbedding(await cell<never>(embedding, "Embedding")));
});
