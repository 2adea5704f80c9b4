/** The values of all variables, to be put back. */
import * as tf from "tfjs";

/** Keeps the values that all variables have now; what comes back gives them to the variables again. */
export function keptValues(): () => void {
  const kept = Object.values(tf.engine().registeredVariables).map((variable) => ({
    variable,
    value: variable.clone(),
  }));
  return () => {
    for (const { variable, value } of kept) {
      if (!variable.isDisposed) variable.assign(value);
      value.dispose();
    }
  };
}
