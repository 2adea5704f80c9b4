/** Sums over the processes that run a step together. */
import * as tf from "tfjs";
import { attribute, nativeBackend } from "../native.ts";

/**
 * The sums of tensors over all processes, in one exchange: they travel as one row of numbers, float32. Where the step
 * runs in one process, also while it is recorded, they are the tensors' own values.
 */
export function sumsOverProcesses(tensors: readonly tf.Tensor[]): tf.Tensor[] {
  return tf.tidy(() => {
    const row = tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));
    const sums = nativeBackend()!.executeSingleOutput("Identity", [
      attribute.type("T", "float32"),
      attribute.sumOverProcesses(),
    ], [row]);
    const parts = tf.split(sums, tensors.map(({ size }) => size)) as tf.Tensor[];
    return parts.map((part, index) => tf.reshape(part, tensors[index].shape));
  });
}
