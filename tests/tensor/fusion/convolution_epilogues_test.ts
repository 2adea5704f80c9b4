/** Convolutions that compute a bias, a sum and a ReLU along: as the ops by themselves do, and only where nothing else needs those. */
import { assert, assertEquals } from "@std/assert";
import { BatchNorm2d, compile, Conv2d, Random } from "../../../lib/mod.ts";
import * as ops from "../../../lib/tensor/ops.ts";
import { attribute } from "../../../lib/tensor/attributes.ts";
import { DataType } from "../../../lib/tensor/c_api.ts";
import { CallSite } from "../../../lib/tensor/call_site.ts";
import { fuseEpilogues } from "../../../lib/tensor/fusion/convolution_epilogues.ts";
import type { RecordedNode } from "../../../lib/tensor/recorder.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { largestDifference } from "../compiled.ts";
import { run } from "../subprocess.ts";

const isTried = Deno.build.os === "linux" && Deno.build.arch === "x86_64" &&
  Deno.env.get("TF_ENABLE_ONEDNN_OPTS") !== "0" && Deno.env.get("TESSERA_FUSION") !== "off" &&
  Deno.env.get("TESSERA_DEVICE") !== "gpu" && !Deno.env.get("TESSERA_BACKEND");

const random = new Random(7);
const map = random.normal([4, 9, 7, 6]) as tf.Tensor4D;
const kernel = tf.variable(random.normal([3, 3, 6, 6]) as tf.Tensor4D);
const bias = tf.variable(random.normal([6]) as tf.Tensor1D);
const convolved = (x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, kernel, 1, "same");

type Step = (x: tf.Tensor) => tf.Tensor[];

/** How many ops convolutions took in; what the compiled step gives is what it gives as written. */
async function taken(step: Step): Promise<number> {
  const made = compile(step);
  try {
    for (const outputs of [await made(map), await made(map)]) {
      step(map).forEach((expected, index) => {
        assert(largestDifference(outputs[index], expected) < 1e-4 * 6 * 9);
      });
    }
    const [{ mode, reason, inConvolutions }] = made.reports();
    assertEquals(mode, "compiled", reason);
    return inConvolutions;
  } finally {
    made.dispose();
  }
}

const epilogues: [name: string, taken: number, step: Step][] = [
  ["a bias", 1, (x) => [tf.add(convolved(x), bias)]],
  ["a bias that comes first", 1, (x) => [tf.add(bias, convolved(x))]],
  ["a bias, but not a ReLU after it", 1, (x) => [tf.relu(tf.add(convolved(x), bias))]],
  [
    "a bias and a sum, but not a ReLU after them",
    2,
    (x) => [tf.relu(tf.add(x, tf.add(convolved(x), bias)))],
  ],
  ["a bias and a sum", 2, (x) => [tf.add(tf.add(convolved(x), bias), x)]],
  ["two that are added up: one of them takes the sum", 3, (x) => [
    tf.add(tf.add(convolved(x), bias), tf.add(convolved(tf.neg(x)), bias)),
  ]],
  ["a sum whose other side is made of the convolution's own result", 1, (x) => {
    const y = tf.add(convolved(x), bias);
    return [tf.relu(tf.add(y, tf.tanh(y)))];
  }],
  ["a ReLU alone, which has no bias before it", 0, (x) => [tf.relu(convolved(x))]],
  ["a second bias, which stays an op", 1, (x) => [
    tf.add(tf.add(convolved(x), bias), bias),
  ]],
  ["a result that is returned as well", 1, (x) => {
    const y = tf.add(convolved(x), bias);
    return [tf.relu(y), y];
  }],
  ["a convolution that is returned as well", 0, (x) => {
    const y = convolved(x);
    return [tf.relu(tf.add(y, bias)), y];
  }],
  ["a result with two users", 1, (x) => {
    const y = tf.add(convolved(x), bias);
    return [tf.mul(tf.relu(y), y)];
  }],
  ["a map with one number to add", 0, (x) => [tf.relu(tf.add(convolved(x), 2))]],
  ["twice its own result", 1, (x) => {
    const y = tf.add(convolved(x), bias);
    return [tf.add(y, y)];
  }],
  ["a map of each row's own", 1, (x) => [
    tf.add(tf.add(convolved(x), bias), tf.mean(x, 1, true)),
  ]],
];

for (const [name, count, step] of epilogues) {
  Deno.test({
    name: `a convolution takes in what follows it: ${name}`,
    ignore: !isTried,
    fn: async () => assertEquals(await taken(step), count),
  });
}

