/** Elementwise ops of one and two tensors. */
import * as tf from "tfjs";
import { flat, gradient, unbroadcast } from "./register.ts";

/** The gradient where `mask` is true, else 0, whatever the gradient is there. */
const masked = (mask: tf.Tensor, dy: tf.Tensor) => tf.where(mask, dy, tf.zerosLike(dy));

// tfjs's kernel for it has no gradient of its own.
gradient("Elu", { outputs: [true] }, (dy, [y]) => ({
  x: () => tf.where(tf.less(y, 0), tf.mul(dy, tf.add(y, 1)), dy),
}));

// tfjs takes 0 itself to the curve. It is TensorFlow's α · scale and scale.
const seluCurve = 1.7580993408473768, seluScale = 1.0507009873554805;
gradient("Selu", { inputs: ["x"] }, (dy, [x]) => ({
  x: () => {
    const curve = tf.mul(tf.exp(tf.minimum(x, 0)), seluCurve);
    return tf.mul(dy, tf.where(tf.less(x, 0), curve, tf.fill(x.shape, seluScale)));
  },
}));

// tfjs counts 6 itself to the slope.
gradient("Relu6", { inputs: ["x"] }, (dy, [x]) => ({
  x: () => masked(tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6)), dy),
}));

// tfjs's are of the broadcast shape. Equal values: the gradient is the first one's, as in TensorFlow.
const choices = [["Maximum", tf.greaterEqual], ["Minimum", tf.lessEqual]] as const;
for (const [kernelName, takesFirst] of choices) {
  gradient(kernelName, { inputs: ["a", "b"] }, (dy, [a, b]) => ({
    a: () => unbroadcast(masked(takesFirst(a, b), dy), a.shape),
    b: () => unbroadcast(masked(tf.logicalNot(takesFirst(a, b)), dy), b.shape),
  }));
}

gradient("SquaredDifference", { inputs: ["a", "b"] }, (dy, [a, b]) => {
  const slope = () => tf.mul(dy, tf.mul(tf.sub(a, b), 2));
  return {
    a: () => unbroadcast(slope(), a.shape),
    b: () => unbroadcast(tf.neg(slope()), b.shape),
  };
});

// tfjs multiplies by the mask, and makes NaN of an infinite gradient on the side that was not chosen.
gradient("Select", { inputs: ["condition"] }, (dy, [condition]) => ({
  condition: flat(condition),
  t: () => masked(condition, dy),
  e: () => masked(tf.logicalNot(condition), dy),
}));

// Flat between its steps. `tf.div` of whole numbers is the same kernel, and is differentiated as a division:
// so tfjs has it.
gradient("FloorDiv", { inputs: ["a", "b"] }, (dy, [a, b]) => {
  if (a.dtype === "float32" || b.dtype === "float32") return { a: flat(a), b: flat(b) };
  const [dividend, divisor] = [tf.cast(a, "float32"), tf.cast(b, "float32")];
  return {
    a: () => unbroadcast(tf.div(dy, divisor), a.shape),
    b: () => unbroadcast(tf.neg(tf.div(tf.mul(dy, dividend), tf.square(divisor))), b.shape),
  };
});
