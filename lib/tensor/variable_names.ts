/**
 * Variables whose names need not be their own. tfjs throws at a name that is taken, and so at the second model of a
 * class whose variables have names, or at a cell that is run again; in TensorFlow 2 names may repeat.
 */
import * as tf from "tfjs";

/** As tfjs's; a name that is taken gets a number behind it: "token_1". Its gradients go by it. */
export function variable<R extends tf.Rank>(
  initialValue: tf.Tensor<R>,
  trainable = true,
  name?: string,
  dtype?: tf.DataType,
): tf.Variable<R> {
  return tf.variable(initialValue, trainable, freeName(name), dtype);
}

/** Makes the tensors' method do the same. */
export function correctVariableMethod(): void {
  tf.Tensor.prototype.variable = function <R extends tf.Rank>(
    this: tf.Tensor<R>,
    trainable?: boolean,
    name?: string,
    dtype?: tf.DataType,
  ): tf.Variable<R> {
    return variable(this, trainable, name, dtype);
  };
}

function freeName(name: string | undefined): string | undefined {
  if (!name) return undefined;
  const { registeredVariables } = tf.engine();
  let free = name;
  for (let count = 1; free in registeredVariables; count++) free = `${name}_${count}`;
  return free;
}
