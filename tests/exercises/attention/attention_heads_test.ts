import { assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  checkAttentionHead,
  checkMultiHeadAttention,
  type HeadOptions,
  type HeadsOptions,
} from "../../../lib/exercises/attention/attention_heads.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { mistakes, passes } from "../verdict.ts";

interface HeadSteps {
  products?: (query: tf.Tensor, key: tf.Tensor) => tf.Tensor;
  order?: (parts: tf.Tensor[]) => tf.Tensor[];
  divisor?: (headWidth: number, width: number) => number;
  shares?: (scores: tf.Tensor) => tf.Tensor;
  bias?: boolean;
}

function softmaxOver(axis: number) {
  return (scores: tf.Tensor) => {
    const exponentials = tf.exp(scores);
    return tf.div(exponentials, tf.sum(exponentials, axis, true));
  };
}

/** A head, with steps that tests replace. */
class Head extends Module {
  query: Linear;
  key: Linear;
  value: Linear;
  readonly steps: () => HeadSteps;
  constructor({ width, headWidth, random }: HeadOptions, steps: HeadSteps = {}) {
    super();
    const options = { bias: steps.bias ?? true, random };
    this.query = new Linear(width, headWidth, options);
    this.key = new Linear(width, headWidth, options);
    this.value = new Linear(width, headWidth, options);
    this.steps = () => steps;
  }
  forward(x: tf.Tensor) {
    const { order = (parts) => parts, divisor = Math.sqrt, shares = tf.softmax } = this.steps();
    const { products = (query, key) => tf.matMul(query, key, false, true) } = this.steps();
    const parts = [this.query, this.key, this.value].map((part) => part.forward(x));
    const [query, key, value] = order(parts);
    const scores = tf.div(
      products(query, key),
      divisor(query.shape.at(-1)!, x.shape.at(-1)!),
    );
    return tf.matMul(shares(scores), value);
  }
}

const withSteps = (steps: HeadSteps) =>
  class AttentionHead extends Head {
    constructor(options: HeadOptions) {
      super(options, steps);
    }
  };

Deno.test("checkAttentionHead: accepts the solution", async () => {
  await passes(() => checkAttentionHead(withSteps({}), { points: 2 }));
});

const wrongHeads: Record<string, [HeadSteps, string]> = {
  "no scale": [{ divisor: () => 1 }, "without the scale"],
  "a scale by the whole width": [{ divisor: (_k, d) => Math.sqrt(d) }, "by √D in place of √K"],
  "a scale without root": [{ divisor: (k) => k }, "by K in place of √K"],
  "softmax over the queries": [{ shares: softmaxOver(1) }, "the wrong axis, the queries"],
  "softmax over the batch": [{ shares: softmaxOver(0) }, "the wrong axis, the images"],
  "no softmax": [{ shares: (scores) => scores }, "without the softmax"],
  "queries and keys exchanged": [
    { order: ([query, key, value]) => [key, query, value] },
    "with queries and keys exchanged",
  ],
  "keys and values exchanged": [
    { order: ([query, key, value]) => [query, value, key] },
    "with keys and values exchanged",
  ],
  "weights transposed": [
    { shares: (scores) => tf.transpose(tf.softmax(scores), [0, 2, 1]) },
    "attention weights transposed",
  ],
  "two mistakes": [
    { divisor: () => 1, shares: softmaxOver(1) },
    "(K being the width of a head), and with the softmax over the wrong axis, the queries",
  ],
  "a fixed scale": [{ divisor: () => 2 }, "a size is fixed in the code"],
  "a softmax of TensorFlow over the queries": [
    { shares: (scores) => tf.softmax(scores, 1) },
    "a softmax over the wrong axis",
  ],
  "a division by an operator": [
    { shares: (scores) => tf.softmax((scores as unknown as number) / 2 as unknown as tf.Tensor) },
    "Write `tf.div(a, b)`",
  ],
  "keys that are not transposed": [
    { products: (query, key) => tf.matMul(query, key) },
    "`tf.matMul(a, b, false, true)`",
  ],
  "keys that are transposed with the batch": [
    { products: (query, key) => tf.matMul(query, tf.transpose(key)) },
    "`tf.transpose(x)` without axes",
  ],
  "no bias": [{ bias: false }, "have a bias here"],
};

mistakes(
  "checkAttentionHead: names what is wrong with",
  wrongHeads,
  (steps) => checkAttentionHead(withSteps(steps)),
);

interface JoinSteps {
  join?: (results: tf.Tensor[], output: Linear) => tf.Tensor;
  head?: HeadSteps;
  headWidth?: (width: number, heads: number) => number;
}

/** Multi-head attention, with steps that tests replace. */
function multiHead({ join, head = {}, headWidth = (width, heads) => width / heads }: JoinSteps) {
  const OwnHead = withSteps(head);
  return class MultiHeadAttention extends Module {
    heads: Head[];
    output: Linear;
    constructor({ width, heads, random }: HeadsOptions) {
      super();
      const own = headWidth(width, heads);
      this.heads = Array.from(
        { length: heads },
        () => new OwnHead({ width, headWidth: own, random }),
      );
      this.output = new Linear(width, width, { random });
    }
    forward(x: tf.Tensor) {
      const results = this.heads.map((each) => each.forward(x));
      return join?.(results, this.output) ?? this.output.forward(tf.concat(results, -1));
    }
  };
}

Deno.test("checkMultiHeadAttention: accepts the solution", async () => {
  const line = await passes(() => checkMultiHeadAttention(multiHead({}), { points: 2 }));
  assertEquals(line, "✔ Multi-head attention: values and gradients are right (2 points)");
});

Deno.test("checkMultiHeadAttention: counts a wrong head once", async () => {
  const line = await passes(() =>
    checkMultiHeadAttention(multiHead({ head: { divisor: () => 1 } }), { points: 2 })
  );
  assertStringIncludes(line, "in place of your AttentionHead, which is wrong");
});

const wrongJoins: Record<string, [JoinSteps, string]> = {
  "a sum of the heads": [
    { join: (results, output) => output.forward(tf.addN(results)) },
    "stands where `tf.concat` belongs",
  ],
  "a concatenation of tokens": [
    { join: (results, output) => output.forward(tf.concat(results, 1)) },
    "concatenated along the wrong axis",
  ],
  "no output projection": [
    { join: (results) => tf.concat(results, -1) },
    "without the output projection",
  ],
  "features in turns": [
    { join: (results, output) => output.forward(tf.reshape(tf.stack(results, 3), [2, 5, 12])) },
    "the features of the heads take turns",
  ],
  "a reshape of stacked heads": [
    { join: (results, output) => output.forward(tf.reshape(tf.stack(results, 1), [2, 5, 12])) },
    "heads and tokens are mixed by a reshape",
  ],
  "heads in reverse": [
    { join: (results, output) => output.forward(tf.concat(results.reverse(), -1)) },
    "with the heads in reverse order",
  ],
  "heads of the whole width": [{ headWidth: (width) => width }, "each head has the whole width D"],
};

mistakes(
  "checkMultiHeadAttention: names what is wrong with",
  wrongJoins,
  (steps) => checkMultiHeadAttention(multiHead(steps)),
);
