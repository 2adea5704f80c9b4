import * as tf from "../../tensor/tf.ts";
import { close } from "./compare.ts";

/** Names of typical mistakes with what they do, as the end of "Your output is what one gets …". */
export type Mistakes<Name extends string> = Readonly<Record<Name, string>>;

/**
 * Computes what a module gives that has the given mistakes; with none, the right output. Where a
 * mistake can be made in several ways, all their outputs.
 */
export type MistakenForward<Name extends string> = (
  mistakes: ReadonlySet<Name>,
) => tf.Tensor | tf.Tensor[];

/**
 * Looks for the mistake, or else the two, that give exactly the learner's output, and says so in a
 * sentence. Returns `undefined` where none does.
 *
 * Candidates that a combination of mistakes makes impossible may throw; they are passed over.
 */
export function findMistake<Name extends string>(
  actual: tf.Tensor,
  mistakes: Mistakes<Name>,
  forward: MistakenForward<Name>,
): string | undefined {
  const names = Object.keys(mistakes) as Name[];
  const fits = (...candidate: Name[]) => {
    try {
      return tf.tidy(() =>
        [forward(new Set(candidate))].flat().some((output) => close(actual, output, 1e-4))
      );
    } catch {
      return false;
    }
  };
  const single = names.find((name) => fits(name));
  if (single) return `Your output is what one gets ${mistakes[single]}.`;
  for (const [index, first] of names.entries()) {
    const second = names.slice(index + 1).find((name) => fits(first, name));
    if (second) {
      return `Your output is what one gets ${mistakes[first]}, and ${mistakes[second]}.`;
    }
  }
  return undefined;
}
