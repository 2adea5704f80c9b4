import * as tf from "../tensor/tf.ts";

/** Copies the variables' values; the function that comes back sets them to these again. */
export function snapshot(variables: Iterable<tf.Variable>): () => void {
  const saved = Array.from(variables, (variable) => ({
    variable,
    values: variable.dataSync().slice(),
  }));
  return () => {
    for (const { variable, values } of saved) {
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape, variable.dtype)));
    }
  };
}
