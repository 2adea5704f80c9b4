import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  type BasicBlockOptions,
  checkBasicBlock,
} from "../../../lib/exercises/residual/basic_block.ts";
import {
  type BlockOptions,
  checkTransformerBlock,
} from "../../../lib/exercises/transformer/transformer_block.ts";
import {
  checkFeedForward,
  type FeedForwardOptions,
} from "../../../lib/exercises/transformer/feed_forward.ts";
import {
  checkAttentionHead,
  type HeadOptions,
} from "../../../lib/exercises/attention/attention_heads.ts";
import { checkNormalisedCnn, type CnnOptions } from "../../../lib/exercises/convolution/cnn.ts";
import {
  BatchNorm2d,
  Conv2d,
  copyParameters,
  Dropout,
  Flatten,
  Gelu,
  LayerNorm,
  Linear,
  Mlp,
  Module,
  MultiHeadAttention,
  Random,
  Relu,
  relu,
  Sequential,
  transferWeights,
} from "../../../lib/mod.ts";
import { fails, passes } from "../verdict.ts";

/** A block whose normalisations are declared in the order `declared`; its forward pass uses `first` first. */
function block(declared: readonly ["b", "a"] | readonly ["a", "b"], first: "a" | "b") {
  return class Block extends Module {
    [key: string]: unknown;
    attention: MultiHeadAttention;
    mlp: Mlp;
    constructor({ width, mlpWidth, heads, dropout, random }: BlockOptions) {
      super();
      for (const name of declared) this[name] = new LayerNorm(width);
      this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
      this.attention = new MultiHeadAttention({ width, heads, random });
    }
    forward(x: tf.Tensor): tf.Tensor {
      const [one, two] = (first === "a" ? [this.a, this.b] : [this.b, this.a]) as Module[];
      const y = tf.add(x, this.attention.forward(one.forward(x)));
      return tf.add(y, this.mlp.forward(two.forward(y)));
    }
  };
}

Deno.test("parameters are matched by what they do: declared in another order than they are used", async () => {
  for (const declared of [["a", "b"], ["b", "a"]] as const) {
    for (const first of ["a", "b"] as const) {
      await passes(() => checkTransformerBlock(block(declared, first)));
    }
  }
});

Deno.test("parameters are matched by what they do: names of the text that are exchanged are a mistake", async () => {
  class Exchanged extends Module {
    attentionNorm: LayerNorm;
    mlpNorm: LayerNorm;
    attention: MultiHeadAttention;
    mlp: Mlp;
    constructor({ width, mlpWidth, heads, dropout, random }: BlockOptions) {
      super();
      [this.attentionNorm, this.mlpNorm] = [new LayerNorm(width), new LayerNorm(width)];
      this.attention = new MultiHeadAttention({ width, heads, random });
      this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
    }
    forward(x: tf.Tensor): tf.Tensor {
      const y = tf.add(x, this.attention.forward(this.mlpNorm.forward(x)));
      return tf.add(y, this.mlp.forward(this.attentionNorm.forward(y)));
    }
  }
  await fails(() => checkTransformerBlock(Exchanged), "with the two LayerNorms exchanged");
});

/** A network with its layers kept in whatever way, and how it uses them. */
function cnn(keep: (layers: Module[], head: Module[]) => object, use: (kept: never) => Module[]) {
  return class Net extends Module {
    kept: object;
    constructor({ channels, width: filters, imageSize, classes, random }: CnnOptions) {
      super();
      const convolution = (inputs: number) =>
        new Conv2d(inputs, filters, { size: 3, padding: 1, bias: false, random });
      const side = imageSize / 4;
      this.kept = keep(
        [
          convolution(channels),
          new BatchNorm2d(filters),
          convolution(filters),
          new BatchNorm2d(filters),
        ],
        [
          new Linear(side * side * filters, filters, { random }),
          new Linear(filters, classes, { random }),
        ],
      );
    }
    forward(x: tf.Tensor): tf.Tensor {
      const [one, normOne, two, normTwo, hidden, output] = use(this.kept as never);
      const pool = (y: tf.Tensor) => tf.maxPool(y as tf.Tensor4D, 2, 2, "valid");
      const first = pool(relu(normOne.forward(one.forward(x))));
      const second = pool(relu(normTwo.forward(two.forward(first))));
      const flat = tf.reshape(second, [x.shape[0], -1]);
      return output.forward(relu(hidden.forward(flat)));
    }
  };
}

Deno.test("parameters are matched by what they do: lists by kind, lists of lists and maps", async () => {
  const kinds = {
    "one list for all": cnn((a, b) => [...a, ...b], (kept: Module[]) => kept),
    "a list from the last to the first": cnn(
      (a, b) => [...a, ...b].reverse(),
      (kept: Module[]) => kept.toReversed(),
    ),
    "lists in lists": cnn(
      ([one, normOne, two, normTwo], head) => [[one, two], [normTwo, normOne], head],
      ([[one, two], [normTwo, normOne], head]: Module[][]) => [one, normOne, two, normTwo, ...head],
    ),
    "a map": cnn(
      ([one, normOne, two, normTwo], [hidden, output]) =>
        new Map(Object.entries({ normTwo, output, two, normOne, hidden, one })),
      (kept: Map<string, Module>) =>
        ["one", "normOne", "two", "normTwo", "hidden", "output"].map((name) => kept.get(name)!),
    ),
  };
  for (const [name, Net] of Object.entries(kinds)) {
    const line = await passes(() => checkNormalisedCnn(Net as never));
    assertStringIncludes(line, "✔", name);
  }
});

