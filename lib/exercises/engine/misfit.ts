/**
 * What does not fit in an operation that failed, told from its name, its settings and the shapes that it got.
 * TensorFlow's words for one fault differ between processor and GPU; they are never read.
 */
import * as tf from "../../tensor/tf.ts";
import { shapeText, sizeOf } from "./check.ts";
import { axisCause, orderCause, partsCause, singleNumbersCause } from "./error_words.ts";
import { generalCauses } from "./general_causes.ts";
import { siteOf } from "./learner_code.ts";
import { functionOf } from "./step_difference.ts";
import type { TracedStep } from "./trace.ts";

/** An error in words of its own, and its likely cause. */
export interface Explained {
  message: string;
  cause?: string;
}

const elementwise = new Set([
  ...["Add", "AddV2", "Sub", "Multiply", "RealDiv", "FloorDiv", "Mod", "Pow", "Maximum", "Minimum"],
  ...["SquaredDifference", "Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"],
  ...["LogicalAnd", "LogicalOr"],
]);

/** The reductions and what else goes over axes that are named. */
const overAxes = new Set(["Sum", "Mean", "Max", "Min", "Prod", "All", "Any", "ArgMax", "ArgMin"]);

/**
 * What does not fit in words, or `undefined` where shapes and settings alone do not tell. `earlier` are the steps
 * before it.
 */
export function misfit(
  step: TracedStep,
  earlier: readonly TracedStep[] = [],
): Explained | undefined {
  const { name, inputs } = step;
  if (inputs.length === 0) return undefined;
  if (elementwise.has(name)) return misfitOfSum(step, earlier);
  if (overAxes.has(name)) return misfitOfAxis(step);
  return misfits[name]?.(step);
}

const misfits: Readonly<Record<string, (step: TracedStep) => Explained | undefined>> = {
  BatchMatMul: misfitOfProduct,
  Concat: misfitOfConcat,
  Pack: (step) => ({
    message: `tf.stack got ${shapesText(step)}.`,
    cause: "`tf.stack` of tensors whose shapes differ; `tf.concat` joins such along an axis.",
  }),
  PadV2: misfitOfPad,
  Reshape: misfitOfReshape,
  Slice: misfitOfSlice,
  Softmax: misfitOfSoftmax,
  LogSoftmax: misfitOfSoftmax,
  SplitV: misfitOfSplit,
  Transpose: misfitOfTranspose,
};

const shapesText = ({ inputs }: TracedStep) =>
  `shapes ${inputs.map(({ shape }) => shapeText(shape)).join(" and ")}`;

/** A setting of an operation that is a single number. */
function numberOf({ attributes }: TracedStep, key: string): number | undefined {
  const value = (attributes as Record<string, unknown>)[key];
  return typeof value === "number" ? value : undefined;
}

const isNumbers = (each: unknown): each is readonly number[] =>
  Array.isArray(each) && each.every((size) => typeof size === "number");

function misfitOfSum(step: TracedStep, earlier: readonly TracedStep[]): Explained | undefined {
  const [a, b] = step.inputs.map(({ shape }) => shape);
  if (!b || fitElementwise(a, b)) return undefined;
  return {
    message: `${functionOf(step.name)} got ${shapesText(step)}, which do not fit each other.`,
    cause: droppedAxis(step, earlier) ?? `${generalCauses.sum}; print both \`.shape\`s.`,
  };
}

/** A sum or mean that dropped its axis, with which its result would fit. */
function droppedAxis(
  { inputs }: TracedStep,
  earlier: readonly TracedStep[],
): string | undefined {
  for (const [place, { id, shape }] of inputs.entries()) {
    const reduction = reductionOf(id, earlier);
    if (!reduction) continue;
    const [{ shape: whole }] = reduction.inputs;
    const axes = [(reduction.attributes as { axis?: number | number[] }).axis ?? []].flat()
      .map((axis) => axis < 0 ? axis + whole.length : axis);
    const kept = whole.map((size, axis) => axes.includes(axis) ? 1 : size);
    if (axes.length === 0 || !fitElementwise(kept, inputs[1 - place].shape)) continue;
    const called = writtenAs(reduction);
    return `\`${called}\` drops the axis that it goes over, and ${
      shapeText(shape)
    } is then met at the wrong axes. ` +
      `Keep the axis, with size 1: \`${called}(x, axis, true)\`.`;
  }
}

