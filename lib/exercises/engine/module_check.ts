import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { isNotSolved } from "./attempt.ts";
import { callText, CheckError, failure, shapeText, withCause } from "./check.ts";
import { assertShape, close, expectClose } from "./compare.ts";
import {
  assertDropsNoMore,
  assertNothingDropped,
  assertOnlyDrops,
  assertSameRates,
  hasDropout,
} from "./dropped.ts";
import { guess } from "./general_causes.ts";
import { compareGradients } from "./gradients.ts";
import { explainValues, located } from "./explain_values.ts";
import { assertDrawn, assertNormsNeutral, assertSameStart, Start } from "./first_values.ts";
import { wrongSize } from "./layer_alignment.ts";
import { assertKeepsMode } from "./modes.ts";
import type { Mistakes } from "./mistakes.ts";
import { nextStep } from "./next_step.ts";
import { fillModules } from "./norm_statistics.ts";
import { assertOtherInputs } from "./other_inputs.ts";
import { otherNumber } from "./own_numbers.ts";
import { assertComputesOwn, assertOwnModule, ownWorkRule } from "./own_work.ts";
import { matchParameters, wrongSizeError } from "./parameters.ts";
import { type CheckedPart, type PartsFound, replaceWrongParts } from "./part_check.ts";
import { settle } from "./pairing.ts";
import { withRepair } from "./repair.ts";
import type { Weights } from "./plain_layers.ts";
import { assertRepeatable } from "./repeatable.ts";
import { gradientsOf } from "./roles.ts";
import { build, type CheckedModules, evaluate, inTraining } from "./run_module.ts";

export type { CheckedPart };

/**
 * The dropout rate of modules under check: high, so that few values show it, and neither the rate that is usual nor
 * the same as what is kept.
 */
export const checkedRate = 0.3;
/** The seed of modules under check, and another one. */
const [seed, otherSeed] = [5, 6];

export interface ModuleCheck<Options extends { random: Random }> {
  /** The learner's class, as its name is shown. */
  name: string;
  learner: Part<Options>;
  library: Part<Options>;
  options: Omit<Options, "random">;
  input: tf.Tensor;
  /** Inputs of other sizes for the same module, where the library's takes none and the right computation does. */
  others?: readonly tf.Tensor[];
  /** The names of the output's axes. */
  axes: readonly string[];
  shapeMistakes?: readonly { shape: readonly number[]; explanation: string }[];
  /** The typical mistakes of this part. */
  mistakes: Mistakes<string>;
  /** The right computation over the library's variables, with a switch for each mistake. */
  compute: MistakenModule;
  /** What to say of wrong values where no mistake fits. */
  otherwise?: (output: tf.Tensor) => string | undefined;
  /**
   * Parts inside that have a check of their own: where the learner's is wrong, the right computation
   * takes its place, so that one mistake costs its points once.
   */
  parts?: readonly CheckedPart[];
  /** The library's classes for what the task asks for: the learner's may not be, hold or extend one. */
  readyMade?: readonly (abstract new (...options: never[]) => Module)[];
  /** Checks first values, before both modules get the same weights. */
  first?: (modules: CheckedModules) => void;
  /** Looks closer, with both modules at hand, before a cause is looked for. */
  whenWrong?: (modules: CheckedModules) => void;
  /** More to check once values and gradients are right. */
  then?: (modules: CheckedModules) => void;
}

/** Whether what {@link checkModule} found right is all the learner's own. */
export function isWholly(found: string): boolean {
  return !found.includes("in place of your");
}

/** A module's computation over the library's variables, with the given mistakes. */
export type MistakenModule = (
  x: tf.Tensor,
  weights: Weights,
  has: ReadonlySet<string>,
) => tf.Tensor | tf.Tensor[];

/**
 * Compares a learner's module with the library's, made from the same options and given the same
 * weights: class, parameters, shape, values and gradients, in this order. Returns what was found right.
 */
