import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import {
  checkNormalisedCnn,
  checkPlainCnn,
  checkPooledCnn,
  checkStridedCnn,
  type CnnOptions,
} from "../../../lib/exercises/convolution/cnn.ts";
import { checkGlobalAveragePool } from "../../../lib/exercises/convolution/global_pool.ts";
import { Conv2d, type Conv2dOptions } from "../../../lib/nn/convolution.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { BatchNorm2d } from "../../../lib/nn/normalization.ts";
import { MaxPool2d } from "../../../lib/nn/pooling.ts";
import { printed } from "../printed.ts";
import { fails } from "../verdict.ts";

interface Variant {
  norms?: boolean;
  stride?: number;
  pooling?: boolean;
  /** Settings of the convolutions that replace the right ones. */
  convolution?: Partial<Conv2dOptions>;
  features?: (net: FlatNet, images: tf.Tensor) => tf.Tensor;
  head?: (net: FlatNet, flat: tf.Tensor) => tf.Tensor;
  fixedSize?: number;
}

/** The networks of tasks 2 to 4, with steps that tests replace. */
class FlatNet extends Module {
  first: Conv2d;
  firstNorm?: BatchNorm2d;
  second: Conv2d;
  secondNorm?: BatchNorm2d;
  pool?: MaxPool2d;
  hidden: Linear;
  output: Linear;
  readonly variant: () => Variant;

  constructor({ imageSize, channels, width, classes, random }: CnnOptions, variant: Variant) {
    super();
    const { norms = false, pooling = true, stride = 1, fixedSize } = variant;
    const settings = { padding: 1, stride, bias: !norms, random, ...variant.convolution };
    this.first = new Conv2d(channels, width, settings);
    this.second = new Conv2d(width, width, settings);
    if (norms) {
      this.firstNorm = new BatchNorm2d(width);
      this.secondNorm = new BatchNorm2d(width);
    }
    if (pooling) this.pool = new MaxPool2d(2);
    const side = fixedSize ?? imageSize / 4;
    this.hidden = new Linear(side * side * width, width, { random });
    this.output = new Linear(width, classes, { random });
    this.variant = () => variant;
  }

  halve(x: tf.Tensor): tf.Tensor {
    return this.pool ? this.pool.forward(x) : x;
  }

  norm(index: 1 | 2, x: tf.Tensor): tf.Tensor {
    return (index === 1 ? this.firstNorm : this.secondNorm)?.forward(x) ?? x;
  }

  forward(images: tf.Tensor): tf.Tensor {
    const { features, head } = this.variant();
    const maps = features?.(this, images) ??
      this.halve(tf.relu(this.norm(
        2,
        this.second.forward(
          this.halve(tf.relu(this.norm(1, this.first.forward(images)))),
        ),
      )));
    const flat = tf.reshape(maps, [images.shape[0], -1]);
    return head?.(this, flat) ??
      this.output.forward(tf.relu(this.hidden.forward(flat)));
  }
}

function flat(variant: Variant) {
  return class Cnn extends FlatNet {
    constructor(options: CnnOptions) {
      super(options, variant);
    }
  };
}

const normalised: Variant = { norms: true };
const strided: Variant = { norms: true, stride: 2, pooling: false };

/** Convolution, then `block` for each of the two. */
const blocks = (block: (net: FlatNet, x: tf.Tensor, index: 1 | 2) => tf.Tensor) => ({
  features: (net: FlatNet, images: tf.Tensor) =>
    block(net, net.second.forward(block(net, net.first.forward(images), 1)), 2),
});

