/** A class as they usually are, and what grading it took. */
import type { SubmissionResult } from "../../../marking/result.ts";
import { type Kind, kinds } from "./kinds.ts";

/** How many of a hundred submissions are of which kind; those that run into a limit are counted apart. */
const usualNumbers: Record<string, number> = {
  ...{ "as solved": 60, "not solved": 12 },
  ...{ "syntax error": 4, "throws": 4, "own cell fails": 4, "copied check": 3 },
  ...{ "own error stream": 3, "check deleted": 2, "renamed": 3, "metadata dropped": 2 },
  ...{ "byte order mark": 1, "PDF in its place": 1, "empty": 1 },
};

/** Kinds, as often as they come. */
export const usualKinds: readonly Kind[] = kinds.flatMap((kind) =>
  Array.from({ length: usualNumbers[kind.name] ?? 0 }, () => kind)
);

/** Times and memory in words. */
export function numbersOf(
  results: readonly (SubmissionResult | undefined)[],
  seconds: number,
): string {
  const known = results.filter((each) => each !== undefined);
  const sum = known.reduce((total, each) => total + each.processorSeconds, 0);
  const peak = Math.max(...known.map((each) => each.peakBytes)) / 1e6;
  const hundred = (100 * seconds) / known.length / 60;
  return `a submission: ${(sum / known.length).toFixed(1)} s of processor time, at most ${
    peak.toFixed(0)
  } MB; a hundred would take ${hundred.toFixed(0)} minutes`;
}
