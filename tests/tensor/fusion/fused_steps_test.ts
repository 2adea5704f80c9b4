/** Steps whose ops run in fused kernels, against the same steps without. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Random } from "../../../lib/random.ts";
import { compile } from "../../../lib/tensor/compile.ts";
import { operations } from "../../../lib/tensor/fusion/llvm/operations.ts";
import * as ops from "../../../lib/tensor/ops.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { inWords, sum } from "../../programs/fused_share.ts";
import { programOf } from "../../programs/program.ts";
import { examine } from "../../programs/run.ts";
import { withWarnings } from "../compiled.ts";
import { run } from "../subprocess.ts";
import { assertNear, ran, withFusion } from "./fused.ts";
import { llvm } from "./kernels.ts";

const ignore = llvm === undefined;
const random = new Random(3);

/** A block of a transformer as a learner writes it, of nothing but tf's ops. */
function learnersBlock(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const mean = tf.mean(x, -1, true);
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), -1, true);
  const normal = tf.div(centred, tf.sqrt(tf.add(variance, 1e-5)));
  const y = tf.add(tf.mul(normal, scale), shift);
  const gelu = tf.mul(tf.mul(y, 0.5), tf.add(tf.erf(tf.div(y, Math.SQRT2)), 1));
  const shifted = tf.sub(gelu, tf.max(gelu, -1, true));
  const e = tf.exp(shifted);
  return tf.add(x, tf.div(e, tf.sum(e, -1, true)));
}

const block = (x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) => {
  const objective = (...given: tf.Tensor[]) =>
    tf.sum(tf.square(learnersBlock(given[0], given[1], given[2]))) as tf.Scalar;
  const { value, grads } = tf.valueAndGrads(objective)([x, scale, shift]);
  return [value, ...grads];
};

Deno.test({
  name: "what a learner writes of tf's ops is fused, forwards and backwards, and gives the same",
  ignore,
  async fn() {
    const inputs = [random.normal([8, 17, 64]), random.normal([64]), random.normal([64])];
    const plain = await ran("off", block, inputs), fused = await ran("on", block, inputs);
    assertEquals(plain.report.kernels, 0);
    assertEquals(fused.report.mode, "compiled", fused.report.reason);
    assert(fused.report.kernels > 0 && fused.report.operations < plain.report.operations / 2);
    for (const name of ["Erf", "Exp", "Mean", "Max", "Sum", "RealDiv"]) {
      assert(fused.report.fused.includes(name), `${name} is not fused`);
    }
    fused.calls[1].forEach((output, at) => assertNear(output, plain.calls[1][at], 3e-6));
  },
});

Deno.test({
  name: "constants that are no finite numbers, or both zeros, stay apart in one kernel",
  ignore,
  async fn() {
    const step = (x: tf.Tensor, isIn: tf.Tensor) => {
      const greatest = tf.max(tf.where(isIn, x, -Infinity), -1, true);
      const smallest = tf.min(tf.where(isIn, x, Infinity), -1, true);
      const scaled = tf.div(tf.sub(x, smallest), tf.sub(greatest, smallest));
      const isPositive = tf.greater(x, 0);
      const zeros = tf.div(1, tf.where(isPositive, tf.scalar(0), tf.scalar(-0)));
      return [scaled, tf.where(isPositive, x, tf.scalar(NaN)), zeros];
    };
    const x = random.normal([64, 128]), isIn = random.chance([64, 128], 0.5);
    const plain = await ran("off", step, [x, isIn]), fused = await ran("all", step, [x, isIn]);
    assertEquals(fused.report.kernels, 1);
    assertNear(fused.calls[1][0], plain.calls[1][0], 1e-6);
    assertEquals(fused.calls[1].slice(1), plain.calls[1].slice(1));
  },
});

