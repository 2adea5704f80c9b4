/** What TensorFlow's ops are in a kernel: operations on single numbers, reductions of rows, sums over rows. */
import type { TensorMetadata } from "../binding.ts";
import { AttributeType, DataType } from "../c_api.ts";
import type { RecordedNode } from "../recorder.ts";
import { sizeOf } from "./access.ts";
import type { MapOperation } from "./kernel_form.ts";

export type Op = RecordedNode & { kind: "op" };

export type Role =
  /** Each number of the output from those of the inputs at its place, and from constants after them. */
  | {
    kind: "map";
    operation: MapOperation;
    inputs: readonly number[];
    constants: readonly number[];
  }
  /** A sum of two or more, from left to right. */
  | { kind: "sumOfInputs"; inputs: readonly number[] }
  | { kind: "softmax"; logarithm: boolean; inputs: readonly number[]; width: number }
  | { kind: "reduce"; operation: Reduction; inputs: readonly number[]; width: number }
  | { kind: "total"; mean: boolean; inputs: readonly number[]; width: number }
  | MatrixRole;

/** Roles of ops on whole matrices of as many rows and columns as a kernel has. */
export type MatrixRole =
  /** Each matrix of the kernel as a product of two others. */
  | Product & { kind: "product" }
  /** A product of which the kernel's matrices are a factor. */
  | Product & { kind: "applied"; matrix: 0 | 1 }
  /** Such products in another order, scaled, or several as one tensor. */
  | { kind: "rearranged"; inputs: readonly number[] };

interface Product {
  /** Both factors, and whether their matrices are to be transposed first. */
  inputs: readonly number[];
  transposed: readonly [boolean, boolean];
}

type Reduction = "sum" | "mean" | "maximum" | "minimum";

/** What a role is judged by. */
export interface Context {
  metadata(id: number): TensorMetadata;
  /** The values of a small constant of the recording. */
  constant(id: number): ArrayLike<number> | undefined;
}

/** Larger matrices do not stay in the cache next to the processor, and are TensorFlow's. */
const MOST_SIDE = 128;

const { float32: FLOAT, bool: BOOL, int32: INT32 } = DataType;

const floatMaps: Record<string, MapOperation> = {
  ...{ Neg: "negate", Reciprocal: "reciprocal", Inv: "reciprocal", Abs: "abs", Sign: "sign" },
  ...{ Floor: "floor", Ceil: "ceiling", Rint: "round", Round: "round", Square: "square" },
  ...{ Sqrt: "squareRoot", Rsqrt: "inverseSquareRoot", Exp: "exp", Log: "log", Erf: "erf" },
  ...{ Tanh: "tanh", Sigmoid: "sigmoid", Softplus: "softplus", Relu: "relu", Relu6: "relu6" },
  ...{ Elu: "elu", LeakyRelu: "leakyRelu", Add: "add", AddV2: "add", BiasAdd: "add" },
  ...{ Sub: "subtract", Mul: "multiply", RealDiv: "divide", Div: "divide" },
  ...{ Maximum: "maximum", Minimum: "minimum", SquaredDifference: "squaredDifference" },
  ...{ ReluGrad: "reluGradient", Relu6Grad: "relu6Gradient", EluGrad: "eluGradient" },
  ...{ LeakyReluGrad: "leakyReluGradient", SigmoidGrad: "sigmoidGradient" },
  ...{ TanhGrad: "tanhGradient", Greater: "greater", GreaterEqual: "greaterOrEqual" },
  ...{ Less: "less", LessEqual: "lessOrEqual", Equal: "equal", NotEqual: "notEqual" },
};
const truthMaps: Record<string, MapOperation> = {
  ...{ LogicalAnd: "and", LogicalOr: "or", LogicalNot: "not" },
};
const reductions: Record<string, Reduction> = {
  ...{ Sum: "sum", Mean: "mean", Max: "maximum", Min: "minimum" },
};

export const attributeOf = (node: Op, name: string) =>
  node.attributes.find((attribute) => attribute.name === name)?.value;

/** An op's role in a kernel; undefined where it has none. */
export function roleOf(node: Op, context: Context): Role | undefined {
  const shapes = [...node.outputs.map(({ shape }) => shape)];
  if (node.outputs.length !== 1 || sizeOf(shapes[0]) === 0) return undefined;
  return mapOf(node, context) ?? rowRoleOf(node, context);
}

