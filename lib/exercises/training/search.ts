import { type CheckOptions, checkRunner, describe, failure } from "../engine/check.ts";

const { runCheck } = checkRunner();

/** What the check looks at of a search over hyper-parameters; the library's `Search` fits. */
export interface CheckedSearch {
  readonly trials: readonly {
    settings: object;
    results: readonly { epochs: number; failure?: string }[];
  }[];
}

export interface SearchExpectation extends CheckOptions {
  /** How many trials there are at least. */
  trials: number;
  /** How many hyper-parameters are varied at least. Default: 2. */
  varied?: number;
}

/**
 * Checks how a search was made: enough trials with results, some hyper-parameters varied, short runs
 * first and longer ones for fewer trials. Throws a `CheckError` that says what is missing.
 */
export function checkSearch(
  search: CheckedSearch,
  { trials: least, varied = 2, ...options }: SearchExpectation,
): Promise<void> {
  return runCheck("Search", options, () => {
    const trials: CheckedSearch["trials"] | undefined = search?.trials;
    if (trials === undefined) {
      throw failure(`\`search\` should be a Search, but is ${describe(search)}.`);
    }
    const finished = trials.filter(({ results }) => results.some((each) => !each.failure));
    if (finished.length < least) {
      throw failure(
        `${finished.length} ${
          finished.length === 1 ? "trial has" : "trials have"
        } a result; at least ` +
          `${least} are asked for.`,
        finished.length < trials.length
          ? "Was the search stopped? Run it again: it goes on where it was."
          : "Make more trials.",
      );
    }
    const names = [...new Set(finished.flatMap(({ settings }) => Object.keys(settings)))];
    const tried = names.filter((name) =>
      new Set(finished.map(({ settings }) => (settings as Record<string, unknown>)[name])).size > 1
    );
    if (tried.length < varied) {
      throw failure(
        `only ${
          tried.length === 0 ? "nothing" : tried.join(", ")
        } differs between the trials; vary at least ` +
          `${varied} hyper-parameters.`,
      );
    }
    const epochs = finished.map(({ results }) => Math.max(...results.map((each) => each.epochs)));
    const [shortest, longest] = [Math.min(...epochs), Math.max(...epochs)];
    const chosen = epochs.filter((each) => each === longest).length;
    if (shortest === longest || chosen > finished.length / 2) {
      throw failure(
        `${chosen} of ${finished.length} trials were trained for the longest time.`,
        "Train all for a short time first, and only the best for longer: `rounds: [{ epochs: 1 }, " +
          "{ epochs: 3, trials: 2 }]`.",
      );
    }
    return `${finished.length} trials over ${
      tried.join(", ")
    }; ${chosen} of them for ${longest} epochs`;
  });
}