Deno.test("parameters are matched by what they do: a Sequential, and layers made from the last to the first", async () => {
  class InSequence extends Module {
    layers: Sequential;
    constructor({ width, hiddenWidth, dropout, random }: FeedForwardOptions) {
      super();
      const output = new Linear(hiddenWidth, width, { random });
      this.layers = new Sequential(
        new Linear(width, hiddenWidth, { random }),
        new Gelu(),
        new Dropout(dropout, { random }),
        output,
        new Dropout(dropout, { random }),
      );
    }
    forward = (x: tf.Tensor) => this.layers.forward(x);
  }
  await passes(() => checkFeedForward(InSequence));

  class Head extends Module {
    maps: Linear[];
    constructor({ width, headWidth, random }: HeadOptions) {
      super();
      this.maps = [1, 2, 3].map(() => new Linear(width, headWidth, { random }));
    }
    forward(x: tf.Tensor): tf.Tensor {
      const [v, k, q] = this.maps.map((map) => map.forward(x));
      const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(q.shape[2]!));
      return tf.matMul(tf.softmax(scores), v);
    }
  }
  await passes(() => checkAttentionHead(Head));
});

Deno.test("a basic block's strides are read in the order of use, not of its fields", async () => {
  class Block extends Module {
    convolutionB: Conv2d;
    shortcut?: Sequential;
    normB: BatchNorm2d;
    normA: BatchNorm2d;
    convolutionA: Conv2d;
    constructor({ inputs, outputs, stride, random }: BasicBlockOptions) {
      super();
      const options = { size: 3, padding: 1, bias: false, random };
      this.convolutionB = new Conv2d(outputs, outputs, options);
      if (inputs !== outputs || stride > 1) {
        this.shortcut = new Sequential(
          new Conv2d(inputs, outputs, { size: 1, stride, bias: false, random }),
          new BatchNorm2d(outputs),
        );
      }
      [this.normB, this.normA] = [new BatchNorm2d(outputs), new BatchNorm2d(outputs)];
      this.convolutionA = new Conv2d(inputs, outputs, { ...options, stride });
    }
    forward(x: tf.Tensor): tf.Tensor {
      const past = this.shortcut?.forward(x) ?? x;
      const hidden = relu(this.normA.forward(this.convolutionA.forward(x)));
      return relu(tf.add(this.normB.forward(this.convolutionB.forward(hidden)), past));
    }
  }
  await passes(() => checkBasicBlock(Block));
  class NoRelu extends Block {
    override forward(x: tf.Tensor): tf.Tensor {
      const past = this.shortcut?.forward(x) ?? x;
      const hidden = relu(this.normA.forward(this.convolutionA.forward(x)));
      return tf.add(this.normB.forward(this.convolutionB.forward(hidden)), past);
    }
  }
  await fails(() => checkBasicBlock(NoRelu), "without ReLU after the addition");
});

Deno.test("transferWeights and copyParameters match by what the parts do", () => {
  const random = new Random(1);
  const options = { width: 12, mlpWidth: 7, heads: 3, dropout: 0, random };
  const [from, to] = [new (block(["a", "b"], "a"))(options), new (block(["b", "a"], "b"))(options)];
  const input = tf.randomNormal([2, 5, 12], 0, 1, "float32", 1);
  for (const [index, variable] of [...from.namedParameters().values()].entries()) {
    variable.assign(tf.randomNormal(variable.shape, 0, 0.5, "float32", index));
  }
  const same = () =>
    Math.max(...tf.abs(tf.sub(from.forward(input), to.forward(input))).dataSync()) < 1e-4;
  assert(transferWeights(from, to, input));
  assert(same());
  for (const variable of to.namedParameters().values()) variable.assign(tf.zerosLike(variable));
  copyParameters(from, to, input);
  assert(same());
  assertEquals([...to.namedParameters().keys()].includes("a.scale"), true);
  for (const each of [from, to, random]) each.dispose();
});

Deno.test("a wrong size is said of its own layer, with the option that it should come from", async () => {
  class Wide extends Module {
    expand: Linear;
    shrink: Linear;
    activation = new Sequential(new Relu(), new Flatten());
    constructor({ width, random }: FeedForwardOptions) {
      super();
      this.expand = new Linear(width, width, { random });
      this.shrink = new Linear(width, width, { random });
    }
    forward = (x: tf.Tensor) => this.shrink.forward(tf.relu(this.expand.forward(x)));
  }
  await fails(
    () => checkFeedForward(Wide),
    "`expand.weight` has the wrong shape",
    "the number of outputs is 12, but should be 7, which is `hiddenWidth` of the options",
  );
});
