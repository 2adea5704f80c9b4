import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  checkAttentionHead,
  checkMultiHeadAttention,
  type HeadOptions,
  type HeadsOptions,
} from "../../lib/exercises/attention_heads.ts";
import { CheckError } from "../../lib/exercises/check.ts";
import { checkEmbedding, type EmbeddingOptions } from "../../lib/exercises/embedding.ts";
import {
  checkPositionEncoding,
  checkSinusoidalPositions,
  type PositionOptions,
} from "../../lib/exercises/positions.ts";
import { patchify, sinusoidalPositions } from "../../lib/nn/functional.ts";
import { buffer } from "../../lib/nn/initialization.ts";
import { Linear } from "../../lib/nn/linear.ts";
import { Module } from "../../lib/nn/module.ts";
import { printed } from "./printed.ts";

/** Calls a check that must fail, and looks for words in its message. */
async function fails(check: () => Promise<void>, ...words: string[]): Promise<void> {
  const error = await assertRejects(check, CheckError);
  for (const each of words) assertStringIncludes(error.message, each);
}

/** Calls a check that must pass, without leaving a tensor behind. */
async function passes(check: () => Promise<void>): Promise<string> {
  const before = tf.memory().numTensors;
  const [line] = await printed(check);
  assertEquals(tf.memory().numTensors, before);
  return line;
}

/** A table of positions from the angle and the feature's number. */
function tableOf(value: (position: number, feature: number, width: number) => number) {
  return (positions: number, width: number) =>
    tf.tensor2d(
      Array.from({ length: positions }, (_, position) =>
        Array.from({ length: width }, (_, feature) =>
          value(position, feature, width))),
    );
}

const even = (feature: number) => feature - feature % 2;
const angle = (position: number, feature: number, width: number) =>
  position / 10_000 ** (even(feature) / width);

Deno.test("checkSinusoidalPositions: accepts a table made by tensors", async () => {
  await passes(() =>
    checkSinusoidalPositions((positions, width) => {
      const frequencies = tf.exp(tf.mul(tf.range(0, width, 2), -Math.log(10_000) / width));
      const angles = tf.mul(tf.expandDims(tf.range(0, positions), 1), frequencies);
      return tf.reshape(tf.stack([tf.sin(angles), tf.cos(angles)], 2), [positions, width]);
    }, { points: 2 })
  );
});

const wrongTables: Record<string, [(positions: number, width: number) => tf.Tensor, string]> = {
  "sine and cosine exchanged": [
    tableOf((p, f, d) => f % 2 === 0 ? Math.cos(angle(p, f, d)) : Math.sin(angle(p, f, d))),
    "with sine and cosine exchanged",
  ],
  "halves": [
    (positions, width) => {
      const frequencies = tf.exp(tf.mul(tf.range(0, width, 2), -Math.log(10_000) / width));
      const angles = tf.mul(tf.expandDims(tf.range(0, positions), 1), frequencies);
      return tf.concat([tf.sin(angles), tf.cos(angles)], 1);
    },
    "with all sines in the first half",
  ],
  "an exponent of its own": [
    tableOf((p, f, d) => (f % 2 === 0 ? Math.sin : Math.cos)(p / 10_000 ** (f / d))),
    "an exponent of its own",
  ],
  "half the exponent": [
    tableOf((p, f, d) => (f % 2 === 0 ? Math.sin : Math.cos)(p / 10_000 ** (even(f) / 2 / d))),
    "i / D in place of 2i / D",
  ],
  "positions from 1": [
    tableOf((p, f, d) => (f % 2 === 0 ? Math.sin : Math.cos)(angle(p + 1, f, d))),
    "count from 1",
  ],
  "only sines": [tableOf((p, f, d) => Math.sin(angle(p, f, d))), "with sines in all features"],
  "rows and columns exchanged": [
    (positions, width) => tf.transpose(sinusoidalPositions(positions, width)),
    "rows and columns are exchanged",
  ],
};

for (const [title, [table, words]] of Object.entries(wrongTables)) {
  Deno.test(`checkSinusoidalPositions: names what is wrong with ${title}`, async () => {
    await fails(() => checkSinusoidalPositions(table), words);
  });
}

/** A module that adds positions by a function of the tokens and its table. */
function encoding(
  add: (x: tf.Tensor, table: tf.Tensor2D) => tf.Tensor,
  make: (table: () => tf.Tensor) => tf.Tensor = (table) => buffer(table),
) {
  return class PositionEncoding extends Module {
    positions: tf.Tensor;
    constructor({ slots, width }: PositionOptions) {
      super();
      this.positions = make(() => sinusoidalPositions(slots, width));
    }
    forward(x: tf.Tensor) {
      return add(x, this.positions as tf.Tensor2D);
    }
  };
}

const firstRows = (x: tf.Tensor, table: tf.Tensor2D) => tf.slice(table, [0, 0], [x.shape[1]!, -1]);
const adding = (x: tf.Tensor, table: tf.Tensor2D) => tf.add(x, firstRows(x, table));

Deno.test("checkPositionEncoding: accepts a buffer and a plain tensor", async () => {
  await passes(() => checkPositionEncoding(encoding(adding), { points: 1 }));
  await passes(() => checkPositionEncoding(encoding(adding, (table) => table())));
});

