/** Tessera's own WASM program (`wasm/`), which computes in the memory of tfjs's WASM backend. */
import type * as tf from "tfjs";
import { RESOURCE_EXHAUSTED, TensorFlowError } from "./tensorflow_error.ts";
import { program as base64 } from "./wasm_program.ts";

/** The parts of tfjs's backend class that kernels use. */
export interface WasmBackend extends tf.KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WebAssembly.Memory };
    readonly tfjs: { disposeData(id: number): void };
    _malloc(bytes: number): number;
    _free(place: number): void;
  };
  readonly dataIdMap: {
    get(dataId: object): { id: number; memoryOffset: number };
    has(dataId: object): boolean;
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

/** The program's functions, as `wasm/` describes them; a truth is 0 or 1 there. */
export type Calls =
  & Record<
    | "multiply"
    | "describe"
    | "convolve"
    | "convolveToImages"
    | "convolveToFilters"
    | "maxPoolGradient"
    | "rearrange"
    | "sum"
    | "uniform"
    | "chance"
    | "softmax"
    | "softmaxGradient"
    | "layerNorm"
    | "layerNormGradient"
    | "gelu"
    | "geluGradient"
    | "masked"
    | "addBias"
    | "adam",
    (...numbers: (number | boolean)[]) => void
  >
  & { convolutionBytes(): number };

let calls: Calls | undefined;
let scratch = 0;

const mostBytes = 2 ** 32 - 1;

/** Makes taking memory fail where there is none: tfjs would go on, and write to where other tensors are. */
function refuseFullMemory({ wasm }: WasmBackend): void {
  // The first call puts another function in its place.
  wasm._free(wasm._malloc(1));
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const place = bytes > mostBytes ? 0 : malloc(bytes);
    if (place !== 0 || bytes === 0) return place;
    const megabytes = Math.ceil(bytes / 2 ** 20).toLocaleString("en");
    throw new TensorFlowError(
      `WASM's memory has no room for ${megabytes} MB more`,
      RESOURCE_EXHAUSTED,
    );
  };
}

/** Loads the program into a backend's memory. Throws where the machine has no SIMD for WASM. */
export async function loadProgram(backend: WasmBackend): Promise<void> {
  refuseFullMemory(backend);
  const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  const { memory } = backend.wasm.asm;
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  const program = instance.exports as unknown as Calls & { scratchBytes(): number };
  scratch = backend.wasm._malloc(program.scratchBytes()) >>> 0;
  calls = program;
}

export function isLoaded(): boolean {
  return calls !== undefined;
}

/** The program's functions, and memory that each may use while it runs. */
export function loaded(): { calls: Calls; scratch: number } {
  if (!calls) throw new Error("Tessera's WASM program was not loaded");
  return { calls, scratch };
}

/** Where a tensor lies. */
export function placeOf(backend: WasmBackend, { dataId }: tf.TensorInfo): number {
  return backend.dataIdMap.get(dataId).memoryOffset;
}
