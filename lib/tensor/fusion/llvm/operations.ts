/** Each operation on single numbers as instructions. */
import type { MapOperation } from "../kernel_form.ts";
import type { Elementary } from "./mathematics.ts";
import { type Body, float } from "./text.ts";

type Write = (body: Body, ...operands: string[]) => string;

const call = (name: string): Write => (body, ...x) =>
  body.value(`call float @llvm.${name}.f32(${x.map((each) => `float ${each}`).join(", ")})`);
const elementary = (name: Elementary): Write => (body, x) =>
  body.value(`call float @tessera.${name}(float ${x})`);
const arithmetic = (name: string): Write => (body, a, b) => body.value(`${name} float ${a}, ${b}`);
const comparison = (code: string): Write => (body, a, b) =>
  body.value(`fcmp ${code} float ${a}, ${b}`);
const logic = (name: string): Write => (body, a, b) => body.value(`${name} i1 ${a}, ${b}`);

const add = arithmetic("fadd"), subtract = arithmetic("fsub");
const multiply = arithmetic("fmul"), divide = arithmetic("fdiv");
const choose: Write = (body, condition, a, b) =>
  body.value(`select i1 ${condition}, float ${a}, float ${b}`);
const exp = elementary("exp");
const one = float(1), zero = float(0);

/** Instead of a number that is not above zero, −0 among them, zero; NaN stays. */
const relu: Write = (body, x) => choose(body, comparison("ole")(body, x, zero), zero, x);
/** eˣ − 1 for x ≤ 0: what is lost of a small one is made good by a factor (Kahan). */
const expMinusOne: Write = (body, x) => {
  const power = exp(body, x), difference = subtract(body, power, one);
  const logarithm = elementary("log")(body, power);
  const small = multiply(body, difference, divide(body, x, logarithm));
  const isLost = comparison("oeq")(body, difference, zero);
  const nearZero = choose(body, isLost, x, small);
  return choose(body, comparison("olt")(body, x, float(-0.5)), difference, nearZero);
};
const square: Write = (body, x) => multiply(body, x, x);
const negate: Write = (body, x) => body.value(`fneg float ${x}`);
const squareRoot = call("sqrt");

/** Rounded as TensorFlow's kernels do: sums, products, quotients and square roots have the same bits. */
export const operations: Readonly<Record<MapOperation, Write>> = {
  copy: (_, x) => x,
  negate,
  reciprocal: (body, x) => divide(body, one, x),
  abs: call("fabs"),
  sign: (body, x) => {
    const isZero = comparison("ueq")(body, x, zero); // or NaN
    // The sum is 0 of −0 too.
    return choose(body, isZero, add(body, x, zero), call("copysign")(body, one, x));
  },
  floor: call("floor"),
  ceiling: call("ceil"),
  round: call("rint"),
  square,
  squareRoot,
  inverseSquareRoot: (body, x) => divide(body, one, squareRoot(body, x)),
  exp,
  log: elementary("log"),
  erf: elementary("erf"),
  tanh: elementary("tanh"),
  sigmoid: (body, x) => divide(body, one, add(body, exp(body, negate(body, x)), one)),
  softplus: (body, x) => {
    const small = exp(body, negate(body, call("fabs")(body, x)));
    return add(body, relu(body, x), elementary("logOfOnePlus")(body, small));
  },
  relu,
  relu6: (body, x) => {
    const above = relu(body, x);
    return choose(body, comparison("ogt")(body, above, float(6)), float(6), above);
  },
  elu: (body, x) => choose(body, comparison("olt")(body, x, zero), expMinusOne(body, x), x),
  leakyRelu: (body, x, slope) =>
    choose(body, comparison("ogt")(body, x, zero), x, multiply(body, x, slope)),
  add,
  subtract,
  multiply,
  divide,
  maximum: call("maximum"),
  minimum: call("minimum"),
  squaredDifference: (body, a, b) => square(body, subtract(body, a, b)),
  reluGradient: (body, slope, x) => choose(body, comparison("ogt")(body, x, zero), slope, zero),
  relu6Gradient: (body, slope, x) => {
    const isInside = logic("and")(
      body,
      comparison("ogt")(body, x, zero),
      comparison("olt")(body, x, float(6)),
    );
    return choose(body, isInside, slope, zero);
  },
  eluGradient: (body, slope, y) => {
    const below = multiply(body, slope, add(body, y, one));
    return choose(body, comparison("olt")(body, y, zero), below, slope);
  },
  leakyReluGradient: (body, slope, x, factor) =>
    choose(body, comparison("ogt")(body, x, zero), slope, multiply(body, slope, factor)),
  sigmoidGradient: (body, y, slope) =>
    multiply(body, multiply(body, slope, y), subtract(body, one, y)),
  tanhGradient: (body, y, slope) => multiply(body, slope, subtract(body, one, square(body, y))),
  greater: comparison("ogt"),
  greaterOrEqual: comparison("oge"),
  less: comparison("olt"),
  lessOrEqual: comparison("ole"),
  equal: comparison("oeq"),
  notEqual: comparison("une"),
  and: logic("and"),
  or: logic("or"),
  not: (body, a) => body.value(`xor i1 ${a}, true`),
  choose,
  fromBool: (body, a) => body.value(`uitofp i1 ${a} to float`),
  fromInt32: (body, a) => body.value(`sitofp i32 ${a} to float`),
};
