/**
 * Kernels of tfjs's WASM backend that are wrong, or many times slower than they need be, and what takes their
 * place: most of it in Tessera's own program (`wasm/`).
 */
import * as tf from "tfjs";
import { type Kernel, loaded, placeOf, type WasmBackend } from "./wasm_calls.ts";
import { convolution, gradientByFilters, gradientByImages } from "./wasm_convolution.ts";
import { maxPoolGradient } from "./wasm_max_pool_gradient.ts";
import { batchMatMul } from "./wasm_product.ts";

const bytesOfFloat = 4;

/** How far apart neighbours along each axis lie. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => tf.util.sizeFromShape(shape.slice(axis + 1)));
}

/** The same places with as few axes as they need, at least one: those of one place fall away, some join. */
function joined(shape: readonly number[], strides: readonly number[]): [number[], number[]] {
  const axes: { size: number; stride: number }[] = [];
  shape.forEach((size, axis) => {
    const last = axes.at(-1), stride = strides[axis];
    if (size === 1) return;
    if (last && last.stride === stride * size) {
      last.size *= size;
      last.stride = stride;
    } else axes.push({ size, stride });
  });
  if (axes.length === 0) axes.push({ size: 1, stride: 1 });
  return [axes.map(({ size }) => size), axes.map(({ stride }) => stride)];
}

/** The values of `x` in a new shape, where neighbours along each axis are those that lie `strides` apart in `x`. */
function rearranged(
  backend: WasmBackend,
  x: tf.TensorInfo,
  shape: number[],
  strides: readonly number[],
): tf.TensorInfo {
  const output = backend.makeOutput(shape, x.dtype);
  const [sizes, steps] = joined(shape, strides);
  if (tf.util.sizeFromShape(shape) === 0) return output;
  if (x.dtype === "bool") return rearrangedBytes(backend, x, output, [sizes, steps]);
  const { calls, scratch } = loaded(), rank = sizes.length;
  const list = new Int32Array(backend.wasm.asm.memory.buffer, scratch, 2 * rank);
  list.set(sizes);
  list.set(steps, rank);
  const lists = [0, 1, 2].map((index) => scratch + index * rank * bytesOfFloat);
  calls.rearrange(placeOf(backend, x), placeOf(backend, output), rank, ...lists);
  return output;
}

function rearrangedBytes(
  backend: WasmBackend,
  x: tf.TensorInfo,
  output: tf.TensorInfo,
  [shape, strides]: [number[], number[]],
): tf.TensorInfo {
  const source = backend.typedArrayFromHeap(x);
  const target = backend.typedArrayFromHeap(output);
  const [length, stride] = [shape.at(-1)!, strides.at(-1)!];
  const places = shape.slice(0, -1).map(() => 0);
  for (let to = 0, from = 0; to < target.length; to += length) {
    for (let place = 0; place < length; place++) target[to + place] = source[from + place * stride];
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

/** Sums of float32 along neighbouring axes; tfjs's transposes where they are not the last. */
const sum = (before: Kernel): Kernel => (options) => {
  const { inputs: { x }, backend, attrs } = options;
  const axes = tf.util.parseAxisParam(attrs.axis as number | number[], x.shape)
    .filter((axis) => x.shape[axis] !== 1).sort((a, b) => a - b);
  const [first, last] = [axes[0], axes.at(-1)!];
  const between = x.shape.slice(first, last + 1).filter((size) => size !== 1);
  if (x.dtype !== "float32" || axes.length === 0 || between.length !== axes.length) {
    return before(options);
  }
  const summed = new Set(tf.util.parseAxisParam(attrs.axis as number | number[], x.shape));
  const shape = attrs.keepDims
    ? x.shape.map((size, axis) => summed.has(axis) ? 1 : size)
    : x.shape.filter((_, axis) => !summed.has(axis));
  const output = backend.makeOutput(shape, "float32");
  const sizes = [x.shape.slice(0, first), between, x.shape.slice(last + 1)]
    .map((sizes) => tf.util.sizeFromShape(sizes));
  loaded().calls.sum(placeOf(backend, x), placeOf(backend, output), ...sizes);
  return output;
};

/** A sum, divided. */
const mean = (before: Kernel): Kernel => (options) => {
  const { inputs: { x }, backend, attrs } = options;
  if (x.dtype !== "float32") return before(options);
  const summed = tf.util.parseAxisParam(attrs.axis as number | number[], x.shape);
  const output = tf.engine().runKernel("Sum", { x: x as tf.Tensor }, attrs as tf.NamedAttrMap);
  const values = backend.typedArrayFromHeap(output as tf.Tensor);
  const count = summed.reduce((product, axis) => product * x.shape[axis], 1);
  for (let at = 0; at < values.length; at++) values[at] /= count;
  return output as tf.Tensor;
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

/** tfjs's pooling reads past the end of memory where no window fits into the images. */
const pool = (before: Kernel): Kernel => (options) => {
  const { inputs: { x }, backend, attrs } = options;
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.MaxPoolAttrs;
  const images = x.shape as [number, number, number, number];
  const { outShape } = tf.backend_util
    .computePool2DInfo(images, filterSize, strides, 1, pad, dimRoundingMode);
  if (outShape.every((size) => size > 0)) return before(options);
  return backend.makeOutput(outShape.map((size) => Math.max(0, size)), x.dtype);
};

/** A size with a fraction, which tfjs keeps, as TensorFlow reads it: others would read past the tensor's end. */
const reshape = (before: Kernel): Kernel => (options) =>
  before({
    ...options,
    attrs: { shape: (options.attrs.shape as number[]).map(Math.trunc) },
  });

/** Puts these kernels in the place of tfjs's. */
export function replaceWasmKernels(): void {
  const replacements: [string, (before: Kernel) => Kernel][] = [
    [tf.Identity, () => identity],
    [tf.OneHot, () => oneHot],
    [tf.MaxPool, pool],
    [tf.AvgPool, pool],
    [tf.MaxPoolGrad, () => maxPoolGradient],
    [tf.Conv2D, convolution],
    [tf.Conv2DBackpropInput, gradientByImages],
    [tf.Conv2DBackpropFilter, gradientByFilters],
    [tf.BatchMatMul, () => batchMatMul],
    [tf.Sum, sum],
    [tf.Mean, mean],
    [tf.Reshape, reshape],
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
