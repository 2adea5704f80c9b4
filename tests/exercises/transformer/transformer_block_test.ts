import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import {
  type BlockOptions,
  checkTransformerBlock,
} from "../../../lib/exercises/transformer/transformer_block.ts";
import { type AttentionOptions, MultiHeadAttention } from "../../../lib/nn/attention.ts";
import { mergeHeads } from "../../../lib/nn/functional.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Mlp } from "../../../lib/nn/mlp.ts";
import { Module } from "../../../lib/nn/module.ts";
import { LayerNorm } from "../../../lib/nn/normalization.ts";

import { printed } from "../printed.ts";

/** The solution, with parts and a forward that tests replace. */
class AttentionBlock extends Module {
  attentionNorm: LayerNorm;
  attention: Module;
  mlpNorm: LayerNorm;
  mlp: Module;

  constructor({ width, mlpWidth, heads, dropout, random }: BlockOptions) {
    super();
    this.attentionNorm = new LayerNorm(width);
    this.attention = this.makeAttention({ width, heads, random });
    this.mlpNorm = new LayerNorm(width);
    this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
  }

  makeAttention(options: AttentionOptions): Module {
    return new MultiHeadAttention(options);
  }

  forward(x: tf.Tensor): tf.Tensor {
    const attended = tf.add(x, this.attention.forward(this.attentionNorm.forward(x)));
    return tf.add(attended, this.mlp.forward(this.mlpNorm.forward(attended)));
  }
}

/** The solution with another forward. */
function forwarding(compute: (block: AttentionBlock, x: tf.Tensor) => tf.Tensor) {
  return class extends AttentionBlock {
    override forward(x: tf.Tensor): tf.Tensor {
      return compute(this, x);
    }
  };
}

/** An attention written by hand, each step of which a test can replace. */
class HandAttention extends Module {
  qkv: Linear;
  output: Linear;
  heads: number;
  constructor({ width, heads, random }: AttentionOptions) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  order(parts: tf.Tensor[]): tf.Tensor[] {
    return parts;
  }
  split(x: tf.Tensor): tf.Tensor {
    const [batch, tokens, width] = x.shape as [number, number, number];
    const split = tf.reshape(x, [batch, tokens, this.heads, width / this.heads]);
    return tf.transpose(split, [0, 2, 1, 3]);
  }
  scale(headWidth: number): number {
    return 1 / Math.sqrt(headWidth);
  }
  shares(scores: tf.Tensor): tf.Tensor {
    return tf.softmax(scores);
  }
  merge(x: tf.Tensor): tf.Tensor {
    return mergeHeads(x);
  }
  project(x: tf.Tensor): tf.Tensor {
    return this.output.forward(x);
  }
  forward(x: tf.Tensor): tf.Tensor {
    const [query, key, value] = this.order(tf.split(this.qkv.forward(x), 3, -1)).map((part) =>
      this.split(part)
    );
    const scores = tf.mul(tf.matMul(query, key, false, true), this.scale(query.shape.at(-1)!));
    return this.project(this.merge(tf.matMul(this.shares(scores), value)));
  }
}

/** The solution with an attention of which some steps are replaced. */
function attending(changes: Partial<HandAttention>) {
  return class extends AttentionBlock {
    override makeAttention(options: AttentionOptions): Module {
      return Object.assign(new HandAttention(options), changes);
    }
  };
}

function softmaxOver(axis: number): (scores: tf.Tensor) => tf.Tensor {
  return (scores) => {
    const exponentials = tf.exp(scores);
    return tf.div(exponentials, tf.sum(exponentials, axis, true));
  };
}

