/**
 * Elementary functions as straight lines of arithmetic, which LLVM makes vectors of: kernels call no library.
 * Errors are a few units in the last place of a float; infinities and NaN come out as they should.
 *
 * The coefficients of exp and log are those of S. Moshier's Cephes library; those of tanh and erf are the
 * rational approximations of Eigen, on which TensorFlow's own kernels are built.
 */
import { Body, float, functionText } from "./text.ts";

/** A product and a sum, rounded once where the processor can do that. */
const multiplyAdd = (body: Body, a: string, b: string, c: string) =>
  body.value(`call float @llvm.fmuladd.f32(float ${a}, float ${b}, float ${c})`);

/** A polynomial by Horner's rule, from the highest power. */
function polynomial(body: Body, x: string, coefficients: readonly number[]): string {
  return coefficients.slice(1).reduce(
    (sum, coefficient) => multiplyAdd(body, sum, x, float(coefficient)),
    float(coefficients[0]),
  );
}

function between(body: Body, x: string, low: number, high: number): string {
  const isLow = body.value(`fcmp olt float ${x}, ${float(low)}`);
  const raised = body.value(`select i1 ${isLow}, float ${float(low)}, float ${x}`);
  const isHigh = body.value(`fcmp ogt float ${raised}, ${float(high)}`);
  return body.value(`select i1 ${isHigh}, float ${float(high)}, float ${raised}`);
}

/** 2 to the power of a whole number between −126 and 127. */
function powerOfTwo(body: Body, exponent: string): string {
  const biased = body.value(`add i32 ${exponent}, 127`);
  return body.value(`bitcast i32 ${body.value(`shl i32 ${biased}, 23`)} to float`);
}

/** eˣ = 2ⁿ · eʳ with |r| ≤ ½ ln 2; the power of two in two factors, since 2¹²⁸ is no float. */
function exp(body: Body): string {
  const x = between(body, "%x", -104, 89);
  const n = body.value(
    `call float @llvm.rint.f32(float ${body.value(`fmul float ${x}, ${float(1.44269504)}`)})`,
  );
  // ln 2 in two parts, of which the first times n is exact.
  const near = multiplyAdd(body, n, float(-0.693359375), x);
  const r = multiplyAdd(body, n, float(2.12194440e-4), near);
  const p = polynomial(body, r, [
    ...[1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3],
    ...[4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1],
  ]);
  const q = multiplyAdd(body, p, body.value(`fmul float ${r}, ${r}`), r);
  const fraction = body.value(`fadd float ${q}, 1.0`);
  // NaN has no whole part: what that is then does not matter, since the fraction is NaN.
  const whole = body.value(`freeze i32 ${body.value(`fptosi float ${n} to i32`)}`);
  const half = body.value(`ashr i32 ${whole}, 1`);
  const rest = body.value(`sub i32 ${whole}, ${half}`);
  const scaled = body.value(`fmul float ${fraction}, ${powerOfTwo(body, half)}`);
  return body.value(`fmul float ${scaled}, ${powerOfTwo(body, rest)}`);
}

/** ln x = e ln 2 + ln m with √½ ≤ m < √2. */
function log(body: Body): string {
  const bits = body.value("bitcast float %x to i32");
  // The exponent of x / √½, so that the mantissa lies around 1.
  const shifted = body.value(`sub i32 ${bits}, ${0x3f3504f3}`);
  const exponent = body.value(`ashr i32 ${shifted}, 23`);
  const e = body.value(`sitofp i32 ${exponent} to float`);
  const mantissa = body.value(`sub i32 ${bits}, ${body.value(`shl i32 ${exponent}, 23`)}`);
  const m = body.value(`bitcast i32 ${mantissa} to float`);
  const z = body.value(`fadd float ${m}, -1.0`);
  const zz = body.value(`fmul float ${z}, ${z}`);
  const p = polynomial(body, z, [
    ...[7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1],
    ...[-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1],
  ]);
  const cubic = body.value(`fmul float ${body.value(`fmul float ${p}, ${z}`)}, ${zz}`);
  const small = multiplyAdd(body, e, float(-2.12194440e-4), cubic);
  const halved = multiplyAdd(body, zz, float(-0.5), small);
  const sum = body.value(`fadd float ${z}, ${halved}`);
  const finite = multiplyAdd(body, e, float(0.693359375), sum);
  const select = (condition: string, value: string, other: string) =>
    body.value(`select i1 ${body.value(`fcmp ${condition}`)}, float ${value}, float ${other}`);
  const large = select(`oeq float %x, ${float(Infinity)}`, "%x", finite);
  const zero = select("oeq float %x, 0.0", float(-Infinity), large);
  return select("ult float %x, 0.0", "0x7FF8000000000000", zero);
}

