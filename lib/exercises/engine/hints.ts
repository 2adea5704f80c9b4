import { CheckError, withCause } from "./check.ts";

/** A cause to give where a check's message matches. */
export type Hint = readonly [pattern: RegExp, cause: string];

/**
 * Runs a check; where it fails with a message that a hint knows, gives the hint's cause in place of a general
 * one. A mistake that was found by its values stays.
 */
export function withHints<T>(hints: readonly Hint[], check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof CheckError) || error.isProved) throw error;
    const hint = hints.find(([pattern]) => pattern.test(error.message));
    throw hint ? withCause(error, hint[1]) : error;
  }
}

/** What `checkModule` found right, in words for modules that have no dropout. */
export function withoutDropout(found: string): string {
  return found.replace("values, gradients and dropout are right", "values and gradients are right");
}