for (const [size, sum] of [[1, false], [1, true], [3, true], [5, false], [5, true]] as const) {
  Deno.test({
    name: `NaN comes through a ${size}×${size} convolution, a bias${
      sum ? ", a sum" : ""
    } and a ReLU`,
    ignore: !isTried,
    fn: async () => {
      const window = tf.zeros([size, size, 6, 6]) as tf.Tensor4D;
      const step = compile((x: tf.Tensor, shift: tf.Tensor) => {
        const y = tf.add(tf.conv2d(x as tf.Tensor4D, window, 1, "same"), shift);
        return tf.relu(sum ? tf.add(y, x) : y);
      });
      const bias = tf.tensor1d([NaN, -Infinity, -2, 0, 2, Infinity]);
      const x = tf.zeros(map.shape);
      await step(map, tf.zeros([6]));
      const y = await step(x, bias);
      assertEquals(y.dataSync().subarray(0, 6), Float32Array.of(NaN, 0, 0, 0, 2, Infinity));
      step.dispose();
    },
  });
}

Deno.test({
  name: "a convolution takes in a normalisation of fixed statistics and a shortcut",
  ignore: !isTried,
  fn: async () => {
    const convolution = new Conv2d(6, 6, { size: 3, padding: 1, bias: false, random });
    const norm = new BatchNorm2d(6);
    norm.setTraining(false);
    const step: Step = (x) => [tf.relu(tf.add(norm.forward(convolution.forward(x)), x))];
    assertEquals(await taken(step), 2);
  },
});

Deno.test({
  name: "a convolution takes in its bias in training too, with the gradients as they were",
  ignore: !isTried,
  fn: async () => {
    const loss = (x: tf.Tensor) =>
      tf.sum(tf.square(ops.relu(tf.add(convolved(x), bias)))) as tf.Scalar;
    const count = await taken((x) => {
      const { value, grads } = tf.variableGrads(() => loss(x), [kernel, bias]);
      const scale = tf.scalar(1e-3);
      return [value, grads[kernel.name], grads[bias.name]].map((each) => tf.mul(each, scale));
    });
    assertEquals(count, 1);
  },
});

Deno.test({
  name: "a convolution reads its weights before the step changes them",
  ignore: !isTried,
  fn: async () => {
    const weight = tf.variable(tf.ones([1, 1, 6, 6]) as tf.Tensor4D);
    const made = compile((x: tf.Tensor) => {
      const y = tf.conv2d(x as tf.Tensor4D, weight, 1, "same");
      weight.assign(tf.mul(weight, 2));
      return tf.relu(tf.add(y, bias));
    });
    for (const factor of [1, 2, 4]) {
      const expected = tf.relu(tf.add(
        tf.mul(tf.conv2d(map, tf.ones([1, 1, 6, 6]) as tf.Tensor4D, 1, "same"), factor),
        bias,
      ));
      assert(largestDifference(await made(map), expected) < 1e-3);
    }
  },
});

Deno.test("what a convolution takes in is what kernels take for the same: no bias of channels that come first", () => {
  const tensor = (id: number, ...shape: number[]) => ({ id, shape, dtype: DataType.float32 });
  const op = (name: string, format: string, inputs: number[], output: number): RecordedNode => ({
    ...{ kind: "op", name, attributes: [attribute.string("data_format", format)], inputs },
    ...{ outputs: [tensor(output, 1, 3, 3, 3)], site: new CallSite() },
  });
  const given = [tensor(0, 1, 3, 3, 3), tensor(1, 1, 1, 3, 3), tensor(3, 3)];
  const metadata = (id: number) => given.find((each) => each.id === id)!;
  const takenOf = (format: string) => {
    const nodes = [op("Conv2D", "NHWC", [0, 1], 2), op("BiasAdd", format, [2, 3], 4)];
    return fuseEpilogues(nodes, { kept: new Set([4]), metadata }).taken;
  };
  assertEquals([takenOf("NHWC"), takenOf("NCHW")], [1, 0]);
});

Deno.test({
  name: "without oneDNN, or with TESSERA_FUSION=off, convolutions take nothing in",
  ignore: !isTried,
  fn: async () => {
    const source = `
      import { compile } from "./lib/mod.ts";
import * as tf from "./lib/tensor/tf.ts";
      const [kernel, bias] = [tf.variable(tf.ones([3, 3, 4, 4])), tf.variable(tf.ones([4]))];
      const step = compile((x) => tf.relu(tf.add(tf.add(tf.conv2d(x, kernel, 1, "same"), bias), x)));
      const sum = tf.sum(await step(tf.ones([1, 5, 5, 4]))).dataSync()[0];
      const [{ mode, inConvolutions }] = step.reports();
      console.log(mode, inConvolutions, sum);`;
    const said = async (environment: Record<string, string>) => {
      const { output, errors } = await run(source, { TESSERA_FUSION: "", ...environment });
      return (output || errors).trim();
    };
    assertEquals(await said({}), "compiled 2 2904");
    assertEquals(await said({ TF_ENABLE_ONEDNN_OPTS: "0" }), "compiled 0 2904");
    assertEquals(await said({ TESSERA_FUSION: "off" }), "compiled 0 2904");
  },
});
