import { assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkAttention } from "../../../lib/exercises/attention/attention.ts";
import { checkAttentionHead } from "../../../lib/exercises/attention/attention_heads.ts";
import { checkCrossAttention } from "../../../lib/exercises/cross_attention/cross_attention.ts";
import { checkEncoder, type EncoderOptions } from "../../../lib/exercises/transformer/encoder.ts";
import {
  checkFeedForward,
  type FeedForwardOptions,
} from "../../../lib/exercises/transformer/feed_forward.ts";
import {
  type BlockOptions,
  checkTransformerBlock,
} from "../../../lib/exercises/transformer/transformer_block.ts";
import {
  checkVisionTransformer,
  type ModelOptions,
} from "../../../lib/exercises/vision_transformer/vision_transformer.ts";
import {
  type AttentionOptions,
  ConcatenatedHeads,
  Dropout,
  Gelu,
  LayerNorm,
  Linear,
  Mlp,
  Module,
  MultiHeadAttention,
  patchify,
  TransformerBlock,
} from "../../../lib/mod.ts";
import { checkEmbedding } from "../../../lib/exercises/vision_transformer/embedding.ts";
import { cell } from "../cells.ts";
import { fails, passes } from "../verdict.ts";

/** A block of the library's parts, of which a test fixes some options. */
const blockWith = (fixed: Partial<BlockOptions> = {}) =>
  class Block extends Module {
    attentionNorm: LayerNorm;
    attention: MultiHeadAttention;
    mlpNorm: LayerNorm;
    mlp: Mlp;
    constructor(options: BlockOptions) {
      super();
      const { width, mlpWidth, heads, dropout, random } = { ...options, ...fixed };
      this.attentionNorm = new LayerNorm(width);
      this.attention = new MultiHeadAttention({ width, heads, random });
      this.mlpNorm = new LayerNorm(width);
      this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
    }
    forward(x: tf.Tensor): tf.Tensor {
      const y = tf.add(x, this.attention.forward(this.attentionNorm.forward(x)));
      return tf.add(y, this.mlp.forward(this.mlpNorm.forward(y)));
    }
  };

/** A Vision Transformer, of which a test fixes options or the batch, or squeezes all axes of 1. */
const vitWith = (
  { squeezeAll = false, images: fixedCount, ...fixed }:
    & { squeezeAll?: boolean; images?: number }
    & Partial<ModelOptions> = {},
) =>
  class ViT extends Module {
    patchSize: number;
    projection: Linear;
    classToken: tf.Variable;
    positions: tf.Variable;
    dropout: Dropout;
    blocks: Module[];
    norm: LayerNorm;
    head: Linear;
    constructor(options: ModelOptions, Block: new (options: BlockOptions) => Module = blockWith()) {
      super();
      const {
        channels,
        patchSize,
        width,
        mlpWidth,
        heads,
        depth,
        classes,
        positions,
        dropout,
        random,
      } = {
        ...options,
        ...fixed,
      };
      this.patchSize = patchSize;
      this.projection = new Linear(patchSize * patchSize * channels, width, { random });
      this.classToken = tf.variable(random.normal([1, 1, width]));
      this.positions = tf.variable(random.normal([1, positions + 1, width]));
      this.dropout = new Dropout(dropout, { random });
      const sizes = { width, mlpWidth, heads, dropout, random };
      this.blocks = Array.from({ length: depth }, () => new Block(sizes));
      this.norm = new LayerNorm(width);
      this.head = new Linear(width, classes, { random });
    }
    forward(images: tf.Tensor): tf.Tensor {
      const patches = this.projection.forward(patchify(images as tf.Tensor4D, this.patchSize));
      const [batch, count, width] = patches.shape as [number, number, number];
      const classTokens = tf.mul(tf.ones([fixedCount ?? batch, 1, 1]), this.classToken);
      const tokens = tf.concat([classTokens, patches], 1);
      let x = this.dropout.forward(
        tf.add(tokens, tf.slice(this.positions, [0, 0, 0], [1, count + 1, width])),
      );
      for (const block of this.blocks) x = block.forward(x);
      const first = tf.slice(x, [0, 0, 0], [batch, 1, width]);
      const classToken = squeezeAll ? tf.squeeze(first) : tf.squeeze(first, [1]);
      return this.head.forward(this.norm.forward(classToken));
    }
  };

