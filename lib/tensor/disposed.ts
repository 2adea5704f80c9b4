/** Says which op was given a disposed tensor, where tfjs fails somewhere inside itself. */
import * as tf from "tfjs";

/** Makes every op throw a ReferenceError that names it and the disposed tensor. */
export function nameDisposedTensors(): void {
  const engine = tf.engine();
  const runKernel = engine.runKernel;
  engine.runKernel = function <T extends tf.Tensor | tf.Tensor[]>(
    this: typeof engine,
    kernelName: string,
    inputs: tf.NamedTensorMap,
    attributes?: tf.NamedAttrMap,
  ): T {
    for (const tensor of Object.values(inputs)) {
      if (tensor?.isDisposed) {
        throw new ReferenceError(
          `${kernelName} was given a disposed tensor, ${tensor.dtype}[${tensor.shape}]: use a tensor ` +
            "inside the tf.tidy that made it, or return it, or make it with tf.keep",
        );
      }
    }
    return runKernel.call(this, kernelName, inputs, attributes) as T;
  };
}
