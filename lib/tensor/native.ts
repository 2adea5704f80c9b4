/** tfjs's TensorFlow backend on our binding: tfjs-node's class and kernels, without its addon. */
import "./node_utilities.ts";
import * as tf from "tfjs";
import type { NodeJSKernelBackend } from "tfjs-node/dist/nodejs_kernel_backend.js";
import type { OpAttribute } from "./attributes.ts";
import { Binding } from "./binding.ts";
import { isDeterminismRequired } from "./determinism.ts";
import { askDriver, type GraphicsCard } from "./graphics_card.ts";
import { repairKernels } from "./kernels.ts";
import { leaveWithoutTearDown } from "./leave.ts";
import { loadTensorFlow } from "./load_tensorflow.ts";
import { repairInputs } from "./saved_models.ts";
import { withPoliteThreads } from "./polite_threads.ts";
import { saveLess } from "./saved_tensors.ts";
import { quietly } from "./quiet_load.ts";
import {
  type DeviceChoice,
  requestedDevice,
  requestedPrecision,
  requestedThreads,
} from "./requests.ts";
import { canSwitchPrecision } from "./precision_switch.ts";
import { findRuntime, prepareEnvironment } from "./runtime.ts";
import type { SessionSettings } from "./session_config.ts";
import { giveBackWhenIdle } from "./tensor_memory.ts";
import { TensorFlowError } from "./tensorflow_error.ts";

export { attribute } from "./attributes.ts";

/** tfjs-node's backend class, with the parts that Tessera reaches into. */
export interface NativeBackend {
  readonly binding: Binding;
  /** What tfjs calls a `dataId`, to the number and reference count behind it. */
  readonly tensorMap: {
    get(dataId: object): { id: number; refCount: number; values: unknown; dtype: number };
    set(dataId: object, value: unknown): void;
    has(dataId: object): boolean;
  };
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(metadata: { id: number; shape: number[]; dtype: number }): tf.Tensor;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: tf.Tensor[],
    outputCount: number,
  ): tf.Tensor[];
}

let current: NativeBackend | null = null;
let card: GraphicsCard | undefined;
let cardProblem = "";

/** The card that computes; undefined where the processor does. */
export function graphicsCard(): GraphicsCard | undefined {
  return card;
}

/** Why the processor computes though TensorFlow's build is one for cards; else empty. */
export function whyNoCard(): string {
  return cardProblem;
}

/** The native backend where it is the one in use, else null. */
export function nativeBackend(): NativeBackend | null {
  return current !== null && tf.getBackend() === "tensorflow" ? current : null;
}

/**
 * Starts TensorFlow on a card; where that does not start, on the processor alone, and says why. Throws a
 * TensorFlowError where the card was asked for by name, or the processor does not start either.
 */
export function startOnCard<T>(
  start: (settings: SessionSettings) => T,
  settings: SessionSettings,
  device: DeviceChoice | undefined,
): { binding: T; whyNot: string } {
  try {
    return { binding: start(settings), whyNot: "" };
  } catch (error) {
    if (!(error instanceof TensorFlowError)) throw error;
    const [first] = error.message.split("\n");
    const others = error.outOfMemory ? "; nvidia-smi lists the programs that use its memory" : "";
    const whyNot = `the graphics card does not start (${first})${others}`;
    if (device === "gpu") {
      throw new TensorFlowError(`TESSERA_DEVICE=gpu, but ${whyNot}`, error.code);
    }
    return { binding: start({ ...settings, withoutCard: true }), whyNot };
  }
}

/**
 * Loads TensorFlow and registers it with tfjs as the backend "tensorflow".
 * Throws an Error that says what is missing.
 */
export async function startNative(): Promise<NativeBackend> {
  const device = requestedDevice();
  const precision = requestedPrecision();
  isDeterminismRequired(); // throws at a word that is neither yes nor no
  const runtime = findRuntime();
  if (device === "gpu" && !runtime.cuda) {
    throw new Error(
      Deno.build.os === "linux" && Deno.build.arch === "x86_64"
        ? "TESSERA_DEVICE=gpu, but the installed TensorFlow is the CPU wheel; " +
          "run `TESSERA_DEVICE=gpu ./tessera doctor` once, which installs the CUDA wheel"
        : "TESSERA_DEVICE=gpu, but TensorFlow's wheel has CUDA for x86-64 Linux alone; " +
          "without that setting the processor is used",
    );
  }
  const driver = runtime.cuda && device !== "cpu" ? askDriver() : undefined;
  if (device === "gpu" && driver?.problem) {
    throw new Error(`TESSERA_DEVICE=gpu, but ${driver.problem}`);
  }
  const isWanted = driver !== undefined && driver.problem === undefined;
  prepareEnvironment(runtime.cuda && !isWanted ? "cpu" : device);
  const { api, notLoaded } = quietly(() => loadTensorFlow(runtime, { onCard: isWanted }));
  const threads = requestedThreads();
  const settings = { threadsWithinOps: threads, threadsAcrossOps: threads };
  const start = (settings: SessionSettings) => withPoliteThreads(() => new Binding(api, settings));
  const { binding, whyNot } = quietly(() =>
    isWanted ? startOnCard(start, settings, device) : { binding: start(settings), whyNot: "" }
  );
  giveBackWhenIdle(api);
  leaveWithoutTearDown();
  const isOnCard = binding.isUsingGpuDevice();
  const broken = notLoaded.length > 0 ? `; these did not load: ${notLoaded.join(", ")}` : "";
  if (device === "gpu" && !isOnCard) {
    throw new Error(
      `TESSERA_DEVICE=gpu, but TensorFlow finds no GPU; check the driver (nvidia-smi)${broken}`,
    );
  }
  card = isOnCard ? driver?.card : undefined;
  cardProblem = isOnCard || driver === undefined
    ? ""
    : driver.problem ?? (whyNot || `TensorFlow finds no GPU${broken}`);
  if (isOnCard && !canSwitchPrecision(api)) {
    console.warn(`This TensorFlow cannot change its precision: all is computed in ${precision}.`);
  }
  const { NodeJSKernelBackend } = await import(
    "tfjs-node/dist/nodejs_kernel_backend.js"
  );
  const backend = new NodeJSKernelBackend(
    binding as unknown as ConstructorParameters<typeof NodeJSKernelBackend>[0],
    "@tensorflow/tfjs-node-gpu",
  );
  tf.registerBackend("tensorflow", () => backend as NodeJSKernelBackend, 3);
  await import("tfjs-node/dist/register_all_kernels.js");
  repairKernels();
  repairInputs(backend as unknown as Parameters<typeof repairInputs>[0]);
  await tf.setBackend("tensorflow");
  saveLess();
  current = backend as unknown as NativeBackend;
  return current;
}
