import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { valueAndGradients } from "../../lib/tensor/ops.ts";
import { Random } from "../../lib/random.ts";
import { type AttentionOptions, MultiHeadAttention } from "../../lib/nn/attention.ts";
import { Linear } from "../../lib/nn/linear.ts";
import { Module } from "../../lib/nn/module.ts";
import { SinusoidalPositions } from "../../lib/nn/position_encoding.ts";
import { countParameters } from "../../lib/nn/summary.ts";
import {
  VisionTransformer,
  type VisionTransformerOptions,
} from "../../lib/models/vision_transformer.ts";
import { assertAsFilled, readCases } from "../nn/reference.ts";

await tf.ready();
const cases = readCases("nn.json");

/** A small model whose sizes all differ: 2×3 patches, 6 features. */
function small(options: Partial<VisionTransformerOptions> = {}) {
  const random = options.random ?? new Random(5);
  return new VisionTransformer({
    imageSize: [4, 6],
    channels: 3,
    patchSize: 2,
    classes: 4,
    width: 6,
    mlpWidth: 5,
    heads: 2,
    depth: 2,
    ...options,
    random,
  });
}

function unit1(options: Partial<VisionTransformerOptions> = {}) {
  return new VisionTransformer({
    imageSize: 28,
    channels: 1,
    patchSize: 4,
    classes: 10,
    width: 64,
    mlpWidth: 128,
    heads: 4,
    depth: 3,
    dropout: 0.1,
    positions: 64,
    random: new Random(42),
    ...options,
  });
}

Deno.test("VisionTransformer with a class token has PyTorch's values and gradients", () => {
  assertAsFilled(small({ positions: 7 }), cases["VisionTransformer class"]);
});

Deno.test("VisionTransformer with mean pooling has PyTorch's values and gradients", () => {
  const model = small({ positions: 8, pool: "mean", depth: 1 });
  assertAsFilled(model, cases["VisionTransformer mean"]);
});

Deno.test("VisionTransformer of unit 1 has 106,506 parameters", () => {
  const model = unit1();
  assertEquals(countParameters(model), 106_506);
  model.dispose();
});

Deno.test("VisionTransformer names its parameters by their path", () => {
  const model = unit1({ depth: 1 });
  assertEquals([...model.namedParameters().keys()], [
    "embedding.patches.projection.weight",
    "embedding.patches.projection.bias",
    "embedding.classToken.token",
    "embedding.positions.positions",
    "blocks.0.attentionNorm.scale",
    "blocks.0.attentionNorm.shift",
    "blocks.0.attention.qkv.weight",
    "blocks.0.attention.qkv.bias",
    "blocks.0.attention.output.weight",
    "blocks.0.attention.output.bias",
    "blocks.0.mlpNorm.scale",
    "blocks.0.mlpNorm.shift",
    "blocks.0.mlp.hidden.weight",
    "blocks.0.mlp.hidden.bias",
    "blocks.0.mlp.output.weight",
    "blocks.0.mlp.output.bias",
    "norm.scale",
    "norm.shift",
    "head.weight",
    "head.bias",
  ]);
  model.dispose();
});

Deno.test("VisionTransformer sends a gradient to every parameter and leaves no tensor behind", () => {
  const model = small();
  model.setTraining(true);
  const images = new Random(1).normal([3, 4, 6, 3]);
  const before = tf.memory().numTensors;
  const parameters = model.namedParameters();
  const { value, gradients } = valueAndGradients(
    () => tf.sum(tf.square(model.forward(images))) as tf.Scalar,
    [...parameters.values()],
  );
  [...parameters.keys()].forEach((path, index) => {
    const largest = tf.tidy(() => tf.max(tf.abs(gradients[index])).dataSync()[0]);
    assert(largest > 0 && Number.isFinite(largest), `${path}: largest gradient ${largest}`);
  });
  value.dispose();
  gradients.forEach((gradient) => gradient.dispose());
  assertEquals(tf.memory().numTensors, before);
  model.dispose();
});

