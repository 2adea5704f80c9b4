import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import {
  checkVisionTransformer,
  type ModelOptions,
} from "../../../lib/exercises/vision_transformer/vision_transformer.ts";
import { Dropout } from "../../../lib/nn/dropout.ts";
import { patchify } from "../../../lib/nn/functional.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { LayerNorm } from "../../../lib/nn/normalization.ts";
import { TransformerBlock } from "../../../lib/nn/transformer_block.ts";
import { printed } from "../printed.ts";

/** The solution, with steps that tests replace. */
class Model extends Module {
  projection: Linear;
  classToken: tf.Variable;
  positions: tf.Variable;
  dropout: Dropout;
  blocks: Module[];
  norm: LayerNorm;
  head: Linear;
  #patchSize: number;

  constructor(options: ModelOptions) {
    super();
    const { channels, patchSize, width, depth, classes, positions, dropout, random } = options;
    this.#patchSize = patchSize;
    this.projection = new Linear(patchSize * patchSize * channels, width, { random });
    this.classToken = this.first(options, [1, 1, width]);
    this.positions = this.first(options, [1, positions + 1, width]);
    this.dropout = new Dropout(dropout, { random });
    this.blocks = Array.from({ length: depth }, () => new TransformerBlock(options));
    this.norm = new LayerNorm(width);
    this.head = new Linear(width, classes, { random });
  }

  first({ random }: ModelOptions, shape: number[]): tf.Variable {
    return tf.variable(random.normal(shape));
  }

  withClassToken(x: tf.Tensor): tf.Tensor {
    return tf.concat([tf.tile(this.classToken, [x.shape[0], 1, 1]), x], 1);
  }

  withPositions(x: tf.Tensor): tf.Tensor {
    const [, count, width] = x.shape as [number, number, number];
    return tf.add(x, tf.slice(this.positions, [0, 0, 0], [1, count, width]));
  }