const wrong: Record<string, [unknown, string[]]> = {
  "the unsolved stub": [
    forwarding(() => {
      throw new Error("not solved yet");
    }),
    ["AttentionBlock.forward is not written yet"],
  ],
  "a class with wrong option names": [
    class extends AttentionBlock {
      constructor({ size, random }: BlockOptions & { size: number }) {
        super({ width: size, mlpWidth: 7, heads: 3, dropout: 0, random });
      }
    },
    ["new AttentionBlock({ width, mlpWidth, heads, dropout, random }) threw an error"],
  ],
  "one norm in two places": [
    class extends AttentionBlock {
      constructor(options: BlockOptions) {
        super(options);
        this.mlpNorm = this.attentionNorm;
      }
    },
    ["`attentionNorm.scale` and `mlpNorm.scale` are one and the same parameter"],
  ],
  "a plain array of layers in an object": [
    class extends Module {
      parts: Record<string, Module>;
      constructor({ width, mlpWidth, heads, random }: BlockOptions) {
        super();
        this.parts = {
          attentionNorm: new LayerNorm(width),
          attention: new MultiHeadAttention({ width, heads, random }),
          mlpNorm: new LayerNorm(width),
          mlp: new Mlp({ width, hiddenWidth: mlpWidth, random }),
        };
      }
      forward(x: tf.Tensor) {
        return x;
      }
    },
    ["has 0 parameter tensors", "(12 in all)", "`this.parts` is a plain object"],
  ],
  "post-LN": [
    forwarding((block, x) => {
      const attended = block.attentionNorm.forward(tf.add(x, block.attention.forward(x)));
      return block.mlpNorm.forward(tf.add(attended, block.mlp.forward(attended)));
    }),
    ["(post-LN)", "(pre-LN)"],
  ],
  "no first residual": [
    forwarding((block, x) => {
      const attended = block.attention.forward(block.attentionNorm.forward(x));
      return tf.add(attended, block.mlp.forward(block.mlpNorm.forward(attended)));
    }),
    ["without the first residual connection"],
  ],
  "no second residual": [
    forwarding((block, x) => {
      const attended = tf.add(x, block.attention.forward(block.attentionNorm.forward(x)));
      return block.mlp.forward(block.mlpNorm.forward(attended));
    }),
    ["without the second residual connection"],
  ],
  "no residuals": [
    forwarding((block, x) =>
      block.mlp.forward(
        block.mlpNorm.forward(block.attention.forward(block.attentionNorm.forward(x))),
      )
    ),
    ["without the two residual connections"],
  ],
  "no first norm": [
    forwarding((block, x) => {
      const attended = tf.add(x, block.attention.forward(x));
      return tf.add(attended, block.mlp.forward(block.mlpNorm.forward(attended)));
    }),
    ["without LayerNorm before the attention"],
  ],
  "residuals from the normalised input": [
    forwarding((block, x) => {
      x = block.attentionNorm.forward(x);
      x = tf.add(x, block.attention.forward(x));
      x = block.mlpNorm.forward(x);
      return tf.add(x, block.mlp.forward(x));
    }),
    ["both residuals add the normalised input"],
  ],
  "halves side by side": [
    forwarding((block, x) =>
      tf.add(
        tf.add(x, block.attention.forward(block.attentionNorm.forward(x))),
        block.mlp.forward(block.mlpNorm.forward(x)),
      )
    ),
    ["gets the block's input in place of the attention's result"],
  ],
  "norms exchanged": [
    forwarding((block, x) => {
      const attended = tf.add(x, block.attention.forward(block.mlpNorm.forward(x)));
      return tf.add(attended, block.mlp.forward(block.attentionNorm.forward(attended)));
    }),
    ["with the two LayerNorms exchanged"],
  ],
  "the second residual from the input": [
    forwarding((block, x) => {
      const attended = tf.add(x, block.attention.forward(block.attentionNorm.forward(x)));
      return tf.add(x, block.mlp.forward(block.mlpNorm.forward(attended)));
    }),
    ["the second residual adds the block's input"],
  ],
  "no attention": [
    forwarding((block, x) => tf.add(x, block.mlp.forward(block.mlpNorm.forward(x)))),
    ["without the attention half"],
  ],
  "two mistakes": [
    forwarding((block, x) => {
      const attended = block.attention.forward(x);
      return tf.add(attended, block.mlp.forward(block.mlpNorm.forward(attended)));
    }),
    ["without the first residual connection", "and without LayerNorm before the attention"],
  ],
  "a strange second half": [
    forwarding((block, x) => {
      const attended = tf.add(x, block.attention.forward(block.attentionNorm.forward(x)));
      return tf.add(attended, tf.sin(block.mlp.forward(block.mlpNorm.forward(attended))));
    }),
    ["wrong values", "The attention half is right; look at the second half"],
  ],
  "a strange first half": [
    forwarding((block, x) => {
      const attended = tf.add(x, tf.sin(block.attention.forward(block.attentionNorm.forward(x))));
      return tf.add(attended, block.mlp.forward(block.mlpNorm.forward(attended)));
    }),
    ["The feed-forward half is right; look at the first half"],
  ],
  "no scale": [attending({ scale: () => 1 }), ["without the scale"]],
  "a scale by the whole width": [
    attending({ scale: (headWidth) => 1 / Math.sqrt(3 * headWidth) }),
    ["divided by √D in place of √K"],
  ],
  "softmax over the queries": [
    attending({ shares: softmaxOver(2) }),
    ["over the wrong axis, the queries"],
  ],
  "softmax over the heads": [
    attending({ shares: softmaxOver(1) }),
    ["over the wrong axis, the heads"],
  ],
  "no softmax": [attending({ shares: (scores) => scores }), ["without the softmax"]],
  "heads mixed with tokens": [
    attending({ split: (x) => tf.reshape(x, [x.shape[0], 3, x.shape[1]!, 4]) }),
    ["with heads and tokens mixed"],
  ],
  "heads merged without transposing": [
    attending({ merge: (x) => tf.reshape(x, [x.shape[0], x.shape[2]!, 12]) }),
    ["without transposing [B, H, N, K]"],
  ],
  "heads mixed both ways": [
    attending({
      split: (x) => tf.reshape(x, [x.shape[0], 3, x.shape[1]!, 4]),
      merge: (x) => tf.reshape(x, [x.shape[0], x.shape[2]!, 12]),
    }),
    ["with heads and tokens mixed", "and with the heads' results reshaped"],
  ],
  "queries and keys exchanged": [
    attending({ order: ([query, key, value]) => [key, query, value] }),
    ["with queries and keys exchanged"],
  ],
  "no output projection": [
    attending({ project: (x) => x }),
    ["without the output projection"],
  ],
  "weights transposed": [
    attending({ shares: (scores) => tf.transpose(tf.softmax(scores), [0, 1, 3, 2]) }),
    ["attention weights transposed"],
  ],
  "one head": [
    class extends AttentionBlock {
      override makeAttention(options: AttentionOptions): Module {
        return new MultiHeadAttention({ ...options, heads: 1 });
      }
    },
    ["with one head of the whole width"],
  ],
  "dropout on the attention": [
    class extends AttentionBlock {
      override makeAttention(options: AttentionOptions): Module {
        return new MultiHeadAttention({ ...options, dropout: 0.5 });
      }
    },
    ["dropout acts outside the feed-forward part"],
  ],
  "no dropout": [
    class extends AttentionBlock {
      constructor(options: BlockOptions) {
        super({ ...options, dropout: 0 });
      }
    },
    ["dropout has no effect in training"],
  ],
};

