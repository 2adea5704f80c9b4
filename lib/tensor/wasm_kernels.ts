/**
 * Kernels of tfjs's WASM backend that are wrong, or many times slower than they need be: one-hot values that
 * are not whole numbers, what is gathered for each part of a batch, products of whole numbers, of transposed and of many small matrices, transposes,
 * repeats. In a Vision Transformer's training step they are most of the time.
 */
import * as tf from "tfjs";
import type { Kernel, WasmBackend } from "./wasm_calls.ts";
import { maxPoolGradient } from "./wasm_max_pool_gradient.ts";
import { batchMatMul } from "./wasm_product.ts";

/** Shorter runs of neighbours are copied one by one. */
const shortestRun = 16;

/** How far apart neighbours along each axis lie. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => tf.util.sizeFromShape(shape.slice(axis + 1)));
}

/** The values of `x` in a new shape, where neighbours along each axis are those that lie `strides` apart in `x`. */
function rearranged(
  backend: WasmBackend,
  x: tf.TensorInfo,
  shape: number[],
  strides: readonly number[],
): tf.TensorInfo {
  const output = backend.makeOutput(shape, x.dtype);
  const source = backend.typedArrayFromHeap(x);
  const target = backend.typedArrayFromHeap(output);
  const [length, stride] = [shape.at(-1) ?? 1, strides.at(-1) ?? 1];
  const places = shape.slice(0, -1).map(() => 0);
  for (let to = 0, from = 0; to < target.length; to += length) {
    if (stride === 0) target.fill(source[from], to, to + length);
    else if (stride === 1 && length >= shortestRun) {
      target.set(source.subarray(from, from + length), to);
    } else {
      for (let place = 0; place < length; place++) {
        target[to + place] = source[from + place * stride];
      }
    }
    for (let axis = places.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++places[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      places[axis] = 0;
    }
  }
  return output;
}

/** With its axes in another order. */
function permuted(backend: WasmBackend, x: tf.TensorInfo, order: readonly number[]): tf.TensorInfo {
  const strides = stridesOf(x.shape);
  return rearranged(
    backend,
    x,
    order.map((axis) => x.shape[axis]),
    order.map((axis) => strides[axis]),
  );
}

/** tfjs's kernel writes whole numbers, whatever the type. */
const oneHot: Kernel = ({ inputs: { indices }, backend, attrs }) => {
  const { dtype, depth, onValue, offValue } = attrs as unknown as tf.OneHotAttrs;
  const output = backend.makeOutput([...indices.shape, depth], dtype);
  const values = backend.typedArrayFromHeap(output).fill(offValue);
  backend.typedArrayFromHeap(indices).forEach((index, row) => {
    if (index >= 0 && index < depth) values[row * depth + index] = onValue;
  });
  return output;
};

const transpose = (before: Kernel): Kernel => (options) => {
  const { inputs: { x }, backend, attrs } = options;
  return x.dtype === "string" ? before(options) : permuted(backend, x, attrs.perm as number[]);
};

const tile = (before: Kernel): Kernel => (options) => {
  const { inputs: { x }, backend, attrs } = options;
  const repeats = attrs.reps as number[];
  const isRepeat = repeats.every((times, axis) => times === 1 || x.shape[axis] === 1);
  if (x.dtype === "string" || !isRepeat) return before(options);
  const strides = stridesOf(x.shape).map((stride, axis) => repeats[axis] === 1 ? stride : 0);
  return rearranged(backend, x, x.shape.map((size, axis) => size * repeats[axis]), strides);
};

/** The same values once more need no memory of their own: nothing changes a tensor's. */
const identity: Kernel = ({ inputs: { x }, backend }) => {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

/**
 * With indices for each part of a batch tfjs looks them up as if there were as many of them as parts, and gives
 * wrong values where there are not.
 */
const gather = (before: Kernel): Kernel => (options) => {
  const { inputs: { x, indices }, backend, attrs } = options;
  const batchDims = attrs.batchDims as number;
  if (batchDims === 0 || x.dtype === "string") return before(options);
  const [axis] = tf.util.parseAxisParam(attrs.axis as number, x.shape);
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = tf.backend_util.segment_util
    .collectGatherOpShapeInfo(x as tf.Tensor, indices as tf.Tensor, axis, batchDims);
  const output = backend.makeOutput(outputShape, x.dtype);
  const [source, places, target] = [x, indices, output].map((tensor) =>
    backend.typedArrayFromHeap(tensor)
  );
  const count = places.length / batchSize;
  for (let row = 0, to = 0; row < batchSize * outerSize; row++) {
    const first = Math.floor(row / outerSize) * count;
    for (let at = first; at < first + count; at++) {
      const place = places[at];
      if (place < 0 || place >= dimSize) {
        backend.disposeData(output.dataId);
        throw new RangeError(`GatherV2: the index value ${place} is not in [0, ${dimSize - 1}]`);
      }
      const from = (row * dimSize + place) * sliceSize;
      for (let step = 0; step < sliceSize; step++) target[to++] = source[from + step];
    }
  }
  return output;
};

/** Puts these kernels in the place of tfjs's. */
export function replaceWasmKernels(): void {
  const replacements: [string, (before: Kernel) => Kernel][] = [
    [tf.Identity, () => identity],
    [tf.OneHot, () => oneHot],
    [tf.MaxPoolGrad, () => maxPoolGradient],
    [tf.BatchMatMul, () => batchMatMul],
    [tf.Transpose, transpose],
    [tf.Tile, tile],
    [tf.GatherV2, gather],
  ];
  for (const [name, replacement] of replacements) {
    const kernel = tf.getKernel(name, "wasm");
    const before = kernel.kernelFunc as unknown as Kernel;
    tf.unregisterKernel(name, "wasm");
    tf.registerKernel({ ...kernel, kernelFunc: replacement(before) as unknown as tf.KernelFunc });
  }
}
