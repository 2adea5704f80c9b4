/** Whether a block has the components of another one: the options of its layers, and the operations it does. */
import type * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { failure } from "../engine/check.ts";
import { given } from "../engine/given.ts";
import { inTraining } from "../engine/run_module.ts";
import { steps, type TracedStep } from "../engine/trace.ts";

interface NamedModule {
  name: string;
  module: Module;
}

/** Throws where a number of a layer, such as `heads` or a rate, is another one than the first block's. */
export function assertSameNumbers(first: NamedModule, other: NamedModule): void {
  const layers = other.module.namedModules();
  for (const [path, layer] of first.module.namedModules()) {
    for (const [field, value] of Object.entries(layer)) {
      const found = (layers.get(path) as unknown as Record<string, unknown>)[field];
      if (typeof value !== "number" || Object.is(value, found)) continue;
      const place = path === "" ? field : `${path}.${field}`;
      throw failure(
        `${other.name}: \`${place}\` is ${found}, but ${first.name}'s is ${value}.`,
        `The constructor stays as it is: write \`class ${other.name} extends ${first.name}\` and only a new ` +
          "`forward`.",
      );
    }
  }
}

/** What only brings values to their places. */
const placing = new Set([
  ...["Identity", "Reshape", "Transpose", "Slice", "StridedSlice", "Concat", "ConcatV2", "Unpack"],
  ...["Pack", "Cast", "ExpandDims", "Squeeze", "SplitV", "Tile", "Fill", "ZerosLike", "OnesLike"],
  "BroadcastTo",
]);

/** What operations are called in code. */
const written: Record<string, string> = {
  Multiply: "`tf.mul`",
  Sub: "`tf.sub`",
  RealDiv: "`tf.div`",
  masked: "dropout",
  linear: "a linear map",
  relu: "ReLU",
  sum: "a sum",
};

/**
 * Throws where a block does an operation more or less often than the first one does in training, such as a third
 * ReLU, or one that the first does not do, such as a product in place of a sum. Two halves that pass by together
 * need one sum fewer.
 */
export function assertSameOperations(
  first: NamedModule,
  other: NamedModule,
  input: tf.Tensor,
): void {
  const [expected, found] = [first, other].map(({ module }) => operationsOf(module, input));
  const missing = [...expected].find(([name, count]) => (found.get(name) ?? 0) < count)?.[0];
  const rule =
    "A variant does the same operations in another order: all of them, none more, and none in another's place.";
  // What the first one does not do at all, tells more than what comes with it.
  const foreignFirst = [...found].sort(([a], [b]) =>
    Number(expected.has(a)) - Number(expected.has(b))
  );
  for (const [name, count] of foreignFirst) {
    const right = expected.get(name) ?? 0;
    if (count <= right) continue;
    throw failure(
      right === 0
        ? `${other.name}.forward does ${called(name)}, which ${first.name}.forward does not.`
        : `${other.name}.forward does ${called(name)} ${
          times(count - right)
        } more than ${first.name}.forward.`,
      missing
        ? `Likely cause: it stands where ${called(missing)} belongs.`
        : "Likely cause: one operation too many.",
      rule,
    );
  }
  if (missing === undefined || missing === "sum") return;
  const fewer = expected.get(missing)! - (found.get(missing) ?? 0);
  throw failure(
    `${other.name}.forward does ${called(missing)} ${
      times(fewer)
    } less than ${first.name}.forward.`,
    "Likely cause: an operation is left out.",
    rule,
  );
}

const called = (name: string) => written[name] ?? `\`tf.${name[0].toLowerCase()}${name.slice(1)}\``;
const times = (count: number) => count === 1 ? "once" : `${count} times`;

/** How often each operation is done, those of the layers inside included. */
function operationsOf(module: Module, input: tf.Tensor): Map<string, number> {
  const counts = new Map<string, number>();
  const { steps: done } = inTraining(module, () => steps(() => module.forward(given(input))));
  for (const step of done) {
    const name = nameOf(step);
    // A sum of n is n − 1 sums of two.
    const count = name === "sum" ? step.inputs.length - 1 : 1;
    if (!placing.has(name)) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

/** An operation's name; the larger of a value and 0 is a ReLU too. */
function nameOf({ name, inputs }: TracedStep): string {
  const isRelu = name === "Relu" ||
    name === "Maximum" && inputs.some(({ loneValue }) => loneValue === 0);
  if (isRelu) return "relu";
  return ["Add", "AddV2", "AddN"].includes(name) ? "sum" : name;
}