  embed(images: tf.Tensor): tf.Tensor {
    const patches = this.projection.forward(patchify(images, this.#patchSize));
    return this.dropout.forward(this.withPositions(this.withClassToken(patches)));
  }

  run(x: tf.Tensor): tf.Tensor {
    return this.blocks.reduce((tokens, block) => block.forward(tokens), x);
  }

  pool(x: tf.Tensor): tf.Tensor {
    return token(x, 0);
  }

  forward(images: tf.Tensor): tf.Tensor {
    return this.head.forward(this.norm.forward(this.pool(this.run(this.embed(images)))));
  }
}

/** The embedding without its dropout. */
function undropped(this: Model, images: tf.Tensor): tf.Tensor {
  return this.withPositions(this.withClassToken(this.projection.forward(patchify(images, 4))));
}

/** `[B, T, D] → [B, D]` */
function token(x: tf.Tensor, index: number): tf.Tensor {
  const [batch, , width] = x.shape as [number, number, number];
  return tf.reshape(tf.slice(x, [0, index, 0], [batch, 1, width]), [batch, width]);
}

/** The solution with some methods replaced. */
function changed(methods: Partial<Model> & ThisType<Model>): new (options: ModelOptions) => Model {
  class Changed extends Model {}
  for (const [name, method] of Object.entries(methods)) {
    Object.defineProperty(Changed.prototype, name, { value: method });
  }
  return Changed;
}

const wrong: Record<string, [unknown, string[]]> = {
  "the unsolved stub": [
    class extends Module {
      constructor(_options: ModelOptions) {
        super();
        throw new Error("not solved yet");
      }
      forward = (x: tf.Tensor) => x;
    },
    ["is not written yet"],
  ],
  "no position for the class token": [
    changed({
      first(options, shape) {
        const size = shape[1] === 1 ? 1 : options.positions;
        return tf.variable(options.random.normal([1, size, options.width]));
      },
    }),
    ["`positions` has the wrong shape", "the class token needs a position of its own"],
  ],
  "the head on all tokens": [
    changed({ pool: (x) => x }),
    ["wrong shape", "the head was applied to all tokens"],
  ],
  "an axis too many": [
    changed({ pool: (x) => tf.slice(x, [0, 0, 0], [2, 1, 20]) }),
    ["the axis of tokens is still there"],
  ],
  "no head": [
    changed({
      forward(images) {
        return this.norm.forward(this.pool(this.run(this.embed(images))));
      },
    }),
    ["[2, 20]", "the head, the last Linear layer, is missing"],
  ],
  "no positions": [changed({ withPositions: (x) => x }), ["without adding the positions"]],
  "positions before the class token": [
    changed({
      embed(images) {
        const patches = this.projection.forward(patchify(images, 4));
        return this.dropout.forward(this.withClassToken(this.withPositions(patches)));
      },
    }),
    ["the positions are added before the class token is put in front"],
  ],
  "the class token last": [
    changed({
      withClassToken(x) {
        return tf.concat([x, tf.tile(this.classToken, [x.shape[0], 1, 1])], 1);
      },
      pool: (x) => token(x, x.shape[1]! - 1),
    }),
    ["with the class token after the patches; it goes in front"],
  ],
  "the class token last and not read": [
    changed({
      withClassToken(x) {
        return tf.concat([x, tf.tile(this.classToken, [x.shape[0], 1, 1])], 1);
      },
    }),
    ["after the patches, while the head reads the first token"],
  ],
  "the head on the last token": [
    changed({ pool: (x) => token(x, x.shape[1]! - 1) }),
    ["the head reads the last token"],
  ],
  "the head on the mean": [
    changed({ pool: (x) => tf.mean(x, 1) }),
    ["the head reads the mean of all tokens"],
  ],
  "no last norm": [
    changed({
      forward(images) {
        return this.head.forward(this.pool(this.run(this.embed(images))));
      },
    }),
    ["without the LayerNorm before the head"],
  ],
  "no blocks": [changed({ run: (x) => x }), ["without the blocks"]],
  "parallel blocks": [
    changed({
      run(x) {
        let y = x;
        for (const block of this.blocks) y = block.forward(x);
        return y;
      },
    }),
    ["each block gets the embedded tokens"],
  ],
  "a softmax": [
    changed({
      forward(images) {
        const tokens = this.run(this.embed(images));
        return tf.softmax(this.head.forward(this.norm.forward(this.pool(tokens))));
      },
    }),
    ["with a softmax at the end"],
  ],
  "two mistakes": [
    changed({ withPositions: (x) => x, pool: (x) => tf.mean(x, 1) }),
    ["without adding the positions", "and when the head reads the mean of all tokens"],
  ],
  "one block in every place": [
    class extends Model {
      constructor(options: ModelOptions) {
        super(options);
        this.blocks = Array(options.depth).fill(new TransformerBlock(options));
      }
    },
    ["are one and the same parameter", "Array(depth).fill"],
  ],
  "blocks in a set": [
    class extends Model {
      constructor(options: ModelOptions) {
        super(options);
        this.blocks = new Set(this.blocks) as never;
      }
    },
    ["these are missing", "`this.blocks` is a Set"],
  ],
  "a fixed depth": [
    class extends Model {
      constructor(options: ModelOptions) {
        super({ ...options, depth: 2 });
      }
    },
    ["`blocks` has 2 items, but should have 3"],
  ],
  "zeros at the start": [
    changed({ first: (_options, shape) => tf.variable(tf.zeros(shape)) }),
    ["the first values of `classToken` are all 0", "random.normal"],
  ],
  "uniform first values": [
    changed({
      first: ({ random }, shape) => tf.variable(random.uniform(shape, -1, 1)),
    }),
    ["the first values of `positions` are not normally distributed"],
  ],
  "first values from elsewhere": [
    changed({ first: (_options, shape) => tf.variable(tf.randomNormal(shape)) }),
    ["the first values of `classToken` differ between two modules made from the same seed"],
  ],
  "a fixed class token": [
    changed({ first: ({ random }, shape) => tf.variable(random.normal(shape), false) }),
    ["these are missing: a variable [1, 20]"],
  ],
  "no dropout after the embedding": [
    changed({
      embed(images) {
        const patches = this.projection.forward(patchify(images, 4));
        return this.withPositions(this.withClassToken(patches));
      },
    }),
    ["the dropout after the positions is missing"],
  ],
  "dropout after the last norm": [
    changed({
      embed: undropped,
      forward(images) {
        const pooled = this.norm.forward(this.pool(this.run(this.embed(images))));
        return this.head.forward(this.dropout.forward(pooled));
      },
    }),
    ["nothing is dropped from the tokens before the first block"],
  ],
  "dropout of the logits": [
    changed({
      embed: undropped,
      forward(images) {
        const pooled = this.norm.forward(this.pool(this.run(this.embed(images))));
        return this.dropout.forward(this.head.forward(pooled));
      },
    }),
    ["nothing is dropped from the tokens before the first block"],
  ],
  "dropout before the positions": [
    changed({
      embed(images) {
        const patches = this.projection.forward(patchify(images, 4));
        return this.withPositions(this.dropout.forward(this.withClassToken(patches)));
      },
    }),
    ["the dropout stands before the class token or the positions"],
  ],
  "positions far from zero": [
    class extends Model {
      constructor(options: ModelOptions) {
        super(options);
        this.positions = tf.variable(options.random.normal(this.positions.shape, 4.5));
      }
    },
    ["the first values of `positions` have mean 4", "they should lie about 0"],
  ],
  "a class token that is not trained": [
    class extends Model {
      constructor(options: ModelOptions) {
        super(options);
        this.classToken = tf.variable(options.random.normal(this.classToken.shape), false);
      }
    },
    ["`this.classToken` is a variable that is not trained", "without `false` behind"],
  ],
  "a fixed dropout rate of the embedding": [
    class extends Model {
      constructor(options: ModelOptions) {
        super(options);
        this.dropout = new Dropout(0.1, options);
      }
    },
    ["`dropout` drops 10 % of the values", "should drop 30 %, `dropout` of the options"],
  ],
  "a fixed dropout rate of the blocks": [
    class extends Model {
      constructor(options: ModelOptions) {
        super(options);
        this.blocks = this.blocks.map(() => new TransformerBlock({ ...options, dropout: 0.1 }));
      }
    },
    ["`blocks.0.mlp.hiddenDropout` drops 10 % of the values", "should drop 30 %"],
  ],
  "a fixed number of position slots": [
    changed({
      first({ positions, width, random }, shape) {
        const slots = positions > 60 ? 50 : shape[1];
        return tf.variable(random.normal([1, shape[1] === 1 ? 1 : slots, width]));
      },
    }),
    ["has 105,546 parameters in the sizes of the configuration, but should have 106,506"],
  ],
};

const sizes = {
  channels: 1,
  patchSize: 4,
  width: 64,
  mlpWidth: 128,
  heads: 4,
  depth: 3,
  classes: 10,
  positions: 64,
  dropout: 0.1,
};

Deno.test("checkVisionTransformer: accepts the solution and counts its parameters", async () => {
  const lines = await printed(() => checkVisionTransformer(Model, { points: 2, sizes }));
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0], "✔ Model");
  assertStringIncludes(lines[0], "106,506 parameters");
});

