/** Sums over the processes that run a step together. */
import * as tf from "tfjs";
import { atEnd } from "../../platform/kernel_door.ts";
import { attribute, nativeBackend } from "../native.ts";

/** What numbers travel as between processes: bfloat16 has a float32's range and 8 bits of its precision. */
export type ExchangeType = "float32" | "bfloat16";

/**
 * The sums of tensors over all processes, in one exchange: they travel as one row of numbers. Where the step
 * runs in one process, also while it is recorded, they are the tensors' own values. All processes' losses depend on a
 * sum, so a tensor's gradient is the sum of the sum's gradients.
 */
export function sumsOverProcesses(
  tensors: readonly tf.Tensor[],
  type: ExchangeType = "float32",
): tf.Tensor[] {
  return tf.tidy(() => {
    const row = tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));
    const sums = summedRow(row, type);
    const parts = tf.split(sums, tensors.map(({ size }) => size)) as tf.Tensor[];
    return parts.map((part, index) => tf.reshape(part, tensors[index].shape));
  });
}

const summedRow = (row: tf.Tensor, type: ExchangeType) =>
  tf.customGrad((row) => ({
    value: allReduce(row as tf.Tensor, type),
    gradFunc: (gradient) => allReduce(gradient as tf.Tensor, type),
  }))(row);

function allReduce(row: tf.Tensor, type: ExchangeType): tf.Tensor {
  const attributes = [attribute.type("T", "float32"), attribute.sumOverProcesses(type)];
  return nativeBackend()!.executeSingleOutput("Identity", attributes, [row]);
}

/** While batch normalisation takes the whole batch: 1 where this process's share counts, else 0. */
let counted: tf.Scalar | null = null;

/**
 * Calls `step`, in which batch normalisation takes its statistics over all processes. `isCounted`: 1 where this
 * process's share counts, 0 where it is only there to fill its place.
 */
export function withSharedStatistics<T>(isCounted: tf.Scalar, step: () => T): T {
  counted = isCounted;
  const end = atEnd(() => counted = null);
  try {
    return step();
  } finally {
    end();
  }
}

/**
 * Batch normalisation of `[B, height, width, C]` over all processes, where it is asked for, else undefined. In two
 * exchanges, the mean's and then the variance's, so that nothing large is cancelled; the gradient takes two more.
 */
export function batchNormOverProcesses(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  epsilon: number,
) {
  if (counted === null) return undefined;
  const own = tf.mul(x.size / x.shape[3], counted);
  const weighted = (values: tf.Tensor) => tf.mul(tf.sum(values, [0, 1, 2]), counted!);
  const [sum, count] = sumsOverProcesses([weighted(x), own]);
  const mean = tf.div(sum, count);
  const centred = tf.sub(x, mean);
  const [squares] = sumsOverProcesses([weighted(tf.square(centred))]);
  const normal = tf.mul(centred, tf.rsqrt(tf.add(tf.div(squares, count), epsilon)));
  const variance = tf.div(squares, tf.sub(count, 1)); // the unbiased one
  return { y: tf.add(tf.mul(normal, scale), shift), mean, variance };
}
