/** A module that is right on one input must be right on the next one, of another batch and another size. */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { callText, CheckError, failure, shapeText } from "./check.ts";
import { close } from "./compare.ts";
import { type CheckedModules, evaluate } from "./run_module.ts";

/**
 * Calls a module that was called before with one example alone, and with inputs of other sizes as far as the library's
 * takes them, and with `others`. Throws a `CheckError` where it gives something else than the library's, or than
 * `compute` does; `fresh` is one like it that was never called, by which is seen what a call has left behind.
 */
export function assertOtherInputs(
  name: string,
  { ours, theirs, input }: CheckedModules,
  { fresh, others = [], compute }: {
    fresh: Module;
    others?: readonly tf.Tensor[];
    compute: (input: tf.Tensor) => tf.Tensor;
  },
): void {
  tf.tidy(() => {
    for (const other of [...otherInputs(input), ...others]) {
      const right = others.includes(other) ? compute : theirs.forward;
      const expected = resultOf(() => right(other));
      if (!(expected instanceof tf.Tensor)) continue;
      const found = resultOf(() => evaluate(name, ours, other));
      if (found instanceof tf.Tensor && close(found, expected, 1e-4)) continue;
      const kept = keptFields(ours, fresh);
      throw failure(
        `${callText(name)} is right on an input of shape ${
          shapeText(input.shape)
        }, but not on one of shape ${shapeText(other.shape)} after it.`,
        kept.length > 0
          ? undefined
          : found instanceof tf.Tensor
          ? shapeText(found.shape) === shapeText(expected.shape)
            ? "Its values differ."
            : `It gives shape ${shapeText(found.shape)} in place of ${shapeText(expected.shape)}.`
          : found.message.split("\n")[1]?.trim(),
        kept.length > 0
          ? `Likely cause: \`forward\` keeps ${
            kept.slice(0, 3).map((each) => `\`${each}\``).join(" and ")
          } from the call before. Compute it anew from each input.`
          : "Likely cause: a size that is kept from the call before, or fixed in the code. Take it from the shape of " +
            "each input.",
      );
    }
  });
}

/** One example alone; one token less, or images twice and half as high. */
function* otherInputs(input: tf.Tensor): Generator<tf.Tensor> {
  const { shape } = input;
  const part = (axis: number, size: number) =>
    tf.slice(input, shape.map(() => 0), shape.map((each, index) => index === axis ? size : each));
  if (shape[0] > 1) yield part(0, 1);
  if (shape.length === 3 && shape[1] > 2) yield part(1, shape[1] - 1);
  if (shape.length !== 4) return;
  yield tf.concat([input, input], 1);
  if (shape[1] % 4 === 0) yield part(1, shape[1] / 2);
}

/** What a call gives, or the error that it throws. */
function resultOf(call: () => tf.Tensor): tf.Tensor | Error {
  try {
    return call();
  } catch (error) {
    if (error instanceof CheckError) return error;
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The fields that a module has from its calls: those of a fresh one are not there, or other values. */
function keptFields(module: Module, fresh: Module): string[] {
  const others = fresh.namedModules();
  return [...module.namedModules()].flatMap(([path, each]) => {
    const other = others.get(path) as Record<string, unknown> | undefined;
    return Object.entries(each).flatMap(([field, value]) => {
      const before = other?.[field];
      const isPlain = typeof value !== "function" &&
        (typeof value !== "object" || before === undefined);
      if (!other || field === "training" || !isPlain || Object.is(before, value)) return [];
      return [path === "" ? `this.${field}` : `${path}.${field}`];
    });
  });
}
