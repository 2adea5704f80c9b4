import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  checkSelfAttention2d,
  checkSelfAttentionConstructor,
  type GridAttentionOptions,
} from "../../../lib/exercises/grid/self_attention.ts";
import { selfAttentionMistakes } from "../../../lib/exercises/grid/self_attention_mistakes.ts";
import { pyTorchValues } from "../../../lib/exercises/grid/self_attention_values.ts";
import { MultiHeadAttention } from "../../../lib/nn/attention.ts";
import { ConcatenatedHeads } from "../../../lib/nn/attention_head.ts";
import {
  attentionWeights,
  mergeHeads,
  scaledDotProductAttention,
  splitHeads,
} from "../../../lib/nn/functional.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { SelfAttention2d as LibraryAttention } from "../../../lib/nn/self_attention_2d.ts";
import { Random } from "../../../lib/random.ts";
import { fails, mistakes, passes } from "../verdict.ts";

/** The solution in the notebook's own form, each step of which a test can replace. */
class SelfAttention2d extends Module {
  heads: number;
  qkv: Linear;
  output: Linear;
  constructor({ width, heads, random }: GridAttentionOptions) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  flatten(x: tf.Tensor): tf.Tensor {
    const [batch, height, width, features] = x.shape as [number, number, number, number];
    return tf.reshape(x, [batch, height * width, features]);
  }
  parts(joined: tf.Tensor): tf.Tensor[] {
    return tf.split(joined, 3, -1).map((part) => this.split(part));
  }
  split(part: tf.Tensor): tf.Tensor {
    const [batch, tokens, width] = part.shape as [number, number, number];
    const split = tf.reshape(part, [batch, tokens, this.heads, width / this.heads]);
    return tf.transpose(split, [0, 2, 1, 3]);
  }
  order(parts: tf.Tensor[]): tf.Tensor[] {
    return parts;
  }
  products(query: tf.Tensor, key: tf.Tensor): tf.Tensor {
    return tf.matMul(query, key, false, true);
  }
  divisor(headWidth: number, _width: number): number {
    return Math.sqrt(headWidth);
  }
  softmax(scores: tf.Tensor): tf.Tensor {
    return tf.softmax(scores);
  }
  merge(results: tf.Tensor): tf.Tensor {
    const [batch, heads, tokens, headWidth] = results.shape as [number, number, number, number];
    return tf.reshape(tf.transpose(results, [0, 2, 1, 3]), [batch, tokens, heads * headWidth]);
  }
  project(joined: tf.Tensor): tf.Tensor {
    return this.output.forward(joined);
  }
  back(tokens: tf.Tensor, x: tf.Tensor): tf.Tensor {
    return tf.reshape(tokens, x.shape);
  }
  forward(x: tf.Tensor): tf.Tensor {
    const [query, key, value] = this.order(this.parts(this.qkv.forward(this.flatten(x))));
    const divisor = this.divisor(query.shape[3]!, x.shape[3]!);
    const weights = this.softmax(tf.div(this.products(query, key), divisor));
    return this.back(this.project(this.merge(tf.matMul(weights, value))), x);
  }
}

/** The solution with some steps replaced. */
const changed = (changes: Partial<SelfAttention2d> & ThisType<SelfAttention2d>) =>
  class extends SelfAttention2d {
    constructor(options: GridAttentionOptions) {
      super(options);
      for (const [name, step] of Object.entries(changes)) {
        Object.defineProperty(this, name, { value: step, enumerable: false });
      }
    }
  };

function softmaxOver(axis: number) {
  return (scores: tf.Tensor) => {
    const exponentials = tf.exp(scores);
    return tf.div(exponentials, tf.sum(exponentials, axis, true));
  };
}

const explained =
  "with the same weights the library and PyTorch give the same; gradients are right";

Deno.test("checkSelfAttentionConstructor and checkSelfAttention2d accept the solution", async () => {
  assertEquals(
    await passes(() => checkSelfAttentionConstructor(SelfAttention2d, { points: 1 })),
    "✔ Constructor of SelfAttention2d: its layers have the right sizes (1 point)",
  );
  assertEquals(
    await passes(() => checkSelfAttention2d(SelfAttention2d, { heads: "one", points: 3 })),
    `✔ One head: ${explained} (3 points)`,
  );
  assertEquals(
    await passes(() => checkSelfAttention2d(SelfAttention2d, { heads: "several", points: 2 })),
    `✔ Several heads: ${explained} (2 points)`,
  );
});

