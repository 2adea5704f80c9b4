/** Attention found among recorded ops, whoever wrote it, against the same steps without kernels. */
import { assert, assertEquals } from "@std/assert";
import { MultiHeadAttention } from "../../../lib/nn/attention.ts";
import { CrossAttention } from "../../../lib/nn/cross_attention.ts";
import { Random } from "../../../lib/random.ts";
import type { FusedOp } from "../../../lib/tensor/fusion/form_of_group.ts";
import { isShared } from "../../../lib/tensor/fusion/llvm/fused_kernels.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { assertNear, ran } from "./fused.ts";
import { llvm } from "./kernels.ts";

const ignore = llvm === undefined;
const random = new Random(5);

const HEADS = 3;

/** Attention in the ways in which learners write it: `[B, T, 3·D], [B, S, D] → [B, T, D]`. */
const attentions: Record<string, (qkv: tf.Tensor3D, other: tf.Tensor3D) => tf.Tensor> = {
  "of one product, split after it was transposed"(qkv) {
    const [batch, tokens, width] = qkv.shape, depth = width / 3 / HEADS;
    const split = tf.transpose(tf.reshape(qkv, [batch, tokens, 3, HEADS, depth]), [2, 0, 3, 1, 4]);
    const [q, k, v] = tf.unstack(split);
    const shares = tf.softmax(tf.mul(tf.matMul(q, k, false, true), depth ** -0.5));
    return merged(tf.matMul(shares, v));
  },
  "split first, with transposed keys, a mask and a scaled query"(qkv) {
    const [batch, tokens, width] = qkv.shape, depth = width / 3 / HEADS;
    const [q, k, v] = tf.split(qkv, 3, -1).map((each) =>
      tf.transpose(tf.reshape(each, [batch, tokens, HEADS, depth]), [0, 2, 1, 3])
    );
    const scores = tf.matMul(tf.mul(q, depth ** -0.5), tf.transpose(k, [0, 1, 3, 2]));
    const isLater = tf.less(tf.range(0, tokens).expandDims(1), tf.range(0, tokens).expandDims(0));
    const masked = tf.add(scores, tf.mul(tf.cast(isLater, "float32"), -1e9));
    return merged(tf.matMul(tf.softmax(masked), v));
  },
  "by slices, to other tokens, with the shares on the right"(qkv, other) {
    const [batch, tokens, width] = qkv.shape, depth = width / 3 / HEADS;
    const part = (at: number) => tf.slice(qkv, [0, 0, at * width / 3], [batch, tokens, width / 3]);
    const heads = (x: tf.Tensor) =>
      tf.transpose(tf.reshape(x, [batch, x.shape[1]!, HEADS, depth]), [0, 2, 1, 3]);
    const e = tf.exp(tf.matMul(heads(part(0)), heads(other), false, true));
    const shares = tf.div(e, tf.sum(e, -1, true));
    // vᵀ · Aᵀ = (A · v)ᵀ
    const mixed = tf.matMul(heads(other), shares, true, true);
    return merged(tf.transpose(mixed, [0, 1, 3, 2]));
  },
};

function merged(heads: tf.Tensor): tf.Tensor {
  const [batch, count, tokens, depth] = heads.shape;
  return tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), [batch, tokens!, count! * depth!]);
}

for (const [name, attention] of Object.entries(attentions)) {
  Deno.test({
    name: `attention ${name}, is one kernel forwards and one backwards, and gives the same`,
    ignore,
    async fn() {
      const inputs = [random.normal([4, 19, 72]), random.normal([4, 23, 24])]
        .slice(0, attention.length);
      const forward = (given: tf.Tensor[]) => attention(...given as [tf.Tensor3D, tf.Tensor3D]);
      const step = (...inputs: tf.Tensor[]) => {
        const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) =>
          tf.sum(tf.square(forward(given))) as tf.Scalar
        )(inputs);
        return [value, forward(inputs), ...grads];
      };
      const plain = await ran("off", step, inputs), fused = await ran("all", step, inputs);
      assertEquals(fused.report.mode, "compiled", fused.report.reason);
      const products = fused.report.fused.filter((each) => each === "BatchMatMulV2").length;
      assertEquals(products, 8, `${fused.report.fused}`);
      fused.calls[1].forEach((output, at) => assertNear(output, plain.calls[1][at], 3e-6));
    },
  });
}

