import { CheckError } from "./check.ts";

/** A cause to add where a check's message matches. */
export type Hint = readonly [pattern: RegExp, cause: string];

/** Runs a check; where it fails with a message that a hint knows, adds the hint's cause. */
export function withHints(hints: readonly Hint[], check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    const hint = hints.find(([pattern]) => pattern.test(error.message));
    if (!hint) throw error;
    throw new CheckError(`${error.message}\n  ${hint[1]}`, error.cause);
  }
}

/** What `checkModule` found right, in words for modules that have no dropout. */
export function withoutDropout(found: string): string {
  return found.replace("values, gradients and dropout are right", "values and gradients are right");
}
