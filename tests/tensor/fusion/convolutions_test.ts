/** Convolutions in kernels of our own: as TensorFlow's, whatever their size and what follows them. */
import { assert, assertEquals } from "@std/assert";
import { BatchNorm2d, Conv2d, Random } from "../../../lib/mod.ts";
import type { ConvolutionForm } from "../../../lib/tensor/fusion/convolution_form.ts";
import { MOST_SCRATCH_BYTES } from "../../../lib/tensor/fusion/llvm/kernel.ts";
import { tilesOf } from "../../../lib/tensor/fusion/llvm/tiles.ts";
import { convolutionText } from "../../../lib/tensor/fusion/llvm/winograd.ts";
import { tuningHere } from "../../../lib/tensor/fusion/llvm/processor.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { run } from "../subprocess.ts";
import { assertNear, ran } from "./fused.ts";
import { llvm } from "./kernels.ts";

const ignore = llvm === undefined;
const random = new Random(9);

/** Sums and differences come before the products: a few bits more are rounded than in a sum of 9 · channels. */
const TOLERANCE = 3e-6;

type Step = (...inputs: tf.Tensor[]) => tf.Tensor[];

/** How many convolutions ran in kernels of our own; what they give is what TensorFlow's give. */
async function own(step: Step, inputs: tf.Tensor[], choice: "on" | "all" = "all") {
  const plain = await ran("off", step, inputs), fused = await ran(choice, step, inputs);
  assertEquals(fused.report.mode, "compiled", fused.report.reason);
  assertEquals(plain.report.convolutions, 0);
  for (const call of fused.calls) {
    call.forEach((output, at) => assertNear(output, plain.calls[0][at], TOLERANCE));
  }
  return fused.report.convolutions;
}

const convolved = (padding: "same" | "valid") => (x: tf.Tensor, weight: tf.Tensor): tf.Tensor =>
  tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, 1, padding);

for (
  const [batch, height, width, inputs, outputs] of [
    ...[[128, 8, 8, 16, 16], [3, 9, 6, 8, 24], [1, 7, 5, 24, 8], [2, 32, 32, 16, 32]],
    ...[[1, 3, 3, 8, 8], [5, 4, 13, 40, 16], [1, 24, 23, 64, 64], [2, 3, 56, 8, 8], [
      1,
      14,
      13,
      8,
      16,
    ]],
  ]
) {
  const size = `${batch} × ${height}×${width}, ${inputs} → ${outputs} channels`;
  Deno.test({
    name: `a 3×3 convolution and its gradients are as TensorFlow's: ${size}`,
    ignore,
    async fn() {
      const x = random.normal([batch, height, width, inputs]);
      const weight = random.normal([3, 3, inputs, outputs]);
      for (const padding of ["same", "valid"] as const) {
        const places = padding === "same" ? [height, width] : [height - 2, width - 2];
        const slope = random.normal([batch, ...places, outputs]);
        const step: Step = (x, weight, slope) => {
          const { value, grads } = tf.valueAndGrads(convolved(padding))([x, weight], slope);
          return [value, ...grads];
        };
        assertEquals(await own(step, [x, weight, slope]), 3, padding);
      }
    },
  });
}

Deno.test({
  name:
    "of a map whose rows are taken in parts that overlap, the window's gradient is TensorFlow's",
  ignore,
  async fn() {
    const inputs = [[2, 3, 61, 8], [3, 3, 8, 8], [2, 3, 61, 8]].map((shape) =>
      random.normal(shape)
    );
    const step: Step = (x, weight, slope) => {
      const { value, grads } = tf.valueAndGrads(convolved("same"))([x, weight], slope);
      return [value, ...grads];
    };
    assertEquals(await own(step, inputs), 2);
  },
});

Deno.test({
  name: "a map may be one place",
  ignore,
  async fn() {
    const x = random.normal([2, 1, 1, 8]), weight = random.normal([3, 3, 8, 8]);
    assertEquals(await own((x, weight) => [convolved("same")(x, weight)], [x, weight]), 1);
  },
});

Deno.test({
  name: "what follows a convolution is computed along: a bias, another map, a ReLU",
  ignore,
  async fn() {
    const weight = random.normal([3, 3, 16, 16]);
    const bias = random.normal([16]);
    const steps: Step[] = [
      (x, weight, bias) => [tf.add(convolved("same")(x, weight), bias)],
      (x, weight, bias) => [tf.relu(tf.add(convolved("same")(x, weight), bias))],
      (x, weight, bias) => [tf.add(tf.add(convolved("same")(x, weight), bias), x)],
      (x, weight, bias) => [tf.relu(tf.add(x, tf.add(convolved("same")(x, weight), bias)))],
    ];
    // Tiles of a map with both sizes odd reach beyond it, where there is nothing to add.
    for (const shape of [[4, 9, 12, 16], [3, 9, 7, 16]]) {
      const x = random.normal(shape);
      for (const step of steps) assertEquals(await own(step, [x, weight, bias]), 1);
    }
  },
});

