/**
 * How exactly matrix products and convolutions are computed. A card can round their factors to 10 bits (TF32),
 * which is faster and makes values off by about 1e-3. TensorFlow does so by itself; Tessera only where it is
 * asked to. The processor always computes in full float32.
 */
import { atEnd } from "../platform/kernel_door.ts";
import { nativeBackend } from "./native.ts";
import { type Precision, requestedPrecision } from "./requests.ts";
import { canSwitchPrecision } from "./precision_switch.ts";

export type { Precision } from "./requests.ts";

/** What products and convolutions are computed in now. */
export function precision(): Precision {
  const api = nativeBackend()?.binding.api;
  if (api === undefined) return "float32";
  // Without its switch TensorFlow keeps to what it was told at the start.
  if (!canSwitchPrecision(api)) return requestedPrecision();
  return api.isTensorFloat32Enabled() ? "tf32" : "float32";
}

/**
 * Switches the precision; call what it returns to switch back, which Stop does too. Where TensorFlow has no
 * switch the card keeps to its precision, and a line says so.
 */
export function switchPrecision(to: Precision): () => void {
  const binding = nativeBackend()?.binding;
  const before = precision();
  if (binding === undefined || before === to) return () => {};
  const { api } = binding;
  if (!canSwitchPrecision(api)) {
    if (binding.isUsingGpuDevice()) sayFixed(before, to);
    return () => {};
  }
  api.enableTensorFloat32(to === "tf32");
  return atEnd(() => api.enableTensorFloat32(before === "tf32"));
}

const said = new Set<Precision>();

function sayFixed(kept: Precision, wanted: Precision): void {
  if (said.has(wanted)) return;
  said.add(wanted);
  console.warn(
    `This TensorFlow cannot change its precision while it runs: the card computes in ${kept}, also where ` +
      `${wanted} is wanted. TESSERA_PRECISION=${wanted} before the start is for all that runs.`,
  );
}

/** Calls with matrix products and convolutions in this precision. */
export function inPrecision<T>(wanted: Precision, call: () => T): T {
  const end = switchPrecision(wanted);
  try {
    return call();
  } finally {
    end();
  }
}

/** The same in full float32, whatever else is set. */
export function inFullPrecision<T>(call: () => T): T {
  return inPrecision("float32", call);
}
