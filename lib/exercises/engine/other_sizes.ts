/** A module that is right in some sizes must be right in others: none is fixed in its code. */
import { Random } from "../../random.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { CheckError, failure, shapeText } from "./check.ts";
import { close } from "./compare.ts";
import { assertSameRates } from "./dropped.ts";
import { fillModules } from "./norm_statistics.ts";
import { settle } from "./pairing.ts";
import { matchParameters } from "./parameters.ts";
import { build, type CheckedModules, evaluate } from "./run_module.ts";
import { sample } from "./samples.ts";

export interface OtherSizes<Options extends { random: Random }> {
  /** The learner's class, as its name is shown. */
  name: string;
  learner: Part<Options>;
  library: Part<Options>;
  /** In which it was found right. */
  options: Omit<Options, "random">;
  /** All of them others, for an input of another shape, best of one example. */
  others: Omit<Options, "random">;
  shape: readonly number[];
}

/**
 * Compares a learner's module with the library's once more, made from other options. Throws a `CheckError` that
 * says in which sizes it is right and in which it is not.
 */
export function checkOtherSizes<Options extends { random: Random }>(
  { name, learner, library, options, others, shape }: OtherSizes<Options>,
): void {
  const random = new Random(6);
  const modules: Module[] = [];
  const make = (part: Part<Options>) => {
    modules.push(build(name, part, { ...others, random } as unknown as Options));
    return modules.at(-1)!;
  };
  const fail = (what: string) => {
    const changed = Object.keys(others).filter((key) =>
      valueOf(options, key) !== valueOf(others, key)
    );
    // Of options that hold others, as a branch's, the single numbers tell enough.
    const plain = changed.filter((key) => !valueOf(others, key).startsWith("[object"));
    const list = (each: object) => plain.map((key) => `${key} ${valueOf(each, key)}`).join(", ");
    return failure(
      `${name} is right with ${list(options)}, but not with ${list(others)}, on an input of shape ${
        shapeText(shape)
      }.`,
      what,
      "Likely cause: a size that is fixed in the code or taken from outside, here or in a part of it. Use the " +
        "options, and the shape of the input.",
    );
  };
  try {
    const [ours, theirs] = [make(learner), make(library)];
    const input = sample([...shape], { seed: 51, low: -2, high: 2 });
    for (const each of modules) each.setTraining(false);
    const pairs = matchParameters(name, ours, theirs, { input, options: others });
    const outputs = (checked: CheckedModules) =>
      [evaluate(name, checked.ours, input), checked.theirs.forward(input)] as const;
    const isRight = (checked: CheckedModules) => {
      try {
        return close(...outputs(checked), 1e-4);
      } catch (error) {
        if (error instanceof CheckError) return false;
        throw error;
      }
    };
    const checked = settle({ ours, theirs, pairs, input }, { fill: fillModules, isRight });
    if (checked.isRight) {
      assertSameRates(name, checked, others);
      return;
    }
    const [found, expected] = outputs(checked).map((each) => shapeText(each.shape));
    throw fail(
      found === expected
        ? "Its values differ."
        : `It gives shape ${found} in place of ${expected}.`,
    );
  } catch (error) {
    if (!(error instanceof CheckError) || error.message.startsWith(`${name} is right with `)) {
      throw error;
    }
    throw fail(error.message.split("\n")[0]);
  } finally {
    for (const each of modules) each.dispose();
    random.dispose();
  }
}

const valueOf = (options: object, key: string) => String((options as Record<string, unknown>)[key]);