Deno.test({
  name: "a convolution with a normalisation of fixed statistics is a kernel where it pays",
  ignore,
  async fn() {
    const convolution = new Conv2d(16, 16, { size: 3, padding: 1, bias: false, random });
    const norm = new BatchNorm2d(16);
    norm.setTraining(false);
    const step: Step = (x) => [tf.relu(tf.add(norm.forward(convolution.forward(x)), x))];
    assertEquals(await own(step, [random.normal([8, 16, 16, 16])], "on"), 1);
    assertEquals(await own(step, [random.normal([1, 6, 6, 16])], "on"), 0);
  },
});

Deno.test({
  name: "other convolutions are TensorFlow's",
  ignore,
  async fn() {
    const x = random.normal([8, 16, 16, 8]) as tf.Tensor4D;
    const window = (...shape: number[]) => random.normal(shape) as tf.Tensor4D;
    const others: [name: string, step: Step][] = [
      ["a stride", (x, w) => [tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "same")]],
      ["holes", (x, w) => [
        tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NHWC", [2, 2]),
      ]],
    ];
    const weight = window(3, 3, 8, 8);
    for (const [name, step] of others) assertEquals(await own(step, [x, weight]), 0, name);
    const same: Step = (x, w) => [convolved("same")(x, w)];
    const weights = [[5, 5, 8, 8], [1, 1, 8, 8], [3, 1, 8, 8], [3, 3, 8, 12]];
    for (const shape of weights) {
      assertEquals(await own(same, [x, window(...shape)]), 0, `a window ${shape.join("×")}`);
    }
    const narrow = random.normal([8, 16, 16, 3]);
    assertEquals(await own(same, [narrow, window(3, 3, 3, 8)]), 0, "three channels");
  },
});

Deno.test({
  name: "a weight that the step changes is read before, and a gradient's gradient is right",
  ignore,
  async fn() {
    const values = random.normal([3, 3, 8, 8]) as tf.Tensor4D;
    const x = random.normal([4, 8, 8, 8]);
    const given = await Promise.all((["off", "all"] as const).map(async (choice) => {
      const weight = tf.variable(values);
      const step: Step = (x) => {
        const y = convolved("same")(x, weight);
        const slope = tf.grad((x: tf.Tensor) => tf.square(convolved("same")(x, weight)))(x);
        const second = tf.grad((x: tf.Tensor) =>
          tf.square(tf.grad((x: tf.Tensor) => tf.square(convolved("same")(x, weight)))(x))
        )(x);
        weight.assign(tf.mul(weight, 0.5));
        return [y, slope, second];
      };
      return await ran(choice, step, [x], 3);
    }));
    const [plain, fused] = given;
    assert(fused.report.convolutions >= 3, `${fused.report.convolutions}`);
    fused.calls.forEach((call, at) =>
      call.forEach((output, each) => assertNear(output, plain.calls[at][each], TOLERANCE))
    );
  },
});

Deno.test({
  name: "a NaN stays one, and a ReLU lets it pass",
  ignore,
  async fn() {
    const x = tf.tidy(() => tf.mul(tf.ones([1, 8, 8, 8]), NaN));
    const step: Step = (x, weight, bias) => [
      tf.relu(tf.add(convolved("same")(x, weight), bias)),
    ];
    const inputs = [x, random.normal([3, 3, 8, 8]), random.normal([8])];
    const { calls, report } = await ran("all", step, inputs);
    assertEquals(report.convolutions, 1);
    assert(calls[1][0].every(Number.isNaN));
  },
});

Deno.test({
  name: "one NaN, or infinite number, reaches as far as the window does, and no further",
  ignore,
  async fn() {
    const shape = [2, 9, 7, 8], numbers = Float32Array.from(random.normal(shape).dataSync());
    const weight = random.normal([3, 3, 8, 8]);
    for (
      const [row, column, beyond] of [
        ...[[0, 0, NaN], [3, 2, Infinity], [4, 5, NaN], [5, 3, -Infinity], [6, 4, NaN]],
        ...[[8, 6, NaN], [8, 5, Infinity]],
      ]
    ) {
      const one = numbers.slice();
      one[((9 + row) * 7 + column) * 8 + 5] = beyond;
      const step: Step = (x, weight) => [convolved("same")(x, weight)];
      const inputs = [tf.tensor(one, shape), weight];
      const plain = await ran("off", step, inputs), fused = await ran("all", step, inputs);
      assertEquals(fused.report.convolutions, 1);
      const places = (values: Float32Array) => Array.from(values, Number.isFinite);
      assertEquals(places(fused.calls[1][0]), places(plain.calls[1][0]), `${row}, ${column}`);
    }
  },
});

