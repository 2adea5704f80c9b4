import { given } from "../platform/given.ts";
import { Random } from "../random.ts";

/** One hyper-parameter's value. */
export type Setting = number | string | boolean;

/** A range of numbers that {@link randomTrials} draws from; made by {@link between}. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  /** Whether equal factors are equally likely, in place of equal steps. */
  readonly logarithmic: boolean;
  /** Whether only whole numbers are drawn. */
  readonly whole: boolean;
}

/** Hyper-parameters by name: a list of values each, or for random trials a range of numbers. */
export type SearchSpace = Readonly<Record<string, readonly Setting[] | NumberRange>>;

/** The values of one trial: of each name in a search space one, or a number of its range. */
export type SettingsOf<Space> = {
  -readonly [Name in keyof Space]: Space[Name] extends readonly (infer Value)[] ? Value : number;
};

/**
 * The numbers from `low` to `high`; `logarithmic` suits values of which the order of magnitude counts,
 * such as a learning rate. Throws a RangeError where there are none.
 */
export function between(
  low: number,
  high: number,
  { logarithmic = false, whole = false } = {},
): NumberRange {
  const lowest = logarithmic ? "0 < low" : "low";
  if (!(high > low) || !Number.isFinite(high - low) || (logarithmic && low <= 0)) {
    throw new RangeError(`between: low is ${low} and high ${high}, must be ${lowest} < high`);
  }
  if (!whole) return { low, high, logarithmic, whole };
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  if (first <= last) return { low: first, high: last, logarithmic, whole };
  throw new RangeError(`between: there is no whole number from ${low} to ${high}`);
}

/**
 * All combinations of the values, the last name's running fastest.
 *
 * ```ts
 * gridTrials({ depth: [2, 4], heads: [1, 2, 4] }).length; // 6
 * ```
 */
export function gridTrials<const Space extends Readonly<Record<string, readonly Setting[]>>>(
  space: Space,
): SettingsOf<Space>[] {
  requireValues("gridTrials", space);
  const combinations = Object.entries(space).reduce<Record<string, Setting>[]>(
    (trials, [name, values]) =>
      trials.flatMap((trial) => values.map((value) => ({ ...trial, [name]: value }))),
    [{}],
  );
  return combinations as SettingsOf<Space>[];
}

/** How many settings {@link randomTrials} draws, and from which seed. */
export interface RandomTrialsOptions {
  count: number;
  /** The same seed gives the same trials, and more of them begin with the fewer. Default: 42. */
  seed?: number;
}

/**
 * Trials drawn independently, no two alike. Where only some hyper-parameters matter, so many trials
 * try more values of those than a grid ("Random Search for Hyper-Parameter Optimization", Bergstra and
 * Bengio, JMLR 2012). Drawn numbers are rounded to three digits, to be reported as they were used.
 *
 * Throws a RangeError where the space has not so many different trials.
 */
export function randomTrials<const Space extends SearchSpace>(
  space: Space,
  { count, seed = 42 }: RandomTrialsOptions,
): SettingsOf<Space>[] {
  requireValues("randomTrials", space);
  if (!(Number.isInteger(count) && count > 0)) {
    throw new RangeError(`randomTrials: count is ${given(count)}, must be a whole number above 0`);
  }
  const random = new Random(seed);
  const found = new Map<string, Record<string, Setting>>();
  const names = Object.keys(space);
  for (let misses = 0; found.size < count;) {
    const draws = random.uniform([names.length]);
    const places = draws.dataSync();
    draws.dispose();
    const trial = Object.fromEntries(
      names.map((name, index) => [name, valueAt(space[name], places[index])]),
    );
    const key = JSON.stringify(trial);
    // So many misses in a row are as good as certain to mean that there is nothing left.
    misses = found.has(key) ? misses + 1 : 0;
    if (misses > 100 + 20 * count) {
      random.dispose();
      throw new RangeError(
        `randomTrials: count is ${count}, but the space has only ${found.size} different trials`,
      );
    }
    found.set(key, trial);
  }
  random.dispose();
  return [...found.values()] as SettingsOf<Space>[];
}

/** The value at a place in [0, 1) of a list or a range. */
function valueAt(choice: readonly Setting[] | NumberRange, place: number): Setting {
  if (isList(choice)) return choice[Math.min(Math.floor(place * choice.length), choice.length - 1)];
  const { low, high, logarithmic, whole } = choice;
  // Of whole numbers, the first and the last must have the share of the others.
  const [start, end] = whole ? [low - 0.5, high + 0.5] : [low, high];
  const value = logarithmic
    ? Math.exp(Math.log(Math.max(start, Number.MIN_VALUE)) * (1 - place) + Math.log(end) * place)
    : start + (end - start) * place;
  if (whole) return Math.min(Math.max(Math.round(value), Math.ceil(low)), Math.floor(high));
  return Math.min(Math.max(Number(value.toPrecision(3)), low), high);
}

function isList(choice: readonly Setting[] | NumberRange): choice is readonly Setting[] {
  return Array.isArray(choice);
}

function requireValues(place: string, space: SearchSpace): void {
  const entries = Object.entries(space);
  if (entries.length === 0) throw new RangeError(`${place}: there is nothing to choose`);
  for (const [name, choice] of entries) {
    if (isList(choice) && choice.length === 0) {
      throw new RangeError(`${place}: ${name} has no values to choose from`);
    }
  }
}
