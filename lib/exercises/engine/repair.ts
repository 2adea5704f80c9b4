/**
 * Finds what is wrong with a learner's computation by mending it: its steps are done once more with one of them
 * changed, and where the result is then right, that step was the mistake. What it names is thereby proved.
 */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { codeOf, isNotSolved } from "./attempt.ts";
import type { Candidate, Material } from "./candidate.ts";
import { partsFor } from "./candidate_operations.ts";
import { missingOfRight } from "./candidates_of_right.ts";
import { CheckError, withCause } from "./check.ts";
import { close } from "./compare.ts";
import { counted, Effort } from "./effort.ts";
import { editsOf, type Fix, type FixAt, fixesOf, fixText } from "./fix.ts";
import { type CodeLine, LearnerCode } from "./learner_code.ts";
import { libraryLayers } from "./library_layers.ts";
import { otherOrders, tried } from "./local_trial.ts";
import type { Located } from "./locate.ts";
import { numberNames } from "./number_names.ts";
import {
  candidatesFor,
  keptFor,
  leftOut,
  otherInputs,
  rearrangedFor,
  reorderedFor,
  simpleFor,
  unusedFor,
} from "./repair_candidates.ts";
import { departureOf, readable, RightValues } from "./right_values.ts";
import { isDirect, Surroundings } from "./surroundings.ts";
import { type Trace, trace, type TracedStep, type TraceOptions } from "./trace.ts";

export interface Repaired extends Located {
  /** The numbers that the task is about, by name: `{ width: 12, heads: 3 }`. */
  numbers?: object;
  /** What tensors of the right computation are called in the learner's code, by their ids. */
  names?: ReadonlyMap<number, string>;
}

/** How many operations a search may do: in all, for one mistake, and for more. */
const most = { all: 11_000, one: 5_000, several: 2_800 };
/** Mistakes that are looked for one after the other. */
const mostFixes = 6;

/**
 * "Likely cause: …. Changed so, all values are right." `undefined` where no change of one step, or of a few one
 * after the other, makes the learner's result right.
 */
export function repairText(located: Repaired): string | undefined {
  return counted(() =>
    tf.tidy(() => {
      const repair = new Repair(located, new Effort(most.all));
      return repair.byOne() ?? repair.bySeveral();
    })
  );
}

/** Calls; where a `CheckError` comes that gives no cause, gives it the one that is proved by mending. */
export function withRepair<T>(located: () => Repaired, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof CheckError) || error.hasCause || isNotSolved(error)) throw error;
    const cause = repairText(located());
    throw cause ? withCause(error, cause) : error;
  }
}

/** A change that was found, and whether it is all that was wrong; `reached` is where values depart without it. */
interface Found {
  fix: Fix;
  isAll: boolean;
  reached: number;
}

/** A search for what mends a learner's computation; to be used in one `tf.tidy`. */
export class Repair {
  readonly #located: Repaired;
  readonly #right: RightValues;
  readonly #expected: tf.Tensor[];
  readonly #numberText: (value: number) => string;
  readonly #begun: { view: readonly Module[]; found: Found }[] = [];
  readonly #within?: Effort;
  #effort = new Effort(0);
  #layers: readonly Module[] = [];
  #changedLine: CodeLine | undefined;

  /** `within` is the effort that all of it may cost. */
  constructor(located: Repaired, within?: Effort) {
    this.#located = located;
    this.#within = within;
    this.#right = new RightValues(located.right, located.given);
    this.#expected = tensorsIn(located.right[0]());
    this.#numberText = numberNames(located.numbers ?? {});
  }

  /** The learner's line that {@link byOne} has found to be wrong. */
  get changedLine(): CodeLine | undefined {
    return this.#changedLine;
  }

  /** The values by which the learner's are judged. */
  get rightValues(): RightValues {
    return this.#right;
  }

  /** The one change that makes the result right. */
  byOne(): string | undefined {
    const { module } = this.#located.code;
    const parts = module
      ? [...module.namedModules().values()].filter((each) => each !== module)
      : [];
    const { parts: checked = [] } = this.#located;
    const layers = module ? [...new Set([...libraryLayers(module), ...checked])] : [];
    // First with each part of the module as one step, then with what its parts are made of.
    const views = layers.length === parts.length ? [layers] : [parts, layers];
    for (const view of views) {
      this.#begin(view, most.one);
      const base = this.#trace([], { values: readable });
      if (isHopeless(base) || !this.#isOfOneForm(base.result) || this.#isRightResult(base)) {
        return undefined;
      }
      const found = this.#nextFix(base, [], -1);
      if (found?.isAll) {
        const { module, function: called } = this.#located.code;
        const stacks = base.steps.map(({ stack }) => stack);
        const code = new LearnerCode(codeOf(module, called), stacks);
        this.#changedLine = code.lineOf(found.fix.at[0].step.stack);
        return fixText([found.fix]);
      }
      if (found) this.#begun.push({ view, found });
    }
  }

