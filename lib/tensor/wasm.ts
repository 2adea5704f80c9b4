/** tfjs's own backends: WASM, with the kernels that it lacks borrowed from plain JavaScript. */
import * as tf from "tfjs";
import { packageFolder } from "../platform/package_files.ts";
import { explainPadding } from "./explicit_padding.ts";
import { drawInWasm } from "./host_random.ts";
import { scaleAverageGradients } from "./kernels/windows.ts";
import {
  broadcastProducts,
  composeTransform,
  repairPlainKernels,
  shrinkAfterwards,
} from "./plain_kernels.ts";
import { saveLess } from "./saved_tensors.ts";
import { explainShapes } from "./shape_errors.ts";
import { loadProgram, type WasmBackend } from "./wasm_calls.ts";
import { replaceWasmKernels } from "./wasm_kernels.ts";
import { defineWasmOps } from "./wasm_ops.ts";

/** Lets WASM run `kernel` of the plain JavaScript backend; tfjs moves tensors where they are needed. */
function borrow(kernel: tf.KernelConfig, lender: tf.KernelBackend): void {
  // A kernel that is made of others gives a tensor already.
  const own = (info: tf.TensorInfo) =>
    info instanceof tf.Tensor ? info : tf.engine().makeTensorFromTensorInfo(info, lender);
  tf.registerKernel({
    ...kernel,
    backendName: "wasm",
    kernelFunc: (options) => {
      const outputs = kernel.kernelFunc({ ...options, backend: lender });
      return Array.isArray(outputs) ? outputs.map(own) : own(outputs);
    },
  });
}

/**
 * Kernels of WASM with wrong values: their largest of negative values is above 0, and strides beyond a window
 * begin in the wrong place.
 */
const wrong = ["MaxPool3D", "AvgPool3D", "AvgPool3DGrad"];

/** Makes plain JavaScript tfjs's backend. */
export async function startPlainJavaScript(): Promise<void> {
  await tf.setBackend("cpu");
  plainJavaScript();
  explainShapes("cpu");
}

/** tfjs's plain JavaScript backend, without its advice to install tfjs-node. */
function plainJavaScript(): tf.KernelBackend {
  const backend = tf.findBackend("cpu");
  (backend as tf.KernelBackend & { firstUse: boolean }).firstUse = false;
  return backend;
}

/** Makes WASM tfjs's backend. Throws an Error where it does not start. */
export async function startWasm(): Promise<void> {
  const wasm = await import("tfjs-wasm");
  wasm.setWasmPaths(packageFolder("tfjs-wasm/dist/tfjs-backend-wasm.wasm"));
  // Its memory is then one that our own program can share.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  wasm.setThreadsCount(1);
  if (!await tf.setBackend("wasm")) throw new Error("tfjs could not start its WASM backend");
  await loadProgram(tf.backend() as WasmBackend);
  repairPlainKernels();
  drawInWasm();
  const lender = plainJavaScript();
  wrong.filter((name) => tf.getKernel(name, "wasm"))
    .forEach((name) => tf.unregisterKernel(name, "wasm"));
  composeTransform("wasm");
  scaleAverageGradients("wasm");
  shrinkAfterwards("wasm");
  for (const kernel of tf.getKernelsForBackend("cpu")) {
    if (!tf.getKernel(kernel.kernelName, "wasm")) borrow(kernel, lender);
  }
  replaceWasmKernels();
  explainPadding("wasm");
  defineWasmOps();
  broadcastProducts("wasm");
  explainShapes("wasm");
  saveLess();
}
