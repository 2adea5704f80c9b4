import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import {
  GridVisionTransformer,
  type GridVisionTransformerOptions,
} from "../../lib/models/grid_vision_transformer.ts";
import { Relu } from "../../lib/nn/activation.ts";
import { MultiHeadAttention } from "../../lib/nn/attention.ts";
import { assertAsFilled, assertClose, readCases } from "../nn/reference.ts";

await tf.ready();

/** A small model: 3×3 patches, 6 features. */
function small(options: Partial<GridVisionTransformerOptions> = {}) {
  return new GridVisionTransformer({
    ...{ imageSize: 6, patchSize: 2, classes: 4, width: 6, mlpWidth: 5, heads: 2, depth: 2 },
    random: new Random(5),
    ...options,
  });
}

Deno.test("GridVisionTransformer has PyTorch's values and gradients", () => {
  assertAsFilled(small(), readCases("grid_vision_transformer.json").GridVisionTransformer);
});

Deno.test("GridVisionTransformer draws small positions for every place from its seed", () => {
  const [first, second] = [small({ width: 60 }), small({ width: 60 })];
  assertEquals(first.positions.shape, [3, 3, 60]);
  const values = [...first.positions.dataSync()];
  assertEquals(values, [...second.positions.dataSync()]);
  const deviation = Math.sqrt(values.reduce((sum, each) => sum + each ** 2, 0) / values.length);
  assertEquals(Math.abs(deviation - 0.02) < 0.003, true, `${deviation}`);
});

Deno.test("GridVisionTransformer tells where its blocks look, with the same logits", () => {
  const model = small();
  const images = new Random(6).normal([5, 6, 6, 3]);
  const { output, weights } = model.forwardWithWeights(images);
  const expected = model.forward(images);
  assertClose(output, { shape: [5, 4], values: [...expected.dataSync()] }, "logits");
  assertEquals(weights.map(({ shape }) => shape), [[5, 2, 9, 9], [5, 2, 9, 9]]);
  const sums = tf.sum(weights[1], -1);
  assertClose(sums, { shape: [5, 2, 9], values: Array(90).fill(1) }, "rows");
});

Deno.test("GridVisionTransformer takes an attention of one's own", () => {
  class Tokens extends MultiHeadAttention {
    override forward(x: tf.Tensor): tf.Tensor {
      const [batch, rows, columns, width] = x.shape as [number, number, number, number];
      return tf.reshape(super.forward(tf.reshape(x, [batch, rows * columns, width])), x.shape);
    }
  }
  const [grid, tokens] = [small(), small({ attention: Tokens })];
  const theirs = grid.namedParameters();
  for (const [path, variable] of tokens.namedParameters()) variable.assign(theirs.get(path)!);
  const images = new Random(6).normal([2, 6, 6, 3]);
  const values = [...grid.forward(images).dataSync()];
  assertClose(tokens.forward(images), { shape: [2, 4], values }, "logits");
});

Deno.test("GridVisionTransformer refuses what does not fit", () => {
  assertThrows(() => small({ imageSize: 7 }), RangeError, "do not tile images of 7×7");
  assertThrows(() => small({ heads: 4 }), RangeError, "width 6 is not divisible by 4 heads");
  assertThrows(() => small({ depth: 0 }), RangeError, "depth is 0");
  const random = undefined as unknown as Random;
  assertThrows(() => small({ random }), TypeError, "options.random is missing");
  assertThrows(
    () => small().forward(tf.zeros([2, 3, 6, 6])),
    RangeError,
    "PyTorch's order [B, C, height, width]",
  );
  assertThrows(
    () => small({ attention: () => new Relu() }).forwardWithWeights(tf.zeros([1, 6, 6, 3])),
    TypeError,
    "Relu has no forwardWithWeights(x)",
  );
});
