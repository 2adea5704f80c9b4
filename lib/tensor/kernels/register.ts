/** How kernels are registered for the native backend, in the place of tfjs-node's where it has one. */
import * as tf from "tfjs";
import { attribute, type OpAttribute } from "../attributes.ts";
import type { Binding } from "../binding.ts";
import { DataType } from "../c_api.ts";

/** The parts of tfjs-node's backend class that kernels use. */
export interface KernelBackend {
  readonly binding: Binding;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: unknown[]): tf.Tensor;
  executeSingleInput(name: string, input: unknown): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: unknown[],
    count: number,
  ): tf.Tensor[];
  createReductionOpAttrs(x: tf.Tensor, keepDims: boolean): OpAttribute[];
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(metadata: { id: number; shape: number[]; dtype: number }): tf.Tensor;
}

// deno-lint-ignore no-explicit-any
export type Attributes = Record<string, any>;
export type Inputs = Record<string, tf.Tensor>;
export type Outputs = tf.Tensor | tf.Tensor[];

/** A kernel that is made of others is tidied up after. */
export type Kernel = (inputs: Inputs, attributes: Attributes, backend: KernelBackend) => Outputs;

/** The name by which tfjs knows the native backend. */
export const NATIVE = "tensorflow";

/** Registers a kernel, in the place of the one that has its name. */
export function kernel(kernelName: string, compute: Kernel, backendName = NATIVE): void {
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      tf.tidy(() => compute(inputs as Inputs, attrs ?? {}, backend as unknown as KernelBackend)),
  });
}

/** Runs a kernel as it was before it was wrapped. */
type Original = (inputs: Inputs, attributes: Attributes) => tf.Tensor;

/** Registers a kernel that may hand its work on to the one that it replaces. */
export function wrapKernel(
  kernelName: string,
  compute: (
    original: Original,
    inputs: Inputs,
    attributes: Attributes,
    backend: KernelBackend,
  ) => Outputs,
  backendName = NATIVE,
): void {
  const { kernelFunc } = tf.getKernel(kernelName, backendName);
  kernel(kernelName, (inputs, attributes, backend) => {
    const original: Original = (inputs, attributes) => {
      const result = kernelFunc({ inputs, attrs: attributes, backend }) as tf.TensorInfo;
      // Plain JavaScript's kernels give no more than where the values are.
      if (result instanceof tf.Tensor) return result;
      return tf.engine().makeTensorFromTensorInfo(result, backend as unknown as tf.KernelBackend);
    };
    return compute(original, inputs, attributes, backend);
  }, backendName);
}

/** Runs an op that takes or gives int64, which tfjs does not have: its outputs come as int32. */
export function runWithInt64(
  backend: KernelBackend,
  name: string,
  attributes: OpAttribute[],
  inputs: tf.Tensor[],
  { count, int64Inputs = [] }: { count: number; int64Inputs?: number[] },
): tf.Tensor[] {
  const { binding } = backend;
  const cast = (id: number, from: "int32" | "int64", to: "int32" | "int64") =>
    binding.executeOp(
      "Cast",
      [attribute.type("SrcT", from), attribute.type("DstT", to)],
      [id],
      1,
    )[0];
  const made: number[] = [];
  const ids = backend.getInputTensorIds(inputs).map((id, index) => {
    if (!int64Inputs.includes(index)) return id;
    const wide = cast(id, "int32", "int64").id;
    made.push(wide);
    return wide;
  });
  try {
    return binding.executeOp(name, attributes, ids, count).map((output) => {
      if (output.dtype !== DataType.int64) return backend.createOutputTensor(output);
      made.push(output.id);
      return backend.createOutputTensor(cast(output.id, "int64", "int32"));
    });
  } finally {
    made.forEach((id) => binding.deleteTensor(id));
  }
}
