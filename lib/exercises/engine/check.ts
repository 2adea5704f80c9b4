import { wordsOfError } from "../../platform/engine_words.ts";
import { kernelDoor, type SealedRecord } from "../../platform/kernel_door.ts";
import { inFullPrecision } from "../../tensor/precision.ts";
import * as tf from "../../tensor/tf.ts";
import { isGeneral } from "./general_causes.ts";
import { nextHint, withLadder } from "./hint_ladder.ts";

/** What a check throws: its message stands on its own, so it carries no stack trace. */
export class CheckError extends Error {
  override name = "CheckError";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.stack = wrapped(message);
  }

  /** Whether it names a mistake that gives exactly the learner's values, or without which they are right. */
  get isProved(): boolean {
    return this.message.split("\n").some((line) =>
      line.endsWith(provedBy) || /^ *Your [\w ]+ (is|are) what one gets /.test(line)
    );
  }

  /** Whether it says what the failure comes from. */
  get hasCause(): boolean {
    return this.isProved ||
      this.message.split("\n").some((line) => /^ *Likely cause:/.test(line) && !isGeneral(line));
  }
}

/** How a message ends that names a mistake whose mending was tried. */
export const provedBy = "Changed so, all values are right.";

const lineLength = 96;

/** Breaks long lines between words, as notebooks break them anywhere; a line's indent is kept. */
function wrapped(message: string): string {
  return message.split("\n").map((line) => {
    const indent = /^ */.exec(line)![0] + (line.startsWith("✘") ? "  " : "");
    let lines = "";
    let rest = line;
    while (rest.length > lineLength) {
      const end = rest.lastIndexOf(" ", lineLength);
      if (end <= indent.length) break;
      lines += `${rest.slice(0, end)}\n`;
      rest = indent + rest.slice(end + 1);
    }
    return lines + rest;
  }).join("\n");
}

/** The same error with one cause: a general one that it gives makes way. */
export function withCause(error: CheckError, cause: string): CheckError {
  const lines = error.message.split("\n").filter((line) =>
    !/^ *(?:Likely cause:|A guess,)/.test(line)
  );
  return new CheckError([...lines, `  ${cause}`].join("\n"), error.cause);
}

/** Explains a failure: a headline, then indented lines of detail. */
export function failure(headline: string, ...details: (string | undefined)[]): CheckError {
  const lines = details.filter((line) => line !== undefined && line !== "");
  return new CheckError([headline, ...lines.map((line) => `  ${line}`)].join("\n"));
}

/** What a check may be told: which task it is of, and its points. */
export interface CheckOptions {
  /** Points that the task gives; printed with the tick. */
  points?: number;
  /** Gives the next of at most three hints where the check fails, and notes down that it was taken. */
  hint?: boolean;
}

/** What the body of a check returns: what was found right, and a bonus where it gives one. */
export type Found = string | { text: string; bonus: number };

/**
 * Runs the body of a check. If it returns, prints one line with a tick, what was found right and
 * the points; if it throws a `CheckError`, throws that on with the task's name in front. Tensors
 * that the body made are freed either way.
 */
export type RunCheck = (task: string, options: CheckOptions, body: () => Found) => Promise<void>;

/** Notes down what a check found, for those who grade; elsewhere it does nothing. */
export type NoteOutcome = (record: SealedRecord) => void;

/**
 * What a module of checks runs them with, taken when the module is loaded. In grading what its checks find is
 * then signed, as only modules that were loaded before the first cell can have it: a learner's cell that takes
 * the same gets nothing signed.
 */
export function checkRunner(): { runCheck: RunCheck; noteOutcome: NoteOutcome } {
  const noteOutcome: NoteOutcome = kernelDoor()?.claimSeal() ?? (() => {});
  return { noteOutcome, runCheck: (...check) => run(noteOutcome, ...check) };
}

