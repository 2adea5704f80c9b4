import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Conv2d } from "../../lib/nn/convolution.ts";
import { MaxPool2d } from "../../lib/nn/pooling.ts";
import { measureReceptiveField, receptiveField } from "../../lib/nn/receptive_field.ts";
import { PaddedShortcut, ResidualBlock } from "../../lib/nn/residual_block.ts";
import { Sequential } from "../../lib/nn/sequential.ts";
import { Random } from "../../lib/random.ts";

Deno.test("receptiveField: by hand", () => {
  assertEquals(receptiveField([]), { size: 1, jump: 1 });
  assertEquals(receptiveField([{ size: 5 }]), { size: 5, jump: 1 });
  // 3, then 2·1 more by the pooling, then 2·2 more
  const pooled = [{ size: 3 }, { size: 2, stride: 2 }, { size: 3 }];
  assertEquals(receptiveField(pooled), { size: 8, jump: 2 });
  const strided = Array.from({ length: 3 }, () => ({ size: 3, stride: 2 }));
  assertEquals(receptiveField(strided), { size: 15, jump: 8 });
  // VGG-16 up to its last pooling
  const vgg = [2, 2, 3, 3, 3].flatMap((count) => [
    ...Array.from({ length: count }, () => ({ size: 3 })),
    { size: 2, stride: 2 },
  ]);
  assertEquals(receptiveField(vgg), { size: 212, jump: 32 });
});

Deno.test("receptiveField: refuses a stride of 0", () => {
  assertThrows(() => receptiveField([{ size: 3, stride: 0 }]), RangeError, "stride is 0");
});

Deno.test("measureReceptiveField agrees with receptiveField, for modules of all kinds", () => {
  const random = new Random(2);
  const convolution = (inputs: number, size: number, stride: number) =>
    new Conv2d(inputs, 6, { size, stride, padding: size >> 1, random });
  const networks = [
    [convolution(3, 3, 2), convolution(6, 3, 1), convolution(6, 5, 2)],
    [convolution(3, 3, 1), new MaxPool2d(2), convolution(6, 3, 1), new MaxPool2d(3, { stride: 2 })],
    [convolution(3, 7, 2), new MaxPool2d(3, { stride: 2, padding: 1 }), convolution(6, 3, 2)],
  ];
  for (const layers of networks) {
    const { size } = receptiveField(layers);
    const network = new Sequential(...layers);
    const measured = measureReceptiveField((images) => network.forward(images));
    assertEquals(measured, { height: size, width: size });
    network.dispose();
  }
  random.dispose();
});

Deno.test("measureReceptiveField follows the longest way through residual blocks", () => {
  const random = new Random(3);
  const blocks = [1, 2].map((stride) =>
    new ResidualBlock({ inputs: 3 * stride, outputs: 6, stride, shortcut: "pad", random })
  );
  const network = new Sequential(...blocks);
  const before = tf.memory().numTensors;
  const measured = measureReceptiveField((images) => network.forward(images));
  assertEquals(tf.memory().numTensors, before);
  const { size } = receptiveField([{ size: 3 }, { size: 3 }, { size: 3, stride: 2 }, { size: 3 }]);
  assertEquals(measured, { height: size, width: size });
  network.dispose();
  random.dispose();
});

Deno.test("measureReceptiveField: tells height and width apart, and what it cannot measure", () => {
  const wide = (images: tf.Tensor4D) => tf.avgPool(images, [2, 5], 1, "same");
  assertEquals(measureReceptiveField(wide), { height: 2, width: 5 });
  assertThrows(() => measureReceptiveField(wide, { imageSize: 5 }), RangeError, "too small");
  assertThrows(
    () => measureReceptiveField((images) => tf.mean(images, [1, 2])),
    RangeError,
    "expected [B, height, width, C]",
  );
  const blind = new PaddedShortcut(3, 1);
  assertThrows(
    () => measureReceptiveField((images) => tf.mul(blind.forward(images), 0)),
    RangeError,
    "no pixel changes the map",
  );
});
