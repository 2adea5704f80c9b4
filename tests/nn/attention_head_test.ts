import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { MultiHeadAttention } from "../../lib/nn/attention.ts";
import { AttentionHead, ConcatenatedHeads } from "../../lib/nn/attention_head.ts";
import { type Linear } from "../../lib/nn/linear.ts";
import { Identity } from "../../lib/nn/activation.ts";
import { SelfAttention2d } from "../../lib/nn/self_attention_2d.ts";
import { assertClose } from "./reference.ts";

await tf.ready();
const random = new Random(6);
const [width, heads, headWidth] = [6, 3, 2];

/** Copies columns of a fused map of queries, keys and values into a map of their own. */
function copyColumns(from: Linear, to: Linear, start: number) {
  const count = to.weight.shape[1];
  to.weight.assign(tf.slice(from.weight, [0, start], [-1, count]) as tf.Tensor2D);
  to.bias!.assign(tf.slice(from.bias!, [start], [count]) as tf.Tensor1D);
}

function pair() {
  const fused = new MultiHeadAttention({ width, heads, random });
  fused.qkv.bias!.assign(random.normal([3 * width]) as tf.Tensor1D);
  fused.output.bias!.assign(random.normal([width]) as tf.Tensor1D);
  const separate = new ConcatenatedHeads({ width, heads, random });
  (separate.heads as AttentionHead[]).forEach((head, index) => {
    copyColumns(fused.qkv, head.query, index * headWidth);
    copyColumns(fused.qkv, head.key, width + index * headWidth);
    copyColumns(fused.qkv, head.value, 2 * width + index * headWidth);
  });
  copyColumns(fused.output, separate.output, 0);
  return { fused, separate };
}

function assertEqualTensors(actual: tf.Tensor, expected: tf.Tensor, name: string) {
  assertClose(actual, { shape: expected.shape, values: [...expected.dataSync()] }, name);
}

Deno.test("ConcatenatedHeads is MultiHeadAttention with the same weights", () => {
  const { fused, separate } = pair();
  const x = random.normal([2, 5, width]);
  assertEqualTensors(separate.forward(x), fused.forward(x), "output");
  const [ours, theirs] = [separate.forwardWithWeights(x), fused.forwardWithWeights(x)];
  assertEqualTensors(ours.output, theirs.output, "output");
  assertEqualTensors(ours.weights, theirs.weights, "weights");
  const gradient = (module: typeof fused | typeof separate) =>
    tf.grad((x) => tf.sum(tf.square(module.forward(x))))(x);
  assertEqualTensors(gradient(separate), gradient(fused), "gradient");
});

Deno.test("AttentionHead maps tokens to its own width", () => {
  const head = new AttentionHead({ width: 5, headWidth: 3, random });
  assertEquals(head.forward(tf.zeros([2, 4, 5])).shape, [2, 4, 3]);
  assertThrows(
    () => head.forward(tf.zeros([2, 4, 6])),
    RangeError,
    "AttentionHead: tokens of shape [2, 4, 6], expected [B, N, 5]",
  );
});

Deno.test("ConcatenatedHeads takes heads of one's own", () => {
  const made: number[] = [];
  const head = ({ headWidth }: { headWidth: number }) => {
    made.push(headWidth);
    return new Identity();
  };
  const module = new ConcatenatedHeads({ width: 6, heads: 3, head, random });
  assertEquals(made, [2, 2, 2]);
  assertThrows(
    () => module.forwardWithWeights(tf.zeros([1, 2, 6])),
    TypeError,
    "Identity has no forwardWithWeights(x)",
  );
});

Deno.test("SelfAttention2d is MultiHeadAttention over the grid's tokens in reading order", () => {
  const fused = pair().fused;
  const grid = new SelfAttention2d({ width, heads, random });
  copyColumns(fused.qkv, grid.qkv, 0);
  copyColumns(fused.output, grid.output, 0);
  const x = random.normal([2, 3, 4, width]);
  const tokens = fused.forward(tf.reshape(x, [2, 12, width]));
  assertEqualTensors(grid.forward(x), tf.reshape(tokens, [2, 3, 4, width]), "output");
});

Deno.test("SelfAttention2d takes heads of any width", () => {
  const attention = new SelfAttention2d({ width: 5, heads: 3, headWidth: 4, bias: false, random });
  assertEquals(attention.qkv.weight.shape, [5, 36]);
  assertEquals(attention.qkv.bias, undefined);
  assertEquals(attention.forward(tf.zeros([1, 2, 3, 5])).shape, [1, 2, 3, 5]);
  assertThrows(
    () => new SelfAttention2d({ width: 5, heads: 3, random }),
    RangeError,
    "SelfAttention2d: width 5 is not divisible by 3 heads",
  );
});