function mapOf(node: Op, { metadata }: Context): Role | undefined {
  const { name, inputs, outputs: [output] } = node;
  const types = inputs.map((id) => metadata(id).dtype);
  const map = (operation: MapOperation, constants: number[] = [], used = inputs): Role => ({
    ...{ kind: "map", operation, inputs: used, constants },
  });
  const all = (type: number) => types.every((each) => each === type);
  if (Object.hasOwn(truthMaps, name)) return all(BOOL) ? map(truthMaps[name]) : undefined;
  if (Object.hasOwn(floatMaps, name)) {
    if (!all(FLOAT) || attributeOf(node, "data_format") === "NCHW") return undefined;
    const slope = attributeOf(node, "alpha");
    return map(floatMaps[name], name.startsWith("Leaky") ? [Number(slope ?? 0.2)] : []);
  }
  if (output.dtype !== FLOAT) return undefined;
  switch (name) {
    case "AddN":
      return all(FLOAT) && inputs.length > 1 ? { kind: "sumOfInputs", inputs } : undefined;
    case "Cast":
      if (types[0] === BOOL) return map("fromBool");
      return types[0] === INT32 ? map("fromInt32") : undefined;
    case "Select": // a condition of one axis chooses whole rows
      if (metadata(inputs[0]).shape.length !== output.shape.length) return undefined;
      return map("choose");
    case "SelectV2":
      return map("choose");
    case "Tile":
    case "BroadcastTo":
      return types[0] === FLOAT && isBroadcast(metadata(inputs[0]).shape, output.shape)
        ? map("copy", [], [inputs[0]])
        : undefined;
  }
}

/** Whether only axes of length 1 are repeated. */
function isBroadcast(shape: readonly number[], to: readonly number[]): boolean {
  const skipped = to.length - shape.length;
  return skipped >= 0 &&
    shape.every((length, axis) => length === 1 || length === to[axis + skipped]);
}

function rowRoleOf(node: Op, { metadata, constant }: Context): Role | undefined {
  const { name, inputs, outputs: [output] } = node;
  if (output.dtype !== FLOAT || inputs.length === 0) return undefined;
  const { shape, dtype } = metadata(inputs[0]);
  if (dtype !== FLOAT || shape.length === 0 || sizeOf(shape) === 0) return undefined;
  const used = [inputs[0]], last = shape.at(-1)!;
  if (name === "Softmax" || name === "LogSoftmax") {
    return { kind: "softmax", logarithm: name === "LogSoftmax", inputs: used, width: last };
  }
  if (name === "BiasAddGrad") {
    if (attributeOf(node, "data_format") === "NCHW") return undefined;
    return { kind: "total", mean: false, inputs: used, width: last };
  }
  if (!Object.hasOwn(reductions, name)) return undefined;
  const listed = constant(inputs[1]);
  if (listed === undefined) return undefined;
  const operation = reductions[name];
  const axes = new Set(Array.from(listed, (axis) => axis < 0 ? axis + shape.length : axis));
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.has(axis));
  if (axes.size === 0) return undefined;
  if (kept.every((axis, at) => axis === at)) {
    const width = sizeOf(shape.slice(kept.length));
    return { kind: "reduce", operation, inputs: used, width };
  }
  if (kept.every((axis, at) => axis === axes.size + at) && /sum|mean/.test(operation)) {
    const width = sizeOf(shape.slice(axes.size));
    return { kind: "total", mean: operation === "mean", inputs: used, width };
  }
}

/** Products of many small matrices; undefined where an op is none. */
export function productOf(node: Op, { metadata }: Context): Product | undefined {
  if (!/^BatchMatMul(V2)?$/.test(node.name)) return undefined;
  const { inputs } = node;
  const [a, b] = inputs.map((id) => metadata(id));
  const matrices = a.shape.slice(0, -2);
  if (a.dtype !== FLOAT || b.dtype !== FLOAT || sizeOf(matrices) < 2) return undefined;
  if (String(matrices) !== String(b.shape.slice(0, -2))) return undefined;
  const sides = [...a.shape.slice(-2), ...b.shape.slice(-2)];
  if (sides.some((side) => side === 0 || side > MOST_SIDE)) return undefined;
  const transposed = [attributeOf(node, "adj_x") === true, attributeOf(node, "adj_y") === true];
  return { inputs, transposed: transposed as [boolean, boolean] };
}

/** Ops that give on their input as it is. */
export function isAlias(node: Op, { metadata }: Context): boolean {
  // Where the step runs on several processes it is their sum.
  if (node.attributes.some(({ type }) => type === AttributeType.sumOverProcesses)) return false;
  if (["Reshape", "ExpandDims", "Squeeze", "Identity"].includes(node.name)) return true;
  return node.name === "Cast" && metadata(node.inputs[0]).dtype === node.outputs[0].dtype;
}