type Check = typeof checkPlainCnn;
const wrong: [title: string, check: Check, variant: Variant, words: string[]][] = [
  ["no padding", checkPlainCnn, { convolution: { padding: 0 } }, [
    "the convolution `first` has padding 0, but should have 1",
    "(It shows as: ",
  ]],
  ["a stride too many", checkPlainCnn, { stride: 2 }, ["`first` has stride 2, but should have 1"]],
  ["a larger window", checkPlainCnn, { convolution: { size: 5, padding: 2 } }, [
    "`first` has size 5, but should have 3",
  ]],
  ["no ReLU", checkPlainCnn, blocks((net, x) => net.halve(x)), [
    "without ReLU after the convolutions",
  ]],
  ["one ReLU", checkPlainCnn, blocks((net, x, i) => net.halve(i === 1 ? x : tf.relu(x))), [
    "without ReLU after the first convolution",
  ]],
  [
    "average pooling",
    checkPlainCnn,
    { ...blocks((_net, x) => tf.avgPool(tf.relu(x) as tf.Tensor4D, 2, 2, "valid")) },
    ["the mean of each 2×2 window"],
  ],
  ["no hidden ReLU", checkPlainCnn, {
    head: (net, x) => net.output.forward(net.hidden.forward(x)),
  }, ["without ReLU between the two Linear layers"]],
  ["a softmax", checkPlainCnn, {
    head: (net, x) => tf.softmax(net.output.forward(tf.relu(net.hidden.forward(x)))),
  }, ["with a softmax at the end"]],
  ["two mistakes", checkPlainCnn, {
    ...blocks((net, x) => net.halve(x)),
    head: (net, x) => tf.relu(net.output.forward(tf.relu(net.hidden.forward(x)))),
  }, ["without ReLU after the convolutions, and with ReLU after the last Linear layer"]],
  ["no output layer", checkPlainCnn, { head: (net, x) => net.hidden.forward(x) }, [
    "wrong shape",
    "the last Linear layer is missing",
  ]],
  ["a fixed size", checkPlainCnn, { fixedSize: 8 }, ["`hidden.weight` has the wrong shape"]],
  ["no batch normalisation", checkNormalisedCnn, { convolution: { bias: false } }, [
    "batch normalisations: there are none, but there should be 2",
  ]],
  ["a bias before it", checkNormalisedCnn, { norms: true, convolution: { bias: true } }, [
    "the convolution `first` keeps its bias",
    "subtracts each channel's mean",
  ]],
  ["ReLU before it", checkNormalisedCnn, {
    ...normalised,
    ...blocks((net, x, i) => net.halve(net.norm(i, tf.relu(x)))),
  }, ["ReLU comes before the batch normalisation"]],
  ["normalisation after pooling", checkNormalisedCnn, {
    ...normalised,
    ...blocks((net, x, i) => tf.relu(net.norm(i, net.halve(x)))),
  }, ["forward in training", "as after the pooling"]],
  ["unused normalisations", checkNormalisedCnn, {
    ...normalised,
    ...blocks((net, x) => net.halve(tf.relu(x))),
  }, ["without the batch normalisations"]],
  ["no stride", checkStridedCnn, { norms: true, pooling: false, fixedSize: 3 }, [
    "`first` has stride 1, but should have 2",
    "it is `stride: 2` that halves",
  ]],
  ["pooling beside strides", checkStridedCnn, { norms: true, stride: 2 }, [
    "the pooling `pool` is still there",
  ]],
];

const right: [string, Check, Variant][] = [
  ["checkPlainCnn", checkPlainCnn, {}],
  // The largest value is the same before and after ReLU.
  ["checkPlainCnn", checkPlainCnn, blocks((net, x) => tf.relu(net.halve(x)))],
  ["checkNormalisedCnn", checkNormalisedCnn, normalised],
  // Which normalisation comes first, is a matter of names.
  ["checkNormalisedCnn", checkNormalisedCnn, {
    ...normalised,
    ...blocks((net, x, i) => net.halve(tf.relu(net.norm(i === 1 ? 2 : 1, x)))),
  }],
  ["checkStridedCnn", checkStridedCnn, strided],
];

for (const [index, [name, check, variant]] of right.entries()) {
  Deno.test(`${name}: accepts the solution (${index})`, async () => {
    const before = tf.memory().numTensors;
    const [line] = await printed(() => check(flat(variant), { points: 2 }));
    assertStringIncludes(line, "parameters for images of 32×32 (2 points)");
    assertStringIncludes(line, variant.norms ? "301,706" : "301,578");
    assertEquals(tf.memory().numTensors, before);
  });
}

for (const [title, check, variant, words] of wrong) {
  Deno.test(`${check.name}: names what is wrong with ${title}`, async () => {
    await fails(() => check(flat(variant)), ...words);
  });
}

Deno.test("checkNormalisedCnn: says that a network is not written yet", async () => {
  class Cnn extends Module {
    constructor(_options: CnnOptions) {
      super();
      throw new Error("Not solved yet: write your code in place of this line");
    }
    forward(images: tf.Tensor) {
      return images;
    }
  }
  const error = await assertRejects(() => checkNormalisedCnn(Cnn), CheckError);
  assertStringIncludes(error.message, "is not written yet");
});

