import * as tf from "../../tensor/tf.ts";

/**
 * A copy of a check's input for a learner's code, which cannot spoil the check's own: it may be freed, and
 * its shape is frozen, so that `x.shape.pop()` throws at once.
 */
export function given<Input extends tf.Tensor>(input: Input): Input {
  const copy = tf.clone(input);
  Object.freeze(copy.shape);
  return copy;
}