Deno.test("checkSelfAttention2d accepts one head without an axis of heads, which is no several", async () => {
  class OneHead extends SelfAttention2d {
    override forward(x: tf.Tensor): tf.Tensor {
      const [query, key, value] = tf.split(this.qkv.forward(this.flatten(x)), 3, -1);
      const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(x.shape[3]!));
      const mixed = tf.matMul(tf.softmax(scores as tf.Tensor), value);
      return tf.reshape(this.output.forward(mixed), x.shape);
    }
  }
  await passes(() => checkSelfAttention2d(OneHead, { heads: "one" }));
  await fails(
    () => checkSelfAttention2d(OneHead, { heads: "several" }),
    "with one head of the whole width",
  );
});

const wrong: Record<string, [Partial<SelfAttention2d> & ThisType<SelfAttention2d>, string]> = {
  "no scale": [{ divisor: () => 1 }, selfAttentionMistakes.noScale],
  "a scale without root": [{ divisor: (k) => k }, selfAttentionMistakes.scaleWithoutRoot],
  "a scale that multiplies": [{ divisor: (k) => 1 / Math.sqrt(k) }, "multiplied by √K"],
  "a softmax over the queries": [{ softmax: softmaxOver(2) }, "the wrong axis, the queries"],
  "a softmax over the images": [{ softmax: softmaxOver(0) }, "the wrong axis, the images"],
  "no softmax": [{ softmax: (scores) => scores }, "without the softmax"],
  "a reshape for a transposition of the keys": [
    {
      products: (query, key) =>
        tf.matMul(query, tf.reshape(key, [...key.shape.slice(0, 2), key.shape[3]!, key.shape[2]!])),
    },
    "when Kᵀ is made by a reshape",
  ],
  "queries and keys exchanged": [
    { order: ([query, key, value]) => [key, query, value] },
    "with queries and keys exchanged",
  ],
  "keys and values exchanged": [
    { order: ([query, key, value]) => [query, value, key] },
    "with keys and values exchanged",
  ],
  "weights transposed": [
    { softmax: (scores) => tf.transpose(tf.softmax(scores), [0, 1, 3, 2]) },
    "attention weights transposed",
  ],
  "no output projection": [{ project: (joined) => joined }, "without the output projection"],
  "a residual": [
    { back: (tokens, x) => tf.add(x, tf.reshape(tokens, x.shape)) },
    "a residual connection inside the attention",
  ],
  "a transposed grid": [
    {
      flatten: (x) => tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [x.shape[0], -1, x.shape[3]!]),
    },
    "a transposed reshape of the grid",
  ],
  "attention across images": [
    { flatten: (x) => tf.reshape(x, [1, -1, x.shape[3]!]) },
    "attend to those of other images",
  ],
  "attention along rows": [
    { flatten: (x) => tf.reshape(x, [-1, x.shape[2]!, x.shape[3]!]) },
    "attend to their own row",
  ],
  "two mistakes": [
    { divisor: () => 1, softmax: softmaxOver(2) },
    `${selfAttentionMistakes.noScale}, and ${selfAttentionMistakes.softmaxOverQueries}`,
  ],
  "tokens left in a row": [{ back: (tokens) => tokens }, "go back to their places in the grid"],
  "height and width exchanged": [
    {
      back: (tokens, x) => tf.reshape(tokens, [x.shape[0], x.shape[2]!, x.shape[1]!, x.shape[3]!]),
    },
    "height and width are exchanged",
  ],
  "tf.softmax over another axis": [
    { softmax: (scores) => tf.softmax(scores, 1) },
    "a softmax over the wrong axis",
  ],
};

for (const heads of ["one", "several"] as const) {
  for (const [title, [changes, words]] of Object.entries(wrong)) {
    Deno.test(`checkSelfAttention2d names ${title} (${heads})`, async () => {
      await fails(() => checkSelfAttention2d(changed(changes), { heads }), words);
    });
  }
}

const slips: Record<string, [Partial<SelfAttention2d> & ThisType<SelfAttention2d>, string]> = {
  "a number divided off with /": [
    { softmax: (scores) => tf.softmax(((scores as unknown as number) / 2) as never) },
    "Write `tf.div(a, b)`",
  ],
  "values that leave TensorFlow": [
    {
      softmax: (scores) => tf.tensor(tf.softmax(scores).dataSync(), scores.shape),
    },
    "Stay with tensors from input to output",
  ],
};

