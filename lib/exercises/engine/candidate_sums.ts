/** Sums and products that a learner's step may lack. */
import * as tf from "../../tensor/tf.ts";
import { type Candidate, type Material, type Source, whichInput } from "./candidate.ts";
import { fitElementwise } from "./misfit.ts";

/** A tensor that must be added to the result, or multiplied with it. */
export function* missingSums({ step, called, sources }: Material): Generator<Candidate> {
  const [output] = step.outputs;
  if (!output) return;
  for (const source of sources) {
    if (!fits(source, output.shape)) continue;
    const made =
      (operation: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Candidate["make"] =>
      (step, inputs, [taken]) => step.again(inputs).map((each) => operation(each, taken));
    const uses = [source];
    yield { say: `to ${called}, ${source.name} must be added`, uses, make: made(tf.add) };
    yield { say: `from ${called}, ${source.name} must be subtracted`, uses, make: made(tf.sub) };
    yield { say: `${called} must be multiplied by ${source.name}`, uses, make: made(tf.mul) };
    yield { say: `${called} must be divided by ${source.name}`, uses, make: made(tf.div) };
  }
}

/** The same of what goes into the step. */
export function* missingSumsBefore({ step, called, sources }: Material): Generator<Candidate> {
  for (const [place, { shape }] of step.inputs.entries()) {
    for (const source of sources) {
      if (place > 3 || !fits(source, shape)) continue;
      for (const [what, operation] of [["added", tf.add], ["multiplied", tf.mul]] as const) {
        yield {
          say: `before ${called}, ${source.name} must be ${what}${whichInput(step, place)}`,
          uses: [source],
          make: (step, inputs, [taken]) =>
            step.again(inputs.with(place, operation(inputs[place], taken))),
        };
      }
    }
  }
}

/** Whether a source can be added to a tensor of a shape; what is used nowhere may make it larger. */
const fits = ({ shape, isUnused }: Source, other: readonly number[]) =>
  shape.length > 0 &&
  (broadcasts(shape, other) ||
    isUnused === true && other.length > 0 && fitElementwise(shape, other));

function broadcasts(from: readonly number[], to: readonly number[]): boolean {
  return from.length <= to.length &&
    from.every((length, index) => {
      const other = to[to.length - from.length + index];
      return length === other || length === 1;
    });
}
