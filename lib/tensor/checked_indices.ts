/**
 * Whole numbers that must lie in a range, checked where they enter, on every device. TensorFlow's own ops
 * check them on the processor alone: on a GPU `gather` gives zeros for what is out of range.
 */
import * as tf from "tfjs";
import { attribute } from "./attributes.ts";
import { TensorFlowError } from "./tensorflow_error.ts";
import { hostKernel } from "./host_kernel.ts";
import { nativeBackend } from "./native.ts";

/** `label -3 is not among 0 to 9` */
export function outOfRange(what: string, value: number, count: number): RangeError {
  return new RangeError(`${what} ${value} is not among 0 to ${count - 1}`);
}

/** The same, from what TensorFlow says of an index; undefined where it says something else. */
export function explainedIndex(what: string, message: string): RangeError | undefined {
  const found = /= (-?\d+) is not in \[0, (\d+)\)/.exec(message);
  return found ? outOfRange(what, Number(found[1]), Number(found[2])) : undefined;
}

const checkedOnHost = hostKernel(
  "TesseraCheckedIndices",
  (values, { count, what }: { count: number; what: string }, indices) => {
    const wrong = values.find((index) => !(index >= 0 && index < count));
    if (wrong !== undefined) throw outOfRange(what, wrong, count);
    return tf.clone(indices);
  },
);

/**
 * `indices` (int32, any shape) as they are. Throws a RangeError for one that is not in [0, `count`), in a
 * compiled step when it runs; `what` names such a number, for example "label".
 */
export function checkedIndices<T extends tf.Tensor>(indices: T, count: number, what: string): T {
  // What is not of whole numbers, the op that takes it refuses.
  if (indices.dtype !== "int32") return indices;
  const backend = nativeBackend();
  if (backend === null) return checkedOnHost(indices, { count, what }) as T;
  try {
    // Looking the numbers up in a table of zeros is the check; on the processor, whatever the device.
    return tf.tidy(() => {
      const zeros = backend.executeSingleOutput("GatherV2", [
        attribute.onProcessor(what),
        attribute.type("Tparams", "int32"),
        attribute.type("Tindices", "int32"),
        attribute.type("Taxis", "int32"),
        attribute.int("batch_dims", 0),
      ], [tf.zeros([count], "int32"), indices, tf.scalar(0, "int32")]);
      return tf.add(indices, zeros) as T;
    });
  } catch (error) {
    if (!(error instanceof TensorFlowError)) throw error;
    throw explainedIndex(what, error.message) ?? error;
  }
}
