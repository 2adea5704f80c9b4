/** Products of matrices by Tessera's own program: tfjs's WASM backend has a fast routine for plain ones alone. */
import * as tf from "tfjs";
import { type Kernel, loaded, placeOf, type WasmBackend } from "./wasm_calls.ts";

const bytesOfFloat = 4;

function castTo(backend: WasmBackend, x: tf.TensorInfo, dtype: tf.DataType): tf.TensorInfo {
  const output = backend.makeOutput(x.shape, dtype);
  backend.typedArrayFromHeap(output).set(backend.typedArrayFromHeap(x));
  return output;
}

/** `[…, M, K] · […, K, N] → […, M, N]`; the batches are the same, or one of them is a single matrix. */
export const batchMatMul: Kernel = ({ inputs, backend, attrs }) => {
  const { a, b } = inputs;
  const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
  if (a.dtype === "float32" && b.dtype === "float32") {
    return matrixProduct(backend, a, b, transposeA, transposeB);
  }
  const numbers = [a, b].map((x) => castTo(backend, x, "float32"));
  const result = matrixProduct(backend, numbers[0], numbers[1], transposeA, transposeB);
  const whole = castTo(backend, result, a.dtype);
  for (const { dataId } of [...numbers, result]) backend.disposeData(dataId);
  return whole;
};

/** As {@link batchMatMul}, of float32. */
export function matrixProduct(
  backend: WasmBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  aTransposed: boolean,
  bTransposed: boolean,
): tf.TensorInfo {
  const [height, width] = a.shape.slice(-2);
  const [rows, inner] = aTransposed ? [width, height] : [height, width];
  const columns = b.shape.at(bTransposed ? -2 : -1)!;
  const matrices = (x: tf.TensorInfo) => x.shape.slice(0, -2).reduce((all, size) => all * size, 1);
  const [left, right] = [matrices(a), matrices(b)];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(
    a.shape.slice(0, -2),
    b.shape.slice(0, -2),
  );
  const output = backend.makeOutput([...batch, rows, columns], "float32");
  if (inner === 0) backend.typedArrayFromHeap(output).fill(0);
  const { calls, scratch } = loaded();
  // One right matrix for all left ones: they are one matrix.
  const isTall = right === 1 && !aTransposed;
  calls.multiply(
    isTall ? 1 : Math.max(left, right),
    isTall ? left * rows : rows,
    inner,
    columns,
    placeOf(backend, a),
    left === 1 ? 0 : rows * inner * bytesOfFloat,
    aTransposed,
    placeOf(backend, b),
    right === 1 ? 0 : inner * columns * bytesOfFloat,
    bTransposed,
    placeOf(backend, output),
    scratch,
  );
  return output;
}
