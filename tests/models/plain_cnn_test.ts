import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { countParameters } from "../../lib/nn/summary.ts";
import { PlainCnn, type PlainCnnOptions } from "../../lib/models/plain_cnn.ts";
import { assertAsFilled, readCases } from "../nn/reference.ts";

await tf.ready();
const cases = readCases("models.json");
const { counts } = cases;
const random = new Random(5);

const variants: Record<string, Partial<PlainCnnOptions>> = {
  "plain pool flatten": {},
  "normalised pool flatten": { normalised: true },
  "normalised stride flatten": { normalised: true, halving: "stride" },
  "normalised stride mean": { normalised: true, halving: "stride", head: "mean" },
};

for (const [name, options] of Object.entries(variants)) {
  Deno.test(`PlainCnn ${name} has PyTorch's values and gradients`, () => {
    const model = new PlainCnn({
      imageSize: 8,
      channels: 2,
      width: 3,
      classes: 4,
      random,
      ...options,
    });
    model.setTraining(true);
    assertAsFilled(model, cases[`PlainCnn ${name}`]);
  });

  Deno.test(`PlainCnn ${name} has as many parameters as the reference`, () => {
    const model = new PlainCnn({ classes: 10, random, ...options });
    assertEquals(countParameters(model), counts[`PlainCnn ${name}`]);
    model.dispose();
  });
}

Deno.test("PlainCnn with normalisation has no bias in its convolutions", () => {
  const model = new PlainCnn({ classes: 10, normalised: true, random });
  assert(!model.namedParameters().has("blocks.0.convolution.bias"));
  assert(model.namedParameters().has("blocks.0.norm.shift"));
  model.dispose();
});

Deno.test("PlainCnn gives numbers for the smallest images that it takes", () => {
  const smallest: [PlainCnnOptions["head"], PlainCnnOptions["halving"], number][] = [
    ["flatten", "pool", 4],
    ["mean", "pool", 8],
    ["flatten", "stride", 1],
    ["mean", "stride", 1],
  ];
  for (const [head, halving, imageSize] of smallest) {
    const model = new PlainCnn({ classes: 3, width: 2, imageSize, head, halving, random });
    const logits = model.forward(random.normal([2, imageSize, imageSize, 3])).dataSync();
    assert(logits.every(Number.isFinite), `${head} ${halving}: ${logits}`);
  }
});

Deno.test("PlainCnn refuses settings and images that do not fit", () => {
  assertThrows(
    () => new PlainCnn({ classes: 10, imageSize: 3, random }),
    RangeError,
    "PlainCnn: images of 3×3 are too small to halve twice",
  );
  assertThrows(
    () => new PlainCnn({ classes: 10, imageSize: 7, head: "mean", random }),
    RangeError,
    "PlainCnn: images of 7×7 are too small to halve three times",
  );
  assertThrows(
    () => new PlainCnn({ classes: 10, head: "max" as "mean", random }),
    RangeError,
    'PlainCnn: head is "max", expected "flatten" or "mean"',
  );
  const model = new PlainCnn({ classes: 10, imageSize: 8, random });
  assertThrows(
    () => model.forward(tf.zeros([2, 16, 16, 3])),
    RangeError,
    "PlainCnn: images of shape [2, 16, 16, 3], expected [B, 8, 8, 3]",
  );
});
