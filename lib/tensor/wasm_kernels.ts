/**
 * Kernels of tfjs's WASM backend that are wrong, or many times slower than they need be: one-hot values that
 * are not whole numbers, products of whole numbers, of transposed and of many small matrices, transposes,
 * repeats. In a Vision Transformer's training step they are most of the time.
 */
import * as tf from "tfjs";
import { maxPoolGradient } from "./wasm_max_pool_gradient.ts";

/** The parts of tfjs's backend class that kernels use. */
interface WasmBackend extends tf.KernelBackend {
  readonly wasm: { readonly tfjs: { disposeData(id: number): void } };
  readonly dataIdMap: {
    get(dataId: object): { id: number; memoryOffset: number };
    delete(dataId: object): boolean;
  };
  /** New memory, or a name for what lies at `memoryOffset`. */
  makeOutput(shape: number[], dtype: tf.DataType, memoryOffset?: number): tf.TensorInfo;
  /** A view that is good until memory is taken next: then WASM's memory may grow and move. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
  disposeData(dataId: tf.DataId): boolean;
}

export type Kernel = (options: {
  inputs: Record<string, tf.TensorInfo>;
  backend: WasmBackend;
  attrs: Record<string, unknown>;
}) => tf.TensorInfo;

/** Shorter runs of neighbours are copied one by one. */
const shortestRun = 16;
const bytesOfFloat = 4;
/** A product of fewer multiplications costs less than a call of its own. */
const smallestProduct = 2 ** 14;

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

/** With its last two axes exchanged. */
function turned(backend: WasmBackend, x: tf.TensorInfo): tf.TensorInfo {
  const rank = x.shape.length;
  const order = x.shape.map((_, axis) => axis);
  return permuted(backend, x, [...order.slice(0, -2), rank - 1, rank - 2]);
}

function castTo(backend: WasmBackend, x: tf.TensorInfo, dtype: tf.DataType): tf.TensorInfo {
  const output = backend.makeOutput(x.shape, dtype);
  backend.typedArrayFromHeap(output).set(backend.typedArrayFromHeap(x));
  return output;
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

/**
 * One matrix at a time, transposed before where that is asked for: tfjs takes its fast routine for a single
 * plain product only.
 */
const batchMatMul = (single: Kernel): Kernel => ({ inputs, backend, attrs }) => {
  const made: tf.TensorInfo[] = [];
  const keep = (tensor: tf.TensorInfo) => made[made.push(tensor) - 1];
  const plain = (x: tf.TensorInfo, isTransposed: unknown) => {
    const values = x.dtype === "float32" ? x : keep(castTo(backend, x, "float32"));
    return isTransposed ? keep(turned(backend, values)) : values;
  };
  const a = plain(inputs.a, attrs.transposeA), b = plain(inputs.b, attrs.transposeB);
  const product = plainProduct(single, backend, a, b);
  const result = inputs.a.dtype === "float32" ? product : castTo(backend, product, inputs.a.dtype);
  if (result !== product) keep(product);
  for (const { dataId } of made) backend.disposeData(dataId);
  return result;
};

function plainProduct(
  single: Kernel,
  backend: WasmBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
): tf.TensorInfo {
  const attrs = { transposeA: false, transposeB: false };
  const [rows, inner] = a.shape.slice(-2), columns = b.shape.at(-1)!;
  const batch = a.shape.slice(0, -2), count = tf.util.sizeFromShape(batch);
  const isMany = count > 1 && batch.join() === b.shape.slice(0, -2).join();
  if (!isMany || rows * inner * columns < smallestProduct) {
    return single({ inputs: { a, b }, backend, attrs });
  }
  const output = backend.makeOutput([...batch, rows, columns], "float32");
  // Names for the matrices of a batch, where they lie.
  for (let index = 0; index < count; index++) {
    const part = (x: tf.TensorInfo, [height, width]: number[]) =>
      backend.makeOutput(
        [height, width],
        "float32",
        backend.dataIdMap.get(x.dataId).memoryOffset + index * height * width * bytesOfFloat,
      );
    const left = part(a, [rows, inner]), right = part(b, [inner, columns]);
    const product = single({ inputs: { a: left, b: right }, backend, attrs });
    const from = backend.typedArrayFromHeap(product);
    backend.typedArrayFromHeap(output).set(from, index * rows * columns);
    backend.disposeData(product.dataId);
    for (const { dataId } of [left, right]) {
      backend.wasm.tfjs.disposeData(backend.dataIdMap.get(dataId).id);
      backend.dataIdMap.delete(dataId);
    }
  }
  return output;
}
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

/** Puts these kernels in the place of tfjs's. */
export function replaceWasmKernels(): void {
  const replacements: [string, (before: Kernel) => Kernel][] = [
    [tf.OneHot, () => oneHot],
    [tf.MaxPoolGrad, () => maxPoolGradient],
    [tf.BatchMatMul, batchMatMul],
    [tf.Transpose, transpose],
    [tf.Tile, tile],
  ];
  for (const [name, replacement] of replacements) {
    const kernel = tf.getKernel(name, "wasm");
    const before = kernel.kernelFunc as unknown as Kernel;
    tf.unregisterKernel(name, "wasm");
    tf.registerKernel({ ...kernel, kernelFunc: replacement(before) as unknown as tf.KernelFunc });
  }
}
