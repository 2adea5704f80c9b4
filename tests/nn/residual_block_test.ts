import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { PaddedShortcut, ResidualBlock } from "../../lib/nn/residual_block.ts";
import { assertAsReference, readCases } from "./reference.ts";

await tf.ready();
const cases = readCases("models.json");
const random = new Random(4);

for (const shortcut of ["project", "pad"] as const) {
  Deno.test(`ResidualBlock with shortcut "${shortcut}" has PyTorch's values and gradients`, () => {
    const block = new ResidualBlock({ inputs: 2, outputs: 3, stride: 2, shortcut, random });
    block.setTraining(true);
    assertAsReference(block, cases[`ResidualBlock ${shortcut}`]);
  });
}

Deno.test("ResidualBlock that keeps the shape adds its input, with PyTorch's values", () => {
  const block = new ResidualBlock({ inputs: 2, outputs: 2, random });
  block.setTraining(true);
  assert(!block.namedModules().has("shortcut"));
  assertAsReference(block, cases["ResidualBlock identity"]);
});

Deno.test("PaddedShortcut takes every second place from the first and adds channels of zeros", () => {
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  const y = new PaddedShortcut(2, 2).forward(x);
  assertEquals(y.shape, [1, 2, 2, 2]);
  assertEquals([...y.dataSync()], [1, 0, 3, 0, 7, 0, 9, 0]);
});

Deno.test("ResidualBlock refuses fewer channels by padding and shortcuts that it does not know", () => {
  assertThrows(
    () => new ResidualBlock({ inputs: 4, outputs: 3, shortcut: "pad", random }),
    RangeError,
    "ResidualBlock: 4 channels cannot be padded to 3",
  );
  assertThrows(
    () => new ResidualBlock({ inputs: 3, outputs: 4, shortcut: "none" as "pad", random }),
    RangeError,
    'shortcut is "none", expected "project" or "pad"',
  );
});