Deno.test("checkTransformerBlock sees that heads and width of the MLP come from the options", async () => {
  await passes(() => checkTransformerBlock(blockWith()));
  for (const fixed of [{ heads: 3 }, { mlpWidth: 7 }, { width: 12 }]) {
    const check = () => checkTransformerBlock(blockWith(fixed));
    await fails(
      check,
      "AttentionBlock is right with width 12, mlpWidth 7, heads 3",
      "a size that is fixed in the code",
    );
  }
});

Deno.test("checkFeedForward sees that widths come from the options", async () => {
  class Fixed extends Module {
    hidden: Linear;
    hiddenDropout: Dropout;
    output: Linear;
    dropout: Dropout;
    constructor({ width, dropout, random }: FeedForwardOptions) {
      super();
      this.hidden = new Linear(width, 7, { random });
      this.hiddenDropout = new Dropout(dropout, { random });
      this.output = new Linear(7, width, { random });
      this.dropout = new Dropout(dropout, { random });
    }
    forward(x: tf.Tensor): tf.Tensor {
      const hidden = this.hiddenDropout.forward(new Gelu().forward(this.hidden.forward(x)));
      return this.dropout.forward(this.output.forward(hidden));
    }
  }
  await fails(
    () => checkFeedForward(Fixed),
    "but not with width 9, hiddenWidth 14",
    "fixed in the code",
  );
});

Deno.test("checkAttention takes a batch of one and other numbers of heads", async () => {
  class Attention extends Module {
    qkv: Linear;
    output: Linear;
    constructor({ width, heads, random }: AttentionOptions) {
      super();
      this.heads = heads;
      this.qkv = new Linear(width, 3 * width, { random });
      this.output = new Linear(width, width, { random });
    }
    heads: number;
    sizes(x: tf.Tensor): [batch: number, tokens: number, width: number] {
      return x.shape as [number, number, number];
    }
    forward(x: tf.Tensor): tf.Tensor {
      const [batch, tokens, width] = this.sizes(x);
      const size = width / this.heads;
      const [query, key, value] = tf.split(this.qkv.forward(x), 3, -1).map((part) =>
        tf.transpose(tf.reshape(part, [batch, tokens, this.heads, size]), [0, 2, 1, 3])
      );
      const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(size));
      const results = tf.transpose(tf.matMul(tf.softmax(scores), value), [0, 2, 1, 3]);
      return this.output.forward(tf.reshape(results, [batch, tokens, width]));
    }
  }
  await passes(() => checkAttention(Attention));
  class TwoImages extends Attention {
    override sizes(x: tf.Tensor): [number, number, number] {
      return [2, x.shape[1]!, x.shape[2]!];
    }
  }
  await fails(
    () => checkAttention(TwoImages),
    "is right on an input of shape [2, 5, 12], but not on one of shape [1, 5, 12] after it",
  );
});

Deno.test("checkEncoder sees that the depth comes from the options", async () => {
  const encoder = (fixed: Partial<EncoderOptions>) =>
    class Encoder extends Module {
      blocks: TransformerBlock[];
      constructor(options: EncoderOptions) {
        super();
        const { depth, ...sizes } = { ...options, ...fixed };
        const make = () => new TransformerBlock({ ...sizes, attention: ConcatenatedHeads });
        this.blocks = Array.from({ length: depth }, make);
      }
      forward(x: tf.Tensor) {
        return this.blocks.reduce((y, block) => block.forward(y), x);
      }
    };
  await passes(() => checkEncoder(encoder({})));
  await fails(() => checkEncoder(encoder({ depth: 3 })), "depth 3", "but not with", "depth 2");
});

Deno.test("checkVisionTransformer sees that the class of blocks is used", async () => {
  const block = blockWith();
  await passes(() => checkVisionTransformer(vitWith(), { block }));
  class Ignores extends vitWith() {
    constructor(options: ModelOptions, _Block: unknown) {
      super(options);
    }
  }
  await fails(
    () => checkVisionTransformer(Ignores as never, { block }),
    "ViT makes 0 of its 3 blocks from the class that it gets",
    "Write `new Block({ … })`",
  );
});

