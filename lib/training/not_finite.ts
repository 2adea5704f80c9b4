import * as tf from "../tensor/tf.ts";

/** Training met numbers that are NaN or infinite; the message says where. */
export class NotFiniteError extends Error {
  override readonly name = "NotFiniteError";
}

/** Whether no value of the variables is NaN or infinite; reads one number from the device. */
export async function areFinite(variables: Iterable<tf.Variable>): Promise<boolean> {
  const sum = tf.tidy(() => tf.addN(Array.from(variables, (variable) => tf.sum(variable))));
  const [value] = await sum.data().finally(() => sum.dispose());
  return Number.isFinite(value);
}
