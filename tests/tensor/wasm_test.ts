/** tfjs's WASM backend with Tessera's kernels, held to tfjs's plain JavaScript. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "tfjs";
import "../../lib/tensor/gradients/mod.ts";
import { startWasm } from "../../lib/tensor/wasm.ts";

await startWasm();

/** Numbers without pattern, none of them near zero or alike. */
function values(shape: number[], seed = 1): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(Float32Array.from({ length: size }, (_, at) => Math.sin(7 * at + seed)), shape);
}

function assertClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  assertEquals(found.length, expected.length);
  const worst = Math.max(...Array.from(found, (value, at) => Math.abs(value - expected[at])));
  assertEquals(worst <= tolerance, true, `off by ${worst}`);
}

/** What `compute` gives on a backend, with its type; it makes its tensors there. */
async function on(backend: "wasm" | "cpu", compute: () => tf.Tensor) {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const result = tf.tidy(compute);
  const { shape, dtype } = result;
  const values = [...result.dataSync()];
  result.dispose();
  await tf.setBackend("wasm");
  return { shape, dtype, values, kept: tf.memory().numTensors - before };
}

const cases: Record<string, () => tf.Tensor> = {
  "oneHot of numbers with a fraction": () =>
    tf.oneHot(tf.tensor2d([[0, 3], [-1, 2]], [2, 2], "int32"), 3, 0.5, -2, "float32"),
  "oneHot of whole numbers": () => tf.oneHot(tf.tensor1d([2, 0, 5], "int32"), 4),
  "oneHot of truths": () => tf.oneHot(tf.tensor1d([1, 0], "int32"), 2, 1, 0, "bool"),
  "a product of whole numbers": () =>
    tf.matMul(
      tf.range(0, 6, 1, "int32").reshape([2, 3]),
      tf.range(0, 3, 1, "int32").reshape([3, 1]),
    ),
  "products of many small matrices": () => tf.matMul(values([3, 2, 4, 5]), values([3, 2, 5, 6])),
  "products of many larger matrices": () =>
    tf.matMul(values([2, 3, 40, 16]), values([2, 3, 16, 27], 2)),
  "products of one matrix with many": () => tf.matMul(values([1, 40, 16]), values([3, 16, 27], 2)),
  "products, the left ones transposed": () =>
    tf.matMul(values([2, 16, 40]), values([2, 16, 27]), true, false),
  "products, the right ones transposed": () =>
    tf.matMul(values([2, 40, 16]), values([2, 27, 16]), false, true),
  "products, both transposed": () =>
    tf.matMul(values([2, 16, 40]), values([2, 27, 16]), true, true),
  "a transpose of six axes": () => tf.transpose(values([2, 3, 4, 5, 1, 3]), [5, 0, 3, 1, 4, 2]),
  "a transpose of truths": () => tf.transpose(values([4, 3]).greater(0)),
  "a transpose that keeps the last axis": () => tf.transpose(values([3, 4, 20]), [1, 0, 2]),
  "repeats along axes of one": () => tf.tile(values([3, 1, 4, 1]), [1, 5, 1, 20]),
  "repeats along longer axes": () => tf.tile(values([3, 2]), [2, 3]),
  "gathered by each part's own places": () =>
    tf.gather(values([3, 4, 2]), tf.tensor2d([[0, 3], [2, 1], [3, 3]], [3, 2], "int32"), 1, 1),
  "gathered so along a later axis": () =>
    tf.gather(values([2, 3, 4, 2]), tf.tensor2d([[0, 3, 1], [2, 1, 1]], [2, 3], "int32"), 2, 1),
  "gathered by the places of two axes": () =>
    tf.gather(values([2, 2, 3]).greater(0), tf.tensor3d([2, 0, 1, 1], [2, 2, 1], "int32"), 2, 2),
  "a repeat of nothing": () => tf.tile(values([0, 1]), [1, 4]),
  "the largest of windows of which none fits": () =>
    tf.maxPool(values([3, 3, 2, 5]) as tf.Tensor4D, 3, 3, "valid"),
  "the means of windows of which none fits": () =>
    tf.avgPool(values([1, 2, 2, 1]) as tf.Tensor4D, 3, 1, "valid"),
};
for (const [name, compute] of Object.entries(cases)) {
  Deno.test(`WASM gives plain JavaScript's values: ${name}`, async () => {
    const [wasm, javaScript] = [await on("wasm", compute), await on("cpu", compute)];
    assertEquals([wasm.shape, wasm.dtype], [javaScript.shape, javaScript.dtype]);
    if (wasm.dtype === "float32") assertClose(wasm.values, javaScript.values, 1e-5);
    else assertEquals(wasm.values, javaScript.values);
    assertEquals(wasm.kept, 0, "tensors left behind");
  });
}