/** The function of tfjs that a cell called, which may make several operations. */
function writtenAs({ stack, name }: TracedStep): string {
  const outermost = siteOf(stack)?.inside.at(-1) ?? "";
  const called = /\bat (?:Module\.|Object\.)?(\w+?)(?:_|__op)? \(/.exec(outermost)?.[1];
  return called !== undefined && called in tf ? `tf.${called}` : functionOf(name);
}

/** The reduction that a tensor comes from, past operations that change each value by itself. */
function reductionOf(id: number, earlier: readonly TracedStep[]): TracedStep | undefined {
  const maker = earlier.find(({ outputs }) => outputs.some((output) => output.id === id));
  if (!maker) return undefined;
  if (overAxes.has(maker.name)) {
    const { keepDims } = maker.attributes as { keepDims?: boolean };
    return keepDims ? undefined : maker;
  }
  const [{ shape }] = maker.outputs;
  const from = maker.inputs.filter((input) => shapeText(input.shape) === shapeText(shape));
  return from.length === 1 ? reductionOf(from[0].id, earlier) : undefined;
}

/** Whether each axis, counted from the last, has one size, or 1 on one side. */
export function fitElementwise(a: readonly number[], b: readonly number[]): boolean {
  return Array.from({ length: Math.min(a.length, b.length) }, (_, index) => {
    const [one, other] = [a.at(-1 - index), b.at(-1 - index)];
    return one === other || one === 1 || other === 1;
  }).every((fits) => fits);
}

function misfitOfProduct(step: TracedStep): Explained | undefined {
  const [a, b] = step.inputs.map(({ shape }) => shape);
  if (!b) return undefined;
  if (a.length < 2 || b.length < 2) {
    return {
      message: `tf.matMul got ${shapesText(step)}.`,
      cause: "`tf.matMul` is of matrices: each tensor needs two axes or more.",
    };
  }
  const { transposeA, transposeB } = step.attributes as {
    transposeA?: boolean;
    transposeB?: boolean;
  };
  const inner = [a.at(transposeA ? -2 : -1), b.at(transposeB ? -1 : -2)];
  // The second turned round with its batch: its last axis is the first one's batch.
  const isTurned = a.length > 2 && b.at(-1) === a[0] && b[0] !== a[0] && !transposeB;
  if (inner[0] !== inner[1] && !isTurned) {
    return {
      message: `tf.matMul got ${shapesText(step)}: ${inner[0]} columns do not meet ${
        inner[1]
      } rows.`,
      cause:
        `${generalCauses.product}; print both \`.shape\`s before it. Where the second is to be ` +
        "transposed, `tf.matMul(a, b, false, true)` does it.",
    };
  }
  return {
    message: `tf.matMul got ${shapesText(step)}, whose leading axes do not fit each other.`,
    cause:
      "`tf.transpose(x)` without axes, which turns round the batch too. Name the order of all axes, or " +
      "write `tf.matMul(a, b, false, true)`.",
  };
}

function misfitOfTranspose({ inputs: [{ shape }], attributes }: TracedStep): Explained | undefined {
  const { perm } = attributes as { perm?: readonly number[] };
  if (!perm || new Set(perm).size === shape.length) return undefined;
  const lost = [...shape.keys()].filter((axis) => !perm.includes(axis));
  return {
    message: `tf.transpose of a tensor of shape ${shapeText(shape)} got the order ${
      shapeText(perm)
    }.`,
    cause: perm.length === shape.length && perm.every((axis) => axis >= 0 && axis < shape.length)
      ? `the order names an axis twice and leaves out ${lost.join(", ")}; each stands there once.`
      : orderCause,
  };
}

function misfitOfReshape({ inputs: [{ shape }], attributes }: TracedStep): Explained | undefined {
  const { shape: wanted } = attributes as { shape: unknown };
  if (!isNumbers(wanted)) {
    return {
      message: `tf.reshape of a tensor of shape ${shapeText(shape)} got no array as its shape.`,
      cause: singleNumbersCause,
    };
  }
  const size = (each: readonly number[]) => sizeOf(each).toLocaleString("en");
  return {
    message:
      `tf.reshape of a tensor of shape ${shapeText(shape)}, ${size(shape)} values, got the shape ` +
      `${shapeText(wanted)}${wanted.includes(-1) ? "" : `, ${size(wanted)} values`}.`,
    cause: `${generalCauses.reshape} ${ratioText(sizeOf(shape), sizeOf(wanted))}`,
  };
}

/** By how much there are too many values, or too few. */
function ratioText(values: number, places: number): string {
  const times = values / places;
  const what = places > 0 && Number.isInteger(times)
    ? `There are ${times} times as many values as places: an axis is left out here, or is too much before it.`
    : places > 0 && Number.isInteger(places / values)
    ? `There are ${places / values} times as many places as values.`
    : "Take the sizes from `x.shape`.";
  return `${what} Print the \`.shape\` of what goes in.`;
}

function misfitOfSlice({ inputs: [{ shape }], attributes }: TracedStep): Explained | undefined {
  const { begin, size } = attributes as { begin: readonly number[]; size: readonly number[] };
  const ends = shape.map((_, axis) => begin[axis] + Math.max(size[axis], 0));
  const axis = ends.findIndex((end, each) => end > shape[each]);
  if (axis < 0) return undefined;
  return {
    message: `tf.slice of a tensor of shape ${shapeText(shape)} got the start ${
      shapeText(begin)
    } and the size ${shapeText(size)}.`,
    cause: `${generalCauses.slice} along axis ${axis}: up to ${ends[axis]} of ${
      shape[axis]
    }. The tensor was made too small, or the size is another axis's.`,
  };
}

function misfitOfConcat(step: TracedStep): Explained {
  const axis = numberOf(step, "axis") ?? 0;
  const ranks = step.inputs.map(({ shape }) => shape.length);
  return {
    message: `tf.concat got ${shapesText(step)} for axis ${axis}.`,
    cause: axis >= Math.max(...ranks)
      ? axisCause
      : `${generalCauses.concat}; print their \`.shape\`s. What every image gets, such as a class token, ` +
        "is repeated for each first: `tf.tile`.",
  };
}

function misfitOfPad({ inputs: [{ shape }], attributes }: TracedStep): Explained | undefined {
  const { paddings } = attributes as { paddings?: readonly unknown[] };
  if (!paddings || paddings.length === shape.length) return undefined;
  return {
    message: `tf.pad of a tensor of shape ${
      shapeText(shape)
    } got paddings for ${paddings.length} axes.`,
    cause: "`tf.pad` wants a pair of numbers for each axis, `[0, 0]` where nothing is added.",
  };
}

function misfitOfSoftmax({ name, inputs: [{ shape }] }: TracedStep): Explained | undefined {
  if (shape.length > 0) return undefined;
  return {
    message: `${functionOf(name)} got a single number.`,
    cause:
      "a sum or mean over all axes before it, or an operation between tensors written as a sign.",
  };
}

function misfitOfSplit(step: TracedStep): Explained | undefined {
  const [{ shape }] = step.inputs;
  const axis = numberOf(step, "axis") ?? 0;
  const { numOrSizeSplits: parts } = step.attributes as { numOrSizeSplits?: unknown };
  const message = `tf.split of a tensor of shape ${shapeText(shape)} into ${
    isNumbers(parts) ? `parts of ${parts.join(", ")}` : `${parts} parts`
  } along axis ${axis}.`;
  const size = shape.at(axis);
  if (size === undefined) return { message, cause: axisCause };
  const isWhole = typeof parts !== "number" || size % parts === 0;
  return isWhole ? { message } : { message, cause: partsCause };
}

function misfitOfAxis(step: TracedStep): Explained | undefined {
  const [{ shape }] = step.inputs;
  const axes = [(step.attributes as { axis?: number | number[] }).axis ?? []].flat();
  const wrong = axes.find((axis) => axis >= shape.length || axis < -shape.length);
  if (wrong === undefined) return undefined;
  return {
    message: `${functionOf(step.name)} of a tensor of shape ${
      shapeText(shape)
    } got the axis ${wrong}.`,
    cause: axisCause,
  };
}