export function checkModule<Options extends { random: Random }>(
  check: ModuleCheck<Options>,
): string {
  const { name, input } = check;
  const modules: Module[] = [];
  const randoms: Random[] = [];
  const make = <M extends Module>(build: (random: Random) => M, from = seed): M => {
    const random = new Random(from);
    randoms.push(random);
    const made = build(random);
    modules.push(made);
    return made;
  };
  const optionsWith = (random: Random) => ({ ...check.options, random }) as unknown as Options;
  try {
    const learners = (random: Random) => build(name, check.learner, optionsWith(random));
    const librarys = (random: Random) => build(name, check.library, optionsWith(random));
    const [ours, theirs, twin] = [make(learners), make(librarys), make(learners)];
    const starts = { ours: new Start(ours), theirs: new Start(theirs) };
    const named = matchParameters(name, ours, theirs, { input, options: check.options });
    assertSameStart(name, starts.ours, new Start(twin));
    ours.setTraining(false);
    theirs.setTraining(false);
    const first = { ours, theirs, pairs: named, input };
    const firstError = thrownBy(() => check.first?.(first));
    // Where the forward pass throws, what it does wrong is seen with the same weights in both.
    if (firstError && !/\.forward threw/.test(String(firstError))) throw firstError;
    const settled = settle(first, {
      fill: fillModules,
      isRight: (checked) => agree(name, checked),
    });
    const { replaced, misuse, sound }: PartsFound = settled.isRight
      ? {}
      : replaceWrongParts(check.parts ?? [], settled, make);
    // What stands in a part's place may do other work with its parameters.
    const checked = { ...settled, sound, byRole: replaced ? undefined : settled.byRole };
    const expected = theirs.forward(input);
    const output = explained(check, checked, () => {
      const output = evaluateSized(check, checked);
      assertShape(output, expected.shape, {
        name: callText(name, `forward(x of shape ${shapeText(input.shape)})`),
        axes: check.axes,
        mistakes: check.shapeMistakes,
      });
      return output;
    });
    if (firstError) throw firstError;
    assertRepeatable(name, ours, input, output);
    expectClose(output, expected, {
      name: callText(name),
      tolerance: 1e-4,
      explain: () => {
        check.whenWrong?.(checked);
        return misuse ?? explainValues(check, checked, output);
      },
    });
    const { pairs } = checked;
    compareGradients({
      name: callText(name),
      inputs: { x: input },
      parameters: pairs.map(({ path, ours, theirs }) => ({ path, ours, theirs })),
      actual: ({ x }) => ours.forward(x),
      expected: ({ x }) => theirs.forward(x),
    });
    if (replaced) {
      return `values and gradients are right, with the library's part in place of your ${replaced}, ` +
        "which is wrong (its own check says why)";
    }
    const drops = hasDropout(theirs);
    if (!drops) assertNothingDropped(name, checked);
    // Fresh modules, as each draw takes a generator further.
    const noisy = (module: Module) => noisyOutput(name, checked, module);
    const dropped = noisy(ours);
    assertSameDropout(name, dropped, noisy(twin));
    const [other, theirOther] = [make(learners, otherSeed), make(librarys, otherSeed)];
    const others = { ours: new Start(other), theirs: new Start(theirOther) };
    let found: ReadonlyMap<string, Float32Array> | undefined;
    const gradients = () => found ??= firstGradients(other, input);
    assertDrawn(name, pairs, { ...starts, others }, gradients);
    assertNormsNeutral(name, pairs, starts, gradients);
    assertKeepsMode(name, ours, input);
    if (drops) assertSameRates(name, checked, check.options);
    check.then?.(checked);
    if (drops) {
      assertDropsNoMore(name, checked);
      assertSeededDropout(name, dropped, noisy(other));
      assertOnlyDrops(name, checked);
    }
    if (check.readyMade) {
      const readyMade = { kinds: check.readyMade, rule: ownWorkRule };
      assertOwnModule(name, ours, readyMade);
      assertComputesOwn(name, { ours, theirs, input }, readyMade);
    }
    assertOtherInputs(name, checked, {
      fresh: make(learners),
      others: check.others,
      compute: (x) => [check.compute(x, theirs.namedVariables(), new Set())].flat()[0],
    });
    return drops ? "values, gradients and dropout are right" : "values and gradients are right";
  } finally {
    for (const module of modules) module.dispose();
    for (const random of randoms) random.dispose();
  }
}

