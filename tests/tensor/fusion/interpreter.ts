/** Runs a kernel's form one number after another: the plainest back end, against which others are held. */
import type { Domain } from "../../../lib/tensor/fusion/access.ts";
import {
  type KernelForm,
  type MapOperation,
  type Matrices,
  type MatrixAccess,
  productTensors,
  type RowTerm,
  type Value,
} from "../../../lib/tensor/fusion/kernel_form.ts";

const { fround } = Math;

/** The error function by its series (Abramowitz and Stegun, 7.1.6), which numbers here are small enough for. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x, sum = x;
  for (let n = 1; n < 200; n++) sum += term *= 2 * x * x / (2 * n + 1);
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

const truth = (holds: boolean) => Number(holds);

export const meanings: Record<MapOperation, (...x: number[]) => number> = {
  copy: (x) => x,
  negate: (x) => -x,
  reciprocal: (x) => 1 / x,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  ceiling: Math.ceil,
  round: (x) => Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x),
  square: (x) => x * x,
  squareRoot: Math.sqrt,
  inverseSquareRoot: (x) => 1 / Math.sqrt(x),
  exp: Math.exp,
  log: Math.log,
  erf,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => x < 0 ? 0 : x,
  relu6: (x) => x < 0 ? 0 : x > 6 ? 6 : x,
  elu: (x) => x < 0 ? Math.expm1(x) : x,
  leakyRelu: (x, slope) => x > 0 ? x : x * slope,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  squaredDifference: (a, b) => fround(a - b) ** 2,
  reluGradient: (slope, x) => x > 0 ? slope : 0,
  relu6Gradient: (slope, x) => x > 0 && x < 6 ? slope : 0,
  eluGradient: (slope, y) => y < 0 ? slope * (y + 1) : slope,
  leakyReluGradient: (slope, x, factor) => x > 0 ? slope : slope * factor,
  sigmoidGradient: (y, slope) => slope * y * (1 - y),
  tanhGradient: (y, slope) => slope * fround(1 - fround(y * y)),
  greater: (a, b) => truth(a > b),
  greaterOrEqual: (a, b) => truth(a >= b),
  less: (a, b) => truth(a < b),
  lessOrEqual: (a, b) => truth(a <= b),
  equal: (a, b) => truth(a === b),
  notEqual: (a, b) => truth(a !== b),
  and: (a, b) => truth(a !== 0 && b !== 0),
  or: (a, b) => truth(a !== 0 || b !== 0),
  not: (a) => truth(a === 0),
  choose: (condition, a, b) => condition ? a : b,
  fromBool: (a) => a,
  fromInt32: (a) => a,
};

const offsetOf = (terms: readonly RowTerm[], at: number) =>
  terms.reduce((sum, { divide, modulo, stride }) => {
    const axis = Math.floor(at / divide);
    return sum + (modulo === undefined ? axis : axis % modulo) * stride;
  }, 0);
const placeIn = ({ offset, terms, row, column }: MatrixAccess, at: [number, number, number]) =>
  offset + offsetOf(terms, at[0]) + at[1] * row + at[2] * column;

/** What the form gives, each output in its order; a form that draws is not for this. */
export function interpreted(
  form: KernelForm,
  { rows, width }: Domain,
  inputs: readonly ArrayLike<number>[],
): number[][] {
  const made: number[][] = [];
  const numberOf = (index: number, row: number, column: number) => {
    const { per } = form.values[index];
    if (form.values[index].kind === "constant") return made[index][0];
    return made[index][per === "place" ? row * width + column : per === "row" ? row : column];
  };
  const loaded = ({ input, access }: Value & { kind: "load" }, row: number, column: number) => {
    return inputs[input][offsetOf(access.terms, row) + column * access.inner];
  };
  const height = form.height ?? 1;
  const ofMatrix = (given: Matrices, ...at: [number, number, number]) =>
    fround(inputs[given.input][placeIn(given, at)] * given.factor);
  for (const value of form.values) {
    const length = value.per === "place" ? rows * width : value.per === "row" ? rows : width;
    const at = (index: number): [row: number, column: number] =>
      value.per === "place" ? [Math.floor(index / width), index % width] : [index, 0];
    made.push(Array.from({ length }, (_, index) => {
      switch (value.kind) {
        case "constant":
          return value.value;
        case "load":
          return loaded(value, ...at(index));
        case "map": {
          const operands = value.arguments.map((each) => numberOf(each, ...at(index)));
          return fround(meanings[value.operation](...operands));
        }
        case "reduce": {
          const row = Array.from(
            { length: width },
            (_, column) => numberOf(value.argument, index, column),
          );
          if (value.operation === "sum") return fround(row.reduce((a, b) => a + b, 0));
          return value.operation === "maximum" ? Math.max(...row) : Math.min(...row);
        }
        case "total": {
          let sum = 0;
          for (let row = 0; row < rows; row++) sum += numberOf(value.argument, row, index);
          return fround(sum * value.factor);
        }
        case "product": {
          const [row, column] = at(index), matrix = Math.floor(row / height);
          let sum = 0;
          for (let step = 0; step < value.depth; step++) {
            sum += ofMatrix(value.left, matrix, row % height, step) *
              ofMatrix(value.right, matrix, step, column);
          }
          return fround(sum);
        }
        case "chance":
          throw new TypeError("random bits are TensorFlow's");
      }
    }));
  }
  const tensors: number[][] = Array.from({ length: productTensors(form) }, () => []);
  for (const { value, transposed, right, columns, output, to, factor } of form.products ?? []) {
    const [given, depth] = transposed ? [width, height] : [height, width];
    for (let matrix = 0; matrix < rows / height; matrix++) {
      for (let row = 0; row < given; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let step = 0; step < depth; step++) {
            const [r, c] = transposed ? [step, row] : [row, step];
            const left = made[value][(matrix * height + r) * width + c];
            sum += left * ofMatrix(right, matrix, step, column);
          }
          const place = placeIn(to, [matrix, row, column]);
          tensors[output - form.outputs.length][place] = fround(fround(sum) * factor);
        }
      }
    }
  }
  return [...form.outputs.map(({ value }) => made[value]), ...tensors];
}
