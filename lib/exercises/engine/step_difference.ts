/** How one operation differs from another that gets the same. */
import type { TracedStep } from "./trace.ts";

/** A text by which equal values in one order are known. */
export function flatKey(values: Float32Array): string {
  return Array.from(values.subarray(0, 6), (value) => value.toPrecision(4)).join();
}

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
};

/** What a learner writes for a kernel of tfjs. */
export const functionOf = (name: string) => name in functions ? `tf.${functions[name]}` : name;

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
    const [a, b] = [step, other].map(({ attributes }) => attributes as Record<string, unknown>);
    const changed = Object.keys(b).find((key) => String(a[key]) !== String(b[key]));
    if (changed) {
      const text = (value: unknown) =>
        Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
      return `\`${functionOf(step.name)}\` has ${changed} ${
        text(a[changed])
      } here, which should be ` +
        text(b[changed]);
    }
  }
  const others = [...new Set(same.map(({ name }) => functionOf(name)))];
  return others.length === 1 && others[0] !== functionOf(step.name) && step.inputs.length > 1
    ? `\`${functionOf(step.name)}\` stands where \`${others[0]}\` belongs`
    : undefined;
}
