/**
 * Ops whose values do not follow their inputs: comparisons, rounding. TensorFlow gives them no gradient;
 * tfjs needs one of zeros, else `tf.where` on a comparison of what is differentiated fails.
 */
import { flat, gradient } from "./register.ts";

// deno-fmt-ignore
const ofTwo = [
  "Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr",
];
for (const kernelName of ofTwo) {
  gradient(kernelName, { inputs: ["a", "b"] }, (_dy, [a, b]) => ({ a: flat(a), b: flat(b) }));
}

// deno-fmt-ignore
const ofOne = [
  "LogicalNot", "Ceil", "Floor", "Round", "Sign", "Step", "IsFinite", "IsInf", "IsNan", "OnesLike", "ZerosLike",
  "ArgMax", "ArgMin", "All", "Any",
];
for (const kernelName of ofOne) {
  gradient(kernelName, { inputs: ["x"] }, (_dy, [x]) => ({ x: flat(x) }));
}
