import { atEnd } from "../platform/kernel_door.ts";
import { nativeBackend } from "./native.ts";

/**
 * Calls with matrix products and convolutions in full float32. On a GPU TensorFlow rounds their factors to
 * 10 bits (TF32) by itself, so that values are off by about 1e-3; elsewhere this changes nothing.
 */
export function inFullPrecision<T>(call: () => T): T {
  const api = nativeBackend()?.binding.api;
  const isRounded = api?.isTensorFloat32Enabled?.() ?? false;
  if (!isRounded) return call();
  const end = atEnd(() => api?.enableTensorFloat32?.(true));
  api?.enableTensorFloat32?.(false);
  try {
    return call();
  } finally {
    end();
  }
}