/** Pools of images `[2, 9, 8, 3]`. */
const pools: [size: [number, number], stride: [number, number], padding: "same" | "valid"][] = [
  [[2, 2], [2, 2], "valid"],
  [[3, 3], [2, 2], "same"],
  [[3, 2], [1, 3], "same"],
  [[2, 3], [3, 1], "valid"],
];
for (const [size, stride, padding] of pools) {
  for (const kind of ["maxPool", "avgPool"] as const) {
    const title = `${kind}, window ${size.join("×")}, stride ${stride.join("×")}, ${padding}`;
    Deno.test(`WASM's gradient of a pool is plain JavaScript's: ${title}`, async () => {
      const gradient = () => {
        // Rounded, so that some windows have their largest value twice.
        const x = tf.round(tf.mul(values([2, 9, 8, 3]), 3));
        const pool = (x: tf.Tensor) => tf[kind](x as tf.Tensor4D, size, stride, padding);
        return tf.grad(pool)(x, tf.cos(pool(x)) as tf.Tensor4D);
      };
      const [wasm, javaScript] = [await on("wasm", gradient), await on("cpu", gradient)];
      assertClose(wasm.values, javaScript.values, 1e-5);
    });
  }
}

Deno.test("WASM keeps no values for a gradient that needs their shapes alone", () => {
  const x = tf.variable(values([100]));
  const backend = tf.engine().backend;
  const before = backend.numDataIds();
  let kept = 0;
  const { value, grads } = tf.variableGrads(() => {
    const sum = tf.tidy(() => {
      let y: tf.Tensor = x;
      for (let turn = 0; turn < 10; turn++) y = tf.reshape(tf.add(y, 1), [10, 10]).reshape([100]);
      return tf.sum(y) as tf.Scalar;
    });
    kept = backend.numDataIds() - before;
    return sum;
  }, [x]);
  assertEquals([...grads[x.name].dataSync()], Array(100).fill(1));
  assertEquals(kept <= 2, true, `${kept} tensors are kept`);
  tf.dispose([value, grads, x]);
});

Deno.test("WASM gives its memory back after products", () => {
  const buffers = () => tf.engine().backend.numDataIds();
  const before = buffers();
  for (let round = 0; round < 3; round++) {
    tf.tidy(() => tf.matMul(values([2, 16, 40]), values([2, 27, 16]), true, true).dataSync());
  }
  assertEquals(buffers(), before);
});

/** Convolutions of images `[2, 9, 8, 3]`, whose windows end before the image does too. */
const convolutions: [window: [number, number], stride: [number, number], padding: unknown][] = [
  [[3, 3], [1, 1], "same"],
  [[3, 2], [2, 2], "same"],
  [[3, 3], [3, 2], "valid"],
  [[2, 3], [3, 3], "valid"],
  [[1, 1], [2, 2], "valid"],
  [[4, 4], [2, 2], 2],
  [[3, 3], [2, 2], [[0, 0], [1, 2], [0, 1], [0, 0]]],
];
for (const [window, stride, padding] of convolutions) {
  const title = `a window of ${window.join("×")}, stride ${stride}, padding ${padding}`;
  Deno.test(`WASM's gradient of a convolution is tfjs's own: ${title}`, async () => {
    const x = () => values([2, 9, 8, 3]) as tf.Tensor4D;
    const filter = () => values([...window, 3, 4], 2) as tf.Tensor4D;
    const convolved = (x: tf.Tensor4D, filter: tf.Tensor4D) =>
      tf.conv2d(x, filter, stride, padding as "same");
    const dy = () => tf.cos(convolved(x(), filter())) as tf.Tensor4D;
    const attributes = { strides: stride, pad: padding, dataFormat: "NHWC" } as never;
    const expected = [
      await on(
        "cpu",
        () =>
          tf.engine().runKernel(tf.Conv2DBackpropInput, { dy: dy(), filter: filter() }, {
            ...attributes as object,
            inputShape: [2, 9, 8, 3],
          }) as tf.Tensor,
      ),
      await on("cpu", () =>
        tf.engine().runKernel(tf.Conv2DBackpropFilter, { x: x(), dy: dy() }, {
          ...attributes as object,
          filterShape: [...window, 3, 4],
        }) as tf.Tensor),
    ];
    const gradients = tf.grads((x, filter) => convolved(x as tf.Tensor4D, filter as tf.Tensor4D))(
      [x(), filter()],
      dy(),
    );
    gradients.forEach((gradient, index) => {
      assertEquals(gradient.shape, expected[index].shape);
      assertClose(gradient.dataSync(), expected[index].values, 1e-5);
    });
  });
}

