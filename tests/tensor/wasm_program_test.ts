/** Tessera's own WASM program at random sizes, held to tfjs's plain JavaScript. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "tfjs";
import { type Draw, drawOnHost } from "../../lib/tensor/host_random.ts";
import * as ops from "../../lib/tensor/ops.ts";
import { startWasm } from "../../lib/tensor/wasm.ts";
import { TensorFlowError } from "../../lib/tensor/tensorflow_error.ts";
import { seedFrom } from "../seeds.ts";

await startWasm();

/** Whole numbers below `limit`, the same for one seed. */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seedFrom(seed) * 2654435761 >>> 0;
  return (limit) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return (state >>> 8) % limit;
  };
}

/** Values that are exact in sums, so that their order does not matter. */
function values(shape: number[], next: (limit: number) => number): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(Float32Array.from({ length: size }, () => (next(33) - 16) / 8), shape);
}

/** What `compute` makes of the same tensors by WASM and by plain JavaScript, value by value. */
async function both(compute: (x: tf.Tensor[]) => tf.Tensor[], given: tf.Tensor[]) {
  const copies = given.map((x) => ({ values: x.dataSync(), shape: x.shape, dtype: x.dtype }));
  tf.dispose(given);
  const found: { shape: number[]; dtype: string; values: number[] }[][] = [];
  for (const backend of ["wasm", "cpu"]) {
    await tf.setBackend(backend);
    const inputs = copies.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype));
    const before = tf.memory().numTensors;
    const results = tf.tidy(() => compute(inputs));
    found.push(results.map((result) => ({
      shape: result.shape,
      dtype: result.dtype,
      // The sign of a zero hangs on the order of additions.
      values: Array.from(result.dataSync(), (value) => value + 0),
    })));
    tf.dispose(results);
    assertEquals(tf.memory().numTensors, before, "tensors left behind");
    tf.dispose(inputs);
  }
  await tf.setBackend("wasm");
  return { wasm: found[0], plain: found[1] };
}

/** Values are sums of exact ones, and are to be equal. */
async function assertSame(
  title: string,
  compute: (x: tf.Tensor[]) => tf.Tensor,
  given: tf.Tensor[],
) {
  const { wasm, plain } = await both((x) => [compute(x)], given);
  assertEquals(wasm, plain, title);
}

/** Value and gradients are to be equal but for rounding. */
async function assertClose(
  title: string,
  op: (...x: tf.Tensor[]) => tf.Tensor,
  given: tf.Tensor[],
) {
  const { wasm, plain } = await both((x) => {
    const value = op(...x);
    return [value, ...tf.grads(op)(x, tf.cos(value))];
  }, given);
  wasm.forEach(({ shape, values }, index) => {
    assertEquals(shape, plain[index].shape, title);
    const off = Math.max(...values.map((value, at) => {
      const expected = plain[index].values[at];
      return Math.abs(value - expected) / Math.max(1, Math.abs(expected));
    }));
    assertEquals(
      off < 2e-5,
      true,
      `${title}, ${index === 0 ? "value" : "gradient"}: off by ${off}`,
    );
  });
}

Deno.test("products of matrices of random sizes, transposed or not, are plain JavaScript's", async () => {
  const next = numbersFrom(1);
  const batches: [number[], number[]][] = [
    [[], []],
    [[3], [3]],
    [[2, 2], [2, 2]],
    [[1], [4]],
    [
      [3],
      [1],
    ],
    [[1, 1], [5]],
    [[2, 1], [1, 3]],
  ];
  for (let round = 0; round < 42; round++) {
    const [left, right] = batches[round % batches.length];
    // Now and then longer than a block, and widths on both sides of a panel's.
    const [rows, columns] = [1 + next(75), 1 + next(round % 6 === 0 ? 300 : 20)];
    const inner = 1 + next(round % 5 === 0 ? 600 : 40);
    const [aTransposed, bTransposed] = [next(2) === 1, next(2) === 1];
    const a = values([...left, ...(aTransposed ? [inner, rows] : [rows, inner])], next);
    const b = values([...right, ...(bTransposed ? [columns, inner] : [inner, columns])], next);
    const title = `[${a.shape}]${aTransposed ? "ᵀ" : ""} · [${b.shape}]${bTransposed ? "ᵀ" : ""}`;
    await assertSame(title, ([a, b]) => tf.matMul(a, b, aTransposed, bTransposed), [a, b]);
  }
});

