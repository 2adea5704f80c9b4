/** Finds the first step of a learner's computation whose values the right computation does not have. */
import type * as tf from "../../tensor/tf.ts";
import { shapeText } from "./check.ts";
import { number } from "./compare.ts";
import { guess } from "./general_causes.ts";
import { KnownValues } from "./known_values.ts";
import { LearnerCode } from "./learner_code.ts";
import { codeOf } from "./attempt.ts";
import type { Module } from "../../nn/module.ts";
import { repairText } from "./repair.ts";
import { lookText, type SizedCall } from "./sample_call.ts";
import { departureOf, readable, RightValues } from "./right_values.ts";
import { differenceOf, functionOf } from "./step_difference.ts";
import { steps as tracedSteps, type TracedStep, type TracedTensor } from "./trace.ts";

export interface Location {
  /** The first step with values of its own. */
  step: TracedStep;
  /** The steps before it whose values are right, in another order or shape than the right computation has them. */
  moved: readonly TracedStep[];
  /** The first step before it whose values are right ones of this shape in another order. */
  reordered?: TracedStep;
  /** The last step before it, and before such another order, whose values are right as they are. */
  right?: TracedStep;
  /** How it differs from a step of a right computation that gets the same. */
  difference?: string;
  /** The step that a right computation makes there and the learner's does not. */
  missing?: TracedStep;
  /** By what the values of the step are the right ones' multiple, if they are. */
  factor?: number;
  /** Whether a right computation has shares of this shape: rows that sum to 1. */
  areShares: boolean;
  code: LearnerCode;
}

export interface Located {
  ours: () => unknown;
  /** Right computations, written in whatever way. */
  right: readonly (() => unknown)[];
  /** What both start from. */
  given: readonly tf.Tensor[];
  /** The learner's module or function. */
  code: LearnerCodeOf;
  /** Parts of the learner's module that are right, as their own checks say: each call of one is a step. */
  parts?: readonly Module[];
  /** How far the result may be off, as in `close`. Default: 1e-4. */
  tolerance?: number;
  /** A call to look at what a learner's function gives. */
  call?: SizedCall;
}

export type LearnerCodeOf = { module?: Module; function?: Parameters<typeof codeOf>[1] };

/**
 * Compares the values of each step of a learner's computation with those of right ones, which may be known already.
 * `undefined` where no step departs.
 */
export function locate(
  { ours, right, given, code, parts }: Located,
  values: RightValues = new RightValues(right, given),
): Location | undefined {
  const { steps } = tracedSteps(ours, { values: readable, layers: parts });
  const found = departureOf(steps, values);
  const result = steps.at(-1)?.outputs[0]?.values ?? [];
  // Where nothing is computed yet, no line is to blame.
  if (!found || result.length > 1 && result.every((each) => each === result[0])) return undefined;
  const step = steps[found.first];
  return {
    step,
    moved: found.moved.map((index) => steps[index]),
    reordered: steps[found.reordered[0] ?? -1],
    // What comes after another order is right but for that.
    right: steps[found.right.findLast((index) => index < (found.reordered[0] ?? Infinity)) ?? -1],
    factor: values.factorOf(step.outputs[0].values),
    areShares: values.traces.flat().some(({ outputs: [output] }) =>
      shapeText(output.shape) === shapeText(step.outputs[0].shape) && isShares(output) &&
      Math.abs(firstRow(output) - 1) < 1e-3
    ),
    code: new LearnerCode(codeOf(code.module, code.function), steps.map(({ stack }) => stack)),
    difference: differenceOf(step, values.traces.flat()),
    missing: missingStep(steps, values.traces[0] ?? []),
  };
}

/** The first step of a right computation whose values the learner's never has. */
function missingStep(
  own: readonly TracedStep[],
  right: readonly TracedStep[],
): TracedStep | undefined {
  const known = new KnownValues();
  for (const { outputs } of own) for (const { values } of outputs) known.add("", values);
  // A multiple of values that are there is another way to the same, as a scale that comes earlier.
  return right.find(({ outputs: [{ values }] }) =>
    values.length >= 8 && !known.find(values) && !known.findScaled(values)
  );
}

