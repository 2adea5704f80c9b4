/**
 * How exactly matrix products and convolutions are computed. A card can round their factors to 10 bits (TF32),
 * which is faster and makes values off by about 1e-3. TensorFlow does so by itself; Tessera only where it is
 * asked to. The processor always computes in full float32.
 */
import { atEnd } from "../platform/kernel_door.ts";
import { nativeBackend } from "./native.ts";
import type { Precision } from "./requests.ts";

export type { Precision } from "./requests.ts";

/** What products and convolutions are computed in now. */
export function precision(): Precision {
  const api = nativeBackend()?.binding.api;
  return api?.isTensorFloat32Enabled?.() ? "tf32" : "float32";
}

/** Switches the precision; call what it returns to switch back, which Stop does too. */
export function switchPrecision(to: Precision): () => void {
  const api = nativeBackend()?.binding.api;
  const before = precision();
  if (!api?.enableTensorFloat32 || before === to) return () => {};
  api.enableTensorFloat32(to === "tf32");
  return atEnd(() => api.enableTensorFloat32?.(before === "tf32"));
}

/** Calls with matrix products and convolutions in full float32, whatever else is set. */
export function inFullPrecision<T>(call: () => T): T {
  const end = switchPrecision("float32");
  try {
    return call();
  } finally {
    end();
  }
}
