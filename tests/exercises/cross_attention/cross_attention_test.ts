import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import {
  checkCrossAttention,
  checkCrossViT,
  checkFusion,
} from "../../../lib/exercises/cross_attention/cross_attention.ts";
import {
  crossAttentionMistakes,
  fusionMistakes,
  roundsMistakes,
} from "../../../lib/exercises/cross_attention/cross_attention_mistakes.ts";
import { CrossViT, type CrossViTOptions } from "../../../lib/models/cross_vit.ts";
import { Gelu } from "../../../lib/nn/activation.ts";
import type { AttentionOptions } from "../../../lib/nn/attention.ts";
import { CrossAttention, type CrossFusionOptions } from "../../../lib/nn/cross_attention.ts";
import { attentionWeights } from "../../../lib/nn/functional.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { LayerNorm } from "../../../lib/nn/normalization.ts";
import { Sequential } from "../../../lib/nn/sequential.ts";
import { printed } from "../printed.ts";
import { fails, mistakes } from "../verdict.ts";

const first = (tokens: tf.Tensor) => tf.slice(tokens as tf.Tensor3D, [0, 0, 0], [-1, 1, -1]);
const rest = (tokens: tf.Tensor) => tf.slice(tokens as tf.Tensor3D, [0, 1, 0], [-1, -1, -1]);