mistakes(
  "checkSelfAttention2d explains",
  slips,
  (changes) => checkSelfAttention2d(changed(changes), { heads: "one" }),
);

const wrongWithSeveral: typeof wrong = {
  "the width's root": [{ divisor: (_, width) => Math.sqrt(width) }, "by √D in place of √K"],
  "the scale after the softmax": [
    { divisor: () => 1, softmax: (scores) => tf.div(tf.softmax(scores), Math.sqrt(6)) },
    "when √K divides the weights after the softmax",
  ],
  "a softmax over the heads": [{ softmax: softmaxOver(1) }, "the wrong axis, the heads"],
  "heads mixed with tokens": [
    {
      split(part) {
        const [batch, tokens, width] = part.shape as [number, number, number];
        return tf.reshape(part, [batch, this.heads, tokens, width / this.heads]);
      },
    },
    "with heads mixed with tokens: [B, N, D] was reshaped",
  ],
  "heads mixed with tokens at the end": [
    {
      merge: (results) => {
        const [batch, heads, tokens, headWidth] = results.shape as number[];
        return tf.reshape(results, [batch, tokens, heads * headWidth]);
      },
    },
    "with heads mixed with tokens at the end",
  ],
  "a transposed reshape of the features": [
    {
      split(part) {
        const [batch, tokens, width] = part.shape as [number, number, number];
        const split = tf.reshape(part, [batch, tokens, width / this.heads, this.heads]);
        return tf.transpose(split, [0, 3, 1, 2]);
      },
      merge: (results) =>
        tf.reshape(tf.transpose(results, [0, 2, 3, 1]), [
          results.shape[0],
          results.shape[2]!,
          results.shape[1]! * results.shape[3]!,
        ]),
    },
    "the heads take the features in turns: D was reshaped to [K, H]",
  ],
  "parts taken out of the heads": [
    {
      parts(joined) {
        const [batch, tokens, width] = joined.shape as [number, number, number];
        const split = tf.reshape(joined, [batch, tokens, this.heads, width / this.heads]);
        return tf.split(tf.transpose(split, [0, 2, 1, 3]), 3, -1);
      },
    },
    "out of each head's slice",
  ],
};

for (const [title, [changes, words]] of Object.entries(wrongWithSeveral)) {
  Deno.test(`checkSelfAttention2d names ${title} (several)`, async () => {
    await fails(() => checkSelfAttention2d(changed(changes), { heads: "several" }), words);
  });
}