Deno.test("a product over an empty axis is zeros, and one of no rows is empty", async () => {
  const product = ([a, b]: tf.Tensor[]) => tf.matMul(a, b);
  await assertSame("no inner axis", product, [tf.zeros([2, 0]), tf.zeros([0, 3])]);
  await assertSame("no rows", product, [tf.zeros([0, 2]), tf.zeros([2, 3])]);
});

Deno.test("what is the same as another tensor outlives it, and takes no memory", () => {
  tf.tidy(() => {
    const x = tf.tensor1d([1, 2, 3]);
    const before = tf.engine().backend.numDataIds();
    const same = tf.clone(x);
    assertEquals(tf.engine().backend.numDataIds(), before);
    x.dispose();
    assertEquals([...same.dataSync()], [1, 2, 3]);
  });
});

/** Sizes of up to four axes, each on one side or the other of a multiple of four. */
const someShape = (next: (limit: number) => number, axes = 1 + next(4)) =>
  Array.from({ length: axes }, () => 1 + next(11));

Deno.test("sums along any axes are plain JavaScript's", async () => {
  const next = numbersFrom(2);
  for (let round = 0; round < 30; round++) {
    const shape = someShape(next);
    const axes = shape.map((_, axis) => axis).filter(() => next(2) === 1);
    const keepDims = next(2) === 1;
    const title = `[${shape}] along [${axes}]`;
    const compute = ([x]: tf.Tensor[]) => tf.sum(x, axes.length > 0 ? axes : undefined, keepDims);
    await assertSame(title, compute, [values(shape, next)]);
    await assertClose(`mean of ${title}`, (x) => tf.mean(x, axes, keepDims), [values(shape, next)]);
  }
  await assertSame("sums of nothing", ([x]) => tf.sum(x, 1), [tf.zeros([2, 0, 3])]);
});

Deno.test("axes in any order, and repeats, are plain JavaScript's", async () => {
  const next = numbersFrom(3);
  for (let round = 0; round < 30; round++) {
    const shape = someShape(next, 2 + next(4));
    const order = shape.map((_, axis) => ({ axis, key: next(1000) })).sort((a, b) => a.key - b.key);
    const perm = order.map(({ axis }) => axis);
    const compute = ([x]: tf.Tensor[]) => tf.transpose(x, perm);
    await assertSame(`[${shape}] to [${perm}]`, compute, [values(shape, next)]);
    const bools = tf.tidy(() => tf.greater(values(shape, next), 0));
    await assertSame(`truths [${shape}] to [${perm}]`, compute, [bools]);
  }
});

Deno.test("fused ops of random sizes have the composed ones' values and gradients", async () => {
  const next = numbersFrom(4);
  const some = (shape: number[]) => values(shape, next);
  for (let round = 0; round < 12; round++) {
    const [rows, width] = [1 + next(9), 1 + next(round % 4 === 0 ? 70 : 11)];
    const title = `[${rows}, ${width}]`;
    await assertClose(`gelu of ${title}`, ops.gelu, [some([rows, width])]);
    await assertClose(`softmax of ${title}`, ops.softmax, [some([rows, width])]);
    await assertClose(
      `layerNorm of ${title}`,
      (x, scale, shift) => ops.layerNorm(x, scale as tf.Tensor1D, shift as tf.Tensor1D, 1e-2),
      [some([2, rows, width]), some([width]), some([width])],
    );
    const outputs = 1 + next(20);
    await assertClose(
      `linear of ${title} to ${outputs}`,
      (x, weight, bias) => ops.linear(x, weight as tf.Tensor2D, bias as tf.Tensor1D),
      [some([2, rows, width]), some([width, outputs]), some([outputs])],
    );
    const keeps = Array.from({ length: rows * width }, () => next(2));
    await assertClose(
      `mask of ${title}`,
      (x) => ops.masked(x, tf.tensor(keeps, [rows, width], "bool"), 1.25),
      [some([rows, width])],
    );
  }
});

Deno.test("softmax and gelu of extreme values are what plain JavaScript gives", async () => {
  const extreme = [0, -0, 1e-30, 5, -5, 20, -20, 88, -88, 200, -200, 1e10, -1e10];
  const x = () => tf.tensor(extreme);
  await assertClose("gelu", ops.gelu, [x()]);
  await assertClose("softmax", ops.softmax, [x()]);
  const masked = () => tf.tensor2d([[1, -Infinity, 2], [-1e9, 0, -1e9]]);
  const { wasm, plain } = await both(([x]) => [ops.softmax(x)], [masked()]);
  assertEquals(wasm[0].values[1], 0);
  wasm[0].values.forEach((value, at) =>
    assertEquals(Math.abs(value - plain[0].values[at]) < 1e-6, true)
  );
  const notANumber = await both(([x]) => [ops.softmax(x), ops.gelu(x)], [tf.tensor2d([[1, NaN]])]);
  assertEquals(notANumber.wasm[0].values, [NaN, NaN]);
  assertEquals(notANumber.wasm[1].values[1], NaN);
});

