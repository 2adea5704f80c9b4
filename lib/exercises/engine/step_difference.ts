/** How one operation differs from another that gets the same. */
import type { TracedStep } from "./trace.ts";

/** A text by which equal values in one order are known. */
export function flatKey(values: Float32Array): string {
  return Array.from(values.subarray(0, 6), (value) => value.toPrecision(4)).join();
}

/** Whether values are the same in one order, but for rounding. */
export const equalValues = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((value, index) => Math.abs(value - b[index]) < 1e-5);

/** tfjs's functions for its kernels, where they are called otherwise. */
const functions: Readonly<Record<string, string>> = {
  BatchMatMul: "matMul",
  Multiply: "mul",
  RealDiv: "div",
  Transpose: "transpose",
  Softmax: "softmax",
  Concat: "concat",
  Pack: "stack",
  Add: "add",
  AddV2: "add",
  AddN: "addN",
  Sub: "sub",
  Mean: "mean",
  Sum: "sum",
  Max: "max",
  Min: "min",
  Maximum: "maximum",
  Minimum: "minimum",
  Relu: "relu",
  Elu: "elu",
  Sigmoid: "sigmoid",
  Tanh: "tanh",
  MaxPool: "maxPool",
  AvgPool: "avgPool",
  PadV2: "pad",
  Pow: "pow",
  SquaredDifference: "squaredDifference",
  FloorDiv: "floorDiv",
  Prod: "prod",
  ArgMax: "argMax",
  ArgMin: "argMin",
  LogSoftmax: "logSoftmax",
  SplitV: "split",
  Slice: "slice",
  Tile: "tile",
  GatherV2: "gather",
  Reshape: "reshape",
};

/** What a learner writes for a kernel of tfjs. */
export const functionOf = (name: string) => name in functions ? `tf.${functions[name]}` : name;

/** What a learner calls an operation in words. */
const words: Readonly<Record<string, string>> = {
  relu: "ReLU",
  gelu: "GELU",
  softmax: "the softmax",
  MaxPool: "max-pooling",
  Add: "the sum",
  Mean: "the mean (`tf.mean`)",
  BatchMatMul: "the matrix product",
  linear: "a linear map",
  conv2d: "a convolution",
};

/** An operation in words, or as it is written: "max-pooling", "`tf.mul`". */
export const wordFor = (name: string) => words[name] ?? `\`${functionOf(name)}\``;

/** What a right step does otherwise with the same inputs: another operation, another order, another axis. */
export function differenceOf(step: TracedStep, right: readonly TracedStep[]): string | undefined {
  const keys = ({ inputs }: TracedStep) =>
    inputs.map(({ values, shape }) => `${flatKey(values)} ${shape}`);
  const own = keys(step);
  if (step.inputs.every(({ values }) => values.length < 4)) return undefined;
  const same = right.filter((each) => keys(each).toSorted().join(";") === own.toSorted().join(";"));
  for (const other of same) {
    if (other.name !== step.name) continue;
    if (keys(other).join(";") !== own.join(";")) {
      return `its two inputs are exchanged: \`${
        functionOf(step.name)
      }\` gets them the other way round`;
    }
    const setting = attributeDifference(step.attributes, other.attributes);
    if (setting) return `\`${functionOf(step.name)}\` has ${setting}`;
  }
  const others = [...new Set(same.map(({ name }) => functionOf(name)))];
  return others.length === 1 && others[0] !== functionOf(step.name) && step.inputs.length > 1
    ? `\`${functionOf(step.name)}\` stands where \`${others[0]}\` belongs`
    : undefined;
}

/** "filterSize 3 here, which should be 2": the first setting of an operation that is another one. */
export function attributeDifference(own: object, right: object): string | undefined {
  const [a, b] = [own, right] as Record<string, unknown>[];
  const text = (value: unknown) => Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
  const changed = Object.keys(b).find((key) => String(a[key]) !== String(b[key]));
  return changed && `${changed} ${text(a[changed])} here, which should be ${text(b[changed])}`;
}
