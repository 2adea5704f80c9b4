import * as tf from "../../tensor/tf.ts";
import { atEnd } from "../../platform/kernel_door.ts";
import { Random } from "../../random.ts";
import { Dropout } from "../../nn/dropout.ts";
import { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { attempt, describe, failure, shapeText } from "./check.ts";
import { assertNotFreed, assertShape, assertTensor, close, expectClose } from "./compare.ts";
import { compareGradients } from "./gradients.ts";
import { tensorHints, withHints } from "./hints.ts";
import { fillParameters, matchParameters, type ParameterPair, renamedText } from "./parameters.ts";
import { findMistake, type Mistakes } from "./mistakes.ts";
import type { Weights } from "./plain_layers.ts";

/** The dropout rate of modules under check: high, so that few values show it. */
export const checkedRate = 0.5;
const seed = 5;

export interface ModuleCheck<Options extends { random: Random }> {
  /** The learner's class, as its name is shown. */
  name: string;
  learner: Part<Options>;
  library: Part<Options>;
  options: Omit<Options, "random">;
  input: tf.Tensor;
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
  /** Checks first values, before both modules get the same weights. */
  first?: (modules: CheckedModules) => void;
  /** Looks closer, with both modules at hand, before `explain` is asked. */
  whenWrong?: (modules: CheckedModules) => void;
  /** More to check once values and gradients are right. */
  then?: (modules: CheckedModules) => void;
}

/** A module's computation over the library's variables, with the given mistakes. */
export type MistakenModule = (
  x: tf.Tensor,
  weights: Weights,
  has: ReadonlySet<string>,
) => tf.Tensor | tf.Tensor[];

/** A part of the library's module that a learner has written as a class of its own. */
export interface CheckedPart {
  /** Its path in the library's module: "mlp". */
  path: string;
  /** The learner's class, as its name is shown. */
  name: string;
  input: tf.Tensor;
  /** The right computation, over weights by the paths of the library's module. */
  forward: (x: tf.Tensor, weights: Weights) => tf.Tensor;
}

/** The learner's module and the library's, with the same weights. */
export interface CheckedModules {
  ours: Module;
  theirs: Module;
  pairs: readonly ParameterPair[];
  input: tf.Tensor;
}

/**
 * Compares a learner's module with the library's, made from the same options and given the same
 * weights: class, parameters, shape, values and gradients, in this order. Returns what was found right.
 */
export function checkModule<Options extends { random: Random }>(
  check: ModuleCheck<Options>,
): string {
  return withHints(tensorHints, () => compareModules(check));
}

function compareModules<Options extends { random: Random }>(check: ModuleCheck<Options>): string {
  const { name, input } = check;
  const modules: Module[] = [];
  const randoms: Random[] = [];
  const make = <M extends Module>(build: (random: Random) => M): M => {
    const random = new Random(seed);
    randoms.push(random);
    const made = build(random);
    modules.push(made);
    return made;
  };
  const optionsWith = (random: Random) => ({ ...check.options, random }) as unknown as Options;
  try {
    const ours = make((random) => build(name, check.learner, optionsWith(random)));
    const theirs = make((random) => new (check.library as Class<Options>)(optionsWith(random)));
    const twin = make((random) => build(name, check.learner, optionsWith(random)));
    const pairs = matchParameters(name, ours, theirs);
    assertSameStart(name, ours, twin);
    const checked = { ours, theirs, pairs, input };
    check.first?.(checked);
    fillParameters(pairs);
    ours.setTraining(false);
    theirs.setTraining(false);
    const replaced = replaceWrongParts(check.parts ?? [], checked);
    const weights: Weights = theirs.namedVariables();
    const expected = theirs.forward(input);
    const output = evaluate(name, ours, input);
    assertShape(output, expected.shape, {
      name: `${name}.forward(x of shape ${shapeText(input.shape)})`,
      axes: check.axes,
      mistakes: check.shapeMistakes,
    });
    assertRepeatable(name, ours, input, output);
    expectClose(output, expected, {
      name: `${name}.forward`,
      tolerance: 1e-4,
      explain: () => {
        check.whenWrong?.(checked);
        const cause = findMistake(
          output,
          check.mistakes,
          (has) => check.compute(input, weights, has),
        ) ?? check.otherwise?.(output);
        const causes = [cause, renamedText(pairs)].filter(Boolean);
        return causes.length > 0 ? causes.join("\n  ") : undefined;
      },
    });
    compareGradients({
      name: `${name}.forward`,
      inputs: { x: input },
      parameters: pairs.map(({ path, ours, theirs }) => ({ path, ours, theirs })),
      actual: ({ x }) => ours.forward(x),
      expected: ({ x }) => theirs.forward(x),
    });
    if (replaced) {
      return `values and gradients are right, with the library's part in place of your ${replaced}, ` +
        "which is wrong (its own check says why)";
    }
    assertSameDropout(name, checked, twin);
    check.then?.(checked);
    return [...theirs.namedModules().values()].some((each) =>
        each instanceof Dropout && each.rate > 0
      )
      ? "values, gradients and dropout are right"
      : "values and gradients are right";
  } finally {
    for (const module of modules) module.dispose();
    for (const random of randoms) random.dispose();
  }
}

/** Puts the right computation in the place of a learner's wrong parts; returns a wrong part's name. */
function replaceWrongParts(
  parts: readonly CheckedPart[],
  { ours, theirs, pairs }: CheckedModules,
): string | undefined {
  // The learner's own parameters, which gradients are to reach, and the library's statistics.
  const weights = new Map(theirs.namedVariables());
  for (const { libraryPath, ours } of pairs) weights.set(libraryPath, ours);
  const modules = ours.namedModules();
  let replaced: string | undefined;
  for (const { path, name, input, forward } of parts) {
    const inside = pairs.filter(({ libraryPath }) => libraryPath.startsWith(`${path}.`));
    const module = modules.get(commonPath(inside.map((pair) => pair.path)));
    if (!module || module === ours) continue;
    const right = (x: tf.Tensor) => forward(x, weights);
    if (isRight(() => close(evaluate(name, module, input), right(input)))) continue;
    module.forward = right;
    replaced = name;
  }
  return replaced;
}

function isRight(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/** The path of the innermost module that holds all of the given parameters. */
function commonPath(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split(".").slice(0, -1));
  let length = 0;
  while (length < first.length && others.every((other) => other[length] === first[length])) {
    length++;
  }
  return first.slice(0, length).join(".");
}

type Class<Options> = new (options: Options) => Module;

/** Calls with some parameters set to zero in both modules, and puts their values back. */
export function withZeros<T>(pairs: readonly ParameterPair[], call: () => T): T {
  const variables = pairs.flatMap(({ ours, theirs }) => [ours, theirs]);
  const values = variables.map((variable) => variable.clone());
  const end = atEnd(() => variables.forEach((variable, i) => variable.assign(values[i])));
  for (const variable of variables) variable.assign(tf.zerosLike(variable));
  try {
    return call();
  } finally {
    end();
  }
}

/** Makes a learner's module, or says why it cannot be made. */
export function build<Options>(name: string, part: Part<Options>, options: Options): Module {
  if (typeof part !== "function") {
    throw failure(`${name} should be a class, but is ${describe(part)}.`);
  }
  const keys = Object.keys(options as object).join(", ");
  const made: unknown = attempt(
    `new ${name}({ ${keys} })`,
    "when it was made",
    () =>
      part.prototype instanceof Module || /^class\b/.test(part.toString())
        ? new (part as Class<Options>)(options)
        : (part as (options: Options) => Module)(options),
  );
  if (!(made instanceof Module)) {
    throw failure(
      `${name} should be a Module, but is ${describe(made)}.`,
      `Write \`class ${name} extends Module\`.`,
    );
  }
  return made;
}

/** The module's output as a float32 tensor, or what is wrong with it. */
export function evaluate(name: string, module: Module, input: tf.Tensor): tf.Tensor {
  const output: unknown = attempt(
    `${name}.forward`,
    `on an input of shape ${shapeText(input.shape)}`,
    () => module.forward(input),
  );
  assertTensor(output, `the result of ${name}.forward`);
  assertNotFreed(`${name}.forward`, input);
  return output;
}

/** Two evaluations of one input must agree. */
function assertRepeatable(name: string, module: Module, input: tf.Tensor, output: tf.Tensor): void {
  if (close(evaluate(name, module, input), output, 1e-6)) return;
  throw failure(
    `${name}.forward gives another result each time, though the module is set to evaluation.`,
    "Likely cause: dropout is active in evaluation. Use a `Dropout` module kept in a field: " +
      "it acts in training only.",
  );
}

/** One seed must give one set of first values. */
function assertSameStart(name: string, ours: Module, twin: Module): void {
  const others = twin.namedParameters();
  for (const [path, variable] of ours.namedParameters()) {
    const other = others.get(path);
    if (other && close(variable, other, 1e-6)) continue;
    throw failure(
      `${name}: the first values of \`${path}\` differ between two modules made from the same seed.`,
      "Likely cause: they are not drawn from `random` of the options. Use `random.normal(shape)` and pass " +
        "`{ random }` on to the parts.",
    );
  }
}

/** One seed must give one sequence of dropouts. Both modules must be fresh. */
function assertSameDropout(
  name: string,
  { ours, pairs, input }: CheckedModules,
  twin: Module,
): void {
  const others = twin.namedParameters();
  for (const { path, ours } of pairs) others.get(path)!.assign(ours);
  const [first, second] = [ours, twin].map((module) => {
    module.setTraining(true);
    const output = evaluate(name, module, input);
    module.setTraining(false);
    return output;
  });
  if (close(first, second, 1e-5)) return;
  throw failure(
    `${name}.forward: dropout differs between two modules made from the same seed.`,
    "Likely cause: `tf.dropout` or `Math.random`. Use `new Dropout(rate, { random })` with `random` of the " +
      "options.",
  );
}
