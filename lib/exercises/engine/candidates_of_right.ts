/** Steps that a right computation has and a learner's lacks. */
import * as tf from "../../tensor/tf.ts";
import { type Candidate, type Material, whichInput } from "./candidate.ts";
import { shapeText, sizeOf } from "./check.ts";
import { number, sameShape } from "./compare.ts";
import { equalValues, functionOf } from "./step_difference.ts";
import type { TracedStep, TracedTensor } from "./trace.ts";

/** What a right computation does with the very values that go in or come out. */
export function* missingOfRight(
  { step, called, right, names, inputs }: Material,
): Generator<Candidate> {
  const isSame = (a: TracedTensor, b: TracedTensor) =>
    a.values.length > 3 && equalValues(a.values, b.values);
  for (
    const [trace, other] of right.flatMap((trace) => trace.map((each) => [trace, each] as const))
  ) {
    if (/^(Identity|Cast)$/.test(other.name) || other.outputs.length !== 1) continue;
    if (other.name === "Reshape") {
      if (step.outputs.length === 0) yield* missingReshape(step, other, called);
      continue;
    }
    const own = [...step.inputs, ...step.outputs];
    const others = other.inputs.filter((each) => !own.some((mine) => isSame(mine, each)));
    // What else it takes may be a number, a parameter, or made of these: else more than this step would be missing.
    if (others.some(({ id }) => leavesOf(id, trace).some((leaf) => inputs.has(leaf)))) continue;
    const texts = others.map((each) => tensorText(each, trace, names));
    // A tensor that is made of no parameter and no input is no part of a learner's words.
    if (texts.includes(undefined)) continue;
    const name = operationText(other) + (texts.length === 0 ? "" : ` with ${texts.join(" and ")}`);
    for (const [place, input] of step.inputs.entries()) {
      if (!other.inputs.some((each) => isSame(each, input))) continue;
      // What a layer does is made of such steps; it does not stand in their place, nor does what takes more.
      const takesNoMore = step.inputs.every((each) =>
        each.loneValue !== undefined || other.inputs.some((input) => isSame(input, each))
      );
      if (other.name !== step.name && !step.layer && takesNoMore) {
        yield {
          say: `${called} stands where ${name} belongs`,
          make: () => [tf.reshape(rebuilt(other.outputs[0]), fitted(other.outputs[0], input))],
        };
      }
      yield {
        say: `before ${called}, ${name} is missing${whichInput(step, place)}`,
        make: (step, inputs) => {
          const value = tf.reshape(
            rebuilt(other.outputs[0]),
            fitted(other.outputs[0], inputs[place]),
          );
          return step.again(inputs.with(place, value));
        },
      };
    }
    const [output] = step.outputs;
    if (!output || !other.inputs.some((each) => isSame(each, output))) continue;
    yield {
      say: `after ${called}, ${name} is missing`,
      make: () => [tf.reshape(rebuilt(other.outputs[0]), fitted(other.outputs[0], output))],
    };
  }
}

/** A reshape of what goes into a step that fails without it. */
function* missingReshape(
  step: TracedStep,
  { outputs: [{ shape, values }] }: TracedStep,
  called: string,
): Generator<Candidate> {
  for (const [place, input] of step.inputs.entries()) {
    if (sameShape(input.shape, shape) || !equalValues(input.values, values)) continue;
    yield {
      say: `before ${called}, \`tf.reshape\` to shape ${shapeText(shape)} is missing${
        whichInput(step, place)
      }`,
      make: (step, inputs) => step.again(inputs.with(place, tf.reshape(inputs[place], [...shape]))),
    };
  }
}

/** The tensors that no step makes and that lead to one. */
function leavesOf(id: number, trace: readonly TracedStep[]): number[] {
  // Each tensor once, for past n residuals there are 2ⁿ ways to it; the set grows while it is gone through.
  const reached = new Set([id]);
  const leaves: number[] = [];
  for (const each of reached) {
    const maker = trace.find(({ outputs }) => outputs.some((output) => output.id === each));
    // A step that hands its input on, as a dropout does in evaluation, makes none.
    const from = maker?.inputs.filter((input) => input.id !== each) ?? [];
    if (from.length === 0) leaves.push(each);
    for (const input of from) reached.add(input.id);
  }
  return leaves;
}

/** What a tensor of a right computation is to the learner: a number, `tf.eye(n)`, a parameter or what comes of one. */
function tensorText(
  { id, loneValue, shape, values }: TracedTensor,
  trace: readonly TracedStep[],
  names: ReadonlyMap<number, string>,
): string | undefined {
  if (loneValue !== undefined) return number(loneValue);
  const [rows, columns] = shape;
  const isIdentity = shape.length === 2 && rows === columns && values.length > 0 &&
    values.every((value, index) => value === (index % (columns + 1) === 0 ? 1 : 0));
  if (isIdentity) return `\`tf.eye(${rows})\``;
  const found = new Set(leavesOf(id, trace).flatMap((each) => names.get(each) ?? []));
  const [name] = found;
  if (found.size === 0) return undefined;
  return found.size === 1 ? `\`${name}\`` : `a tensor of shape ${shapeText(shape)}`;
}

/** The shape of a value in the place of another: the other's own where it has as many values. */
const fitted = (value: TracedTensor, { shape }: { shape: readonly number[] }) =>
  sizeOf(shape) === value.values.length ? [...shape] : [...value.shape];

/** Operations of which the shape that they give says more than the name. */
const sizing = /^(?:Slice|PadV2|Tile|GatherV2)$/;

function operationText({ name, outputs: [{ shape }] }: TracedStep): string {
  const words: Record<string, string> = {
    layerNorm: "a LayerNorm",
    linear: "a linear map",
    gelu: "GELU",
    relu: "`tf.relu`",
    softmax: "`tf.softmax`",
    FusedBatchNorm: "a batch normalisation",
  };
  const operation = words[name] ?? `\`${functionOf(name)}\``;
  return sizing.test(name) ? `${operation} to shape ${shapeText(shape)}` : operation;
}

/** A tensor with the values that a trace kept. */
export function rebuilt({ values, shape, dtype }: TracedTensor): tf.Tensor {
  return tf.tensor(values, [...shape], dtype);
}