Deno.test({
  name: "zeros have the signs that they have without kernels",
  ignore,
  async fn() {
    const step = (x: tf.Tensor) =>
      [tf.relu(x), tf.relu6(x), tf.sign(x), tf.abs(x), tf.mul(x, -1), tf.maximum(x, 0)]
        .map((zero) => tf.div(1, zero));
    const numbers = Float32Array.of(0, -0, 1, -1, 0, -0, 2, -2);
    const x = tf.tile(tf.tensor2d(numbers, [1, 8]), [32, 1]);
    const plain = await ran("off", step, [x]), fused = await ran("all", step, [x]);
    for (const name of ["Relu", "Relu6", "Sign"]) assert(fused.report.fused.includes(name), name);
    fused.calls[1].forEach((output, at) => assertEquals(output, plain.calls[1][at], `${at}`));
  },
});

Deno.test({
  name: "gradients of gradients are fused and right",
  ignore,
  async fn() {
    const step = (x: tf.Tensor) => {
      const slope = tf.grad((t: tf.Tensor) => tf.sum(tf.mul(ops.gelu(t), tf.tanh(t))));
      return [tf.grad((t: tf.Tensor) => tf.sum(tf.square(slope(t))))(x)];
    };
    const inputs = [random.normal([64, 80])];
    const plain = await ran("off", step, inputs), fused = await ran("on", step, inputs);
    assert(fused.report.fused.length > 20, `${fused.report.fused}`);
    assertNear(fused.calls[1][0], plain.calls[1][0], 1e-5);
  },
});

Deno.test({
  name: "dropout drops the same values bit for bit, of any width",
  ignore,
  async fn() {
    for (const shape of [[6, 8], [5, 7], [3, 4, 10], [64, 96], [1, 2]]) {
      const x = random.normal(shape);
      const results = [];
      for (const choice of ["off", "all"] as const) {
        const own = new Random(11);
        const step = (x: tf.Tensor) => {
          const y = ops.masked(x, own.chance(shape, 0.7), 1 / 0.7);
          return [tf.mul(y, 1.5), tf.sum(tf.square(y), -1)];
        };
        results.push(await ran(choice, step, [x], 3));
        own.dispose();
      }
      const [plain, fused] = results;
      assert(fused.report.fused.includes("Cast"), `${shape}: ${fused.report.fused}`);
      fused.calls.forEach((outputs, call) => assertEquals(outputs[0], plain.calls[call][0]));
    }
  },
});

Deno.test({
  name: "a result has the same bits on any number of threads",
  ignore,
  async fn() {
    const source = `
      import { compile } from "./lib/tensor/compile.ts";
      import { Random } from "./lib/random.ts";
      import "./lib/mod.ts";
      import * as ops from "./lib/tensor/ops.ts";
      import * as tf from "./lib/tensor/tf.ts";
      const random = new Random(4);
      const x = random.normal([512, 96]), w = random.normal([96]), b = random.normal([96]);
      const step = compile((x, w, b) => {
        const { value, grads } = tf.valueAndGrads((x, w, b) =>
          tf.sum(ops.softmax(ops.layerNorm(ops.gelu(x), w, b, 1e-5))))([x, w, b]);
        const heads = tf.reshape(x, [16, 32, 96]);
        const shares = tf.softmax(tf.matMul(heads, heads, false, true));
        return [value, ...grads, tf.sum(tf.square(x), 0), tf.matMul(shares, heads)];
      });
      for (let call = 0; call < 3; call++) {
        const outputs = await step(x, w, b);
        const bytes = outputs.slice(1).map((each) => new Uint8Array(each.dataSync().buffer));
        const all = new Uint8Array(await new Blob(bytes).arrayBuffer());
        const digest = await crypto.subtle.digest("SHA-256", all);
        console.log(step.reports()[0].kernels > 0, new Uint8Array(digest).toHex());
      }`;
    const lines = new Set<string>();
    for (const TESSERA_THREADS of ["1", "2", "5"]) {
      const { output, errors } = await run(source, { TESSERA_FUSION: "on", TESSERA_THREADS });
      output.split("\n").forEach((line) => lines.add(line));
      assert(output.startsWith("true "), errors);
    }
    assertEquals(lines.size, 1);
  },
});

