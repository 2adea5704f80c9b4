/** Picks the best backend that works: native TensorFlow, else WASM, else plain JavaScript. */
import * as tf from "tfjs";
import { fileURLToPath as fromFileUrl } from "node:url";
import { startNative } from "./native.ts";

/** Which backend runs, why, and what would make it faster. */
export interface BackendReport {
  kind: "native" | "wasm" | "javascript";
  device: "cpu" | "gpu";
  /** For example "TensorFlow 2.21.0". */
  version: string;
  /** Why a better backend is not in use; empty where the best one is. */
  reason: string;
}

/** `TESSERA_BACKEND` (native, wasm or javascript) forces a rung of the ladder. */
function requestedBackend(): string | undefined {
  const value = Deno.env.get("TESSERA_BACKEND");
  if (value && !["native", "wasm", "javascript"].includes(value)) {
    throw new RangeError(`TESSERA_BACKEND is "${value}"; it must be native, wasm or javascript`);
  }
  return value || undefined;
}

const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);

async function startWasm(): Promise<void> {
  const wasm = await import("tfjs-wasm");
  const file = import.meta.resolve(
    "tfjs-wasm/dist/tfjs-backend-wasm.wasm",
  );
  wasm.setWasmPaths(fromFileUrl(new URL(".", file)));
  wasm.setThreadsCount(1);
  if (!await tf.setBackend("wasm")) throw new Error("tfjs could not start its WASM backend");
}

/** Starts a backend and says which. Throws only where a backend was asked for by name and fails. */
export async function chooseBackend(): Promise<BackendReport> {
  const requested = requestedBackend();
  const reasons: string[] = [];
  if (requested === undefined || requested === "native") {
    try {
      const { binding } = await startNative();
      const device = binding.isUsingGpuDevice() ? "gpu" : "cpu";
      return { kind: "native", device, version: `TensorFlow ${binding.TF_Version}`, reason: "" };
    } catch (error) {
      if (requested === "native" || Deno.env.get("TESSERA_DEVICE")) throw error;
      reasons.push(messageOf(error));
    }
  }
  if (requested === undefined || requested === "wasm") {
    try {
      await startWasm();
      const version = `tfjs ${tf.version.tfjs} (WASM)`;
      const reason = reasons.join("; ") || "TESSERA_BACKEND=wasm";
      return { kind: "wasm", device: "cpu", version, reason };
    } catch (error) {
      if (requested === "wasm") throw error;
      reasons.push(messageOf(error));
    }
  }
  await tf.setBackend("cpu");
  const version = `tfjs ${tf.version.tfjs} (plain JavaScript)`;
  const reason = reasons.join("; ") || "TESSERA_BACKEND=javascript";
  return { kind: "javascript", device: "cpu", version, reason };
}
