import { variable } from "./variable.ts";

export { variable };

const words: Record<string, boolean> = {
  ...{ "": false, "0": false, no: false, false: false, off: false },
  ...{ "1": true, yes: true, true: true, on: true },
};

/**
 * Whether an environment variable says yes: `1`, `yes`, `true` or `on`, in capitals or not. It says no where
 * it is not set. Throws a RangeError at a word that is neither.
 */
export function flag(name: string): boolean {
  const text = variable(name) ?? "";
  const meaning = words[text.trim().toLowerCase()];
  if (meaning === undefined) throw new RangeError(`${name} is "${text}", must be 1 or 0`);
  return meaning;
}

/**
 * Whether notebooks are to train on few images only, which shows in minutes that everything works:
 * `TESSERA_QUICK=1` in the environment.
 */
export const quick: boolean = flag("TESSERA_QUICK");
