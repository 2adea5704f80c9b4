/**
 * What a fused kernel computes, and nothing of how: a back end writes it in the language of its machine.
 *
 * A kernel goes over *places*, `rows × width` of them, row by row. A value of it is there for each place, once
 * for each row (a mean of it), or once for each column of all rows (a bias's gradient).
 */

export type ElementType = "float" | "bool" | "int32";

/** One axis of the rows: row `r` is at `⌊r / divide⌋ mod modulo` of it, and each step goes `stride` numbers on. */
export interface RowTerm {
  divide: number;
  /** Undefined for the outermost axis, which ends with the rows. */
  modulo?: number;
  stride: number;
}

/** Where a tensor's number for a row and a column lies: the sum of the row's terms, and `column · inner`. */
export interface Access {
  terms: readonly RowTerm[];
  inner: number;
}

/** Matrices of a tensor: their rows and columns by strides, and where each matrix begins. */
export interface MatrixAccess {
  offset: number;
  terms: readonly RowTerm[];
  row: number;
  column: number;
}

/** An input's matrices, each number times a factor. */
export interface Matrices extends MatrixAccess {
  input: number;
  factor: number;
}

/** `matrix` once for each matrix of rows: a product with it. */
export type Per = "place" | "row" | "column" | "matrix";

/** Operations on single numbers. Truth values are their own kind: comparisons give them, choices take them. */
export type MapOperation =
  | ("copy" | "negate" | "reciprocal" | "abs" | "sign" | "floor" | "ceiling" | "round")
  | ("square" | "squareRoot" | "inverseSquareRoot" | "exp" | "log" | "erf" | "tanh" | "sigmoid")
  | ("softplus" | "relu" | "relu6" | "elu" | "leakyRelu")
  | ("add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum" | "squaredDifference")
  | ("reluGradient" | "relu6Gradient" | "eluGradient" | "leakyReluGradient")
  | ("sigmoidGradient" | "tanhGradient")
  | ("greater" | "greaterOrEqual" | "less" | "lessOrEqual" | "equal" | "notEqual")
  | ("and" | "or" | "not" | "choose" | "fromBool" | "fromInt32");

/** A step of a kernel; `arguments` are the places of earlier steps in the list. */
export type Value =
  /** A number of an input. */
  | { kind: "load"; input: number; type: ElementType; access: Access; per: "place" | "row" }
  | { kind: "constant"; value: number; per: "row" }
  /** The product of `height × depth` and `depth × width` matrices. */
  | { kind: "product"; left: Matrices; right: Matrices; depth: number; per: "place" }
  /** Whether 16 random bits of this place, of the stream that the input seeds, are below a limit. */
  | { kind: "chance"; input: number; limit: number; per: "place" }
  | { kind: "map"; operation: MapOperation; arguments: readonly number[]; per: "place" | "row" }
  /** Over a row. */
  | { kind: "reduce"; operation: "sum" | "maximum" | "minimum"; argument: number; per: "row" }
  /** The sum over all rows, of each column, times a factor. */
  | { kind: "total"; argument: number; factor: number; per: "column" };

/**
 * A product that a kernel gives: its matrices of a value, `height × width`, or those transposed, by others of
 * `columns` columns. It is written to one of the tensors after the `outputs`, of which others may write other parts.
 */
export interface AppliedProduct {
  value: number;
  transposed: boolean;
  right: Matrices;
  columns: number;
  output: number;
  to: MatrixAccess;
  factor: number;
}

export interface KernelForm {
  width: number;
  /** How many rows make a matrix, where there are products; the kernel then works on whole ones. */
  height?: number;
  /** How many tensors it reads. */
  inputs: number;
  values: readonly Value[];
  /** What it writes, by the place of the value. */
  outputs: readonly { value: number; type: "float" | "bool" }[];
  products?: readonly AppliedProduct[];
}

/** How many tensors a kernel writes products to. */
export const productTensors = ({ products = [] }: KernelForm) =>
  new Set(products.map(({ output }) => output)).size;

/** Operations that give truth values. */
export const truths: ReadonlySet<MapOperation> = new Set<MapOperation>(
  ["greater", "greaterOrEqual", "less", "lessOrEqual", "equal", "notEqual", "and", "or", "not"],
);

/** The type of a form's value. */
export function typeOf(form: Pick<KernelForm, "values">, index: number): ElementType {
  const value = form.values[index];
  if (value.kind === "load") return value.type;
  if (value.kind === "chance") return "bool";
  return value.kind === "map" && truths.has(value.operation) ? "bool" : "float";
}
