/** Two evaluations of one input must agree; where they do not, this says what changes between them. */
import type * as tf from "../../tensor/tf.ts";
import { atEnd } from "../../platform/kernel_door.ts";
import { Dropout } from "../../nn/dropout.ts";
import { Module } from "../../nn/module.ts";
import { callText, failure } from "./check.ts";
import { close } from "./compare.ts";
import { given } from "./given.ts";
import { evaluate } from "./run_module.ts";
import { steps as tracedSteps } from "./trace.ts";

/** Throws where a module in evaluation gives another result the second time, and names the reason. */
export function assertRepeatable(
  name: string,
  module: Module,
  input: tf.Tensor,
  output: tf.Tensor,
): void {
  const before = stateOf(module);
  const again = evaluate(name, module, input);
  if (close(again, output, 1e-6)) return;
  const cause = changeOf(before, stateOf(module)) ?? randomnessOf(module, input) ??
    "something is kept from one call to the next, or drawn at random. A forward pass in evaluation depends on " +
      "its input and the parameters alone.";
  throw failure(
    `${callText(name)} gives another result each time, though the module is set to evaluation.`,
    `Likely cause: ${cause}`,
  );
}

/** The fields of all modules that are lists or plain values. */
function stateOf(module: Module): Map<string, unknown> {
  const state = new Map<string, unknown>();
  for (const [path, each] of module.namedModules()) {
    for (const [field, value] of Object.entries(each)) {
      const key = path === "" ? field : `${path}.${field}`;
      if (Array.isArray(value)) state.set(key, [...value]);
      else if (typeof value !== "object" && typeof value !== "function") state.set(key, value);
    }
  }
  return state;
}

/** What a forward pass has changed, in words. */
function changeOf(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): string | undefined {
  for (const [path, value] of before) {
    const now = after.get(path);
    if (Array.isArray(value) && Array.isArray(now)) {
      if (value.length !== now.length) {
        return `\`forward\` changes the list \`${path}\`, which has ${now.length} items afterwards in place of ` +
          `${value.length}. Leave it as it is: \`at(-1)\` and \`slice()\` take items without removing them.`;
      }
      if (value.some((item, index) => item !== now[index])) {
        return `\`forward\` turns the list \`${path}\` round or puts other items in it: \`reverse()\` and ` +
          "`sort()` change the list itself. Take `toReversed()`, which makes a new one.";
      }
    } else if (!Object.is(value, now)) {
      return `\`forward\` changes the field \`${path}\`, which the next call then finds.`;
    }
  }
}

/** Where a forward pass draws at random. */
function randomnessOf(module: Module, input: tf.Tensor): string | undefined {
  const { random } = Math;
  const end = atEnd(() => Math.random = random);
  let drawn = false;
  Math.random = () => {
    drawn = true;
    return random();
  };
  let stacks: string[];
  try {
    const { steps, failed } = tracedSteps(() => module.forward(given(input)));
    stacks = [...steps, ...(failed ? [failed] : [])].map(({ stack }) => stack);
  } finally {
    end();
  }
  const isCalled = (pattern: RegExp) => stacks.some((stack) => pattern.test(stack));
  const field = [...module.namedModules()].find(([, each]) =>
    each instanceof Dropout && each.training
  );
  if (isCalled(/\bat (?:\w+\.)?dropout_? \(/) && isCalled(/tfjs/)) return dropoutText;
  if (field) return dropoutText;
  if (isCalled(/\/lib\/random\.ts:/) || drawn) {
    return "`forward` draws random numbers. What is learned, such as a class token, is made once in the " +
      "constructor and kept in a field.";
  }
}

const dropoutText =
  "dropout is active in evaluation. Use a `Dropout` module kept in a field: it acts in training " +
  "only.";