Deno.test("checkTransformerBlock: accepts the solution", async () => {
  const lines = await printed(() => checkTransformerBlock(AttentionBlock, { points: 1 }));
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0], "✔ Attention block");
});

Deno.test("checkTransformerBlock: accepts an attention written by hand", async () => {
  assertEquals((await printed(() => checkTransformerBlock(attending({})))).length, 1);
});

Deno.test("checkTransformerBlock: accepts other names for the parts", async () => {
  class Renamed extends Module {
    norm1: LayerNorm;
    selfAttention: MultiHeadAttention;
    norm2: LayerNorm;
    feedForward: Mlp;
    constructor({ width, mlpWidth, heads, dropout, random }: BlockOptions) {
      super();
      this.norm1 = new LayerNorm(width);
      this.selfAttention = new MultiHeadAttention({ width, heads, random });
      this.norm2 = new LayerNorm(width);
      this.feedForward = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
    }
    forward(x: tf.Tensor) {
      x = tf.add(x, this.selfAttention.forward(this.norm1.forward(x)));
      return tf.add(x, this.feedForward.forward(this.norm2.forward(x)));
    }
  }
  assertEquals((await printed(() => checkTransformerBlock(Renamed))).length, 1);
});

Deno.test("checkTransformerBlock: counts a wrong feed-forward part once, in its own check", async () => {
  class WrongMlp extends Mlp {
    override forward(x: tf.Tensor) {
      return this.output.forward(tf.relu(this.hidden.forward(x)));
    }
  }
  class Block extends AttentionBlock {
    constructor(options: BlockOptions) {
      super(options);
      const { width, mlpWidth: hiddenWidth, dropout, random } = options;
      this.mlp = new WrongMlp({ width, hiddenWidth, dropout, random });
    }
  }
  const [line] = await printed(() => checkTransformerBlock(Block));
  assertStringIncludes(line, "✔ Attention block");
  assertStringIncludes(
    line,
    "with the library's part in place of your FeedForward, which is wrong",
  );
  const both = class extends Block {
    override forward(x: tf.Tensor) {
      return this.mlp.forward(this.mlpNorm.forward(x));
    }
  };
  const error = await assertRejects(() => checkTransformerBlock(both), CheckError);
  assertStringIncludes(error.message, "without the second residual connection");
});

for (const [title, [learner, words]] of Object.entries(wrong)) {
  Deno.test(`checkTransformerBlock: names what is wrong with ${title}`, async () => {
    const error = await assertRejects(() => checkTransformerBlock(learner as never), CheckError);
    assertStringIncludes(error.message, "✘ Attention block: ");
    for (const word of words) assertStringIncludes(error.message, word);
  });
}

Deno.test("checkTransformerBlock: leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  await printed(() => checkTransformerBlock(AttentionBlock));
  await assertRejects(() => checkTransformerBlock(forwarding((_block, x) => x)));
  assertEquals(tf.memory().numTensors, before);
});