/**
 * `small` up to a size, and beyond it 1 with the sign of x: what is a little less would be multiplied by a large
 * x where a derivative takes it from 1.
 */
function endingInOne(body: Body, small: string, from: number): string {
  const size = body.value("call float @llvm.fabs.f32(float %x)");
  const isOne = body.value(`fcmp oge float ${size}, ${float(from)}`);
  const one = body.value(`call float @llvm.copysign.f32(float ${float(1)}, float %x)`);
  return body.value(`select i1 ${isOne}, float ${one}, float ${small}`);
}

/** tanh x = x P(x²) / Q(x²), up to where it is 1 in floats. */
function tanh(body: Body): string {
  const square = body.value("fmul float %x, %x");
  const p = polynomial(body, square, [
    ...[-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8],
    ...[1.48572235717979e-5, 6.37261928875436e-4, 4.89352455891786e-3],
  ]);
  const q = polynomial(body, square, [
    ...[1.19825839466702e-6, 1.18534705686654e-4, 2.26843463243900e-3, 4.89352518554385e-3],
  ]);
  const ratio = body.value(`fdiv float ${body.value(`fmul float %x, ${p}`)}, ${q}`);
  const size = body.value("call float @llvm.fabs.f32(float %x)");
  const isTiny = body.value(`fcmp olt float ${size}, ${float(4e-4)}`);
  const small = body.value(`select i1 ${isTiny}, float %x, float ${ratio}`);
  return endingInOne(body, small, 7.90531110763549805);
}

/** erf x = x P(x²) / Q(x²), up to where it is 1 in floats. */
function erf(body: Body): string {
  const square = body.value("fmul float %x, %x");
  const p = polynomial(body, square, [
    ...[-2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5],
    ...[-7.34990630326855e-4, -2.95459980854025e-3, -1.60960333262415e-2],
  ]);
  const q = polynomial(body, square, [
    ...[-1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3],
    ...[-7.37332916720468e-3, -1.42647390514189e-2],
  ]);
  const small = body.value(`fdiv float ${body.value(`fmul float %x, ${p}`)}, ${q}`);
  return endingInOne(body, small, 3.832506856900711);
}

/** ln(1 + x) for 0 ≤ x ≤ 1: what 1 + x loses of a small x is made good by a factor (Kahan). */
function logOfOnePlus(body: Body): string {
  const sum = body.value("fadd float %x, 1.0");
  const gained = body.value(`fadd float ${sum}, -1.0`);
  const logarithm = body.value(`call float @tessera.log(float ${sum})`);
  const factor = body.value(`fdiv float %x, ${gained}`);
  const isLost = body.value(`fcmp oeq float ${gained}, 0.0`);
  const product = body.value(`fmul float ${logarithm}, ${factor}`);
  return body.value(`select i1 ${isLost}, float %x, float ${product}`);
}

const functions = { exp, log, tanh, erf, logOfOnePlus };

export type Elementary = keyof typeof functions;

const declarations = [
  ...["sqrt", "fabs", "rint", "floor", "ceil", "copysign"].map((name) =>
    `declare float @llvm.${name}.f32(float${name === "copysign" ? ", float" : ""})`
  ),
  ...["maximum", "minimum"].map((name) => `declare float @llvm.${name}.f32(float, float)`),
  ...["smax", "smin"].map((name) => `declare i32 @llvm.${name}.i32(i32, i32)`),
  "declare float @llvm.fmuladd.f32(float, float, float)",
];

const definitions = Object.entries(functions).map(([name, write]) => {
  const body = new Body();
  body.do(`ret float ${write(body)}`);
  const head = `internal float @tessera.${name}(float %x) alwaysinline`;
  return { call: `@tessera.${name}(`, definition: functionText(head, body) };
});

/**
 * Declarations for a module, and those of the functions above that its text calls, which become part of whatever
 * calls them. The others would take LLVM a seventh of its time over an average kernel.
 */
export function mathematicsFor(text: string): string {
  const needed = new Set<string>();
  const find = (text: string) => {
    for (const { call, definition } of definitions) {
      if (needed.has(definition) || !text.includes(call)) continue;
      needed.add(definition);
      find(definition);
    }
  };
  find(text);
  return [...declarations, ...needed].join("\n");
}
