import * as tf from "../../lib/tensor/tf.ts";
import reference from "../reference/training.json" with { type: "json" };

export { reference };

/** Asserts that a tensor's values lie within `tolerance` of PyTorch's. */
export function assertClose(
  actual: tf.Tensor | ArrayLike<number>,
  expected: readonly number[],
  tolerance = 1e-6,
  message = "",
): void {
  const values = actual instanceof tf.Tensor ? actual.dataSync() : actual;
  if (values.length !== expected.length) {
    throw new Error(`${message}: ${values.length} values, expected ${expected.length}`);
  }
  expected.forEach((value, index) => {
    const difference = Math.abs(values[index] - value);
    if (!(difference <= tolerance * Math.max(1, Math.abs(value)))) {
      throw new Error(`${message}: value ${index} is ${values[index]}, PyTorch has ${value}`);
    }
  });
}
