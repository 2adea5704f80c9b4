/** Calls a learner's code; what it throws becomes a message that says where, and from what cause. */
import type { Module } from "../../nn/module.ts";
import { stackOf } from "../../platform/stack.ts";
import { explainError } from "./causes.ts";
import { CheckError, failure } from "./check.ts";
import { type CodePart, LearnerCode } from "./learner_code.ts";
import { isLibraryClass } from "./library_layers.ts";
import { trace } from "./trace.ts";

export interface AttemptContext {
  /** The likely cause where sizes do not fit each other. */
  sizesHint?: string;
  /** The learner's module whose code is called. */
  module?: Module;
  /** The learner's function that is called. */
  code?: CodePart;
}

/**
 * Calls a learner's code and returns its result. Code that is not written yet, and code that throws,
 * becomes a `CheckError` that says where (`situation`, such as "on images of shape [2, 3]").
 */
export function attempt<T>(
  name: string,
  situation: string,
  call: () => T,
  context: AttemptContext = {},
): T {
  const followed = trace(call);
  if (!("error" in followed)) return followed.result as T;
  const { error } = followed;
  if (error instanceof CheckError) throw error;
  const { module, code, sizesHint } = context;
  if (isNotSolved(error)) throw notSolved(placeOf(error, context) ?? name);
  // The stack of an operation that fails leads through more of the library.
  const stack = followed.failed?.stack ?? (error instanceof Error ? stackOf(error) : "");
  const learner = new LearnerCode(
    codeOf(module, code),
    [stack, ...followed.steps.map((step) => step.stack)],
  );
  const line = learner.lineOf(stack);
  const { message, cause } = explainError(error, { trace: followed, module, line, sizesHint });
  const place = line ? learner.describe(stack) : placeOf(error, context);
  throw new CheckError(
    failure(
      `${name} threw an error ${situation}.`,
      message,
      place && `It happened in ${place}.`,
      cause,
    ).message,
    error,
  );
}

/** The classes and functions whose text is a learner's: a module's, those of its parts, and a function. */
export function codeOf(module?: Module, code?: CodePart): CodePart[] {
  const classes: CodePart[] = [];
  for (const part of module?.namedModules().values() ?? []) {
    classes.push(...lineage(part.constructor));
  }
  return [...classes, ...code ? lineage(code) : []].filter((each) => !isLibraryClass(each));
}

const isClass = (code: CodePart | null | undefined) =>
  code?.toString().startsWith("class") === true;

/** A function; a class with those that it extends, of which some may be the learner's too. */
function lineage(code: CodePart): CodePart[] {
  if (!isClass(code)) return [code];
  const found: CodePart[] = [];
  for (let each = code; isClass(each); each = Object.getPrototypeOf(each)) found.push(each);
  return found;
}

/** The error for a task whose solution is still the empty stub. */
export function notSolved(name: string): CheckError {
  return failure(
    `${name} is not written yet.`,
    "Put your code in place of the line that throws, run that cell, then run this one again.",
  );
}

/** Whether an error comes from the stub that stands where a solution is to be written. */
export function isNotSolved(error: unknown): boolean {
  return error instanceof Error && /not (solved|written|implemented)( yet)?/i.test(error.message);
}

/** The innermost named function of a cell (the kernel calls cells `cell:3`, or `<anonymous>`). */
function placeOf(error: unknown, { module, code }: AttemptContext): string | undefined {
  const stack = error instanceof Error ? stackOf(error) : "";
  const all = /at (new )?([\w.]+) \((?:<anonymous>|cell:\d+):\d+:\d+\)/g;
  // What the check itself was called from says nothing.
  const [called] = stack.split(/^.*\/lib\/exercises\/engine\/attempt\.ts:.*$/m);
  const [innermost, outer] = called.matchAll(all);
  const [, isNew, place] = innermost ?? [];
  if (!place) return undefined;
  if (isNew || place === code?.name && isClass(code)) return `the constructor of ${place}`;
  // Where the engine tells no classes: a single method of a cell's is that of the module which was called.
  const isModules = !outer && !place.includes(".") && module !== undefined && place in module;
  return isModules ? `${module.constructor.name}.${place}` : place;
}
