/**
 * Hints that a learner may ask for after a failure, one at a time: which part, which operation, what shape its
 * line has. How many were taken is kept in the home, for those who grade.
 */
import { readTextIfThere, writeTextAtomically } from "../../platform/files.ts";
import { homePath } from "../../platform/places.ts";

/** The steps for the failure of the check that runs, once something has offered them. */
let offered: readonly string[] | undefined;
/** Whether the check that runs was asked for a hint; finding steps takes a moment. */
let wanted = false;

/** Whether to {@link offerHints} at all. */
export function areHintsWanted(): boolean {
  return wanted;
}

/** Gives the steps for the present failure, from the vaguest to the clearest. */
export function offerHints(steps: readonly string[]): void {
  offered = steps.slice(0, 3);
}

/** Calls a check's body and gives, beside what it gives or throws, the steps that were offered in it. */
export function withLadder<T>(
  isWanted: boolean,
  body: () => T,
): { result?: T; error?: unknown; steps: readonly string[] } {
  [wanted, offered] = [isWanted, undefined];
  try {
    return { result: body(), steps: [] };
  } catch (error) {
    return { error, steps: offered ?? [] };
  } finally {
    wanted = false;
  }
}

const file = () => homePath("hints.json");

/**
 * How many hints were taken, 1 to 3, by the check's name as its message begins: `{ "Attention head": 2 }`. It is what
 * a hand-in's manifest says of them, so the form stays.
 */
export function takenHints(): Record<string, number> {
  try {
    const counts: object = JSON.parse(readTextIfThere(file()) ?? "{}");
    return Object.fromEntries(
      Object.entries(counts).filter((entry): entry is [string, number] =>
        Number.isInteger(entry[1]) && entry[1] > 0
      ),
    );
  } catch {
    return {}; // a spoilt file: counting begins anew
  }
}

/**
 * The next step for a check, with its number: "Hint 2 of 3: …". One that was given stays; after the last one
 * it is that again.
 */
export async function nextHint(task: string, steps: readonly string[]): Promise<string> {
  if (steps.length === 0) {
    return "There is no further hint for this: the message says all that is known.";
  }
  const taken = takenHints();
  const place = Math.min(taken[task] ?? 0, steps.length - 1);
  await writeTextAtomically(
    file(),
    JSON.stringify({ ...taken, [task]: Math.max(taken[task] ?? 0, place + 1) }, null, 2) + "\n",
  );
  const last = place === steps.length - 1 ? " This is the last one." : "";
  return `Hint ${place + 1} of ${steps.length}: ${steps[place]}${last}`;
}