/** The learner's output; where its forward pass throws because a layer has a wrong size, says which. */
function evaluateSized<Options extends { random: Random }>(
  { name, options }: ModuleCheck<Options>,
  checked: CheckedModules,
): tf.Tensor {
  const { ours, theirs, input } = checked;
  try {
    return evaluate(name, ours, input);
  } catch (error) {
    if (!(error instanceof CheckError) || isNotSolved(error)) throw error;
    const wrong = wrongSize(ours, theirs, input);
    if (wrong) throw wrongSizeError(name, wrong, options);
    throw error;
  }
}

/** Calls what throws where the forward pass does, or gives another shape; an error without a cause gets one. */
function explained<Options extends { random: Random }, T>(
  check: ModuleCheck<Options>,
  checked: CheckedModules,
  call: () => T,
): T {
  try {
    return withRepair(() => located(check, checked), call);
  } catch (error) {
    if (!(error instanceof CheckError) || error.hasCause || isNotSolved(error)) throw error;
    const numeric = otherNumber(check.name, check.options, checked);
    if (numeric) throw withCause(error, numeric);
    // What is known of the operation that failed is more than a guess.
    const step = error.message.includes("Likely cause:") ? undefined : nextStep(checked);
    throw step ? withCause(error, `${guess} ${step}`) : error;
  }
}

/** The gradients of a fresh module. */
function firstGradients(module: Module, input: tf.Tensor): ReadonlyMap<string, Float32Array> {
  module.setTraining(false);
  let gradients!: ReadonlyMap<string, Float32Array>;
  tf.tidy(() => {
    gradients = gradientsOf(module, input);
  });
  return gradients;
}

function thrownBy(call: () => void): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
}

/** Whether the learner's module gives what the library's does. What it throws, it will throw again. */
function agree(name: string, { ours, theirs, input }: CheckedModules): boolean {
  return tf.tidy(() => {
    try {
      return close(evaluate(name, ours, input), theirs.forward(input), 1e-4);
    } catch {
      return false;
    }
  });
}

/** What a learner's module gives in training, with the weights and statistics of the one that is checked. */
function noisyOutput(name: string, { ours, input }: CheckedModules, module: Module): tf.Tensor {
  const variables = module.namedVariables();
  if (module !== ours) {
    for (const [path, variable] of ours.namedVariables()) variables.get(path)?.assign(variable);
  }
  return inTraining(module, () => evaluate(name, module, input));
}

/** One seed must give one sequence of dropouts. */
function assertSameDropout(name: string, one: tf.Tensor, twin: tf.Tensor): void {
  if (close(one, twin, 1e-5)) return;
  throw failure(
    `${callText(name)}: dropout differs between two modules made from the same seed.`,
    "Likely cause: `tf.dropout` or `Math.random`. Use `new Dropout(rate, { random })` with `random` of the " +
      "options.",
  );
}

/** Another seed must give another sequence of dropouts. */
function assertSeededDropout(name: string, one: tf.Tensor, other: tf.Tensor): void {
  if (!close(one, other, 1e-5)) return;
  throw failure(
    `${callText(name)} drops the same values whatever the seed is.`,
    "Likely cause: a generator of its own, such as `new Random(42)`. Use `new Dropout(rate, { random })` with " +
      "`random` of the options.",
  );
}
