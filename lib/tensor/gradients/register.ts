/** How gradients are registered with tfjs, in the place of its own where it has one. */
import * as tf from "tfjs";

/** The attributes of a kernel call, by tfjs's names. */
// deno-lint-ignore no-explicit-any
export type Attributes = Record<string, any>;

/** For each input that has a gradient, by its name (or place in a list), how it is computed. */
export type InputGradients = Record<string, () => tf.Tensor>;

/** What a gradient needs of the forward pass. */
export interface Saved {
  /** The inputs to keep, by name. */
  inputs?: string[];
  /** For each output, whether to keep it; they follow the inputs. */
  outputs?: boolean[];
  /** Keeps all inputs of a kernel that takes a list. */
  allInputs?: boolean;
}

type Gradient = (dy: tf.Tensor, saved: tf.Tensor[], attributes: Attributes) => InputGradients;
type Gradients = (dys: tf.Tensor[], saved: tf.Tensor[], attributes: Attributes) => InputGradients;

/**
 * Registers the gradient of a kernel with one output. It is made of ops that have gradients themselves
 * wherever such ops exist, so that a gradient can be differentiated again.
 */
export function gradient(kernelName: string, saved: Saved, compute: Gradient): void {
  register(kernelName, saved, (dy, ...rest) => compute(dy as tf.Tensor, ...rest));
}

/** Registers the gradient of a kernel with several outputs; where there is one, it comes as a list too. */
export function gradients(kernelName: string, saved: Saved, compute: Gradients): void {
  register(kernelName, saved, (dy, ...rest) => compute(Array.isArray(dy) ? dy : [dy], ...rest));
}

function register(
  kernelName: string,
  { inputs, outputs, allInputs }: Saved,
  gradFunc: tf.GradFunc,
): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: inputs,
    outputsToSave: outputs,
    saveAllInputs: allInputs,
    gradFunc,
  });
}

/** Runs a kernel by its name, for those that tfjs has no public op for. */
export function runKernel(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attributes: Attributes = {},
): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes) as tf.Tensor;
}

/** Sums a gradient over the axes along which an input of `shape` was repeated to meet another. */
export function unbroadcast(dy: tf.Tensor, shape: number[]): tf.Tensor {
  const added = dy.rank - shape.length;
  const axes = dy.shape.map((_, axis) => axis)
    .filter((axis) => axis < added || (shape[axis - added] === 1 && dy.shape[axis] !== 1));
  return axes.length === 0 ? dy : tf.reshape(tf.sum(dy, axes), shape);
}

/** A flat gradient; complex values have it as float32 too. */
export const flat = (x: tf.Tensor) => () => tf.zeros(x.shape);
