/** The engines that can compute in a browser. */
import * as tf from "tfjs";
import "tfjs-cpu";
import { setWasmPaths } from "tfjs-wasm";
import "tfjs-webgpu";

export type Backend = "wasm" | "webgpu" | "cpu";

export const backendNames: Record<Backend, string> = {
  wasm: "WASM, on the processor",
  webgpu: "WebGPU, on the graphics card",
  cpu: "plain JavaScript",
};

/** Gives tfjs the WASM program; nothing else may be fetched, since the page needs no network. */
export function supplyWasm(program: Uint8Array<ArrayBuffer>): void {
  tf.env().platform.fetch = (path) => {
    const isProgram = path.endsWith("tfjs-backend-wasm-simd.wasm");
    return isProgram
      ? Promise.resolve(new Response(program))
      : Promise.reject(new Error(`the page holds no ${path}`));
  };
  setWasmPaths("./", true); // by the function above
  // Threads need pages of a kind that a file is not.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
}

/** Whether a backend may work here; WebGPU needs an adapter, WASM its fast instructions. */
export async function isPossible(backend: Backend): Promise<boolean> {
  if (backend === "cpu") return true;
  if (backend === "wasm") {
    return typeof WebAssembly === "object" &&
      await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT") === true;
  }
  const { gpu } = navigator as Navigator & { gpu?: { requestAdapter(): Promise<object | null> } };
  return !!gpu && await gpu.requestAdapter() !== null;
}

/** Makes tfjs compute with a backend; false where it does not work here. */
export async function start(backend: Backend): Promise<boolean> {
  try {
    if (!await tf.setBackend(backend)) return false;
    await tf.ready();
    if (backend === "cpu") {
      // Its first op would advise to install another backend.
      (tf.findBackend("cpu") as tf.KernelBackend & { firstUse: boolean }).firstUse = false;
    }
    return true;
  } catch {
    return false;
  }
}