/** Attentions that let the library do the work, each in its own way. */
const readyMade: Record<string, [new (options: GridAttentionOptions) => Module, string]> = {
  "the library's class itself": [LibraryAttention, "SelfAttention2d is the library's"],
  "a class that extends it": [
    class extends LibraryAttention {},
    "is the library's SelfAttention2d",
  ],
  "a MultiHeadAttention in a field": [
    class extends Module {
      inner: MultiHeadAttention;
      constructor(options: GridAttentionOptions) {
        super();
        this.inner = new MultiHeadAttention(options);
      }
      forward(x: tf.Tensor): tf.Tensor {
        const [batch, height, width, features] = x.shape as [number, number, number, number];
        const tokens = tf.reshape(x, [batch, height * width, features]);
        return tf.reshape(this.inner.forward(tokens), x.shape);
      }
    },
    "`inner` is the library's MultiHeadAttention",
  ],
  "a hidden MultiHeadAttention": [
    class extends SelfAttention2d {
      #inner: MultiHeadAttention;
      constructor(options: GridAttentionOptions) {
        super(options);
        this.#inner = new MultiHeadAttention(options);
      }
      override forward(x: tf.Tensor): tf.Tensor {
        Object.assign(this.#inner, { qkv: this.qkv, output: this.output });
        return this.back(this.#inner.forward(this.flatten(x)), x);
      }
    },
    "calls the library's `MultiHeadAttention`",
  ],
  "a MultiHeadAttention that refuses the grid": [
    class extends SelfAttention2d {
      override forward(x: tf.Tensor): tf.Tensor {
        const random = new Random(1);
        return new MultiHeadAttention({ width: x.shape[3]!, heads: this.heads, random }).forward(x);
      }
    },
    "calls the library's `MultiHeadAttention`",
  ],
  "scaledDotProductAttention": [
    class extends SelfAttention2d {
      override forward(x: tf.Tensor): tf.Tensor {
        const [query, key, value] = this.parts(this.qkv.forward(this.flatten(x)));
        const mixed = scaledDotProductAttention(query, key, value);
        return this.back(this.output.forward(this.merge(mixed)), x);
      }
    },
    "calls the library's `scaledDotProductAttention`",
  ],
  "attentionWeights in a helper": [
    changed({ softmax: (scores) => attentionWeights(scores, scores) }),
    "calls the library's `attentionWeights`",
  ],
  "splitHeads": [
    changed({
      split(part) {
        return splitHeads(part, this.heads)[0];
      },
    }),
    "calls the library's `splitHeads`",
  ],
  "mergeHeads": [changed({ merge: mergeHeads }), "calls the library's `mergeHeads`"],
};

for (const [title, [attention, words]] of Object.entries(readyMade)) {
  Deno.test(`checkSelfAttention2d gives nothing for ${title}`, async () => {
    const before = tf.engine().runKernel;
    for (const heads of ["one", "several"] as const) {
      await fails(() => checkSelfAttention2d(attention, { heads }), words, "no points here");
    }
    assert(tf.engine().runKernel === before, "the operations are left as they were");
  });
}

Deno.test("checkSelfAttentionConstructor refuses a ready-made attention", async () => {
  const concatenated = (options: GridAttentionOptions) => new ConcatenatedHeads(options);
  await fails(() => checkSelfAttentionConstructor(LibraryAttention), "no points here");
  await fails(
    () => checkSelfAttentionConstructor(concatenated),
    "ConcatenatedHeads",
    "no points here",
  );
});

const wrongConstructors: Record<string, [(options: GridAttentionOptions) => Module, string]> = {
  "the unsolved stub": [
    () => {
      throw new Error("Not solved yet: write your code");
    },
    "is not written yet",
  ],
  "queries alone": [
    ({ width, heads, random }) =>
      Object.assign(new SelfAttention2d({ width, heads, random }), {
        qkv: new Linear(width, width, { random }),
      }),
    "queries, keys and values of every head at once",
  ],
  "a forgotten number of heads": [
    (options) => Object.assign(new SelfAttention2d(options), { heads: undefined }),
    "the field `heads` is undefined, but should be 4",
  ],
  "no output projection": [
    (options) => Object.assign(new SelfAttention2d(options), { output: undefined }),
    "these are missing: output.",
  ],
  "layers without bias": [
    ({ width, heads, random }) =>
      Object.assign(new SelfAttention2d({ width, heads, random }), {
        qkv: new Linear(width, 3 * width, { bias: false, random }),
      }),
    "have a bias here",
  ],
};

mistakes("checkSelfAttentionConstructor names", wrongConstructors, checkSelfAttentionConstructor);

Deno.test("checkSelfAttentionConstructor needs no forward", async () => {
  class Half extends SelfAttention2d {
    override forward(): tf.Tensor {
      throw new Error("Not solved yet: write your code");
    }
  }
  await passes(() => checkSelfAttentionConstructor(Half));
  await fails(() => checkSelfAttention2d(Half, { heads: "one" }), "is not written yet");
});

Deno.test("checkSelfAttention2d compares with PyTorch's values, too", async () => {
  class FixedScale extends SelfAttention2d {
    override divisor(): number {
      return Math.sqrt(24 / this.heads);
    }
  }
  await fails(
    () => checkSelfAttention2d(FixedScale, { heads: "one" }),
    "SelfAttention2d is right with width 24, but not with width 21",
    "a size that is fixed in the code",
  );
  // Right for the sizes that the library is compared at.
  class WrongForEight extends SelfAttention2d {
    override divisor(): number {
      const width = this.qkv.weight.shape[0];
      return Math.sqrt((width === 8 ? 9 : width) / this.heads);
    }
  }
  await fails(
    () => checkSelfAttention2d(WrongForEight, { heads: "one" }),
    "beside PyTorch's nn.MultiheadAttention",
    "a size that is fixed in the code",
  );
  for (const values of Object.values(pyTorchValues)) {
    assertEquals(values.trim().split(/\s+/).length, 2 * 2 * 3 * 8);
    assertStringIncludes(values, "\n");
  }
});