async function run(
  noteOutcome: NoteOutcome,
  task: string,
  options: CheckOptions,
  body: () => Found,
): Promise<void> {
  const { points } = options;
  // A built-in that a cell has replaced would let a check find what the cell wants.
  const putBack = kernelDoor()?.restoreBuiltIns();
  const { result, error, steps } = withLadder(
    options.hint === true,
    () => inFullPrecision(() => tf.tidy(body)),
  );
  putBack?.();
  if (result !== undefined) {
    const { text, bonus } = typeof result === "string" ? { text: result, bonus: 0 } : result;
    noteOutcome({ task, outcome: "passed", points, bonus });
    console.log(`✔ ${task}: ${text}${pointsText(points)}`);
    return;
  }
  noteOutcome({ task, outcome: "failed", points, bonus: 0 });
  const failed = error instanceof CheckError
    ? new CheckError(`✘ ${task}: ${error.message}`, error.cause)
    : unexpected(task, error);
  if (!options.hint) throw shortened(failed, `await check…(…, { hint: true })`);
  throw new CheckError(
    `${failed.message.split("\n")[0]}\n  ${await nextHint(task, steps)}`,
    failed.cause,
  );
}

/** A learner's code that is called in passing, as for a gradient, threw; its stack leads through the library. */
function unexpected(task: string, error: unknown): CheckError {
  const what = error instanceof Error
    ? `${error.name}: ${wordsOfError(error).split("\n")[0]}`
    : error;
  const { message } = failure(`✘ ${task}: the check could not go on.`, String(what));
  return new CheckError(message, error);
}

/** A message takes at most this many lines on the screen. */
const mostLines = 10;

/** The same error without the lines that are too many; the rest is behind the hint. */
function shortened(error: CheckError, how: string): CheckError {
  const lines = wrapped(error.message).split("\n");
  if (lines.length <= mostLines) return error;
  const kept = [...lines.slice(0, mostLines - 1), `  … more by \`${how}\`.`];
  return new CheckError(kept.join("\n"), error.cause);
}

function pointsText(points: number | undefined): string {
  if (points === undefined || points === 0) return "";
  return ` (${points} ${points === 1 ? "point" : "points"})`;
}

/** What a value is, in words: a tensor's shape, a class. */
export function describe(value: unknown): string {
  if (value === undefined || value === null || typeof value === "boolean") return String(value);
  if (value instanceof tf.Tensor) return `a tensor of shape ${shapeText(value.shape)}`;
  if (value instanceof Promise) {
    // It may reject later, as its tensors are freed by then; unheard, that would end the process.
    value.catch(() => {});
    return "a Promise (is `await` missing?)";
  }
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") return "a function";
  if (typeof value === "object") return `an object of class ${value.constructor?.name ?? "Object"}`;
  if (Number.isNaN(value)) return "NaN, no number";
  return `a ${typeof value}`;
}

/** What a learner's function gave, with the usual cause where it gave nothing. */
export function describeResult(value: unknown): string {
  return value === undefined ? "undefined (is a `return` missing?)" : describe(value);
}

/** What a learner's computation gave in place of a tensor, with the usual cause. */
export function describeNoTensor(value: unknown): string {
  if (value instanceof Promise) {
    describe(value);
    return "a Promise (remove `async`: a forward computation answers at once)";
  }
  if (Array.isArray(value)) {
    return "an array (return one tensor: `tf.stack` or `tf.concat` join several)";
  }
  if (typeof value === "string") return "a string (tensors have no `+`: write `tf.add(a, b)`)";
  if (typeof value === "boolean") {
    return `${value} (\`==\` and \`<\` compare no values of tensors: write \`tf.equal(a, b)\`, \`tf.less\`)`;
  }
  if (Number.isNaN(value)) {
    return "NaN, no number (tensors have no `-`, `*` or `/`: write `tf.mul(a, b)`)";
  }
  return describeResult(value);
}

/** "Attention.forward (with one head)": a call of the part that messages call `name`. */
export function callText(name: string, call = "forward"): string {
  const [, part, situation = ""] = /^(.*?)( \(.*\))?$/.exec(name)!;
  return `${part}.${call}${situation}`;
}

export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** How many values a tensor of a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