Deno.test("WASM's gradient of a convolution has a gradient", () => {
  const x = values([1, 5, 5, 2]) as tf.Tensor4D;
  const loss = (filter: tf.Tensor) =>
    tf.sum(tf.pow(tf.conv2d(x, filter as tf.Tensor4D, 2, "same"), 3)) as tf.Scalar;
  const length = (filter: tf.Tensor) => tf.sum(tf.square(tf.grad(loss)(filter))) as tf.Scalar;
  const at = values([3, 3, 2, 2], 3);
  const direction = values([3, 3, 2, 2], 4);
  const slope = tf.sum(tf.mul(tf.grad(length)(at), direction)).dataSync()[0];
  const ahead = (step: number) => length(tf.add(at, tf.mul(direction, step))).dataSync()[0];
  const measured = (ahead(0.01) - ahead(-0.01)) / 0.02;
  assertClose([measured / slope], [1], 0.01);
});

Deno.test("WASM's convolution with dilation has a gradient: that of a window with zeros", () => {
  const x = values([1, 7, 7, 1]) as tf.Tensor4D;
  const dilated = (filter: tf.Tensor) =>
    tf.sum(tf.square(tf.conv2d(x, filter as tf.Tensor4D, 1, "valid", "NHWC", 2)));
  const spread = (filter: tf.Tensor) => {
    const rows = tf.stack([filter, tf.zerosLike(filter)], 1).reshape([4, 2, 1, 1]);
    const both = tf.stack([rows, tf.zerosLike(rows)], 2).reshape([4, 4, 1, 1]);
    const window = tf.slice(both, [0, 0, 0, 0], [3, 3, 1, 1]) as tf.Tensor4D;
    return tf.sum(tf.square(tf.conv2d(x, window, 1, "valid")));
  };
  const filter = values([2, 2, 1, 1]);
  assertClose(tf.grad(dilated)(filter).dataSync(), tf.grad(spread)(filter).dataSync(), 1e-4);
});

const misfits: [kernel: string, call: () => tf.Tensor, message: string][] = [
  [
    "Add",
    () => tf.add(values([2, 7, 10]), values([8, 10])),
    "Add(float32[2,7,10], float32[8,10]): Incompatible shapes: [2,7,10] vs. [8,10]",
  ],
  [
    "Mul",
    () => tf.mul(values([3]), values([4])),
    "Mul(float32[3], float32[4]): Incompatible shapes: [3] vs. [4]",
  ],
  [
    "BatchMatMulV2",
    () => tf.matMul(values([3, 4]), values([3, 4])),
    "BatchMatMulV2(float32[3,4], float32[3,4]): Matrix size-incompatible: In[0]: [3,4], In[1]: [3,4]",
  ],
  [
    "a number in place of a matrix",
    () => tf.matMul(NaN as unknown as tf.Tensor, values([3, 5, 4])),
    "BatchMatMulV2(float32[], float32[3,5,4]): In[0] ndims must be >= 2: 0",
  ],
  [
    "batches",
    () => tf.matMul(values([3, 5, 4]), values([4, 4, 3])),
    "must have compatible batch dimensions: [3,5,4] vs. [4,4,3]",
  ],
  [
    "Reshape",
    () => tf.reshape(values([3, 4]), [5]),
    "Reshape(float32[3,4]): Input to reshape is a tensor with 12 values, but the requested shape has 5",
  ],
  [
    "Reshape to a size with a fraction",
    () => tf.reshape(values([3, 4]), [8, 1.5]),
    "Input to reshape is a tensor with 12 values, but the requested shape has 8",
  ],
  [
    "Reshape with an open size",
    () => tf.reshape(values([3, 4]), [-1, 5]),
    "Input to reshape is a tensor with 12 values, but the requested shape requires a multiple of 5",
  ],
  [
    "Reshape to a shape in single numbers",
    () => (tf.reshape as unknown as (...args: unknown[]) => tf.Tensor)(values([3, 4]), 4, 3),
    "flat/TypedArray",
  ],
  [
    "MaxPool of a window that is much too large",
    () => tf.maxPool(values([1, 1, 2, 1]) as tf.Tensor4D, 3, 1, "valid"),
    "MaxPool(float32[1,1,2,1]): Computed output size would be negative: -1 " +
    "[input_size: 1, effective_filter_size: 3, stride: 1]",
  ],
  [
    "Conv2D of a filter that is much too large",
    () =>
      tf.conv2d(
        values([1, 4, 1, 1]) as tf.Tensor4D,
        values([2, 3, 1, 1]) as tf.Tensor4D,
        1,
        "valid",
      ),
    "Computed output size would be negative: -1 " +
    "[input_size: 1, effective_filter_size: 3, stride: 1]",
  ],
  [
    "Slice",
    () => tf.slice(values([3, 4]), [1, 0], [3, 4]),
    "Slice(float32[3,4]): Expected size[0] in [0, 2], but got 3",
  ],
];
for (const [what, call, message] of misfits) {
  Deno.test(`WASM says in TensorFlow's words what does not fit: ${what}`, () => {
    assertStringIncludes(assertThrows(call, Error).message, message);
  });
}
