/** Provisional: eager stand-in with the final interface. */
import type * as tf from "./tf.ts";

/** Tells the recorder that a step's behaviour depends on a JavaScript value. */
export function guard<T>(read: () => T): T {
  return read();
}

export type TensorTree = tf.Tensor | readonly tf.Tensor[] | { readonly [name: string]: tf.Tensor };

export interface CompiledStep<Inputs extends tf.Tensor[], Outputs> {
  (...inputs: Inputs): Promise<Outputs>;
  dispose(): void;
}

export function compile<Inputs extends tf.Tensor[], Outputs extends TensorTree>(
  step: (...inputs: Inputs) => Outputs,
): CompiledStep<Inputs, Outputs> {
  const run = (...inputs: Inputs) => Promise.resolve(step(...inputs));
  return Object.assign(run, { dispose() {} });
}
