/**
 * Finds what is wrong with a learner's computation by mending it: its steps are done once more with one of them
 * changed, and where the result is then right, that step was the mistake. What it names is thereby proved.
 */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { codeOf, isNotSolved } from "./attempt.ts";
import type { Candidate, Material, Source } from "./candidate.ts";
import { missingOfRight, rebuilt } from "./candidates_of_right.ts";
import { CheckError, withCause } from "./check.ts";
import { close } from "./compare.ts";
import { LearnerCode, siteOf } from "./learner_code.ts";
import { libraryLayers } from "./library_layers.ts";
import type { Located } from "./locate.ts";
import { numberNames } from "./number_names.ts";
import {
  candidatesFor,
  otherInputs,
  rearrangedFor,
  reorderedFor,
  simpleFor,
  unusedFor,
} from "./repair_candidates.ts";
import { departureOf, readable, RightValues } from "./right_values.ts";
import { functionOf } from "./step_difference.ts";
import { type Edit, type Trace, trace, type TracedStep, type TraceOptions } from "./trace.ts";

export interface Repaired extends Located {
  /** The numbers that the task is about, by name: `{ width: 12, heads: 3 }`. */
  numbers?: object;
  /** What tensors of the right computation are called in the learner's code, by their ids. */
  names?: ReadonlyMap<number, string>;
  /** Parts of the learner's module that are right, as their own checks say. */
  parts?: readonly Module[];
}

/** A change of some steps. */
interface Fix {
  candidate: Candidate;
  /** The learner's function that it is in: "Attention.forward". */
  within?: string;
  /** The steps, all made by one place in the code, and for each the steps whose results it takes. */
  at: readonly { index: number; step: TracedStep; taken: readonly number[] }[];
}

/** Computations of the whole that may be tried, and steps in all of them. */
const [mostTrials, mostSteps] = [400, 12_000];
/** Mistakes that are looked for one after the other. */
const mostFixes = 6;

/**
 * "Likely cause: …. Changed so, all values are right." `undefined` where no change of one step, or of a few one
 * after the other, makes the learner's result right.
 */