Deno.test({
  name: "numbers are the same bits on any number of threads, an image's in a batch of any size",
  ignore,
  async fn() {
    const source = `
      import { compile, Random } from "./lib/mod.ts";
      import * as tf from "./lib/tensor/tf.ts";
      const random = new Random(4);
      const x = random.normal([37, 16, 16, 16]);
      const weight = random.normal([3, 3, 16, 64]), slope = random.normal([37, 16, 16, 64]);
      const step = compile((x, weight, slope) => {
        const convolved = (x, weight) => tf.conv2d(x, weight, 1, "same");
        const { value, grads } = tf.valueAndGrads(convolved)([x, weight], slope);
        return [value, ...grads];
      });
      const digestOf = async (tensors) => {
        const bytes = tensors.map((each) => new Uint8Array(each.dataSync().buffer));
        const all = new Uint8Array(await new Blob(bytes).arrayBuffer());
        return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
      };
      for (let call = 0; call < 2; call++) {
        const whole = await step(x, weight, slope);
        const of = (each) => tf.slice(each, [0, 0, 0, 0], [5, -1, -1, -1]);
        const part = await step(of(x), weight, of(slope));
        const kernels = step.reports().map(({ convolutions }) => convolutions).join();
        console.log(kernels, await digestOf(whole), await digestOf(part.slice(0, 2)) === await digestOf(whole.slice(0, 2).map(of)));
      }`;
    const lines = new Set<string>();
    for (const TESSERA_THREADS of ["1", "2", "5"]) {
      const { output, errors } = await run(source, { TESSERA_FUSION: "on", TESSERA_THREADS });
      assert(/^3,2 \w+ true$/m.test(output), output + errors);
      output.trim().split("\n").forEach((line) => lines.add(line));
    }
    assertEquals(lines.size, 1);
  },
});

Deno.test({
  name: "convolutions are as TensorFlow's, held to AVX2 and to older instructions",
  ignore,
  async fn() {
    const source = `
      import { Random } from "./lib/mod.ts";
      import * as tf from "./lib/tensor/tf.ts";
      import { assertNear, ran } from "./tests/tensor/fusion/fused.ts";
      const random = new Random(6);
      for (const [places, channels] of [[[2, 9, 7], [16, 24]], [[2, 16, 16], [64, 32]]]) {
        const x = random.normal([...places, channels[0]]);
        const weight = random.normal([3, 3, ...channels]), slope = random.normal([...places, channels[1]]);
        const step = (x, weight, slope) => {
          const convolved = (x, weight) => tf.relu(tf.conv2d(x, weight, 1, "same"));
          const { value, grads } = tf.valueAndGrads(convolved)([x, weight], slope);
          return [value, ...grads];
        };
        const inputs = [x, weight, slope];
        const plain = await ran("off", step, inputs), fused = await ran("all", step, inputs);
        fused.calls[1].forEach((each, at) => assertNear(each, plain.calls[1][at], ${TOLERANCE}));
        console.log(fused.report.mode, fused.report.convolutions);
      }`;
    for (const ONEDNN_MAX_CPU_ISA of ["AVX2", "SSE41"]) {
      const { output, errors } = await run(source, { ONEDNN_MAX_CPU_ISA });
      assertEquals(output, "compiled 3\ncompiled 3", errors);
    }
  },
});

Deno.test("tiles are taken one at a time at least, and all of a map, whatever its channels", () => {
  for (const channels of [8, 64, 640, 1288, 4096]) {
    for (const places of [[1, 1], [4, 4], [9, 7], [16, 61]] as const) {
      const { down, across, rows, columns, strips, parts, count } = tilesOf({
        ...{ places, inputs: channels, outputs: channels },
      });
      const size = `${places.join("×")}, ${channels} channels`;
      assert(count >= 1 && count === rows * columns, size);
      assert(strips * rows >= down && parts * columns >= across, size);
    }
  }
});

Deno.test("a convolution's own numbers fit the stack for the sizes of the library's networks", () => {
  for (const [size, channels] of [[32, 16], [16, 32], [8, 64], [16, 64], [56, 64], [16, 128]]) {
    const sizes: readonly [number, number] = [size, size];
    const form: ConvolutionForm = {
      ...{ kind: "convolution", map: sizes, places: sizes, zeros: [1, 1] },
      ...{ inputs: channels, outputs: channels, hasBias: true, hasSum: true, hasRelu: true },
    };
    const { scratchBytes } = convolutionText(form, tuningHere());
    assert(scratchBytes <= MOST_SCRATCH_BYTES, `${size}, ${channels}: ${scratchBytes}`);
  }
});
