/** What a learner's step is tried to be instead, and what such tries are made of. */
import type * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import type { TracedStep } from "./trace.ts";

/** A step in place of the learner's. */
export interface Candidate {
  /** What was wrong, as the end of "Likely cause: ". */
  say: string;
  /** Its outputs; `taken` gives the tensors of `uses`. May throw where it makes no sense. */
  make: (
    step: TracedStep,
    inputs: readonly tf.Tensor[],
    taken: readonly tf.Tensor[],
  ) => tf.Tensor[];
  /** Tensors beside the step's inputs. */
  uses?: readonly Source[];
}

/** A tensor of the learner's computation. */
export interface Source {
  /** In the learner's words: "`query`". */
  name: string;
  /** The step that gives it, and which of its outputs; or else the tensor itself. */
  index?: number;
  output?: number;
  tensor?: tf.Tensor;
  shape: readonly number[];
  /** Whether no step takes what it is. */
  isUnused?: boolean;
}

/** What candidates may be made of. */
export interface Material {
  step: TracedStep;
  /** The step's call in the learner's words: "`tf.sub(x, mean)`". */
  called: string;
  /** Layers of the learner's, with their names in code. */
  layers: readonly { module: Module; name: string }[];
  /** The input, parameters, and results of the steps before. */
  sources: readonly Source[];
  /** What the numbers of the task are called: "√(`width` / `heads`)". */
  numberText: (value: number) => string;
  /** By what the step's values are right ones' multiple, and what they have too much. */
  factor?: number;
  shift?: number;
  /** As `factor`, of the step's inputs. */
  factors: readonly (number | undefined)[];
  /** The steps of each right computation. */
  right: readonly (readonly TracedStep[])[];
  /** The tensors that they start from, parameters apart, by their ids. */
  inputs: ReadonlySet<number>;
  /** What their tensors are called in the learner's code, by their ids. */
  names: ReadonlyMap<number, string>;
  /**
   * Where the learner's call makes several operations, of which the step is one: what goes into the call, with its last
   * operation, if it is one tensor.
   */
  partOf?: { whole?: Source };
  /** Whether the learner's code uses a layer or a parameter. */
  isUsed: (part: Module | tf.Variable) => boolean;
}

/** A place in words: "first" for 0. */
export const ordinal = (index: number) =>
  ["first", "second", "third", "fourth"][index] ?? `${index + 1}th`;

/** Which of a step's inputs is meant, as the end of a phrase; nothing where there is one. */
export const whichInput = (step: TracedStep, place: number) =>
  step.inputs.length === 1 || step.layer ? "" : ` on its ${ordinal(place)} input`;