/** The solution of the first task, each step of which a test can replace. */
class ClassAttention extends Module {
  heads: number;
  query: Linear;
  keyValue: Linear;
  output: Linear;
  constructor({ width, heads, random }: AttentionOptions) {
    super();
    this.heads = heads;
    this.query = new Linear(width, width, { random });
    this.keyValue = new Linear(width, 2 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  asking(x: tf.Tensor): tf.Tensor {
    return first(x);
  }
  seen(x: tf.Tensor): tf.Tensor {
    return x;
  }
  order(parts: tf.Tensor[]): tf.Tensor[] {
    return parts;
  }
  divisor(_width: number, headWidth: number): number {
    return Math.sqrt(headWidth);
  }
  softmax(scores: tf.Tensor): tf.Tensor {
    return tf.softmax(scores);
  }
  split(part: tf.Tensor): tf.Tensor {
    const [batch, tokens, width] = part.shape as [number, number, number];
    return tf.transpose(
      tf.reshape(part, [batch, tokens, this.heads, width / this.heads]),
      [0, 2, 1, 3],
    );
  }
  finish(x: tf.Tensor, gathered: tf.Tensor): tf.Tensor {
    const [batch, , width] = x.shape as [number, number, number];
    return this.output.forward(tf.reshape(gathered, [batch, -1, width]));
  }
  forward(x: tf.Tensor): tf.Tensor {
    const query = this.split(this.query.forward(this.asking(x))); // [B, H, 1, K]
    const both = tf.split(this.keyValue.forward(this.seen(x)), 2, -1);
    const [key, value] = this.order(both).map((part) => this.split(part)); // [B, H, T, K]
    const divisor = this.divisor(x.shape[2]!, query.shape[3]!);
    const scores = tf.div(tf.matMul(query, key, false, true), divisor); // [B, H, 1, T]
    return this.finish(x, tf.matMul(this.softmax(scores), value));
  }
}

const attending = (changes: Partial<ClassAttention>) => (options: AttentionOptions) =>
  Object.assign(new ClassAttention(options), changes);

const wrongAttentions: Record<string, [(options: AttentionOptions) => Module, string[]]> = {
  "an attention in which every token asks": [
    (options) => {
      const attention = new ClassAttention(options);
      attention.asking = (x) => x;
      attention.finish = (x, gathered) => tf.reshape(tf.transpose(gathered, [0, 2, 1, 3]), x.shape);
      return attention;
    },
    ["wrong shape", "every token asks"],
  ],
  "a class token without its axis": [
    (options) => {
      const attention = new ClassAttention(options);
      const { finish } = attention;
      attention.finish = (x, gathered) => tf.squeeze(finish.call(attention, x, gathered), [1]);
      return attention;
    },
    ["wrong shape", "still one token"],
  ],
  "keys of the patches only": [attending({ seen: rest }), [crossAttentionMistakes.patchesOnly]],
  "keys of the class token only": [
    attending({ seen: first }),
    [crossAttentionMistakes.classTokenOnly],
  ],
  "a query of all tokens' mean": [
    attending({ asking: (x) => tf.mean(x, 1, true) }),
    [crossAttentionMistakes.queryFromMean],
  ],
  "a query of the first patch": [
    attending({ asking: (x) => first(rest(x)) }),
    [crossAttentionMistakes.queryFromFirstPatch],
  ],
  "keys and values exchanged": [
    attending({ order: ([key, value]) => [value, key] }),
    [crossAttentionMistakes.keysAndValuesSwapped],
  ],
  "no scale": [attending({ divisor: () => 1 }), [crossAttentionMistakes.noScale]],
  "a scale that multiplies": [
    attending({ divisor: (_width, headWidth) => 1 / Math.sqrt(headWidth) }),
    [crossAttentionMistakes.scaleUp],
  ],
  "the width's root": [
    attending({ divisor: (width) => Math.sqrt(width) }),
    ["(with 3 heads)", crossAttentionMistakes.scaleByWidth],
  ],
  "a softmax over the only query": [
    attending({ softmax: (scores) => tf.onesLike(scores) }),
    [crossAttentionMistakes.softmaxOverQueries],
  ],
  "heads mixed with tokens": [
    (options) => {
      const attention = new ClassAttention(options);
      attention.split = (part) => {
        const [batch, tokens, width] = part.shape as [number, number, number];
        return tf.reshape(part, [batch, attention.heads, tokens, width / attention.heads]);
      };
      return attention;
    },
    ["(with 3 heads)", "heads and tokens mixed"],
  ],
  "a residual": [
    (options) => {
      const attention = new ClassAttention(options);
      const { finish } = attention;
      attention.finish = (x, gathered) => tf.add(first(x), finish.call(attention, x, gathered));
      return attention;
    },
    [crossAttentionMistakes.residual],
  ],
};

Deno.test("checkCrossAttention accepts the solution", async () => {
  const before = tf.memory().numTensors;
  const lines = await printed(() => checkCrossAttention(ClassAttention, { points: 2 }));
  assertEquals(lines, [
    "✔ Cross-attention: values and gradients are right, for one head and for several (2 points)",
  ]);
  assertEquals(tf.memory().numTensors, before);
});

/** Attentions that let the library do the work, each in its own way. */
const readyMade: Record<string, [new (options: AttentionOptions) => Module, string]> = {
  "the library's class itself": [CrossAttention, "is the library's CrossAttention"],
  "the library's class in a field": [
    class extends Module {
      inner: CrossAttention;
      constructor(options: AttentionOptions) {
        super();
        this.inner = new CrossAttention(options);
      }
      forward(x: tf.Tensor): tf.Tensor {
        return this.inner.forward(x);
      }
    },
    "`inner` is the library's CrossAttention",
  ],
  "the library's weights": [
    class extends ClassAttention {
      override forward(x: tf.Tensor): tf.Tensor {
        const query = this.split(this.query.forward(first(x)));
        const [key, value] = tf.split(this.keyValue.forward(x), 2, -1).map((part) =>
          this.split(part)
        );
        return this.finish(x, tf.matMul(attentionWeights(query, key), value));
      }
    },
    "calls the library's `attentionWeights`",
  ],
};

for (const [title, [attention, words]] of Object.entries(readyMade)) {
  Deno.test(`checkCrossAttention gives nothing for ${title}`, async () => {
    await fails(() => checkCrossAttention(attention), words, "no points here");
  });
}

mistakes("checkCrossAttention explains", wrongAttentions, checkCrossAttention);

/** The solution of the second task, with an attention and a computation that tests replace. */
class Fusion extends Module {
  there: Sequential;
  norm: LayerNorm;
  attention: Module;
  back: Sequential;
  constructor({ width, otherWidth, heads, random }: CrossFusionOptions) {
    super();
    const map = (from: number, to: number) =>
      new Sequential(new LayerNorm(from), new Gelu(), new Linear(from, to, { random }));
    this.there = map(width, otherWidth);
    this.norm = new LayerNorm(otherWidth);
    this.attention = this.makeAttention({ width: otherWidth, heads, random });
    this.back = map(otherWidth, width);
  }
  makeAttention(options: AttentionOptions): Module {
    return new ClassAttention(options);
  }
  forward(own: tf.Tensor, other: tf.Tensor): tf.Tensor {
    const classToken = this.there.forward(first(own));
    const tokens = tf.concat([classToken, rest(other)], 1);
    const gathered = tf.add(classToken, this.attention.forward(this.norm.forward(tokens)));
    return tf.concat([this.back.forward(gathered), rest(own)], 1);
  }
}

function fusing(compute: (fusion: Fusion, own: tf.Tensor, other: tf.Tensor) => tf.Tensor) {
  return class extends Fusion {
    override forward(own: tf.Tensor, other: tf.Tensor): tf.Tensor {
      return compute(this, own, other);
    }
  };
}

const wrongFusions: Record<string, [new (options: CrossFusionOptions) => Module, string[]]> = {
  "the unsolved stub": [
    fusing(() => {
      throw new Error("not solved yet");
    }),
    ["is not written yet"],
  ],
  "a missing residual": [
    fusing(({ there, norm, attention, back }, own, other) => {
      const tokens = tf.concat([there.forward(first(own)), rest(other)], 1);
      const gathered = attention.forward(norm.forward(tokens));
      return tf.concat([back.forward(gathered), rest(own)], 1);
    }),
    [fusionMistakes.noResidual],
  ],
  "a residual after the way back": [
    fusing(({ there, norm, attention, back }, own, other) => {
      const tokens = tf.concat([there.forward(first(own)), rest(other)], 1);
      const gathered = back.forward(attention.forward(norm.forward(tokens)));
      return tf.concat([tf.add(first(own), gathered), rest(own)], 1);
    }),
    [fusionMistakes.residualAfterBack],
  ],
  "the other class token among the tokens": [
    fusing(({ there, norm, attention, back }, own, other) => {
      const classToken = there.forward(first(own));
      const tokens = tf.concat([classToken, other], 1);
      const gathered = tf.add(classToken, attention.forward(norm.forward(tokens)));
      return tf.concat([back.forward(gathered), rest(own)], 1);
    }),
    [fusionMistakes.otherClassTokenKept],
  ],
  "a fusion without the patches": [
    fusing(({ there, norm, attention, back }, own, other) => {
      const classToken = there.forward(first(own));
      const tokens = tf.concat([classToken, rest(other)], 1);
      return back.forward(tf.add(classToken, attention.forward(norm.forward(tokens))));
    }),
    ["wrong shape", "the branch's own patches must follow"],
  ],
  "a fusion without LayerNorm": [
    fusing(({ there, attention, back }, own, other) => {
      const classToken = there.forward(first(own));
      const tokens = tf.concat([classToken, rest(other)], 1);
      const gathered = tf.add(classToken, attention.forward(tokens));
      return tf.concat([back.forward(gathered), rest(own)], 1);
    }),
    [fusionMistakes.noNorm],
  ],
  "a class token that no gradient passes": [
    fusing((fusion, own, other) =>
      Fusion.prototype.forward.call(
        fusion,
        own,
        tf.tensor(other.dataSync(), other.shape),
      )
    ),
    ["no gradient passes through it"],
  ],
};

Deno.test("checkFusion accepts the solution", async () => {
  const before = tf.memory().numTensors;
  const [line] = await printed(() => checkFusion(Fusion, { points: 1 }));
  assertStringIncludes(line, "✔ Fusion: values");
  assertStringIncludes(line, "right (1 point)");
  assertEquals(tf.memory().numTensors, before);
});

mistakes("checkFusion explains", wrongFusions, checkFusion);

Deno.test("checkFusion accepts a forward that is a field", async () => {
  class AsField extends Module {
    readonly fusion: Fusion;
    constructor(options: CrossFusionOptions) {
      super();
      this.fusion = new Fusion(options);
    }
    forward = (own: tf.Tensor3D, other: tf.Tensor3D) => this.fusion.forward(own, other);
  }
  assertEquals((await printed(() => checkFusion(AsField))).length, 1);
});

Deno.test("checkFusion counts a wrong attention once, in its own check", async () => {
  class WithWrongAttention extends Fusion {
    override makeAttention(options: AttentionOptions): Module {
      return attending({ divisor: () => 1 })(options);
    }
  }
  const [line] = await printed(() => checkFusion(WithWrongAttention));
  assertStringIncludes(line, "with the library's part in place of your ClassAttention");
});

/** The solution of the third task, with a computation that tests replace. */
class TwoScaleViT extends CrossViT {
  override forward(images: tf.Tensor): tf.Tensor {
    return this.finish(...this.run(this.small.embed(images), this.large.embed(images)));
  }
  run(small: tf.Tensor, large: tf.Tensor): [tf.Tensor, tf.Tensor] {
    for (let round = 0; round < this.small.encoders.length; round++) {
      [small, large] = this.round(round, small, large);
    }
    return [small, large];
  }
  round(round: number, small: tf.Tensor, large: tf.Tensor): [tf.Tensor, tf.Tensor] {
    const a = this.small.encoders[round].forward(small);
    const b = this.large.encoders[round].forward(large);
    return [
      this.small.fusions[round].forward(a, b),
      this.large.fusions[round].forward(b, a),
    ];
  }
  finish(small: tf.Tensor, large: tf.Tensor): tf.Tensor {
    return tf.add(this.small.forward(small), this.large.forward(large));
  }
}

const wrongModels: Record<string, [new (options: CrossViTOptions) => Module, string[]]> = {
  "the library's own forward": [CrossViT, ["calls the library's `CrossViT`", "from the parts of"]],
  "the library's own forward times two": [
    class extends CrossViT {
      override forward(images: tf.Tensor): tf.Tensor {
        return tf.mul(2, super.forward(images));
      }
    },
    ["calls the library's `CrossViT`"],
  ],
  "the library's own sum": [
    class extends CrossViT {
      constructor(options: CrossViTOptions) {
        super({ ...options, combine: "sum" });
      }
    },
    ["calls the library's `CrossViT`"],
  ],
  "half the sum": [
    class extends TwoScaleViT {
      override finish(small: tf.Tensor, large: tf.Tensor): tf.Tensor {
        return tf.mul(0.5, super.finish(small, large));
      }
    },
    [roundsMistakes.mean],
  ],
  "only one branch's logits": [
    class extends TwoScaleViT {
      override finish(small: tf.Tensor): tf.Tensor {
        return this.small.forward(small);
      }
    },
    [roundsMistakes.smallOnly],
  ],
  "logits side by side": [
    class extends TwoScaleViT {
      override finish(small: tf.Tensor, large: tf.Tensor): tf.Tensor {
        return tf.concat([this.small.forward(small), this.large.forward(large)], 1);
      }
    },
    ["wrong shape", "stand side by side; add them"],
  ],
  "tokens from before the encoder": [
    class extends TwoScaleViT {
      override round(round: number, small: tf.Tensor, large: tf.Tensor): [tf.Tensor, tf.Tensor] {
        const a = this.small.encoders[round].forward(small);
        const b = this.large.encoders[round].forward(large);
        return [
          this.small.fusions[round].forward(a, large),
          this.large.fusions[round].forward(b, small),
        ];
      }
    },
    [roundsMistakes.otherNotEncoded],
  ],
  "one round": [
    class extends TwoScaleViT {
      override run(small: tf.Tensor, large: tf.Tensor): [tf.Tensor, tf.Tensor] {
        return this.round(0, small, large);
      }
    },
    [roundsMistakes.oneRound],
  ],
  "a fixed number of rounds": [
    class extends TwoScaleViT {
      override run(small: tf.Tensor, large: tf.Tensor): [tf.Tensor, tf.Tensor] {
        for (let round = 0; round < 3; round++) [small, large] = this.round(round, small, large);
        return [small, large];
      }
    },
    ["threw an error", "undefined"],
  ],
  "no carrying on": [
    class extends TwoScaleViT {
      override run(small: tf.Tensor, large: tf.Tensor): [tf.Tensor, tf.Tensor] {
        this.round(0, small, large);
        return this.round(1, small, large);
      }
    },
    [roundsMistakes.notCarriedOn],
  ],
};

Deno.test("checkCrossViT accepts the solution", async () => {
  const before = tf.memory().numTensors;
  const lines = await printed(() => checkCrossViT(TwoScaleViT, { points: 2 }));
  assertEquals(lines, ["✔ CrossViT: logits and gradients are right (2 points)"]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("checkCrossViT accepts fusions one after the other, which compute the same", async () => {
  // A fusion changes the class token alone, and the other branch looks at the patches alone.
  class OneAfterTheOther extends TwoScaleViT {
    override round(round: number, small: tf.Tensor, large: tf.Tensor): [tf.Tensor, tf.Tensor] {
      const a = this.small.encoders[round].forward(small);
      const b = this.large.encoders[round].forward(large);
      const fused = this.small.fusions[round].forward(a, b);
      return [fused, this.large.fusions[round].forward(b, fused)];
    }
  }
  assertEquals((await printed(() => checkCrossViT(OneAfterTheOther))).length, 1);
});

mistakes("checkCrossViT explains", wrongModels, checkCrossViT);

Deno.test("checkCrossViT does not blame a fusion that is right where its inputs are exchanged", async () => {
  class Exchanged extends TwoScaleViT {
    override round(round: number, small: tf.Tensor, large: tf.Tensor): [tf.Tensor, tf.Tensor] {
      const [a, b] = [
        this.small.encoders[round].forward(small),
        this.large.encoders[round].forward(large),
      ];
      return [
        this.small.fusions[round].forward(b, a),
        this.large.fusions[round].forward(b, a),
      ];
    }
  }
  const { message } = await assertRejects(() => checkCrossViT(Exchanged), CheckError);
  assertStringIncludes(message, "LayerNorm: input of shape [2, 1, 12], expected");
  assertEquals(message.includes("belongs"), false, message);
});
