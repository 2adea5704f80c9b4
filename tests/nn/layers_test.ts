import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { Flatten, Gelu } from "../../lib/nn/activation.ts";
import { MultiHeadAttention } from "../../lib/nn/attention.ts";
import { Conv2d } from "../../lib/nn/convolution.ts";
import { Linear } from "../../lib/nn/linear.ts";
import { Mlp } from "../../lib/nn/mlp.ts";
import type { Module } from "../../lib/nn/module.ts";
import { BatchNorm2d, LayerNorm } from "../../lib/nn/normalization.ts";
import { GlobalAveragePool, MaxPool2d } from "../../lib/nn/pooling.ts";
import { Sequential } from "../../lib/nn/sequential.ts";
import { TransformerBlock } from "../../lib/nn/transformer_block.ts";
import { assertAsReference, readCases } from "./reference.ts";

await tf.ready();
const cases = readCases("nn.json");
const random = new Random(3);

const modules: Record<string, () => Module> = {
  "Linear": () => new Linear(4, 3, { random }),
  "LayerNorm": () => new LayerNorm(6),
  "Gelu": () => new Gelu(),
  "MaxPool2d 2 2 0": () => new MaxPool2d(2),
  "MaxPool2d 3 2 1": () => new MaxPool2d(3, { stride: 2, padding: 1 }),
  "BatchNorm2d training": () => {
    const norm = new BatchNorm2d(3, { momentum: 0.2 });
    norm.setTraining(true);
    return norm;
  },
  "BatchNorm2d evaluation": () => new BatchNorm2d(3),
  "MultiHeadAttention": () => new MultiHeadAttention({ width: 6, heads: 3, random }),
  "TransformerBlock": () => new TransformerBlock({ width: 6, mlpWidth: 5, heads: 2, random }),
};
for (const name of Object.keys(cases).filter((name) => name.startsWith("Conv2d"))) {
  const [size, stride, padding] = name.split(" ").slice(1, 4).map(Number);
  modules[name] = () => new Conv2d(2, 3, { size, stride, padding, random });
}

for (const [name, make] of Object.entries(modules)) {
  Deno.test(`${name} has PyTorch's values and gradients`, () => {
    assertAsReference(make(), cases[name]);
  });
}

Deno.test("every reference case of a layer is tested", () => {
  const tested = Object.keys(modules);
  const expected = Object.keys(cases).filter((name) => !name.startsWith("VisionTransformer"));
  assertEquals(tested.sort(), expected.sort());
});

Deno.test("Conv2d without bias has a weight alone", () => {
  const layer = new Conv2d(2, 3, { size: 5, bias: false, random });
  assertEquals([...layer.namedParameters().keys()], ["weight"]);
  assertEquals(layer.weight.shape, [5, 5, 2, 3]);
  layer.dispose();
});

Deno.test("GlobalAveragePool is the mean over all places", () => {
  const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60], [1, 3, 2, 2]);
  assertEquals([...new GlobalAveragePool().forward(x).dataSync()], [3.5, 35]);
});

Deno.test("Sequential applies its layers in order and names them", () => {
  const model = new Sequential(new Flatten(), new Linear(6, 4, { random }));
  assertEquals([...model.namedParameters().keys()], ["layers.1.weight", "layers.1.bias"]);
  assertEquals(model.forward(tf.zeros([5, 1, 2, 3])).shape, [5, 4]);
  assertThrows(() => new Sequential("x" as unknown as Module), TypeError, "layer 0 is no Module");
  model.dispose();
});

Deno.test("layers refuse wrong shapes and say what they expect", () => {
  const message = (action: () => unknown) => {
    const error = assertThrows(action, RangeError);
    return error.message;
  };
  const linear = new Linear(4, 3, { random });
  assertEquals(
    message(() => linear.forward(tf.zeros([2, 5]))),
    "Linear: input of shape [2, 5], expected […, 4]",
  );
  const convolution = new Conv2d(3, 4, { random });
  assertEquals(
    message(() => convolution.forward(tf.zeros([2, 3, 8, 9]))),
    "Conv2d: images of shape [2, 3, 8, 9], expected [B, height, width, 3]; these look like images " +
      "in PyTorch's order [B, C, height, width]: use tf.transpose(images, [0, 2, 3, 1])",
  );
  assertEquals(
    message(() => convolution.forward(tf.zeros([8, 9, 3]))),
    "Conv2d: images of shape [8, 9, 3], expected [B, height, width, 3]; this looks like one image " +
      "without a batch axis: use tf.expandDims(image, 0)",
  );
  assertEquals(
    message(() => convolution.forward(tf.zeros([1, 2, 9, 3]))),
    "Conv2d: a window of 3×3 does not fit images of 2×9 with 0 zeros on every side",
  );
  assertEquals(
    message(() => new MultiHeadAttention({ width: 64, heads: 5, random })),
    "MultiHeadAttention: width 64 is not divisible by 5 heads",
  );
  const norm = new BatchNorm2d(2);
  norm.setTraining(true);
  assertEquals(
    message(() => norm.forward(tf.zeros([1, 1, 1, 2]))),
    "BatchNorm2d: 1 value per channel in training; a variance needs at least 2: use a larger batch",
  );
  assertEquals(
    message(() => new Linear(0, 3, { random })),
    "Linear: inputs is 0, expected a whole number ≥ 1",
  );
  assertThrows(
    () => new Linear(4, 3, {} as { random: Random }),
    TypeError,
    "Linear: options.random is missing; pass { random: new Random(42) } or the model's own",
  );
});

Deno.test("Mlp maps to another width where it is asked to", () => {
  const mlp = new Mlp({ width: 4, hiddenWidth: 7, outputWidth: 3, random });
  assertEquals(mlp.forward(tf.zeros([2, 5, 4])).shape, [2, 5, 3]);
  mlp.dispose();
});