Deno.test({
  name: "a kernel reads a variable before or after an update, as the step says",
  ignore,
  async fn() {
    const results = [];
    for (const choice of ["off", "all"] as const) {
      const weight = tf.variable(tf.fill([40], 0.5)), moment = tf.variable(tf.zeros([40]));
      const rate = { learningRate: tf.scalar(0.1), momentum: 0.9, nesterov: false };
      const step = (x: tf.Tensor) => {
        const before = tf.tanh(tf.mul(tf.add(x, weight), 2));
        ops.momentumUpdate(weight, moment, tf.mul(tf.square(x), 0.1), rate);
        const between = tf.tanh(tf.mul(tf.add(x, weight), 2));
        ops.momentumUpdate(weight, moment, tf.mul(before, between), rate);
        return [before, between, tf.tanh(tf.mul(tf.add(x, weight), 2))];
      };
      results.push(await ran(choice, step, [tf.linspace(-1, 1, 40)], 3));
      tf.dispose([weight, moment, rate.learningRate]);
    }
    const [plain, fused] = results;
    assertEquals(fused.report.mode, "compiled", fused.report.reason);
    assert(fused.report.fused.filter((name) => name === "Tanh").length === 3);
    fused.calls.forEach((outputs, call) =>
      outputs.forEach((output, at) => assertNear(output, plain.calls[call][at], 1e-6))
    );
  },
});

Deno.test({
  name: "numbers that are none, and infinite ones, stay what they are",
  ignore,
  async fn() {
    const x = tf.tensor2d([[NaN, 1, 2], [Infinity, -Infinity, 0], [-200, 200, -0]]);
    const step = (x: tf.Tensor) => [
      ...[tf.relu(tf.mul(x, 2)), tf.exp(tf.neg(x)), tf.maximum(tf.tanh(x), tf.sign(x))],
      ...[tf.max(tf.add(x, 1), -1), tf.min(tf.sub(x, 1), -1), tf.sum(tf.mul(x, 2), -1)],
    ];
    const plain = await ran("off", step, [x]), fused = await ran("all", step, [x]);
    assert(fused.report.kernels > 0);
    fused.calls[1].forEach((output, at) => {
      const kinds = (values: Float32Array) =>
        Array.from(values, (value) => Number.isFinite(value) ? 0 : value);
      assertEquals(kinds(output), kinds(plain.calls[1][at]), `output ${at}`);
    });
  },
});

Deno.test({
  name: "an error of a step with kernels still names the line that made the op",
  ignore,
  async fn() {
    await withFusion("all", async () => {
      const step = compile((x: tf.Tensor, at: tf.Tensor) => {
        const y = tf.tanh(tf.mul(x, 2));
        return tf.mul(tf.gather(y, at as tf.Tensor1D), 3);
      }, { name: "step" });
      const x = random.normal([5, 6]);
      await step(x, tf.tensor1d([1, 2], "int32"));
      assert(step.reports()[0].kernels > 0);
      const error = await assertRejects(() => step(x, tf.tensor1d([1, 7], "int32")));
      assert(/fused_steps_test\.ts:\d+|index 7/.test((error as Error).message), `${error}`);
    });
  },
});

Deno.test({
  name: "groups that do not pay are left to TensorFlow, and off leaves all",
  ignore,
  async fn() {
    const step = (x: tf.Tensor) => [tf.tanh(tf.mul(tf.add(x, 1), 2))];
    const small = random.normal([16, 16]), large = random.normal([64, 512]);
    const kernels = async (choice: "off" | "on" | "all", x: tf.Tensor) =>
      (await ran(choice, step, [x])).report.kernels;
    assertEquals(await kernels("on", small), 0);
    assertEquals(await kernels("all", small), 1);
    assertEquals(await kernels("on", large), 1);
    assertEquals(await kernels("off", large), 0);
    // Two results of three ops save little but what TensorFlow's own generator takes.
    const own = new Random(3);
    const drop = (x: tf.Tensor) => {
      const kept = tf.cast(own.chance(x.shape, 0.9), "float32");
      return [kept, tf.div(tf.mul(x, kept), 0.9)];
    };
    assertEquals((await ran("on", drop, [large])).report.kernels, 1);
    own.dispose();
  },
});

