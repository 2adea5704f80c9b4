/** A tensor's values where they lie, for who looks at them once and at once. */
import * as tf from "tfjs";
import type { WasmBackend } from "./wasm_calls.ts";

type Values = Float32Array | Int32Array | Uint8Array;

/**
 * The values, without a copy where WASM computes: a view of its memory, good until anything else is computed, and not
 * to be written to. Of a tensor of texts it is what `dataSync` gives.
 */
export function valuesInPlace(tensor: tf.Tensor): Values {
  if (tf.getBackend() !== "wasm" || tensor.dtype === "string") return tensor.dataSync() as Values;
  const backend = tf.backend() as WasmBackend;
  // What plain JavaScript has computed for WASM lies elsewhere; to move it here could move all other views.
  if (!backend.dataIdMap.has(tensor.dataId)) return tensor.dataSync() as Values;
  return backend.typedArrayFromHeap(tensor);
}

/** As {@link valuesInPlace}; where reading takes time, other things go on meanwhile. */
export async function readInPlace(tensor: tf.Tensor): Promise<Values> {
  return tf.getBackend() === "wasm" ? valuesInPlace(tensor) : await tensor.data() as Values;
}
