/** A part that is made with another number than the library's: fixed heads, another stride. */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { provedBy } from "./check.ts";
import { close, number } from "./compare.ts";
import { codePath } from "./learner_code.ts";
import { type CheckedModules, evaluate } from "./run_module.ts";

/**
 * "`this.attention.heads` is 4, but should be 3, which is `heads` of the options": a number that the learner's
 * modules keep, with which all values are right once it is the library's. It is put in and taken out again.
 */
export function otherNumber(
  name: string,
  options: object,
  { ours, theirs, input }: CheckedModules,
): string | undefined {
  const expected = tf.tidy(() => theirs.forward(input).clone());
  const wanted = Map.groupBy(numbersOf(theirs), ({ field }) => field);
  const isRight = () =>
    tf.tidy(() => {
      try {
        return close(evaluate(name, ours, input), expected, 1e-4);
      } catch {
        return false;
      }
    });
  try {
    // The same number in all parts of a class is one mistake.
    const kinds = Map.groupBy(
      numbersOf(ours),
      ({ module, field, value }) => `${module.constructor.name} ${field} ${value}`,
    );
    // So is one that is kept in several fields, as the size of a window that is its stride too.
    const alike = Map.groupBy(
      numbersOf(ours),
      ({ module, value }) => `${module.constructor.name} ${value}`,
    );
    for (const same of [...kinds.values(), ...alike.values()]) {
      const [{ path, field, value }] = same;
      const others = new Set(wanted.get(field)?.map((each) => each.value) ?? []);
      if (others.has(value)) continue;
      for (const other of others) {
        for (const each of same) set(each, other);
        const isIt = isRight();
        for (const each of same) set(each, value);
        if (!isIt) continue;
        // Another option may be as large by accident.
        const source = (options as Record<string, unknown>)[field] === other ? field : undefined;
        return `Likely cause: \`${codePath(path === "" ? field : `${path}.${field}`)}\` is ${
          number(value)
        }, but should be ${number(other)}${
          source ? `, which is \`${source}\` of the options` : ""
        }. ${provedBy}`;
      }
    }
  } finally {
    expected.dispose();
  }
}

interface OwnNumber {
  module: Module;
  path: string;
  field: string;
  value: number;
}

/** The numbers in the fields of a module and its parts. */
function numbersOf(module: Module): OwnNumber[] {
  return [...module.namedModules()].flatMap(([path, each]) =>
    Object.entries(each).flatMap(([field, value]) =>
      typeof value === "number" ? [{ module: each, path, field, value }] : []
    )
  );
}

function set({ module, field }: OwnNumber, value: number): void {
  Object.defineProperty(module, field, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