Deno.test("checkVisionTransformer: counts a wrong block once, in its own check", async () => {
  class WrongBlock extends TransformerBlock {
    override forward(x: tf.Tensor) {
      return this.mlp.forward(this.mlpNorm.forward(this.attention.forward(x)));
    }
  }
  class WithWrongBlocks extends Model {
    constructor(options: ModelOptions) {
      super(options);
      this.blocks = this.blocks.map(() => new WrongBlock(options));
    }
  }
  const [line] = await printed(() => checkVisionTransformer(WithWrongBlocks, { sizes }));
  assertStringIncludes(line, "in place of your AttentionBlock, which is wrong");
});

for (const [title, [learner, words]] of Object.entries(wrong)) {
  Deno.test(`checkVisionTransformer: names what is wrong with ${title}`, async () => {
    const error = await assertRejects(
      () => checkVisionTransformer(learner as never, { sizes }),
      CheckError,
    );
    assertStringIncludes(error.message, "✘ Model: ");
    for (const word of words) assertStringIncludes(error.message, word);
  });
}

Deno.test("checkVisionTransformer: leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  await printed(() => checkVisionTransformer(Model, { sizes }));
  await assertRejects(() => checkVisionTransformer(changed({ run: (x) => x })));
  assertEquals(tf.memory().numTensors, before);
});
