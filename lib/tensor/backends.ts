/** Picks the best backend that works: native TensorFlow, else WASM, else plain JavaScript. */
import * as tf from "tfjs";
import { variable } from "../platform/variables.ts";
import { walkBackward } from "./backward_walk.ts";
import { backendNames, type Card, findCard } from "./card.ts";
import { nameDisposedTensors } from "./disposed.ts";
import "./gradients/mod.ts";
import "./prototype.ts";
import { noteOf } from "./graphics_card.ts";
import { graphicsCard, startNative, whyNoCard } from "./native.ts";
import { repairPlainKernels } from "./plain_kernels.ts";
import {
  requestedDevice,
  requestedFusion,
  requestedPrecision,
  requestedThreads,
} from "./requests.ts";
import { startPlainJavaScript, startWasm } from "./wasm.ts";

/** Which backend runs, why, and what would make it faster. */
export interface BackendReport {
  kind: "native" | "wasm" | "javascript";
  device: "cpu" | "gpu";
  /** For example "TensorFlow 2.21.0". */
  version: string;
  /** Why a better backend is not in use; empty where the best one is. */
  reason: string;
  /** What else is to be known of a graphics card that is used. */
  note?: string;
  /** In a browser: the graphics card on which recorded steps are tried. */
  card?: Card;
}

/**
 * `TESSERA_BACKEND` forces a rung of the ladder: native, wasm or javascript. In a browser webgpu is WASM with a
 * graphics card beside it, whichever it is, and wasm is WASM alone.
 */
function requestedBackend(): string | undefined {
  const value = variable("TESSERA_BACKEND")?.trim().toLowerCase();
  if (value && !backendNames.includes(value)) {
    const names = `${backendNames.slice(0, -1).join(", ")} or ${backendNames.at(-1)}`;
    throw new RangeError(`TESSERA_BACKEND is "${value}"; it must be ${names}`);
  }
  return value || undefined;
}

const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);

/**
 * Starts a backend and says which. Throws where a setting has no sense, and where what was asked
 * for by name does not work: a backend, or the GPU.
 */
export async function chooseBackend(): Promise<BackendReport> {
  nameDisposedTensors();
  walkBackward();
  repairPlainKernels();
  const requested = requestedBackend();
  const device = requestedDevice();
  requestedThreads();
  requestedPrecision();
  requestedFusion();
  const reasons = requested ? [`TESSERA_BACKEND=${requested} asks for it`] : [];
  if (requested === undefined || requested === "native") {
    try {
      const { binding } = await startNative();
      const device = binding.isUsingGpuDevice() ? "gpu" : "cpu";
      const version = `TensorFlow ${binding.TF_Version}`;
      const card = graphicsCard();
      const note = card && noteOf(card) || undefined;
      return { kind: "native", device, version, reason: whyNoCard(), ...(note && { note }) };
    } catch (error) {
      if (requested === "native" || device === "gpu") throw error;
      reasons.push(messageOf(error));
    }
  }
  if (requested !== "native" && requested !== "javascript") {
    try {
      const [card] = await Promise.all([
        requested === "wasm" ? null : findCard(requested === "webgpu"),
        startWasm(),
      ]);
      const version = `tfjs ${tf.version.tfjs} (WASM)`;
      if (requested === "webgpu" && !card) {
        reasons.push("this browser gives no graphics card for it");
      }
      const reason = reasons.join("; ");
      return { kind: "wasm", device: "cpu", version, reason, ...(card && { card }) };
    } catch (error) {
      if (requested === "wasm") throw error;
      reasons.push(messageOf(error));
    }
  }
  await startPlainJavaScript();
  const version = `tfjs ${tf.version.tfjs} (plain JavaScript)`;
  return { kind: "javascript", device: "cpu", version, reason: reasons.join("; ") };
}
