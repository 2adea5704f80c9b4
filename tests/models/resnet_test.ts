import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { Module } from "../../lib/nn/module.ts";
import { Conv2d } from "../../lib/nn/convolution.ts";
import { type ResidualBlockOptions } from "../../lib/nn/residual_block.ts";
import { countParameters } from "../../lib/nn/summary.ts";
import { ResNet, resNet18, smallResNet } from "../../lib/models/resnet.ts";
import { assertAsFilled, assertClose, readCases } from "../nn/reference.ts";

await tf.ready();
const cases = readCases("models.json");
const { counts } = cases;
const random = new Random(5);

Deno.test("ResNet with the ImageNet stem and projections has PyTorch's values and gradients", () => {
  const model = new ResNet({
    stem: "imagenet",
    widths: [2, 3],
    blocks: [1, 2],
    shortcut: "project",
    classes: 4,
    random,
  });
  model.setTraining(true);
  assertAsFilled(model, cases["ResNet imagenet"]);
});

Deno.test("ResNet with the small stem and padded shortcuts has PyTorch's values and gradients", () => {
  const model = new ResNet({
    stem: "small",
    widths: [2, 3],
    blocks: [1, 2],
    shortcut: "pad",
    classes: 4,
    random,
  });
  model.setTraining(true);
  assertAsFilled(model, cases["ResNet small"]);
});

Deno.test("resNet18 has torchvision's logits and gradients", () => {
  const expected = cases["torchvision resnet18"];
  const model = resNet18({ classes: 10, random });
  model.setTraining(true);
  assertAsFilled(model, expected);
  const mean = tf.slice(model.namedVariables().get("blocks.7.norm2.runningMean")!, 0, 8);
  assertClose(mean, expected.runningMean, "running mean", 1e-4);
  model.dispose();
});

Deno.test("residual networks have as many parameters as the references", () => {
  const count = (model: Module) => {
    const parameters = countParameters(model);
    model.dispose();
    return parameters;
  };
  assertEquals(count(resNet18({ classes: 10, random })), 11_181_642);
  assertEquals(counts.resNet18, 11_181_642);
  for (const depth of [8, 20, 56]) {
    const model = smallResNet({ depth, classes: 10, random });
    assertEquals(count(model), counts[`smallResNet ${depth}`]);
  }
});

Deno.test("resNet18 with the small stem keeps height and width until the second stage", () => {
  const model = resNet18({ stem: "small", classes: 10, channels: 1, random });
  assertEquals(model.stem.weight.shape, [3, 3, 1, 64]);
  assert(!model.namedModules().has("stemPool"));
  model.dispose();
});

Deno.test("ResNet takes blocks of one's own", () => {
  const seen: [number, number, number][] = [];
  class Skip extends Module {
    readonly repeat: number;
    readonly stride: number;
    constructor({ inputs, outputs, stride = 1 }: ResidualBlockOptions) {
      super();
      seen.push([inputs, outputs, stride]);
      this.repeat = outputs / inputs;
      this.stride = stride;
    }
    forward(x: tf.Tensor): tf.Tensor {
      return tf.tile(tf.avgPool(x as tf.Tensor4D, 1, this.stride, "valid"), [1, 1, 1, this.repeat]);
    }
  }
  const model = smallResNet({ depth: 14, classes: 3, block: Skip, random });
  assertEquals(seen, [[16, 16, 1], [16, 16, 1], [16, 32, 2], [32, 32, 1], [32, 64, 2], [
    64,
    64,
    1,
  ]]);
  assertEquals(model.forward(tf.zeros([2, 8, 12, 3])).shape, [2, 3]);
});

Deno.test("weightInitializer draws the weights of every convolution", () => {
  const drawn: number[][] = [];
  const ones = (_: Random, shape: number[]) => {
    drawn.push(shape);
    return tf.ones(shape);
  };
  const model = resNet18({ stem: "small", classes: 10, weightInitializer: ones, random });
  const convolutions = [...model.namedModules().values()].filter((each) => each instanceof Conv2d);
  assertEquals(convolutions.length, 20); // the 18 layers without the linear map, and three shortcuts
  assertEquals(drawn, convolutions.map(({ weight }) => weight.shape));
  for (const { weight } of convolutions) assert(weight.dataSync().every((value) => value === 1));
  model.dispose();
});

Deno.test("residual networks refuse depths, stems, stages and images that do not fit", () => {
  assertThrows(
    () => smallResNet({ depth: 18, classes: 10, random }),
    RangeError,
    "smallResNet: depth is 18, expected 6n + 2: 8, 14, 20, …",
  );
  assertThrows(
    () => resNet18({ stem: "tiny" as "small", classes: 10, random }),
    RangeError,
    'ResNet: stem is "tiny", expected "imagenet" or "small"',
  );
  assertThrows(
    () => new ResNet({ stem: "small", widths: [4, 8], blocks: [1], classes: 2, random }),
    RangeError,
    "ResNet: widths for 2 stages, blocks for 1",
  );
  const model = smallResNet({ depth: 8, classes: 10, random });
  assertThrows(
    () => model.forward(tf.zeros([2, 3, 32, 32])),
    RangeError,
    "ResNet: images of shape [2, 3, 32, 32], expected [B, height, width, 3]; these look like " +
      "images in PyTorch's order",
  );
});