Deno.test({
  name: "a kernel that is wrong is found, said, and done without, and no state is lost",
  ignore,
  async fn() {
    const table = operations as Record<string, typeof operations.tanh>;
    const { tanh, exp } = operations;
    const results: Float32Array[][][] = [];
    for (const isWrong of [false, true]) {
      const weight = tf.variable(tf.fill([40], 0.5)), count = tf.variable(tf.scalar(0));
      const moment = tf.variable(tf.zeros([40]));
      const own = new Random(2);
      const step = (x: tf.Tensor) => {
        count.assign(tf.add(count, 1));
        const y = tf.tanh(tf.mul(tf.add(x, weight), tf.mul(own.uniform([40]), count)));
        const rate = { learningRate: tf.scalar(0.1), momentum: 0.9, nesterov: false };
        ops.momentumUpdate(weight, moment, tf.mul(y, 2), rate);
        return [y, tf.add(weight, 0)];
      };
      if (isWrong) table.tanh = exp;
      const warnings = await withWarnings(async () => {
        const { calls, report } = await ran(isWrong ? "all" : "off", step, [tf.ones([40])], 4);
        assertEquals([report.mode, report.kernels], ["compiled", 0], report.reason);
        results.push(calls);
      }).finally(() => table.tanh = tanh);
      assertEquals(warnings.length, Number(isWrong), warnings.join());
      if (isWrong) assertMatch(warnings[0], /^step runs without fused kernels, more slowly: /);
      tf.dispose([weight, moment, count]);
      own.dispose();
    }
    results[0].forEach((outputs, call) =>
      outputs.forEach((output, at) =>
        assertEquals(results[1][call][at], output, `call ${call}, output ${at}`)
      )
    );
  },
});

Deno.test("without LLVM a step runs as ever, and one line says what is missing where it is asked for", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { findRuntime } = await import("../../../lib/tensor/runtime.ts");
    const { mainLibrary } = findRuntime();
    const tensorflow = `${folder}/tensorflow`;
    await Deno.symlink(mainLibrary.replace(/\/[^/]*$/, ""), tensorflow);
    for (const [TESSERA_FUSION, lines] of [["on", 1], ["", undefined]] as const) {
      const { output, errors } = await run(
        `
        import { compile } from "./lib/tensor/compile.ts";
        import "./lib/mod.ts";
        import * as tf from "./lib/tensor/tf.ts";
        const step = compile((x) => tf.tanh(tf.mul(x, 2)));
        for (const size of [3, 3, 4]) await step(tf.ones([size]));
        console.log(step.reports().map(({ mode, kernels }) => mode + kernels).join());`,
        { TESSERA_FUSION, TESSERA_TENSORFLOW: tensorflow },
      );
      assertEquals(output, "compiled0,compiled0", errors);
      assertEquals(errors.match(/LLVM is not installed/g)?.length, lines, errors);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "where nothing is said, steps run kernels on the processors on which they were tried",
  ignore: ignore || Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
  async fn() {
    const large = random.normal([64, 512]);
    const step = (x: tf.Tensor) => [tf.tanh(tf.mul(tf.add(x, 1), 2))];
    assertEquals((await ran("", step, [large])).report.kernels, 1);
  },
});

Deno.test({
  name:
    "random programs agree with kernels wherever there can be one, which most of their ops are in",
  ignore,
  async fn() {
    await withFusion("all", () =>
      withWarnings(async () => {
        const shares = [];
        for (let seed = 60; seed < 66; seed++) {
          const { problems, share } = await examine(programOf(seed));
          assertEquals(problems, [], programOf(seed).text);
          shares.push(share);
        }
        const { fused, left } = sum(shares);
        assert(fused >= 0.7 * (fused + left), inWords(sum(shares)));
      }));
  },
});
