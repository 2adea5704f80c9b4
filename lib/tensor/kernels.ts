/** tfjs-node's kernels that current TensorFlow needs otherwise. */
import * as tf from "tfjs";
import type { OpAttribute } from "./attributes.ts";

/** The parts of tfjs-node's backend class that kernels use. */
interface KernelBackend {
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: unknown[]): tf.Tensor;
  executeSingleInput(name: string, input: unknown): tf.Tensor;
  createReductionOpAttrs(x: tf.Tensor, keepDims: boolean): OpAttribute[];
}

type Kernel = (x: tf.Tensor, backend: KernelBackend, attributes: tf.NamedAttrMap) => tf.TensorInfo;

/** TensorFlow's op answers whole numbers with zeros. */
const round: Kernel = (x, backend) =>
  x.dtype === "int32" ? tf.clone(x) : backend.executeSingleInput("Round", x);

/** tfjs-node casts to float32, but names the type before the cast. */
const mean: Kernel = (x, backend, { axis, keepDims }) => {
  const axes = tf.tensor1d(tf.util.parseAxisParam(axis as number | number[], x.shape), "int32");
  const values = tf.cast(x, "float32");
  const attributes = backend.createReductionOpAttrs(values, keepDims as boolean);
  const result = backend.executeSingleOutput("Mean", attributes, [values, axes]);
  values.dispose();
  axes.dispose();
  return result;
};

/** Puts these kernels in the place of tfjs-node's. */
export function repairKernels(): void {
  const repaired: [string, Kernel][] = [[tf.Round, round], [tf.Mean, mean]];
  for (const [kernelName, kernel] of repaired) {
    tf.unregisterKernel(kernelName, "tensorflow");
    tf.registerKernel({
      kernelName,
      backendName: "tensorflow",
      kernelFunc: ({ inputs, backend, attrs }) =>
        kernel(inputs.x as tf.Tensor, backend as unknown as KernelBackend, attrs ?? {}),
    });
  }
}
