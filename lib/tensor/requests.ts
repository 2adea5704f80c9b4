/** What settings ask of the computation: device, threads, precision. */
import { variable } from "../platform/variables.ts";

export type DeviceChoice = "cpu" | "gpu";

/** `TESSERA_DEVICE`, or undefined where the installed wheel decides. Throws on any other value. */
export function requestedDevice(): DeviceChoice | undefined {
  const value = variable("TESSERA_DEVICE")?.trim().toLowerCase();
  if (value === undefined || value === "" || value === "auto") return undefined;
  if (value === "cpu" || value === "gpu") return value;
  throw new RangeError(`TESSERA_DEVICE is "${value}"; it must be "cpu" or "gpu"`);
}

/** More threads than any machine has cores end the process while TensorFlow starts them. */
const mostThreads = 1024;

/** `TESSERA_THREADS` as a positive integer, or undefined. Throws on any other value. */
export function requestedThreads(): number | undefined {
  const value = variable("TESSERA_THREADS");
  if (value === undefined || value === "") return undefined;
  const threads = Number(value);
  if (/^\d+$/.test(value) && threads >= 1 && threads <= mostThreads) return threads;
  throw new RangeError(
    `TESSERA_THREADS is "${value}"; it must be a positive whole number up to ${mostThreads}`,
  );
}

/** What a graphics card computes products and convolutions in; TF32 rounds their factors to 10 bits. */
export type Precision = "float32" | "tf32";

/** `TESSERA_PRECISION`, full float32 where it is not set. Throws a RangeError at any other value. */
export function requestedPrecision(): Precision {
  const value = variable("TESSERA_PRECISION")?.trim().toLowerCase() || "float32";
  requirePrecision("TESSERA_PRECISION", value);
  return value;
}

/** Throws a RangeError where a setting is no precision. */
export function requirePrecision(name: string, value: unknown): asserts value is Precision {
  if (value === "float32" || value === "tf32") return;
  throw new RangeError(`${name} is "${value}", must be "float32" or "tf32"`);
}

/**
 * Whether steps run fused kernels of their own: where it pays, or wherever it can be done, which is for tests.
 */
export type FusionChoice = "off" | "on" | "all";

/** `TESSERA_FUSION`; undefined where it is not set. Throws a RangeError at any other value. */
export function requestedFusion(): FusionChoice | undefined {
  const value = variable("TESSERA_FUSION")?.trim().toLowerCase() || undefined;
  if (value === undefined || value === "off" || value === "on" || value === "all") return value;
  throw new RangeError(`TESSERA_FUSION is "${value}", must be "on", "off" or "all"`);
}
