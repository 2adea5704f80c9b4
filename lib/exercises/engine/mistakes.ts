/**
 * The one form in which a topic writes down what goes wrong: a table of mistakes, and the right computation
 * with a switch for each of them.
 */
import * as tf from "../../tensor/tf.ts";
import { close } from "./compare.ts";

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
 * Candidates that a combination of mistakes makes impossible may throw; they are passed over.
 */
export function findMistake<Name extends string>(
  actual: tf.Tensor,
  mistakes: Mistakes<Name>,
  forward: Mistaken<Name>,
): string | undefined {
  const agrees = (output: tf.Tensor) => close(actual, output, 1e-4);
  return findMistakeBy(mistakes, forward, agrees, "Your output is");
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
): string | undefined {
  const names = Object.keys(mistakes) as Name[];
  const fits = (...candidate: Name[]) => {
    try {
      return tf.tidy(() => ([forward(new Set(candidate))].flat() as Output[]).some(agrees));
    } catch {
      return false;
    }
  };
  const single = names.find((name) => fits(name));
  if (single) return `${subject} what one gets ${mistakes[single]}.`;
  for (const [index, first] of names.entries()) {
    const second = names.slice(index + 1).find((name) => fits(first, name));
    if (second) return `${subject} what one gets ${mistakes[first]}, and ${mistakes[second]}.`;
  }
  return undefined;
}
