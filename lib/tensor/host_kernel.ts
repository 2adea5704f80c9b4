/** What is computed on the host, as a kernel of tfjs: a recorded step runs it anew, on each call's values. */
import * as tf from "tfjs";

/**
 * Registers `compute` as the kernel `kernelName` of tfjs's own backends, and gives a function that runs it on a
 * tensor. Its values come first, then the attributes and the tensor itself.
 */
export function hostKernel<Attributes extends object>(
  kernelName: string,
  compute: (values: tf.TypedArray, attributes: Attributes, x: tf.Tensor) => tf.Tensor,
): (x: tf.Tensor, attributes: Attributes) => tf.Tensor {
  for (const backendName of ["wasm", "cpu"]) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => {
        const x = inputs.x as tf.Tensor;
        return compute(x.dataSync(), attrs as unknown as Attributes, x);
      },
    });
  }
  return (x, attributes) =>
    tf.engine().runKernel(kernelName, { x }, attributes as unknown as tf.NamedAttrMap) as tf.Tensor;
}
