import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { MultiHeadAttention } from "../../lib/nn/attention.ts";
import { CrossAttention } from "../../lib/nn/cross_attention.ts";
import { Module } from "../../lib/nn/module.ts";
import { countParameters } from "../../lib/nn/summary.ts";
import { CrossViT, crossViT, type CrossViTOptions } from "../../lib/models/cross_vit.ts";
import { assertAsFilled, assertClose, noise, readCases } from "../nn/reference.ts";

await tf.ready();
const cases = readCases("cross_vit.json");

function tiny(options: Partial<CrossViTOptions> = {}) {
  return new CrossViT({
    imageSize: 8,
    channels: 2,
    classes: 5,
    small: { patchSize: 2, width: 6, mlpWidth: 7, heads: 2, depth: 1 },
    large: { patchSize: 4, width: 12, mlpWidth: 9, heads: 3, depth: 2 },
    stages: 2,
    random: new Random(9),
    ...options,
  });
}

Deno.test("CrossViT has PyTorch's values and gradients", () => {
  assertAsFilled(tiny(), cases.CrossViT);
});

Deno.test("crossViT has as many parameters as published", () => {
  const published = {
    "tiny": 7_014_800,
    "9": 8_553_296,
  } as const;
  for (const [size, parameters] of Object.entries(published)) {
    const model = crossViT({
      size: size as keyof typeof published,
      classes: 1000,
      random: new Random(1),
    });
    assertEquals(countParameters(model), parameters, size);
    model.dispose();
  }
});

Deno.test("CrossViT adds its branches' logits where it is asked to, and else takes their mean", () => {
  const [mean, sum] = (["mean", "sum"] as const).map((combine) => tiny({ combine }));
  const images = noise([2, 8, 8, 2], 1);
  const doubled = tf.mul(mean.forward(images), 2);
  assertClose(
    sum.forward(images),
    { shape: [2, 5], values: [...doubled.dataSync()] },
    "sum of logits",
  );
});

Deno.test("CrossViT resizes images as PyTorch's bilinear interpolation", () => {
  const images = noise([1, 30, 30, 2], 3) as tf.Tensor4D;
  const resized = tf.image.resizeBilinear(images, [28, 28], false, true);
  const corner = tf.reshape(tf.slice(resized, [0, 0, 0, 0], [1, 4, 5, 2]), [4, 5, 2]);
  assertClose(corner, cases.resized.corner, "corner");

  const branch = { width: 6, heads: 2, depth: 1 };
  const model = tiny({
    small: { ...branch, patchSize: 3, imageSize: 9 },
    large: { ...branch, patchSize: 4 },
  });
  assertEquals(model.forward(noise([2, 8, 8, 2], 1)).shape, [2, 5]);
  assertEquals(model.small.embedding.namedParameters().get("positions.positions")!.shape, [10, 6]);
});

Deno.test("CrossViT.forwardWithWeights gives forward's logits and weights that sum to 1", () => {
  const model = tiny();
  const images = noise([2, 8, 8, 2], 1);
  const before = tf.memory().numTensors;
  const { output, weights } = model.forwardWithWeights(images);
  assertEquals(tf.memory().numTensors, before + 1 + 2 + 4 + 2 + 2);
  assertEquals([...output.dataSync()], [...model.forward(images).dataSync()]);
  const shapes = (tensors: tf.Tensor[]) => tensors.map((each) => each.shape);
  assertEquals(shapes(weights.small), [[2, 2, 17, 17], [2, 2, 17, 17]]);
  assertEquals(shapes(weights.large), Array(4).fill([2, 3, 5, 5]));
  assertEquals(shapes(weights.smallToLarge), [[2, 3, 1, 5], [2, 3, 1, 5]]);
  assertEquals(shapes(weights.largeToSmall), [[2, 2, 1, 17], [2, 2, 1, 17]]);
  for (const sum of tf.sum(weights.largeToSmall[1], -1).dataSync()) {
    assertAlmostEquals(sum, 1, 1e-5);
  }
});

Deno.test("CrossViT starts with truncated normal weights and zero biases", () => {
  const model = tiny({ large: { patchSize: 4, width: 60, heads: 3, depth: 2 } });
  const parameters = model.namedParameters();
  const weight = parameters.get("large.encoders.0.blocks.0.mlp.hidden.weight")!;
  const values = weight.dataSync() as Float32Array;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  assert(largest > 0.037 && largest <= 0.04, `largest ${largest}`);
  const deviation = Math.sqrt(values.reduce((sum, each) => sum + each * each, 0) / values.length);
  assertAlmostEquals(deviation, 0.0176, 5e-4); // of a normal distribution cut at two deviations
  assert(parameters.get("small.head.bias")!.dataSync().every((value) => value === 0));
});

Deno.test("CrossViT takes attentions of one's own", () => {
  const made = { attention: 0, crossAttention: 0 };
  const model = tiny({
    attention: (options) => {
      made.attention++;
      return new MultiHeadAttention(options);
    },
    crossAttention: (options) => {
      made.crossAttention++;
      return new CrossAttention(options);
    },
  });
  assertEquals(made, { attention: 6, crossAttention: 4 });
  model.dispose();
});

Deno.test("CrossViT takes a fusion of one's own, which need not tell where it looks", () => {
  /** Leaves each branch alone. */
  class Apart extends Module {
    forward(own: tf.Tensor): tf.Tensor {
      return own;
    }
  }
  const model = tiny({ fusion: Apart });
  const images = noise([2, 8, 8, 2], 1);
  const [small, large] = [model.small, model.large].map((branch) => {
    const tokens = branch.encoders.reduce((x, encoder) => encoder.forward(x), branch.embed(images));
    return branch.forward(tokens);
  });
  const expected = tf.mul(tf.add(small, large), 0.5);
  assertClose(model.forward(images), { shape: [2, 5], values: [...expected.dataSync()] }, "logits");
  assertThrows(
    () => model.forwardWithWeights(images),
    TypeError,
    "Apart has no forwardWithWeights(own, other)",
  );
});

Deno.test("CrossViT refuses settings and images that do not fit", () => {
  const branch = { width: 6, heads: 2, depth: 1 };
  assertThrows(
    () => tiny({ small: { ...branch, patchSize: 3 } }),
    RangeError,
    "CrossViT: patches of 3×3 do not tile images of 8×8",
  );
  assertThrows(
    () => tiny({ combine: "max" as "mean" }),
    RangeError,
    'CrossViT: combine is "max", expected "mean" or "sum"',
  );
  assertThrows(
    () => crossViT({ size: "huge" as "tiny", classes: 10, random: new Random(1) }),
    RangeError,
    'crossViT: size is "huge", expected one of "9", "15", "18", "tiny", "small", "base"',
  );
  assertThrows(
    () => tiny().forward(tf.zeros([2, 2, 8, 8])),
    RangeError,
    "CrossViT: images of shape [2, 2, 8, 8], expected [B, 8, 8, 2]; these look like images in " +
      "PyTorch's order",
  );
});