/** The network of task 5 with the strides given; `first` gives the sizes of the first convolution. */
function pooled(
  strides: number[],
  pool: (x: tf.Tensor) => tf.Tensor = (x) => tf.mean(x, [1, 2]),
  first = (channels: number, width: number) => [channels, width],
) {
  return class PooledCnn extends Module {
    convolutions: Conv2d[];
    norms: BatchNorm2d[];
    output: Linear;
    constructor({ channels, width, classes, random }: CnnOptions) {
      super();
      this.convolutions = strides.map((stride, index) =>
        new Conv2d(
          ...(index === 0 ? first(channels, width) : [width, width]) as [number, number],
          { padding: 1, bias: false, stride, random },
        )
      );
      this.norms = strides.map(() => new BatchNorm2d(width));
      this.output = new Linear(width, classes, { random });
    }
    forward(images: tf.Tensor) {
      const maps = this.convolutions.reduce<tf.Tensor>(
        (x, convolution, index) => tf.relu(this.norms[index].forward(convolution.forward(x))),
        images,
      );
      return this.output.forward(pool(maps));
    }
  };
}

Deno.test("checkPooledCnn: accepts layers that lie in an array as well", async () => {
  class Named extends pooled([2, 2, 2]) {
    readonly first = this.convolutions[0];
    readonly all = [...this.convolutions, ...this.norms];
  }
  assertEquals((await printed(() => checkPooledCnn(Named))).length, 1);
  class TooFew extends pooled([2, 2]) {
    readonly first = this.convolutions[0];
  }
  const error = await assertRejects(() => checkPooledCnn(TooFew), CheckError);
  assertStringIncludes(error.message, "these are missing: the weight of a Conv2d");
});

Deno.test("checkPooledCnn: accepts any stride of the third convolution", async () => {
  for (const third of [1, 2, 3]) {
    const [line] = await printed(() => checkPooledCnn(pooled([2, 2, third])));
    assertStringIncludes(line, "76,490 parameters");
  }
});

Deno.test("checkPooledCnn: names what is wrong", async () => {
  const cases: [ReturnType<typeof pooled>, string][] = [
    [pooled([2, 1, 2]), "`convolutions.1` has stride 1, but should have 2"],
    [pooled([2, 2, 2], (x) => tf.sum(x, [1, 2])), "with the sum over all places"],
    [pooled([2, 2, 1], (x) => tf.max(x, [1, 2])), "with the largest value of each channel"],
    [
      pooled([2, 2, 2], undefined, (channels, width) => [width, channels]),
      "inputs and outputs are exchanged; it is Conv2d(",
    ],
    [pooled([2, 2]), "these are missing: the weight of a Conv2d"],
  ];
  for (const [learner, words] of cases) {
    const error = await assertRejects(() => checkPooledCnn(learner), CheckError);
    assertStringIncludes(error.message, words);
  }
});

function pooling(forward: (x: tf.Tensor) => tf.Tensor) {
  return class GlobalPool extends Module {
    forward(x: tf.Tensor) {
      return forward(x);
    }
  };
}

Deno.test("checkGlobalAveragePool: accepts means, however they are computed", async () => {
  for (
    const forward of [
      (x: tf.Tensor) => tf.mean(x, [1, 2]),
      (x: tf.Tensor) => tf.mean(tf.reshape(x, [x.shape[0], -1, x.shape[3]!]), 1),
      (x: tf.Tensor) => tf.div(tf.sum(x, [1, 2]), x.shape[1]! * x.shape[2]!),
    ]
  ) {
    const [line] = await printed(() => checkGlobalAveragePool(pooling(forward)));
    assertStringIncludes(line, "✔ Global average pooling");
  }
});

Deno.test("checkGlobalAveragePool: names what is wrong", async () => {
  const cases: [(x: tf.Tensor) => tf.Tensor, string][] = [
    [(x) => tf.mean(x, [2, 3]), "as it would for PyTorch's"],
    [(x) => tf.mean(x, [1, 2], true), "leave out `keepDims`"],
    [(x) => tf.mean(x, 3), "over the channels"],
    [(x) => tf.mean(x), "over all values"],
    [(x) => tf.sum(x, [1, 2]), "with the sum over all places"],
    [(x) => tf.max(x, [1, 2]), "with the largest value"],
    [(x) => tf.tensor(tf.mean(x, [1, 2]).arraySync()), "no gradient"],
    [(x) => tf.div(tf.sum(x, [1, 2]), 64), "divides by"],
  ];
  for (const [forward, words] of cases) {
    const error = await assertRejects(() => checkGlobalAveragePool(pooling(forward)), CheckError);
    assertStringIncludes(error.message, words);
  }
});