export function repairText(located: Repaired): string | undefined {
  return tf.tidy(() => {
    const repair = new Repair(located);
    return repair.byOne() ?? repair.bySeveral();
  });
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

/** A search for what mends a learner's computation; to be used in one `tf.tidy`. */
export class Repair {
  readonly #located: Repaired;
  readonly #right: RightValues;
  readonly #expected: tf.Tensor[];
  readonly #numberText: (value: number) => string;
  readonly #begun: { view: readonly Module[]; fix: Fix; reached: number }[] = [];
  #trials = 0;
  #layers: readonly Module[] = [];

  constructor(located: Repaired) {
    this.#located = located;
    this.#right = new RightValues(located.right, located.given);
    this.#expected = tensorsIn(located.right[0]());
    this.#numberText = numberNames(located.numbers ?? {});
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
      this.#layers = view;
      const base = this.#trace([], { values: readable });
      if (isHopeless(base)) return undefined;
      const found = this.#nextFix(base, [], -1);
      if (found?.isAll) return sentence([found.fix]);
      if (found) this.#begun.push({ view, fix: found.fix, reached: found.reached });
    }
  }

  /** A few changes one after the other; to be asked after {@link byOne}. */
  bySeveral(): string | undefined {
    for (const { view, fix, reached: start } of this.#begun) {
      this.#layers = view;
      let [fixes, reached] = [[fix], start];
      while (fixes.length < mostFixes) {
        const next = this.#nextFix(this.#trace(fixes, { values: readable }), fixes, reached);
        if (!next) break;
        fixes = [...fixes, next.fix];
        reached = next.reached;
        if (next.isAll) return sentence(fixes);
      }
    }
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
  #nextFix(
    base: Trace<unknown>,
    fixes: readonly Fix[],
    reached: number,
  ): { fix: Fix; isAll: boolean; reached: number } | undefined {
    const steps = base.failed ? [...base.steps, base.failed] : base.steps;
    const departure = departureOf(base.steps, this.#right);
    if (!departure && base.error !== undefined && !base.failed) return undefined;
    const first = departure?.first ?? (base.failed ? steps.length - 1 : steps.length);
    if (first <= reached && first < steps.length) return undefined;
    const code = new LearnerCode(
      codeOf(this.#located.code.module, this.#located.code.function),
      steps.map(({ stack }) => stack),
    );
    const sites = steps.map(({ stack, name }) => `${name} ${siteOf(stack)?.site}`);
    const fixAt = (candidate: Candidate, indexes: readonly number[]): Fix => ({
      candidate,
      within: code.lineOf(steps[indexes[0]].stack)?.within,
      at: indexes.map((index) => ({
        index,
        step: steps[index],
        // Of what one place makes several times, each takes the last before it.
        taken: (candidate.uses ?? []).map((source) =>
          source.index === undefined
            ? -1
            : sites.findLastIndex((site, each) => each < index && site === sites[source.index!])
        ),
      })),
    });
    const fixed = (candidate: Candidate, index: number) => {
      const siblings = sites.flatMap((site, each) => site === sites[index] ? [each] : []);
      const wider = siblings.length > 1 ? [fixAt(candidate, siblings)] : [];
      return [...wider, fixAt(candidate, [index])].find((fix) => this.#isRight([...fixes, fix]));
    };
    let partial: Fix | undefined;
    /** Tries the candidates that have right values at a step. */
    const tryLocal = (choice: (material: Material) => Iterable<Candidate>, index: number) => {
      for (const candidate of choice(this.#materialFor(index, steps, code))) {
        const found = this.#tried(candidate, steps, index);
        if (!found) continue;
        const fix = fixed(candidate, index);
        if (fix) return { fix, isAll: true, reached: first };
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
      for (const { candidate, other } of this.#swapped(first, steps, code)) {
        const fix = fixAt(candidate, [first, other]);
        if (this.#isRight([...fixes, fix])) return { fix, isAll: true, reached: first };
      }
    }
    // What only puts values in order does not show in the values; each is tried.
    const before = departure?.before ?? steps.keys().toArray();
    const upTo = [...before.toReversed(), ...(base.failed ? [first] : [])];
    const all = [...steps.keys().filter((each) => each >= first), ...before].toReversed();
    const tryEach = (
      choice: (material: Material) => Iterable<Candidate>,
      where: readonly number[],
    ) => {
      for (const index of where.filter((each) => isDirect(steps[each], code))) {
        for (const candidate of choice(this.#materialFor(index, steps, code))) {
          if (this.#isSpent(steps)) return undefined;
          const fix = fixed(candidate, index);
          if (fix) return { fix, isAll: true, reached: first };
        }
      }
    };
    const found = tryEach(unusedFor, all) ??
      (first < steps.length ? tryLocal(missingOfRight, first) : undefined) ??
      tryEach(rearrangedFor, upTo) ??
      tryEach(reorderedFor, upTo);
    if (found) return found;
    if (partial) return { fix: partial, isAll: false, reached: first };
    // On a way of the learner's own, the values tell nothing; the last steps are the likeliest.
    return tryEach(simpleFor, all);
  }

  #materialFor(index: number, steps: readonly TracedStep[], code: LearnerCode): Material {
    const step = steps[index];
    const { module } = this.#located.code;
    const isFailed = steps.at(-1)?.outputs.length === 0;
    const values = step.outputs[0]?.values ?? new Float32Array();
    return {
      step,
      called: calledText(step, code),
      layers: module ? this.#layersIn(module) : [],
      sources: this.#sourcesBefore(index, steps, code),
      numberText: this.#numberText,
      factor: step.outputs.length === 1 ? this.#right.factorOf(values) : undefined,
      factors: step.inputs.map(({ values }) => this.#right.factorOf(values)),
      right: this.#right.traces,
      inputs: new Set(
        this.#located.given.filter((each) => !(each instanceof tf.Variable)).map(({ id }) => id),
      ),
      names: this.#located.names ?? new Map(),
      isUsed: (part) =>
        steps.some(({ layer, inputs }) =>
          part instanceof tf.Variable ? inputs.some(({ id }) => id === part.id) : part === layer
        ) || isFailed && isMentioned(part, module),
      shift: step.outputs.length === 1 ? this.#right.shiftOf(values) : undefined,
    };
  }

  /** The layers that the learner's code may call: not those inside of others that count as one. */
  #layersIn(module: Module, path = "this"): { module: Module; name: string }[] {
    return [...module.namedChildren()].flatMap(([name, child]) => {
      const own = codePath(name, path);
      const isOne = this.#layers.includes(child) || child.namedChildren().size === 0;
      return isOne ? [{ module: child, name: own }] : this.#layersIn(child, own);
    });
  }

  /** What the learner's code could use at a step: the input, its parameters, and the results before. */
  #sourcesBefore(index: number, steps: readonly TracedStep[], code: LearnerCode): Source[] {
    const { module } = this.#located.code;
    const made = new Set(steps.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
    const parameters = [...module?.namedVariables() ?? []].map(([path, tensor]): Source => ({
      name: `\`${codePath(path)}\``,
      tensor,
      shape: tensor.shape,
    }));
    const inputs = this.#located.given.filter((each) =>
      !(each instanceof tf.Variable) && !made.has(each.id)
    ).map((tensor): Source => ({ name: "the input", tensor, shape: tensor.shape }));
    const results = steps.slice(0, index).flatMap((step, at) =>
      step.outputs.map((each, output): Source => ({
        name: calledText(step, code),
        index: at,
        output,
        shape: each.shape,
      }))
    ).filter(({ index: at }) => siteOf(steps[at!].stack) !== undefined);
    // The nearest first.
    return [...results.toReversed().slice(0, 40), ...inputs, ...parameters.slice(0, 40)];
  }

  /**
   * Whether a candidate has right values where the learner's step has wrong ones: "new" where no step before has
   * them, so that they are no accident.
   */
  #tried(
    { make, uses = [] }: Candidate,
    steps: readonly TracedStep[],
    index: number,
  ): "new" | "old" | undefined {
    try {
      return tf.tidy(() => {
        const step = steps[index];
        const taken = uses.map(({ index: at, output, tensor }) =>
          tensor ?? rebuilt(steps[at!].outputs[output!])
        );
        const outputs = make(step, step.inputs.map(rebuilt), taken);
        const values = outputs.map((each) =>
          readable(each) ? each.dataSync() as Float32Array : new Float32Array()
        );
        if (!values.every((each) => each.length >= 2 && this.#right.has(each))) return undefined;
        const isOld = values.some((each) =>
          each.length < 8 || !this.#right.has(each, { inOrder: true }) ||
          step.inputs.some((input) => isSame(input.values, each)) ||
          steps.slice(0, index).some((other) =>
            other.outputs.some((output) => isSame(output.values, each))
          )
        );
        return isOld ? "old" : "new";
      });
    } catch {
      return undefined;
    }
  }

  /** The step and a later one in each other's place. */
  *#swapped(
    index: number,
    steps: readonly TracedStep[],
    code: LearnerCode,
  ): Generator<{ candidate: Candidate; other: number }> {
    const first = steps[index];
    for (let other = index + 1; other < Math.min(steps.length, index + 30); other++) {
      const second = steps[other];
      if (second.inputs.length === 0 || !isDirect(second, code)) continue;
      const as = (step: TracedStep, [x]: readonly tf.Tensor[]) =>
        step.again([x, ...step.inputs.slice(1).map(rebuilt)]);
      const candidate: Candidate = {
        say: `${calledText(first, code)} and ${calledText(second, code)} stand in the wrong order`,
        make: (step, inputs) => as(step === first ? second : first, inputs),
      };
      if (this.#tried(candidate, steps, index)) yield { candidate, other };
    }
  }

  /** Whether as much has been tried as a learner waits for. */
  #isSpent(steps: readonly TracedStep[]): boolean {
    return this.#trials > Math.min(mostTrials, mostSteps / steps.length);
  }

  /** Whether the learner's result is right with these changes. */
  #isRight(fixes: readonly Fix[]): boolean {
    this.#trials++;
    return tf.tidy(() => {
      const done = this.#trace(fixes, { places: false });
      if (done.error !== undefined) return false;
      try {
        const found = tensorsIn(done.result);
        return found.length === this.#expected.length &&
          found.every((each, index) =>
            close(each, this.#expected[index], this.#located.tolerance ?? 1e-4)
          );
      } catch {
        return false;
      }
    });
  }
}

/** What a trace does with the steps of some changes. */
function editsOf(fixes: readonly Fix[]) {
  const edits = new Map<number, Edit>();
  const kept = new Map<string, tf.Tensor>();
  const wanted = new Set(fixes.flatMap(({ at }) => at.flatMap(({ taken }) => taken)));
  for (const { candidate: { make, uses = [] }, at } of fixes) {
    for (const { index, step, taken } of at) {
      edits.set(index, (inputs) =>
        make(
          step,
          inputs,
          uses.map(({ tensor, output }, use) => tensor ?? kept.get(`${taken[use]} ${output}`)!),
        ));
    }
  }
  const watch = (index: number, outputs: readonly tf.Tensor[]) => {
    if (!wanted.has(index)) return;
    outputs.forEach((each, output) => kept.set(`${index} ${output}`, tf.keep(tf.clone(each))));
  };
  return { edits, watch, kept };
}

/** Whether a computation has nothing yet that could be mended, or cannot be followed. */
function isHopeless({ result, steps }: Trace<unknown>): boolean {
  if (result instanceof Promise) {
    result.catch(() => {}); // it is of tensors that are freed by then
    return true;
  }
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

/** Whether the learner's code itself does a step, not a function that it calls. */
function isDirect({ stack, layer, name }: TracedStep, code: LearnerCode): boolean {
  const site = siteOf(stack);
  if (!site || !code.isInnermost(stack)) return false;
  return layer !== undefined || /^[a-z]/.test(name) ||
    !site.inside.some((line) => /\/lib\/(?:nn|models|exercises)\//.test(line));
}

/** Whether the code of a module's class speaks of a part of it. */
function isMentioned(part: Module | tf.Variable, module?: Module): boolean {
  const field = Object.entries(module ?? {}).find(([, value]) => value === part)?.[0];
  return field !== undefined && module!.constructor.toString().includes(`this.${field}.forward`);
}

/** What a step is called in the learner's words. */
function calledText(step: TracedStep, code: LearnerCode): string {
  const call = code.callOf(step.stack);
  if (call) return `\`${call}\``;
  return step.layer ? `the ${step.name}` : `\`${functionOf(step.name)}\``;
}

/** "this.blocks[0].norm" */
export const codePath = (path: string, home = "this") =>
  `${home}.${path.replace(/\.(\d+)(?=\.|$)/g, "[$1]")}`;

const isSame = (a: Float32Array, b: Float32Array) =>
  a.length === b.length && a.every((value, index) => Math.abs(value - b[index]) < 1e-5);

/** Says what was changed so that all is right. */
function sentence(fixes: readonly Fix[]): string {
  const said = new Set(
    fixes.map(({ candidate: { say }, within }) => within ? `in ${within}, ${say}` : say),
  );
  return `Likely cause: ${[...said].join("; and ")}. ${provedBy}`;
}

/** How a message ends that names a mistake whose mending was tried. */
export const provedBy = "Changed so, all values are right.";