Deno.test("checkPositionEncoding: names what is wrong", async () => {
  const check = (...parts: Parameters<typeof encoding>) => () =>
    checkPositionEncoding(encoding(...parts));
  await fails(check((x, table) => tf.add(x, table)), "the whole table is added");
  await fails(
    check((x, table) => {
      const rows = tf.add(tf.zeros([x.shape[0], 1, 1]), firstRows(x, table));
      return tf.concat([x, rows], 2);
    }),
    "put beside the features",
  );
  await fails(
    check((x, table) => {
      const [slots, tokens] = [table.shape[0], x.shape[1]!];
      return tf.add(x, tf.slice(table, [slots - tokens, 0], [tokens, -1]));
    }),
    "with the last T rows",
  );
  await fails(
    check((x, table) => tf.add(x, tf.slice(table, [0, 0], [1, -1]))),
    "when every token gets the first row",
  );
  await fails(check((x) => tf.add(x, 0)), "when nothing is added");
  await fails(check(adding, (table) => tf.variable(table())), "`buffer(() => …)`");
});

interface EmbeddingSteps {
  token?: boolean;
  slots?: number;
  join?: (token: tf.Tensor, patches: tf.Tensor, positions: tf.Tensor2D) => tf.Tensor;
}

/** The embedding, with steps that tests replace. */
function embedding({ token = true, slots: more = 1, join }: EmbeddingSteps = {}) {
  return class Embedding extends Module {
    patchSize: number;
    projection: Linear;
    classToken: tf.Variable | undefined;
    positions: tf.Variable;
    constructor({ patchSize, channels, width, slots, random }: EmbeddingOptions) {
      super();
      this.patchSize = patchSize;
      this.projection = new Linear(patchSize * patchSize * channels, width, { random });
      if (token) this.classToken = tf.variable(random.normal([1, 1, width]));
      this.positions = buffer(() => sinusoidalPositions(slots + more, width));
    }
    forward(images: tf.Tensor) {
      const patches = this.projection.forward(patchify(images, this.patchSize));
      const [batch, , width] = patches.shape as [number, number, number];
      const tokens = tf.mul(tf.ones([batch, 1, 1]), this.classToken ?? tf.zeros([1, 1, width]));
      if (join) return join(tokens, patches, this.positions as tf.Variable<tf.Rank.R2>);
      return adding(tf.concat([tokens, patches], 1), this.positions as tf.Variable<tf.Rank.R2>);
    }
  };
}

Deno.test("checkEmbedding: accepts the solution", async () => {
  await passes(() => checkEmbedding(embedding()));
});

Deno.test("checkEmbedding: names what is wrong", async () => {
  const check = (steps: EmbeddingSteps) => () => checkEmbedding(embedding(steps));
  await fails(check({ token: false }), "these are missing: classToken.token", "is learned");
  await fails(
    check({ join: (_token, patches, table) => adding(patches, table) }),
    "token is missing",
  );
  await fails(
    check({ join: (token, patches, table) => tf.concat([token, adding(patches, table)], 1) }),
    "positions are added before the class token",
  );
  await fails(
    check({ join: (token, patches, table) => adding(tf.concat([patches, token], 1), table) }),
    "class token after the patches",
  );
  await fails(
    check({ join: (token, patches) => tf.concat([token, patches], 1) }),
    "without the positions",
  );
});

interface HeadSteps {
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
    const parts = [this.query, this.key, this.value].map((part) => part.forward(x));
    const [query, key, value] = order(parts);
    const scores = tf.div(
      tf.matMul(query, key, false, true),
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
  "no scale": [{ divisor: () => 1 }, "without dividing the scores by √K"],
  "a scale by the whole width": [{ divisor: (_k, d) => Math.sqrt(d) }, "by √D in place of √K"],
  "a scale without root": [{ divisor: (k) => k }, "by K in place of √K"],
  "softmax over the queries": [{ shares: softmaxOver(1) }, "over the queries (axis −2)"],
  "softmax over the batch": [{ shares: softmaxOver(0) }, "over the batch (axis 0)"],
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
    "without dividing the scores by √K, and with the softmax over the queries",
  ],
  "no bias": [{ bias: false }, "have a bias here"],
};

for (const [title, [steps, words]] of Object.entries(wrongHeads)) {
  Deno.test(`checkAttentionHead: names what is wrong with ${title}`, async () => {
    await fails(() => checkAttentionHead(withSteps(steps)), words);
  });
}

interface JoinSteps {
  join?: (results: tf.Tensor[], output: Linear) => tf.Tensor;
  head?: HeadSteps;
  headWidth?: (width: number, heads: number) => number;
}

/** Multi-head attention, with steps that tests replace. */
function multiHead({ join, head = {}, headWidth = (width, heads) => width / heads }: JoinSteps) {
  return class MultiHeadAttention extends Module {
    heads: Head[];
    output: Linear;
    constructor({ width, heads, random }: HeadsOptions) {
      super();
      const own = headWidth(width, heads);
      this.heads = Array.from(
        { length: heads },
        () => new Head({ width, headWidth: own, random }, head),
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
    "the heads' results were added",
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

for (const [title, [steps, words]] of Object.entries(wrongJoins)) {
  Deno.test(`checkMultiHeadAttention: names what is wrong with ${title}`, async () => {
    await fails(() => checkMultiHeadAttention(multiHead(steps)), words);
  });
}