/** Where a learner's function departs from the right computation, in lines; `undefined` where nothing does. */
export function departure(located: Located): string | undefined {
  const mended = repairText(located);
  if (mended) return mended;
  const location = locate(located);
  if (!location) return undefined;
  const { call } = located;
  return [...locationLines(location), ...(call ? [lookText(call)] : [])].join("\n  ");
}

/** The steps of the ladder: in which function, which operation, on what and to what. */
export function hintLines({ step, right, missing, code }: Location): string[] {
  const line = code.lineOf(step.stack);
  const before = right && code.lineOf(right.stack);
  const operation = missing && neededFor(missing);
  const shapes = missing?.inputs.filter(({ shape }) => shape.length > 0).map(({ shape }) =>
    shapeText(shape)
  );
  return [
    line
      ? `Look at ${line.within}${
        before ? `, after \`${before.text}\`` : ""
      }: up to there all is right.`
      : undefined,
    operation ? `What is needed there is \`${operation}\`.` : undefined,
    missing
      ? `The line is like \`${operation}(…)\`, from ${shapes!.join(" and ")} to ${
        shapeText(missing.outputs[0].shape)
      }.`
      : undefined,
  ].filter((each) => each !== undefined);
}

/** What a learner writes for a step of the right computation; the library's function where it has one for that. */
function neededFor({ name, attributes }: TracedStep): string {
  const { filterSize } = attributes as { filterSize?: number | readonly number[] };
  const isSkipping = name === "AvgPool" && [filterSize].flat().every((side) => side === 1);
  return isSkipping ? "subsample" : functionOf(name);
}

/** Says in two or three lines where values depart: what is right, what is not, and what is odd about it. */
export function locationLines(
  { step, moved, reordered, right, factor, areShares, difference, code }: Location,
): string[] {
  const place = code.describe(step.stack);
  const rightPlace = right && code.describe(right.stack);
  const movedPlaces = [...new Set(moved.map(({ stack }) => code.describe(stack)))]
    .filter((each) => each !== place && each !== rightPlace && each !== "");
  const reorderedPlace = reordered && code.describe(reordered.stack);
  const [output] = step.outputs;
  return [
    rightPlace && rightPlace !== place ? `Up to ${rightPlace} all values are right.` : undefined,
    `${
      rightPlace && rightPlace !== place ? "The" : "Where to look: the"
    } first that the right computation does not ` +
    `have are those of ${place || operationText(step)}, of shape ${shapeText(output.shape)}.`,
    reorderedPlace
      ? `What goes in there has right values in another order, since ${reorderedPlace}.`
      : movedPlaces.length > 0
      ? `What goes in there is right, if ${movedPlaces.slice(-2).join(" and ")} put${
        movedPlaces.length === 1 ? "s" : ""
      } its axes in order.`
      : undefined,
    difference ? `${guess} ${difference}.` : oddity(step, areShares) ??
      (factor === undefined || Math.abs(factor - 1) < 1e-3
        ? undefined
        : `They are right ones times ${number(factor)}.`),
  ].filter((line) => line !== undefined);
}

const operationText = ({ name }: TracedStep) => `the operation ${name}`;

/** What can be seen of values without knowing the right ones. */
function oddity({ outputs: [output] }: TracedStep, areShares: boolean): string | undefined {
  if (output.values.some(Number.isNaN)) return "Some of them are NaN.";
  if (!areShares || !isShares(output)) return undefined;
  const sum = firstRow(output);
  return Math.abs(sum - 1) < 1e-3
    ? undefined
    : `If they are shares, each row should sum to 1; the first of yours sums to ${number(sum)}.`;
}

function isShares({ values, shape }: TracedTensor): boolean {
  const last = shape.at(-1) ?? 1;
  return last > 1 && values.length > last && values.every((value) => value >= 0 && value <= 1);
}

/** The sum of the first row. */
const firstRow = ({ values, shape }: TracedTensor) =>
  values.subarray(0, shape.at(-1)).reduce((total, value) => total + value, 0);