Deno.test("VisionTransformer is the same model for the same seed, another for another", () => {
  const images = new Random(1).normal([2, 4, 6, 3]);
  const outputs = [7, 7, 8].map((seed) => {
    const model = small({ random: new Random(seed) });
    const output = [...model.forward(images).dataSync()];
    model.dispose();
    return output;
  });
  assertEquals(outputs[0], outputs[1]);
  assertNotEquals(outputs[0], outputs[2]);
});

Deno.test("VisionTransformer drops values while training and none in evaluation", () => {
  const model = small({ dropout: 0.5 });
  const images = new Random(1).normal([2, 4, 6, 3]);
  const forward = () => [...model.forward(images).dataSync()];
  assertEquals(forward(), forward());
  model.setTraining(true);
  assertNotEquals(forward(), forward());
  model.dispose();
});

Deno.test("VisionTransformer.forwardWithWeights gives forward's logits and weights that sum to 1", () => {
  const model = small();
  const images = new Random(1).normal([2, 4, 6, 3]);
  const { output, weights } = model.forwardWithWeights(images);
  assertEquals([...output.dataSync()], [...model.forward(images).dataSync()]);
  assertEquals(weights.map((each) => each.shape), [[2, 2, 7, 7], [2, 2, 7, 7]]);
  for (const sum of tf.sum(weights[1], -1).dataSync()) assertAlmostEquals(sum, 1, 1e-5);
  model.dispose();
});

Deno.test("VisionTransformer takes an attention of one's own: class or function", () => {
  class Doubled extends Module {
    readonly inner: Linear;
    constructor({ width, random }: AttentionOptions) {
      super();
      this.inner = new Linear(width, width, { bias: false, random });
    }
    forward(x: tf.Tensor): tf.Tensor {
      return tf.mul(this.inner.forward(x), 2);
    }
  }
  const images = tf.zeros([1, 4, 6, 3]);
  for (const attention of [Doubled, (options: AttentionOptions) => new Doubled(options)]) {
    const model = small({ attention });
    assert(model.namedParameters().has("blocks.1.attention.inner.weight"));
    assertEquals(model.forward(images).shape, [1, 4]);
    assertThrows(
      () => model.forwardWithWeights(images),
      TypeError,
      "Doubled has no forwardWithWeights(x)",
    );
    model.dispose();
  }
  const random = new Random(1);
  const made = new MultiHeadAttention({ width: 6, heads: 2, random }) as unknown;
  assertThrows(
    () => small({ attention: made as typeof MultiHeadAttention }),
    TypeError,
    "attention is a module already made",
  );
  assertThrows(
    () => small({ attention: (() => undefined) as unknown as typeof MultiHeadAttention }),
    TypeError,
    "attention made no Module",
  );
});

Deno.test("VisionTransformer takes fixed positions, which are no parameters", () => {
  const model = small({ positionEncoding: SinusoidalPositions });
  assert(!model.namedParameters().has("embedding.positions.positions"));
  assert(model.namedVariables().has("embedding.positions.positions"));
  model.dispose();
});

Deno.test("VisionTransformer refuses settings and images that do not fit", () => {
  const cases: [Partial<VisionTransformerOptions>, string][] = [
    [{ patchSize: 5 }, "VisionTransformer: patches of 5×5 do not tile images of 4×6"],
    [{ heads: 4 }, "VisionTransformer: width 6 is not divisible by 4 heads"],
    [{ positions: 5 }, "VisionTransformer: 6 patches do not fit 5 position slots"],
    [{ dropout: 1 }, "Dropout: rate is 1, expected 0 ≤ rate < 1"],
    [{ depth: 0 }, "VisionTransformer: depth is 0, expected a whole number ≥ 1"],
    [{ pool: "max" as "mean" }, 'VisionTransformer: pool is "max", expected "class" or "mean"'],
  ];
  for (const [options, message] of cases) {
    assertThrows(() => small(options), RangeError, message);
  }
  const model = small();
  assertThrows(
    () => model.forward(tf.zeros([2, 3, 4, 6])),
    RangeError,
    "VisionTransformer: images of shape [2, 3, 4, 6], expected [B, 4, 6, 3]; these look like images " +
      "in PyTorch's order",
  );
  assertThrows(
    () => model.forward(tf.zeros([4, 6, 3])),
    RangeError,
    "this looks like one image without a batch axis",
  );
  model.dispose();
});
