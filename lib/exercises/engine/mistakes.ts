/**
 * The one form in which a topic writes down what goes wrong: a table of mistakes, and the right computation
 * with a switch for each of them.
 */
import * as tf from "../../tensor/tf.ts";
import { close } from "./compare.ts";
import type { Effort } from "./effort.ts";

/** Names of typical mistakes with what they do, as the end of "Your output is what one gets …". */
export type Mistakes<Name extends string> = Readonly<Record<Name, string>>;

/**
 * Computes what a learner's code gives that has the given mistakes; with none, the right output. Where a
 * mistake can be made in several ways, all their outputs.
 */
export type Mistaken<Name extends string, Output = tf.Tensor> = (
  mistakes: ReadonlySet<Name>,
) => Output | Output[];

/**
 * Looks for the mistake, or else the two, that give exactly the learner's output, and says so in a
 * sentence. Returns `undefined` where none does.
 *
 * Candidates that a combination of mistakes makes impossible may throw; they are passed over. `effort` ends the
 * search for two; without it all pairs are tried.
 */
export function findMistake<Name extends string>(
  actual: tf.Tensor,
  mistakes: Mistakes<Name>,
  forward: Mistaken<Name>,
  effort?: Effort,
): string | undefined {
  const agrees = (output: tf.Tensor) => close(actual, output, 1e-4);
  return findMistakeBy(mistakes, forward, agrees, "Your output is", effort);
}

/**
 * As {@link findMistake}, for outputs that are no tensors: `agrees` tells whether one is the learner's, and
 * `subject` begins the sentence ("Your learning rates are").
 */
export function findMistakeBy<Name extends string, Output>(
  mistakes: Mistakes<Name>,
  forward: Mistaken<Name, Output>,
  agrees: (output: Output) => boolean,
  subject: string,
  effort?: Effort,
): string | undefined {
  const single = findSingle(mistakes, forward, agrees);
  if (single) return sentence(subject, mistakes, [single]);
  const names = Object.keys(mistakes) as Name[];
  for (const [index, first] of names.entries()) {
    const second = names.slice(index + 1).find((name) =>
      !effort?.isSpent && fits(forward, agrees, [first, name])
    );
    if (second) return sentence(subject, mistakes, [first, second]);
  }
  return undefined;
}

/** The first mistake that alone gives the learner's output. */
export function findSingle<Name extends string, Output>(
  mistakes: Mistakes<Name>,
  forward: Mistaken<Name, Output>,
  agrees: (output: Output) => boolean,
): Name | undefined {
  return (Object.keys(mistakes) as Name[]).find((name) => fits(forward, agrees, [name]));
}

/** "Your output is what one gets without the scale, and with …." */
export function sentence<Name extends string>(
  subject: string,
  mistakes: Mistakes<Name>,
  found: readonly Name[],
): string {
  const inOrder = (Object.keys(mistakes) as Name[]).filter((name) => found.includes(name));
  return `${subject} what one gets ${inOrder.map((name) => mistakes[name]).join(", and ")}.`;
}

function fits<Name extends string, Output>(
  forward: Mistaken<Name, Output>,
  agrees: (output: Output) => boolean,
  candidate: readonly Name[],
): boolean {
  try {
    return tf.tidy(() => ([forward(new Set(candidate))].flat() as Output[]).some(agrees));
  } catch {
    return false; // a combination that makes no sense
  }
}
