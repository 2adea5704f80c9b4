/** How many of the elementwise ops of random programs run in fused kernels. */
import type { CompileReport } from "../../lib/tensor/compile.ts";

export interface FusedShare {
  kernels: number;
  /** Elementwise ops within kernels, and those left to TensorFlow. */
  fused: number;
  left: number;
}

/** Ops of random programs that work on each number by itself. */
const elementwise = new Set([
  ...["Neg", "Abs", "Sign", "Floor", "Square", "Sqrt", "Rsqrt", "Exp", "Log", "Erf", "Tanh"],
  ...["Sigmoid", "Softplus", "Relu", "Relu6", "Elu", "LeakyRelu", "Add", "AddN", "BiasAdd", "Sub"],
  ...["Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "Greater", "GreaterEqual"],
  ...["Less", "Equal", "LogicalNot", "LogicalAnd", "Select", "Sin", "Cos", "Atan", "Pow", "Step"],
]);

const countOf = (names: readonly string[]) => names.filter((name) => elementwise.has(name)).length;

/** The share of a compiled step, by its report and its graph. */
export function fusedShareOf(
  { kernels, fused }: CompileReport,
  graphDef: Uint8Array,
): FusedShare {
  return { kernels, fused: countOf(fused), left: countOf(operationsIn(graphDef)) };
}

export const sum = (shares: readonly FusedShare[]): FusedShare =>
  shares.reduce((all, each) => ({
    kernels: all.kernels + each.kernels,
    fused: all.fused + each.fused,
    left: all.left + each.left,
  }), { kernels: 0, fused: 0, left: 0 });

/** For people; empty where no kernel ran. */
export function inWords({ kernels, fused, left }: FusedShare): string {
  if (kernels === 0) return "";
  const percent = (100 * fused / Math.max(1, fused + left)).toFixed(1);
  return `${percent} % of ${fused + left} elementwise ops in ${kernels} fused kernels; `;
}

/** The names of the ops in a graph, one for each node: a node is named by its op and a number. */
function operationsIn(graphDef: Uint8Array): string[] {
  const text = new TextDecoder("latin1").decode(graphDef);
  return [...new Set(text.match(/\b[A-Z]\w*_\d+/g))].map((name) => name.replace(/_\d+$/, ""));
}