Deno.test("an Adam update is the composed one's", async () => {
  const next = numbersFrom(5);
  for (const size of [1, 3, 4, 5, 18]) {
    const { wasm, plain } = await both(
      (given) => {
        const [parameter, first, second] = given.slice(0, 3).map((x) => tf.variable(tf.abs(x)));
        ops.adamUpdate(parameter, first, second, given[3], {
          learningRate: tf.scalar(0.01),
          firstCorrection: tf.scalar(0.19),
          secondCorrection: tf.scalar(0.002),
          ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
        });
        const results = [parameter, first, second].map((each) => tf.add(each, 0));
        tf.dispose([parameter, first, second]);
        return results;
      },
      Array.from({ length: 4 }, () => values([size], next)),
    );
    wasm.forEach(({ values }, index) =>
      values.forEach((value, at) =>
        assertEquals(Math.abs(value - plain[index].values[at]) < 1e-6, true, `${size} values`)
      )
    );
  }
});

Deno.test("random numbers are the same by WASM and plain JavaScript, whatever the version", async () => {
  const draws: Draw[] = [
    { kind: "uniform" },
    { kind: "normal" },
    { kind: "truncated normal" },
    { kind: "integers", low: -3, high: 8 },
    { kind: "chance", probability: 0.9 },
  ];
  for (const draw of draws) {
    const seed = tf.tensor1d([12345, 7], "int32");
    const compute = ([seed]: tf.Tensor[]) => drawOnHost(seed as tf.Tensor1D, [5, 7], draw);
    await assertSame(draw.kind, compute, [seed]);
  }
  const first = drawOnHost(tf.tensor1d([1, 0], "int32"), [2], { kind: "uniform" }).dataSync();
  assertEquals([...first], [0.014401055872440338, 0.6366701126098633]);
});

Deno.test("convolutions of random sizes, and their gradients, are plain JavaScript's", async () => {
  const next = numbersFrom(6);
  for (let round = 0; round < 24; round++) {
    const [height, width] = [1 + next(4), 1 + next(4)];
    const images = [1 + next(3), height + next(12), width + next(12), 1 + next(6)];
    const filter = [height, width, images[3], 1 + next(round % 4 === 0 ? 40 : 10)];
    const stride: [number, number] = [1 + next(3), 1 + next(3)];
    const pad = ["same", "valid", 1][round % 3] as "same" | "valid" | number;
    const title = `[${images}] with [${filter}], stride ${stride}, ${pad}`;
    const convolved = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad);
    await assertClose(title, convolved, [values(images, next), values(filter, next)]);
  }
});

Deno.test("convolutions that the program does not compute are left to tfjs", async () => {
  const next = numbersFrom(7);
  const dilated = ([x, filter]: tf.Tensor[]) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same", "NHWC", 2);
  await assertSame("dilated", dilated, [values([2, 9, 8, 3], next), values([3, 2, 3, 5], next)]);
});

Deno.test("a pool's gradient at random sizes is plain JavaScript's", async () => {
  const next = numbersFrom(8);
  for (let round = 0; round < 16; round++) {
    const size: [number, number] = [1 + next(3), 1 + next(3)];
    const images = [1 + next(3), size[0] + next(9), size[1] + next(9), 1 + next(9)];
    const stride: [number, number] = [1 + next(3), 1 + next(3)];
    const pad = round % 2 === 0 ? "same" : "valid";
    const title = `[${images}], window ${size}, stride ${stride}, ${pad}`;
    const pooled = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, stride, pad);
    // Many windows have their largest value more than once.
    await assertClose(title, pooled, [tf.tidy(() => tf.round(values(images, next)))]);
  }
});

Deno.test("where WASM's memory is full an op fails, and what is there stays as it is", () => {
  const kept = tf.tensor1d([1, 2, 3]);
  const { message } = assertThrows(() => tf.fill([2 ** 15, 2 ** 15], 1), TensorFlowError);
  assertStringIncludes(message, "has no room for 4,096 MB more");
  assertEquals([...tf.add(kept, 1).dataSync()], [2, 3, 4]);
  kept.dispose();
});