  /** A few changes one after the other; to be asked after {@link byOne}. */
  bySeveral(): string | undefined {
    for (const { view, found } of this.#begun) {
      this.#begin(view, most.several);
      let [fixes, reached] = [[found.fix], found.reached];
      while (fixes.length < mostFixes) {
        const next = this.#nextFix(this.#trace(fixes, { values: readable }), fixes, reached);
        if (!next) break;
        fixes = [...fixes, next.fix];
        reached = next.reached;
        if (next.isAll) return fixText(fixes);
      }
    }
  }

  #begin(view: readonly Module[], operations: number): void {
    this.#layers = view;
    this.#effort = new Effort(operations, this.#within);
  }

  #trace(fixes: readonly Fix[], options: TraceOptions): Trace<unknown> {
    const { edits, watch, kept } = editsOf(fixes);
    try {
      return trace(this.#located.ours, { layers: this.#layers, edits, watch, ...options });
    } finally {
      tf.dispose([...kept.values()]);
    }
  }

  /** A change that makes the result right, or else the values at which it departs. */
  #nextFix(base: Trace<unknown>, fixes: readonly Fix[], reached: number): Found | undefined {
    const steps = base.failed ? [...base.steps, base.failed] : base.steps;
    const departure = departureOf(base.steps, this.#right);
    // What tfjs refuses before it comes to an operation is one of shapes; the rest is none of values.
    const isRefused = base.error instanceof Error && base.error.constructor === Error;
    if (!departure && base.error !== undefined && !base.failed && !isRefused) return undefined;
    const first = departure?.first ?? (base.failed ? steps.length - 1 : steps.length);
    if (first <= reached && first < steps.length) return undefined;
    const { module, function: called } = this.#located.code;
    const code = new LearnerCode(codeOf(module, called), steps.map(({ stack }) => stack));
    const around = new Surroundings({
      ...{ located: this.#located, right: this.#right, numberText: this.#numberText },
      ...{ layers: this.#layers, steps, code },
    });
    const { fixAt, siblings } = fixesOf(steps, code);
    const fixed = (candidate: Candidate, index: number) => {
      const same = siblings(index);
      const wider = same.length > 1 ? [fixAt(candidate, same)] : [];
      return [...wider, fixAt(candidate, [index])].find((fix) => this.#isRight([...fixes, fix]));
    };
    if (base.failed?.name === "Reshape" && fixes.length > 0) {
      const fix = this.#sized(first, steps, around, fixAt);
      if (fix) return { fix, isAll: this.#isRight([...fixes, fix]), reached: first };
    }
    type Choice = (material: Material) => Iterable<Candidate>;
    const chosen = (choice: Choice, index: number) => {
      const material = around.materialFor(index);
      return (material.partOf ? partsFor : choice)(material);
    };
    const whole = (fix: Fix): Found => ({ fix, isAll: true, reached: first });
    let partial: Fix | undefined;
    /** Tries the candidates that have right values at a step; with `surely`, not such as may have them by accident. */
    const tryLocal = (
      choice: Choice,
      index: number,
      { surely = false } = {},
    ) => {
      for (const candidate of chosen(choice, index)) {
        if (this.#effort.isSpent) return undefined;
        const found = tried(candidate, steps, index, this.#right);
        if (!found || surely && found === "old") continue;
        const fix = fixed(candidate, index);
        if (fix) return whole(fix);
        if (found === "new" && index === first) partial ??= fixAt(candidate, [first]);
      }
    };
    if (first < steps.length) {
      const found = tryLocal(candidatesFor, first);
      if (found) return found;
      // A later step may take what it should not.
      for (const index of steps.keys().filter((each) => each > first && each <= first + 6)) {
        const found = isDirect(steps[index], code) ? tryLocal(otherInputs, index) : undefined;
        if (found) return found;
      }
      for (const { candidate, other } of otherOrders(first, steps, code, this.#right)) {
        const fix = fixAt(candidate, [first, other]);
        if (this.#isRight([...fixes, fix])) return whole(fix);
      }
    }
    // What only puts values in order does not show in the values; each is tried.
    const before = departure?.before ?? steps.keys().toArray();
    const upTo = [...before.toReversed(), ...(base.failed ? [first] : [])];
    const all = [...steps.keys().filter((each) => each >= first), ...before].toReversed();
    // What is missing belongs shortly before values depart, or there.
    const likeliest = first < steps.length
      ? [...before.toReversed(), first, ...all.filter((each) => each > first)]
      : all;
    const tryEach = (choice: Choice, where: readonly number[]) => {
      for (const index of where.filter((each) => isDirect(steps[each], code))) {
        for (const candidate of chosen(choice, index)) {
          if (this.#effort.isSpent) return undefined;
          const fix = fixed(candidate, index);
          if (fix) return whole(fix);
        }
      }
    };
    /** Tries what has right values at one of some steps, and not by accident. */
    const trySurely = (choice: Choice, where: readonly number[]) => {
      for (const index of where.filter((each) => isDirect(steps[each], code))) {
        const found = tryLocal(choice, index, { surely: true });
        if (found) return found;
      }
    };
    // What puts values in order may be seen to be right by itself, and what is missing too.
    const reshaped = base.failed ? makersOf(base.failed, steps, "Reshape") : [];
    const found = trySurely(reorderedFor, upTo) ??
      tryEach(reorderedFor, reshaped) ??
      (base.failed ? tryLocal(missingOfRight, first) : undefined) ??
      tryEach(keptFor, steps.keys().toArray());
    if (found) return found;
    // What fails no longer, and has values that no step had before, is mended; the rest is another mistake.
    if (base.failed && base.failed.name !== "Reshape" && partial) {
      return { fix: partial, isAll: false, reached: first };
    }
    const further = trySurely(unusedFor, likeliest.slice(0, 8)) ??
      tryEach(unusedFor, likeliest) ??
      (first < steps.length ? tryLocal(missingOfRight, first) : undefined) ??
      // What fails may lack something that was left out a few steps before.
      (base.failed ? trySurely(missingOfRight, upTo.slice(0, 6)) : undefined) ??
      tryEach(rearrangedFor, upTo) ??
      tryEach(reorderedFor, upTo);
    if (further) return further;
    if (base.failed) {
      partial ??= this.#furtherWithout(upTo.slice(0, 4), { first, fixes, around, fixAt });
    }
    if (base.failed?.name === "Reshape") {
      partial = this.#sized(first, steps, around, fixAt) ?? partial;
    }
    if (partial) return { fix: partial, isAll: false, reached: first };
    // On a way of the learner's own, the values tell nothing; the last steps are the likeliest.
    return tryEach(simpleFor, all);
  }

  /** Other sizes of a reshape that fails. It may be one of several whose sizes are wrong alike; its values tell nothing. */
  #sized(
    index: number,
    steps: readonly TracedStep[],
    around: Surroundings,
    fixAt: FixAt,
  ): Fix | undefined {
    const sized = reorderedFor(around.materialFor(index))
      .find((candidate) => tried(candidate, steps, index, this.#right));
    return sized && fixAt(sized, [index]);
  }

  /** One of some steps left out, without which the first one that fails has right values. */
  #furtherWithout(
    where: readonly number[],
    { first, fixes, around, fixAt }: {
      first: number;
      fixes: readonly Fix[];
      around: Surroundings;
      fixAt: FixAt;
    },
  ): Fix | undefined {
    for (const index of where.filter((each) => each !== first)) {
      for (const candidate of leftOut(around.materialFor(index))) {
        if (this.#effort.isSpent) return undefined;
        const fix = fixAt(candidate, [index]);
        const step = this.#trace([...fixes, fix], { values: readable }).steps[first];
        const values = step?.outputs[0]?.values ?? [];
        if (values.length >= 8 && this.#right.has(values as Float32Array)) return fix;
      }
    }
  }

  /** Whether a result is one tensor where one is wanted: of a list or an object no tensor's change makes one. */
  #isOfOneForm(result: unknown): boolean {
    return result === undefined || this.#expected.length !== 1 || result instanceof tf.Tensor;
  }

  /** Whether the learner's result is right with these changes. */
  #isRight(fixes: readonly Fix[]): boolean {
    return tf.tidy(() => this.#isRightResult(this.#trace(fixes, { places: false })));
  }

  #isRightResult({ result, error }: Trace<unknown>): boolean {
    if (error !== undefined) return false;
    const tolerance = this.#located.tolerance ?? 1e-4;
    try {
      const found = tensorsIn(result);
      return found.length === this.#expected.length &&
        found.every((each, index) => close(each, this.#expected[index], tolerance));
    } catch {
      return false;
    }
  }
}

/** The steps of a kind that give what a step takes. */
const makersOf = ({ inputs }: TracedStep, steps: readonly TracedStep[], name: string) =>
  steps.flatMap((step, index) =>
    step.name === name && step.outputs.some(({ id }) => inputs.some((each) => each.id === id))
      ? [index]
      : []
  );

/** Whether a computation has nothing yet that could be mended, or cannot be followed. */
function isHopeless({ result, steps }: Trace<unknown>): boolean {
  if (result instanceof Promise) return true;
  const values = steps.at(-1)?.outputs[0]?.values ?? [];
  return result !== undefined && values.length > 1 && values.every((value) => value === values[0]);
}

/** The tensors that a computation gives: one, a list, or the fields of an object. */
function tensorsIn(result: unknown): tf.Tensor[] {
  if (result instanceof tf.Tensor) return [result];
  return typeof result === "object" && result !== null
    ? Object.values(result).flatMap(tensorsIn)
    : [];
}
