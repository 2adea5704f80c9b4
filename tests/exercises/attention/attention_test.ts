import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkAttention } from "../../../lib/exercises/attention/attention.ts";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import { type AttentionOptions, MultiHeadAttention } from "../../../lib/nn/attention.ts";
import { scaledDotProductAttention } from "../../../lib/nn/functional.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { Random } from "../../../lib/random.ts";
import { printed } from "../printed.ts";
import { fails, mistakes } from "../verdict.ts";

/** The solution, each step of which a test can replace. */
class Attention extends Module {
  heads: number;
  qkv: Linear;
  output: Linear;
  constructor({ width, heads, random }: AttentionOptions) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  split(part: tf.Tensor): tf.Tensor {
    const [batch, tokens, width] = part.shape as [number, number, number];
    const split = tf.reshape(part, [batch, tokens, this.heads, width / this.heads]);
    return tf.transpose(split, [0, 2, 1, 3]);
  }
  scale(headWidth: number): number {
    return 1 / Math.sqrt(headWidth);
  }
  softmax(scores: tf.Tensor): tf.Tensor {
    return tf.softmax(scores);
  }
  merge(results: tf.Tensor): tf.Tensor {
    const [batch, heads, tokens, headWidth] = results.shape as [number, number, number, number];
    return tf.reshape(tf.transpose(results, [0, 2, 1, 3]), [batch, tokens, heads * headWidth]);
  }
  finish(results: tf.Tensor): tf.Tensor {
    return this.output.forward(this.merge(results));
  }
  forward(x: tf.Tensor): tf.Tensor {
    const [query, key, value] = tf.split(this.qkv.forward(x), 3, -1).map((part) =>
      this.split(part)
    );
    const scores = tf.mul(tf.matMul(query, key, false, true), this.scale(query.shape.at(-1)!));
    return this.finish(tf.matMul(this.softmax(scores), value));
  }
}

const changed = (changes: Partial<Attention>) => (options: AttentionOptions) =>
  Object.assign(new Attention(options), changes);

function softmaxOver(axis: number): (scores: tf.Tensor) => tf.Tensor {
  return (scores) => tf.div(tf.exp(scores), tf.sum(tf.exp(scores), axis, true));
}

const wrong: Record<string, [(options: AttentionOptions) => Module, string[]]> = {
  "the unsolved stub": [
    changed({
      forward: () => {
        throw new Error("not solved yet");
      },
    }),
    ["is not written yet"],
  ],
  "no scale": [changed({ scale: () => 1 }), [
    "(with one head)",
    "without the scale",
  ]],
  "a scale that multiplies": [changed({ scale: Math.sqrt }), ["multiplied by √K"]],
  "the width's root": [
    // With one head K is D, so that this one shows with several only.
    (options) => changed({ scale: () => 1 / Math.sqrt(options.width) })(options),
    ["(with 3 heads)", "divided by √D in place of √K"],
  ],
  "softmax over the queries": [
    changed({ softmax: softmaxOver(2) }),
    ["(with one head)", "the softmax over the wrong axis, the queries"],
  ],
  "softmax over the heads": [changed({ softmax: softmaxOver(1) }), [
    "the softmax over the wrong axis, the heads",
  ]],
  "a transposed reshape": [
    (options) => {
      const attention = new Attention(options);
      attention.split = (part) => {
        const [batch, tokens, width] = part.shape as [number, number, number];
        return tf.reshape(part, [batch, attention.heads, tokens, width / attention.heads]);
      };
      return attention;
    },
    ["(with 3 heads)", "heads and tokens mixed"],
  ],
  "no transpose when the heads are merged": [
    (options) => {
      const attention = new Attention(options);
      attention.merge = (results) => {
        const [batch, heads, tokens, headWidth] = results.shape as number[];
        return tf.reshape(results, [batch, tokens, heads * headWidth]);
      };
      return attention;
    },
    ["(with 3 heads)", "without transposing"],
  ],
  "no output projection": [
    (options) => {
      const attention = new Attention(options);
      attention.finish = (results) => attention.merge(results);
      return attention;
    },
    ["without the output projection"],
  ],
  "a residual": [
    (options) => {
      const attention = new Attention(options);
      const forward = attention.forward;
      attention.forward = (x) => tf.add(x, forward(x));
      return attention;
    },
    ["a residual connection inside the attention"],
  ],
  "weights in place of values": [
    (options) => {
      const attention = new Attention(options);
      attention.forward = (x) => {
        const [query, key] = tf.split(attention.qkv.forward(x), 3, -1).map((part) =>
          attention.split(part)
        );
        return tf.softmax(tf.matMul(query, key, false, true));
      };
      return attention;
    },
    ["wrong shape", "they must still meet the values"],
  ],
};

Deno.test("checkAttention accepts the solution", async () => {
  const before = tf.memory().numTensors;
  const lines = await printed(() => checkAttention(Attention, { points: 3 }));
  assertEquals(lines, [
    "✔ Attention: values and gradients are right, for one head and for several (3 points)",
  ]);
  assertEquals(tf.memory().numTensors, before);
});

/** Attentions that let the library do the work, each in its own way. */
const readyMade: Record<string, [new (options: AttentionOptions) => Module, string]> = {
  "the library's class itself": [MultiHeadAttention, "is the library's MultiHeadAttention"],
  "a class that extends it": [
    class extends MultiHeadAttention {},
    "is the library's MultiHeadAttention",
  ],
  "the library's class in a field": [
    class extends Module {
      inner: MultiHeadAttention;
      constructor(options: AttentionOptions) {
        super();
        this.inner = new MultiHeadAttention(options);
      }
      forward(x: tf.Tensor): tf.Tensor {
        return this.inner.forward(x);
      }
    },
    "`inner` is the library's MultiHeadAttention",
  ],
  "the library's class that forward makes": [
    class extends Attention {
      override forward(x: tf.Tensor): tf.Tensor {
        const { heads, qkv, output } = this;
        const made = new MultiHeadAttention({ width: x.shape[2]!, heads, random: new Random(1) });
        return Object.assign(made, { qkv, output }).forward(x);
      }
    },
    "calls the library's `MultiHeadAttention`",
  ],
  "scaledDotProductAttention": [
    class extends Attention {
      override forward(x: tf.Tensor): tf.Tensor {
        const [query, key, value] = tf.split(this.qkv.forward(x), 3, -1).map((part) =>
          this.split(part)
        );
        return this.finish(scaledDotProductAttention(query, key, value));
      }
    },
    "calls the library's `scaledDotProductAttention`",
  ],
};

for (const [title, [attention, words]] of Object.entries(readyMade)) {
  Deno.test(`checkAttention gives nothing for ${title}`, async () => {
    await fails(() => checkAttention(attention), words, "no points here");
  });
}

mistakes("checkAttention explains", wrong, checkAttention);

Deno.test("checkAttention leaves the guard of disposed tensors in place", async () => {
  const freed = tf.tensor([1, 2]);
  freed.dispose();
  const use = () => tf.add(freed, 1);
  assertThrows(use, ReferenceError, "given a disposed tensor");
  await printed(() => checkAttention(Attention));
  assertThrows(use, ReferenceError, "given a disposed tensor");
  const freeing = changed({
    finish: (results) => {
      results.dispose();
      return tf.relu(results);
    },
  });
  const { message } = await assertRejects(() => checkAttention(freeing), CheckError);
  assertStringIncludes(message, "given a disposed tensor");
  assertStringIncludes(message, "a tensor is used after `dispose()`");
});
