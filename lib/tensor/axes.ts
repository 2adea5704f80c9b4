/** Taking, padding and spreading along one axis. */
import * as tf from "tfjs";

/** A tensor's part of `size` places from `begin` on along one axis. */
export function part(x: tf.Tensor, axis: number, begin: number, size: number): tf.Tensor {
  const begins = x.shape.map((_, index) => index === axis ? begin : 0);
  return tf.slice(x, begins, x.shape.map((all, index) => index === axis ? size : all));
}

/** Zeros before and after along one axis. */
export function padded(x: tf.Tensor, axis: number, before: number, after: number): tf.Tensor {
  if (before === 0 && after === 0) return x;
  return tf.pad(x, x.shape.map((_, index) => index === axis ? [before, after] : [0, 0]));
}

/** Puts `step − 1` zeros between the places along an axis. */
export function stretched(x: tf.Tensor, axis: number, step: number): tf.Tensor {
  if (step === 1 || x.shape[axis] < 2) return x;
  const shape = [...x.shape];
  shape.splice(axis + 1, 0, 1);
  const wide = padded(tf.reshape(x, shape), axis + 1, 0, step - 1);
  const size = x.shape[axis] * step;
  const joined = tf.reshape(wide, x.shape.map((all, index) => index === axis ? size : all));
  return part(joined, axis, 0, size - step + 1);
}