Deno.test({
  name: "the library's attention is fused where it pays, with its dropout, and without splits",
  ignore,
  async fn() {
    const x = random.normal([16, 50, 64]);
    const results = [];
    for (const choice of ["off", "on"] as const) {
      const layer = new MultiHeadAttention({
        width: 64,
        heads: 4,
        dropout: 0.2,
        random: new Random(3),
      });
      layer.setTraining(true);
      const step = (x: tf.Tensor) =>
        Object.values(tf.valueAndGrads((x) => tf.sum(tf.square(layer.forward(x))))([x])).flat();
      results.push(await ran(choice, step, [x]));
      layer.dispose();
    }
    const [plain, fused] = results;
    const count = (name: string) => fused.report.fused.filter((each) => each === name).length;
    assertEquals([count("BatchMatMulV2"), count("Transpose"), count("Pack")], [6, 2, 1]);
    fused.calls.forEach((outputs, call) =>
      outputs.forEach((output, at) => assertNear(output, plain.calls[call][at], 1e-5))
    );
  },
});

for (
  const [name, make, shape] of [
    ["attention of few tokens", MultiHeadAttention, [24, 17, 192]],
    ["attention of a single token", CrossAttention, [24, 65, 64]],
  ] as const
) {
  Deno.test({
    name: `${name} is fused forwards too, since its heads need not be split then`,
    ignore,
    async fn() {
      const x = random.normal([...shape]);
      const layer = new make({ width: shape[2], heads: 4, random: new Random(3) });
      const step = (x: tf.Tensor) =>
        Object.values(tf.valueAndGrads((x) => tf.sum(tf.square(layer.forward(x))))([x])).flat();
      const plain = await ran("off", step, [x]), fused = await ran("on", step, [x]);
      layer.dispose();
      const products = fused.report.fused.filter((each) => each === "BatchMatMulV2").length;
      assertEquals(products, 6, `${fused.report.fused}`);
      fused.calls[1].forEach((output, at) => assertNear(output, plain.calls[1][at], 1e-5));
    },
  });
}

Deno.test("threads share out attention of a single token, which has few places and large factors", () => {
  const matrices = { input: 0, factor: 1, offset: 0, terms: [], row: 64, column: 1 };
  const opOf = (tokens: number, depth: number): FusedOp => ({
    form: {
      ...{ width: tokens, height: 1, inputs: 1, outputs: [] },
      values: [{ kind: "product", left: matrices, right: matrices, depth, per: "place" }],
    },
    ...{ domain: { rows: 384, width: tokens }, inputs: [0], inputTypes: [1], outputs: [] },
  });
  assertEquals([isShared(opOf(17, 64)), isShared(opOf(17, 4))], [true, false]);
});

Deno.test({
  name: "gradients of gradients of attention are right",
  ignore,
  async fn() {
    const attention = Object.values(attentions)[0];
    const step = (qkv: tf.Tensor) => {
      const slope = tf.grad((t: tf.Tensor) =>
        tf.sum(tf.square(attention(t as tf.Tensor3D, t as tf.Tensor3D)))
      );
      return [tf.grad((t: tf.Tensor) => tf.sum(tf.square(slope(t))))(qkv)];
    };
    const inputs = [random.normal([3, 11, 36])];
    const plain = await ran("off", step, inputs), fused = await ran("all", step, inputs);
    assert(fused.report.fused.includes("BatchMatMulV2"), `${fused.report.fused}`);
    assertNear(fused.calls[1][0], plain.calls[1][0], 2e-5);
  },
});
