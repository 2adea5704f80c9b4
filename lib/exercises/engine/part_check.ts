/** Parts that a learner has written for another task, inside the module that is checked. */
import type * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import type { Module } from "../../nn/module.ts";
import { close } from "./compare.ts";
import type { Weights } from "./plain_layers.ts";
import { type CheckedModules, evaluate } from "./run_module.ts";

/** A part of the library's module that a learner has written as a class of its own. */
export interface CheckedPart {
  /** Its path in the library's module: "mlp". */
  path: string;
  /** The learner's class, as its name is shown. */
  name: string;
  input: tf.Tensor;
  /** The right computation, over weights by the paths of the library's module. */
  forward: (x: tf.Tensor, weights: Weights) => tf.Tensor;
  /** What the text makes the part from, the source of randomness apart; tells a wrong part from wrong options. */
  options?: object;
}

/** What was found of the parts. */
export interface PartsFound {
  /** The learner's class that is wrong, and that the right computation stands for now. */
  replaced?: string;
  /** Why a part that is right by itself is not right here. */
  misuse?: string;
  /** The learner's parts that are right now. */
  sound?: readonly Module[];
}

/**
 * Puts the right computation in the place of a learner's wrong parts. A part that is right by itself, and
 * wrong only as it is made here, stays as it is: that is the module's mistake.
 */
export function replaceWrongParts(
  parts: readonly CheckedPart[],
  checked: CheckedModules,
  make: (build: (random: Random) => Module) => Module,
): PartsFound {
  const { ours, theirs, pairs } = checked;
  // The learner's own parameters, which gradients are to reach, and the library's statistics.
  const weights = new Map(theirs.namedVariables());
  for (const { libraryPath, ours } of pairs) weights.set(libraryPath, ours);
  const sound: Module[] = [];
  const found: PartsFound = { sound };
  for (const part of parts) {
    const { name, input, forward } = part;
    const inside = pairs.filter(({ libraryPath }) => libraryPath.startsWith(`${part.path}.`));
    const path = commonPath(inside.map((pair) => pair.path));
    const module = ours.namedModules().get(path);
    if (!module || module === ours) continue;
    const right = (x: tf.Tensor) => forward(x, weights);
    const isRight = (each: Module) => holds(() => close(evaluate(name, each, input), right(input)));
    sound.push(module);
    if (isRight(module)) continue;
    const fresh = remade(part, module, { path, inside, make });
    if (fresh && isRight(fresh)) {
      found.misuse ??= misuseText(name, path, module, fresh);
      continue;
    }
    module.forward = right;
    found.replaced = name;
  }
  return found;
}

/** The part made anew from the options of the text, with the same values; `undefined` where that fails. */
function remade(
  { options }: CheckedPart,
  module: Module,
  { path, inside, make }: {
    path: string;
    inside: CheckedModules["pairs"];
    make: (build: (random: Random) => Module) => Module;
  },
): Module | undefined {
  if (!options) return undefined;
  try {
    const kind = module.constructor as new (options: object) => Module;
    const fresh = make((random) => new kind({ ...options, random }));
    fresh.setTraining(false);
    const variables = fresh.namedParameters();
    for (const pair of inside) variables.get(pair.path.slice(path.length + 1))!.assign(pair.ours);
    return variables.size === inside.length && sameCode(module, fresh) ? fresh : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two modules of a class have the same functions in their fields: one may have got others later. */
function sameCode(module: Module, fresh: Module): boolean {
  const others = new Map(Object.entries(fresh));
  return Object.entries(module).every(([field, value]) =>
    typeof value !== "function" || String(value) === String(others.get(field))
  );
}

/** In which number a part differs from one made as the text says. */
function misuseText(name: string, path: string, module: Module, right: Module): string {
  const numbers = (each: Module) =>
    new Map(
      [...each.namedModules()].flatMap(([path, inner]) =>
        Object.entries(inner).filter((entry): entry is [string, number] =>
          typeof entry[1] === "number"
        ).map(([field, value]) => [path === "" ? field : `${path}.${field}`, value] as const)
      ),
    );
  const expected = numbers(right);
  const [field] =
    [...numbers(module)].find(([key, value]) => expected.has(key) && expected.get(key) !== value) ??
      [];
  const what = field === undefined
    ? "made with other options than the text says"
    : `made with \`${field}\` ${numbers(module).get(field)} in place of ${expected.get(field)}`;
  return `Likely cause: \`${path}\`: ${name} is right by itself, but is ${what}.`;
}

function holds(check: () => boolean): boolean {
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