Deno.test("checkVisionTransformer sees sizes that are fixed, and takes a batch of one", async () => {
  await passes(() => checkVisionTransformer(vitWith()));
  for (const fixed of [{ depth: 3 }, { patchSize: 4 }, { heads: 5 }, { classes: 8 }]) {
    await fails(
      () => checkVisionTransformer(vitWith(fixed)),
      "ViT is right with",
      "on an input of shape [1, 10, 15, 2]",
    );
  }
  for (const fixed of [{ images: 2 }, { squeezeAll: true }]) {
    await fails(
      () => checkVisionTransformer(vitWith(fixed)),
      "but not on one of shape [1, 8, 12, 3] after it",
    );
  }
});

/** A right solution of a topic, in which a test fixes some text. */
const fixedIn = (code: string, name: string, [was, is]: readonly [string, string]) => {
  assertStringIncludes(code, was);
  return [code, code.replace(was, is)].map((each) => cell<never>(each, name));
};

const head = `class Head extends Module {
  constructor({ width, headWidth, random }) {
    super();
    [this.query, this.key, this.value] = [1, 2, 3].map(() => new Linear(width, headWidth, { random }));
  }
  forward(x) {
    const [q, k, v] = [this.query, this.key, this.value].map((each) => each.forward(x));
    return tf.matMul(tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(q.shape[2]))), v);
  }
}`;
const classAttention = `class ClassAttention extends Module {
  constructor({ width, heads, random }) {
    super();
    this.heads = heads;
    this.query = new Linear(width, width, { random });
    this.keyValue = new Linear(width, 2 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  forward(x) {
    const [batch, tokens, width] = x.shape;
    const split = (each) => tf.transpose(tf.reshape(each, [batch, -1, this.heads, width / this.heads]), [0, 2, 1, 3]);
    const query = split(this.query.forward(tf.slice(x, [0, 0, 0], [batch, 1, width])));
    const [key, value] = tf.split(this.keyValue.forward(x), 2, -1).map(split);
    const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(width / this.heads));
    return this.output.forward(tf.reshape(tf.matMul(tf.softmax(scores), value), [batch, 1, width]));
  }
}`;
const embedding = `class Embedding extends Module {
  constructor({ patchSize, channels, width, slots, random }) {
    super();
    this.patchSize = patchSize;
    this.projection = new Linear(patchSize * patchSize * channels, width, { random });
    this.classToken = tf.variable(random.normal([1, 1, width]));
    this.positions = new SinusoidalPositions({ slots: slots + 1, width, random });
  }
  forward(images) {
    const tokens = this.projection.forward(patchify(images, this.patchSize));
    const classTokens = tf.tile(this.classToken, [tokens.shape[0], 1, 1]);
    return this.positions.forward(tf.concat([classTokens, tokens], 1));
  }
}`;

const fixed: Record<
  string,
  [check: (learner: never) => Promise<void>, ...Parameters<typeof fixedIn>]
> = {
  "a head for three images": [checkAttentionHead, head, "Head", [
    "Math.sqrt(q.shape[2])",
    "Math.sqrt(q.shape[2]) * (x.shape[0] / 3)",
  ]],
  "a class token's attention for two images": [
    checkCrossAttention,
    classAttention,
    "ClassAttention",
    [
      "[batch, 1, width]));\n  }",
      "[2, 1, width]));\n  }",
    ],
  ],
  "an embedding for two images": [checkEmbedding, embedding, "Embedding", [
    "[tokens.shape[0], 1, 1]",
    "[2, 1, 1]",
  ]],
  "an embedding of one patch size": [checkEmbedding, embedding, "Embedding", [
    "patchify(images, this.patchSize)",
    "patchify(images, 3)",
  ]],
};

for (const [title, [check, ...rest]] of Object.entries(fixed)) {
  Deno.test(`a size that is fixed shows in others, and right ones pass: ${title}`, async () => {
    const [right, wrong] = await Promise.all(fixedIn(...rest));
    await passes(() => check(right));
    await fails(() => check(wrong), "but not", "fixed in the code");
  });
}
