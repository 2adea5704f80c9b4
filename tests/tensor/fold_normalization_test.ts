import { assert, assertEquals } from "@std/assert";
import { BatchNorm2d, compile, Conv2d, Random } from "../../lib/mod.ts";
import * as ops from "../../lib/tensor/ops.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { largestDifference } from "./compiled.ts";

const random = new Random(5);
const convolution = new Conv2d(3, 8, { size: 3, padding: 1, bias: false, random });
const norm = new BatchNorm2d(8);
const images = random.normal([4, 9, 7, 3]);
for (
  const [vector, low] of [
    [norm.scale, -2],
    [norm.shift, -1],
    [norm.runningMean, -1],
    [norm.runningVariance, 0.1],
  ] as const
) {
  vector.assign(random.uniform([8], low, low + 3) as tf.Tensor1D);
}
norm.setTraining(false);

/** The compiled step's outputs, and how many ops of a kind its function keeps. */
async function compiled(step: (x: tf.Tensor) => tf.Tensor[]) {
  const made = compile(step);
  const outputs = await made(images);
  const [{ mode, reason, fused }] = made.reports();
  assertEquals(mode, "compiled", reason);
  const graph = new TextDecoder("latin1").decode(made.graphDef()!);
  /** Each node has a name with a number, after the name of its op. */
  const count = (op: string) =>
    new Set(graph.match(new RegExp(`${op}\\w*_\\d+`, "g"))).size +
    fused.filter((name) => name.startsWith(op)).length;
  const biases = count("BiasAdd") + count("_FusedConv2D"); // by themselves, or within the convolution
  return { outputs, norms: count("FusedBatchNorm"), biases };
}

Deno.test("a normalisation in evaluation becomes part of the convolution before it", async () => {
  const step = (x: tf.Tensor) => [tf.relu(norm.forward(convolution.forward(x)))];
  const { outputs, norms, biases } = await compiled(step);
  assert(largestDifference(outputs[0], step(images)[0]) < 1e-5);
  assertEquals({ norms, biases }, { norms: 0, biases: 1 });
});

Deno.test("a normalisation stays where its input is used elsewhere, or returned", async () => {
  const steps: ((x: tf.Tensor) => tf.Tensor[])[] = [
    (x) => {
      const y = convolution.forward(x);
      return [tf.add(norm.forward(y), y)];
    },
    (x) => {
      const y = convolution.forward(x);
      return [norm.forward(y), y];
    },
    (x) => [norm.forward(tf.neg(convolution.forward(x)))],
  ];
  for (const step of steps) {
    const { outputs, norms } = await compiled(step);
    step(images).forEach((expected, index) =>
      assert(largestDifference(outputs[index], expected) < 1e-5)
    );
    assertEquals(norms, 1);
  }
});

Deno.test("a normalisation stays where the step changes weights before it", async () => {
  const velocity = tf.variable(tf.zerosLike(convolution.weight));
  const start = convolution.weight.clone();
  const step = (x: tf.Tensor) => {
    const y = convolution.forward(x);
    ops.momentumUpdate(convolution.weight, velocity, tf.onesLike(convolution.weight), {
      learningRate: tf.scalar(1),
      momentum: 0,
      nesterov: false,
    });
    return [norm.forward(y)];
  };
  const { outputs, norms } = await compiled(step);
  convolution.weight.assign(start as tf.Tensor4D);
  assert(largestDifference(outputs[0], norm.forward(convolution.forward(images))) < 1e-5);
  assertEquals(norms, 1);
});
