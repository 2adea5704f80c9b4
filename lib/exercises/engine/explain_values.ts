/** Says why a learner's module gives wrong values: a mistake that is known, or else the place. */
import * as tf from "../../tensor/tf.ts";
import type { Part } from "../../nn/part.ts";
import { valueSlip } from "./causes.ts";
import { close, relation } from "./compare.ts";
import { counted, Effort } from "./effort.ts";
import { areHintsWanted, offerHints } from "./hint_ladder.ts";
import { guess } from "./general_causes.ts";
import { given } from "./given.ts";
import { KnownValues } from "./known_values.ts";
import { type CodeLine, codePath } from "./learner_code.ts";
import { hintLines, locate, type Location, locationLines } from "./locate.ts";
import { Repair, type Repaired } from "./repair.ts";
import { findMistake, findSingle, type Mistakes, sentence } from "./mistakes.ts";
import type { ModuleCheck } from "./module_check.ts";
import { nextStep } from "./next_step.ts";
import { otherNumber } from "./own_numbers.ts";
import { exchangedIn, pairsByRole, pairsByUse } from "./pairing.ts";
import { fillModules } from "./norm_statistics.ts";
import { lookText, moduleCall } from "./sample_call.ts";
import type { Weights } from "./plain_layers.ts";
import { type CheckedModules, evaluate } from "./run_module.ts";
import { usesText } from "./uses.ts";
import { steps as tracedSteps } from "./trace.ts";

export type Checked =
  & Pick<ModuleCheck<never>, "name" | "mistakes" | "compute" | "otherwise">
  & { learner: Part<never>; options: object };

/**
 * The likely cause of wrong values, in one line or several. A mistake is named only where the learner's
 * values are those that it gives; where none is, the lines say up to where all is right.
 */
export function explainValues(
  check: Checked,
  checked: CheckedModules,
  output: tf.Tensor,
): string | undefined {
  if (areHintsWanted()) offerHints(hintSteps(check, checked));
  const slip = slipIn(checked);
  if (slip) return `Likely cause: ${slip}`;
  const mistaken = remembered(computes(check, checked));
  try {
    return explained(check, checked, output, mistaken.compute);
  } finally {
    mistaken.dispose();
  }
}

/**
 * How many operations may be done to explain what no listed mistake alone gives: in all, to look for one that gives the
 * values at which the learner's depart, and for two.
 */
const most = { all: 9_000, departures: 2_800, pairs: 4_500 };

function explained(
  check: Checked,
  checked: CheckedModules,
  output: tf.Tensor,
  compute: Compute,
): string | undefined {
  const known = namedMistake(check, compute, output);
  if (known) return known;
  const byUse = pairsByUse(checked);
  if (byUse) {
    const other = { ...checked, pairs: byUse };
    fillModules(other);
    // The library's module has the same values as before, and so have its mistakes.
    const cause = namedMistake(check, compute, evaluate(check.name, checked.ours, checked.input));
    fillModules(checked);
    if (cause) return cause;
  }
  const exchanged = exchangedText(check.name, checked);
  if (exchanged) return exchanged;
  const numeric = otherNumber(check.name, check.options, checked);
  if (numeric) return withHint(check.otherwise?.(output), numeric);
  return counted(() =>
    tf.tidy(() => {
      const effort = new Effort(most.all);
      const computations = located(check, checked);
      const repair = new Repair(computations, effort);
      const one = repair.byOne();
      if (one) {
        if (areHintsWanted()) offerHints(hintSteps(check, checked, repair.changedLine));
        return withHint(check.otherwise?.(output), one);
      }
      const location = locate(computations, repair.rightValues);
      const cause = location === undefined
        ? undefined
        : mistakeAt(location, check, checked, output, effort) ??
          twoMistakes(check, compute, output, effort);
      if (cause) return cause;
      const multiple = relation(output, checked.theirs.forward(checked.input));
      if (multiple) return multiple;
      const several = repair.bySeveral();
      if (several || !location) return withHint(check.otherwise?.(output), several);
      const lines = locationLines(location);
      const step = location.difference ? undefined : nextStep(checked);
      if (step) lines.push(`${guess} ${step}`);
      const used = lines.some((line) => line.startsWith(guess) || line.includes("Likely cause"))
        ? undefined
        : usesText(checked);
      const call = moduleCall(check.learner, check.options, checked);
      return withHint(
        check.otherwise?.(output),
        ...lines,
        used,
        call && lookText(call),
      );
    })
  );
}

/** The lines that there are, one below the other. */
function withHint(...lines: (string | undefined)[]): string | undefined {
  const said = lines.filter((line) => line !== undefined && line !== "");
  return said.length === 0 ? undefined : said.join("\n  ");
}

/** What the right computation gives with some mistakes. */
type Compute = (has: ReadonlySet<string>) => tf.Tensor | tf.Tensor[];

function computes({ compute }: Checked, { theirs, input }: CheckedModules): Compute {
  const weights: Weights = theirs.namedVariables();
  return (has) => compute(input, weights, has);
}

