import * as tf from "../../tensor/tf.ts";

/**
 * A tensor of fixed, irregular values in (low, high): the same on every backend and in every run, so
 * that a check's message is the same for everyone.
 */
export function sample<Shape extends number[]>(
  shape: Shape,
  { seed = 1, low = -1, high = 1 }: { seed?: number; low?: number; high?: number } = {},
): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  let state = (seed * 2654435761) >>> 0;
  const values = Float32Array.from({ length: size }, () => {
    // xorshift32 (George Marsaglia, "Xorshift RNGs", 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return low + (high - low) * (state / 4294967296);
  });
  return tf.tensor(values, shape);
}
