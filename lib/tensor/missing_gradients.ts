/**
 * Gradients that tfjs lacks: comparisons are flat, so theirs is zero. Without them `tf.where` on a comparison
 * of what is differentiated fails.
 */
import * as tf from "tfjs";

const zeros = (tensor: tf.Tensor) => () => tf.zeros(tensor.shape);

const comparisons = ["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"];
for (const kernelName of [...comparisons, "LogicalAnd", "LogicalOr"]) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["a", "b"],
    gradFunc: (_dy, [a, b]) => ({ a: zeros(a), b: zeros(b) }),
  });
}
tf.registerGradient({
  kernelName: "LogicalNot",
  inputsToSave: ["x"],
  gradFunc: (_dy, [x]) => ({ x: zeros(x) }),
});
