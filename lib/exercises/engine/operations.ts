/** Stands between tfjs and every operation that it is asked for, by whomever. */
import * as tf from "../../tensor/tf.ts";

/** A kernel by its name; an operation with a gradient of its own has none. */
export interface KernelCall {
  kernelName?: string;
  inputs: object;
  attrs?: object;
}

/**
 * Has every operation pass by `follow`, those with a gradient of their own too, and those that one is made of;
 * `perform` does it. Gives what ends that.
 */
export function followOperations(
  follow: (call: KernelCall, perform: () => unknown) => unknown,
): () => void {
  // What every operation passes by is private to tfjs's engine.
  const engine = tf.engine() as unknown as { runKernelFunc(parameters: object): unknown };
  const before = engine.runKernelFunc;
  engine.runKernelFunc = (parameters) =>
    follow(parameters as KernelCall, () => before.call(engine, parameters));
  return () => {
    engine.runKernelFunc = before;
  };
}
