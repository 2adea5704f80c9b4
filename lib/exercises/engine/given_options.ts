/** What a learner's code is given to read, such as options, must be the same afterwards: others read it too. */
import { failure } from "./check.ts";

/**
 * Calls, and throws a `CheckError` where a value of `given` was changed or taken away by it. `name` is whose code was
 * called, `what` its name for them: "options".
 */
export function leavingAsIs<T>(name: string, given: object, what: string, call: () => T): T {
  const before = copyOf(given);
  const result = call();
  const change = changeIn(before, given, "");
  if (change === undefined) return result;
  throw failure(
    `${name} changes the ${what} that it gets: ${change}.`,
    "Who passes them on, or uses them again, finds another value there. Keep what you compute in variables of your own.",
  );
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function copyOf(value: unknown): unknown {
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each)]));
}

/** The first value that is another one now; what was added changes nothing for others. */
function changeIn(before: unknown, now: unknown, path: string): string | undefined {
  if (isPlain(before) && isPlain(now)) {
    for (const [key, value] of Object.entries(before)) {
      const own = path === "" ? key : `${path}.${key}`;
      if (!(key in now)) return `\`${own}\` is gone afterwards`;
      const change = changeIn(value, now[key], own);
      if (change !== undefined) return change;
    }
    return undefined;
  }
  if (Object.is(before, now)) return undefined;
  const text = (value: unknown) => typeof value === "object" ? "another one" : String(value);
  return `\`${path}\` is ${text(now)} afterwards${
    typeof before === "object" ? "" : ` in place of ${text(before)}`
  }`;
}
