/** Ops of one and of two tensors, value by value. */
import * as tf from "../../../lib/tensor/tf.ts";
import type { Entry } from "./judge.ts";

const { where, mul, square } = tf;
/** tfjs's ops by name, all of tensors alone. */
const op = tf as unknown as Record<string, (...given: tf.Tensor[]) => tf.Tensor>;

// deno-fmt-ignore
const ofOne = [
  "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "clone", "cos", "cosh", "elu", "erf", "exp",
  "expm1", "floor", "log", "log1p", "logSigmoid", "neg", "onesLike", "reciprocal", "relu", "relu6", "round",
  "rsqrt", "selu", "sigmoid", "sign", "sin", "sinh", "softplus", "sqrt", "square", "tan", "tanh", "zerosLike",
] as const;
// deno-fmt-ignore
const ofTwo = [
  "add", "atan2", "div", "divNoNan", "floorDiv", "maximum", "minimum", "mod", "mul", "pow", "squaredDifference",
  "sub",
] as const;
// deno-fmt-ignore
const comparisons = ["equal", "greater", "greaterEqual", "less", "lessEqual", "notEqual"] as const;
const logic = ["logicalAnd", "logicalOr", "logicalXor"] as const;
const tests = ["isFinite", "isInf", "isNaN"] as const;

const named = <Name extends string>(names: readonly Name[], make: (name: Name) => Entry) =>
  Object.fromEntries(names.map((name) => [name, make(name)]));

export const elementwise: Record<string, Entry> = {
  ...named(ofOne, (name) => ({ compute: ([x]) => op[name](x) })),
  ...named(ofTwo, (name) => ({ compute: ([a, b]) => op[name](a, b) })),
  ...named(comparisons, (name) => ({
    compute: ([a, b]) => where(op[name](a, b), square(a), mul(a, b)),
  })),
  ...named(logic, (name) => ({
    compute: ([a, b]) => where(op[name](tf.greater(a, 0), tf.greater(b, 0)), square(a), mul(b, 3)),
  })),
  logicalNot: {
    compute: ([x]) => where(tf.logicalNot(tf.greater(x, 0)), square(x), mul(x, 3)),
  },
  ...named(tests, (name) => ({ compute: ([x]) => where(op[name](x), square(x), mul(x, 2)) })),
  addN: { compute: (xs) => tf.addN(xs) },
  cast: {
    compute: ([x], { dtype }) => tf.cast(tf.cast(x, dtype), "float32"),
    withoutDifferences: "values jump where they are cut to whole numbers",
  },
  clipByValue: { compute: ([x], { low, high }) => tf.clipByValue(x, low, high) },
  leakyRelu: { compute: ([x], { alpha }) => tf.leakyRelu(x, alpha) },
  prelu: { compute: ([x, alpha]) => tf.prelu(x, alpha) },
  step: { compute: ([x], { alpha }) => tf.step(x, alpha) },
  where: { compute: ([condition, t, e]) => tf.where(condition, t, e) },
};
