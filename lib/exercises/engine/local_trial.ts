/** Tries a step in place of a learner's on the values alone that go in there, before the whole is done once more. */
import * as tf from "../../tensor/tf.ts";
import type { Candidate } from "./candidate.ts";
import { rebuilt } from "./candidates_of_right.ts";
import { sizeOf } from "./check.ts";
import type { LearnerCode } from "./learner_code.ts";
import { readable, type RightValues } from "./right_values.ts";
import { equalValues } from "./step_difference.ts";
import { calledText, isDirect } from "./surroundings.ts";
import type { TracedStep } from "./trace.ts";

/**
 * Whether a candidate has right values where the learner's step has wrong ones: "new" where no step before has
 * them, so that they are no accident.
 */
export function tried(
  { make, uses = [] }: Candidate,
  steps: readonly TracedStep[],
  index: number,
  right: RightValues,
): "new" | "old" | undefined {
  try {
    return tf.tidy(() => {
      const step = steps[index];
      const taken = uses.map(({ index: at, output, tensor }) =>
        tensor ?? rebuilt(steps[at!].outputs[output!])
      );
      const inputs = step.inputs.map(rebuilt);
      const outputs = make(knowing(step, inputs), inputs, taken);
      const values = outputs.map((each) =>
        readable(each) ? each.dataSync() as Float32Array : new Float32Array()
      );
      if (!values.every((each) => each.length >= 2 && right.has(each))) return undefined;
      const isOld = values.some((each) =>
        each.length < 8 || !right.has(each, { inOrder: true }) ||
        step.inputs.some((input) => equalValues(input.values, each)) ||
        steps.slice(0, index).some((other) =>
          other.outputs.some((output) => equalValues(output.values, each))
        )
      );
      return isOld ? "old" : "new";
    });
  } catch {
    return undefined;
  }
}

/** A step that need not be done once more on what it got: what it gave is known. */
function knowing(step: TracedStep, inputs: readonly tf.Tensor[]): TracedStep {
  const isDone = (others: readonly tf.Tensor[]) =>
    step.outputs.length > 0 && others.length === inputs.length &&
    others.every((each, place) => each === inputs[place]) &&
    step.outputs.every(({ shape, values }) => values.length === sizeOf(shape));
  return Object.create(step, {
    again: {
      value: (others: readonly tf.Tensor[], attributes?: object) =>
        attributes === undefined && isDone(others)
          ? step.outputs.map(rebuilt)
          : step.again(others, attributes),
    },
  });
}

/** A step and a later one that belong in another order: in each other's place, or the later one before the step. */
export function* otherOrders(
  index: number,
  steps: readonly TracedStep[],
  code: LearnerCode,
  right: RightValues,
): Generator<{ candidate: Candidate; other: number }> {
  const first = steps[index];
  const isFirst = ({ outputs }: TracedStep) => outputs === first.outputs;
  for (let other = index + 1; other < Math.min(steps.length, index + 30); other++) {
    const second = steps[other];
    if (second.inputs.length === 0 || !isDirect(second, code)) continue;
    const as = (step: TracedStep, [x]: readonly tf.Tensor[]) =>
      step.again([x, ...step.inputs.slice(1).map(rebuilt)]);
    const candidate: Candidate = {
      say: `${calledText(first, code)} and ${calledText(second, code)} stand in the wrong order`,
      make: (step, inputs) => as(isFirst(step) ? second : first, inputs),
    };
    if (tried(candidate, steps, index, right)) yield { candidate, other };
    const moved: Candidate = {
      say: `${calledText(second, code)} should come before ${calledText(first, code)}`,
      make: (step, [x, ...rest]) =>
        isFirst(step)
          ? first.again([...second.again([x, ...second.inputs.slice(1).map(rebuilt)]), ...rest])
          : [x],
    };
    if (tried(moved, steps, index, right) === "new") yield { candidate: moved, other };
  }
}