/** The same computation, which does each single mistake once; to be disposed. */
function remembered(compute: Compute): { compute: Compute; dispose: () => void } {
  const outputs = new Map<string, tf.Tensor[]>();
  return {
    compute: (has) => {
      if (has.size !== 1) return compute(has);
      const [mistake] = has;
      const known = outputs.get(mistake) ??
        [compute(has)].flat().map((each) => tf.keep(each.clone()));
      outputs.set(mistake, known);
      return known;
    },
    dispose: () => tf.dispose([...outputs.values()]),
  };
}

/** A sign between tensors, which gives NaN and no error. */
function slipIn({ ours, input }: CheckedModules): string | undefined {
  return valueSlip(tracedSteps(() => ours.forward(given(input))));
}

/** A mistake whose output is the learner's. */
function namedMistake(
  check: Checked,
  compute: Compute,
  output: tf.Tensor,
): string | undefined {
  const single = findSingle(check.mistakes, compute, (each) => close(output, each));
  return single && sentence("Your output is", check.mistakes, [single]);
}

function twoMistakes(
  check: Checked,
  compute: Compute,
  output: tf.Tensor,
  within: Effort,
): string | undefined {
  return findMistake(output, check.mistakes, compute, new Effort(most.pairs, within));
}

/** Two parts that only stand in each other's place: with each other's values, all is right. */
function exchangedText(name: string, checked: CheckedModules): string | undefined {
  const found = pairsByRole(checked);
  const exchanged = found && exchangedIn(found);
  if (!exchanged || exchanged.length === 0) return undefined;
  fillModules({ ...checked, pairs: found });
  const { ours, theirs, input } = checked;
  const isRight = tf.tidy(() => close(evaluate(name, ours, input), theirs.forward(input), 1e-4));
  fillModules(checked);
  if (!isRight) return undefined;
  const layer = (path: string) => path.replace(/\.\w+$/, "");
  const { path, libraryPath } = exchanged[0];
  return `Likely cause: \`${layer(libraryPath)}\` and \`${
    layer(path)
  }\` are exchanged: each does the other's work.`;
}

/** The learner's computation beside right ones. */
export function located(check: Checked, checked: CheckedModules): Repaired {
  const { ours, theirs, input, pairs, sound } = checked;
  return {
    ours: () => ours.forward(given(input)),
    right: [() => theirs.forward(input), () => computes(check, checked)(new Set())],
    given: [input, ...theirs.namedVariables().values()],
    code: { module: ours },
    numbers: check.options,
    names: new Map(pairs.map(({ path, theirs }) => [theirs.id, codePath(path)])),
    parts: sound,
  };
}

/**
 * The steps of the ladder: which part, which operation, what its line is like; where values depart in another line than
 * the `wrong` one, that one alone.
 */
function hintSteps(check: Checked, checked: CheckedModules, wrong?: CodeLine): string[] {
  const location = locate(located(check, checked));
  const line = location && location.code.lineOf(location.step.stack);
  if (wrong && line?.text !== wrong.text) {
    return [`Look at \`${wrong.text}\`${wrong.within && ` in ${wrong.within}`}.`];
  }
  return location ? hintLines(location) : [];
}

/**
 * A mistake that gives the values at which the learner's depart, and what else must be wrong if these are not
 * the learner's output yet.
 */
function mistakeAt(
  { step, factor }: Location,
  { mistakes, compute }: Checked,
  { theirs, input }: CheckedModules,
  output: tf.Tensor,
  within: Effort,
): string | undefined {
  const effort = new Effort(most.departures, within);
  const [departed] = step.outputs;
  if (departed.values.length < 8) return undefined;
  const weights: Weights = theirs.namedVariables();
  const gives = (name: string) => {
    const found = new KnownValues();
    const sameSize = (tensor: tf.Tensor) => tensor.size === departed.values.length;
    const { steps } = tracedSteps(() => compute(input, weights, new Set([name])), {
      values: sameSize,
      places: false,
    });
    for (const { outputs } of steps) for (const { values } of outputs) found.add(name, values);
    return found.find(departed.values) !== undefined;
  };
  const names = Object.keys(mistakes);
  const first = names.filter((name) => !effort.isSpent && gives(name));
  if (effort.isSpent) return undefined; // others might fit as well
  for (const name of first) {
    const rest: Mistakes<string> = Object.fromEntries(
      Object.entries(mistakes).filter(([each]) => each !== name),
    );
    const second = findSingle(
      rest,
      (has) => compute(input, weights, new Set([name, ...has])),
      (each) => close(output, each),
    );
    if (second) return sentence("Your output is", mistakes, [name, second]);
  }
  // Values that are only some multiple of right ones may be on a way of the learner's own to them.
  return first.length === 1 && factor === undefined
    ? `${sentence("Up to there your values are", mistakes, first)} Something after it differs too.`
    : undefined;
}
