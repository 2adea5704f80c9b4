import * as tf from "../../tensor/tf.ts";

/** What a check throws: its message stands on its own, so it carries no stack trace. */
export class CheckError extends Error {
  override name = "CheckError";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.stack = wrapped(message);
  }
}

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

/** Explains a failure: a headline, then indented lines of detail. */
export function failure(headline: string, ...details: (string | undefined)[]): CheckError {
  const lines = details.filter((line) => line !== undefined && line !== "");
  return new CheckError([headline, ...lines.map((line) => `  ${line}`)].join("\n"));
}

export interface CheckOptions {
  /** Points that the task gives; printed with the tick. */
  points?: number;
}

/**
 * Runs the body of a check. If it returns, prints one line with a tick, what was found right and
 * the points; if it throws a `CheckError`, throws that on with the task's name in front. Tensors
 * that the body made are freed either way.
 */
// deno-lint-ignore require-await -- a failure is a rejection here as in checks that wait
export async function runCheck(
  task: string,
  options: CheckOptions,
  body: () => string,
): Promise<void> {
  let found: string;
  try {
    found = tf.tidy(body);
  } catch (error) {
    if (error instanceof CheckError) {
      throw new CheckError(`✘ ${task}: ${error.message}`, error.cause);
    }
    throw error;
  }
  console.log(`✔ ${task}: ${found}${pointsText(options.points)}`);
}

function pointsText(points: number | undefined): string {
  if (points === undefined || points === 0) return "";
  return ` (${points} ${points === 1 ? "point" : "points"})`;
}

/**
 * Calls a learner's code and returns its result. Code that is not written yet, and code that throws,
 * becomes a `CheckError` that says where (`situation`, such as "on images of shape [2, 3]").
 * `sizesHint` is the likely cause where sizes do not fit each other.
 */
export function attempt<T>(name: string, situation: string, call: () => T, sizesHint?: string): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof CheckError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (isNotSolved(error)) throw notSolved(placeOf(error) ?? name);
    throw new CheckError(
      failure(
        `${name} threw an error ${situation}.`,
        `${error instanceof Error ? error.name : "Error"}: ${message}`,
        locationText(error),
        causeOfError(message, sizesHint),
      ).message,
      error,
    );
  }
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

/** What tfjs's and JavaScript's terser messages usually mean. */
function causeOfError(message: string, sizesHint?: string): string | undefined {
  const aboutSizes: [RegExp, string][] = [
    [
      /Size\(\d+\) must match the product of shape|Cannot reshape|Input to reshape|should have the same number of elements/i,
      "a reshape whose sizes do not multiply to the number of values. Use the sizes in `x.shape`, " +
      "not fixed numbers.",
    ],
    [
      /inner shapes|Error in matMul|Matrix size-incompatible/i,
      "a matrix product of shapes that do not fit; print both `.shape`s before it. Where the second is " +
      "to be transposed, `tf.matMul(a, b, false, true)` does it.",
    ],
    [
      /must have compatible batch dimensions/i,
      "`tf.transpose(x)` without axes, which turns round the batch too. Name the order of all axes, or " +
      "write `tf.matMul(a, b, false, true)`.",
    ],
    [
      /ConcatOp|Error in concat/i,
      "`tf.concat` of tensors that differ in another axis; print their `.shape`s. What every image gets, " +
      "such as a class token, is repeated for each first: `tf.tile`.",
    ],
    [
      /incompatible shapes|shapes? .* broadcast|could not be broadcast/i,
      "two tensors of different shapes are added or multiplied; print both `.shape`s.",
    ],
  ];
  const others: [RegExp, string][] = [
    [
      /numeric tensor, but got string/i,
      "`+` between tensors, which makes a text of them; write `tf.add(a, b)`.",
    ],
    [/length of perm/i, "`tf.transpose` wants the number of every axis, each once."],
    [
      /flat\/TypedArray/i,
      "a shape in single numbers; it is one array, as in `tf.reshape(x, [2, 3])`.",
    ],
    [/\.shape is not a function/i, "`x.shape` is an array: write `x.shape[0]`."],
    [/is not defined/i, "a misspelt name, or a cell further up that has not been run."],
    [/constant variable/i, "a `const` gets a new value; declare it with `let`."],
    [
      /undefined \(reading|is not a function|null \(reading/i,
      "a misspelt name, or a field that the constructor does not set.",
    ],
    [
      /must call super|before accessing 'this'/i,
      "the constructor must call `super()` before it uses `this`.",
    ],
    [
      /is disposed|a disposed tensor/i,
      "a tensor is used after `dispose()` or outside its `tf.tidy`.",
    ],
  ];
  const find = (causes: [RegExp, string][]) =>
    causes.find(([pattern]) => pattern.test(message))?.[1];
  const sizes = find(aboutSizes);
  const cause = sizes ? sizesHint ?? sizes : find(others);
  return cause && `Likely cause: ${cause}`;
}

function locationText(error: unknown): string | undefined {
  const place = placeOf(error);
  return place && `It happened in ${place}.`;
}

/** The innermost named function of a cell (the kernel calls cells `cell:3`, or `<anonymous>`). */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const [, isNew, place] = /at (new )?([\w.]+) \((?:<anonymous>|cell:\d+):\d+:\d+\)/.exec(stack) ??
    [];
  return place && (isNew ? `the constructor of ${place}` : place);
}

/** A tensor's shape, or what the value is instead, in words. */
export function describe(value: unknown): string {
  if (value === undefined) return "undefined (is a `return` missing?)";
  if (value === null) return "null";
  if (value instanceof tf.Tensor) return `a tensor of shape ${shapeText(value.shape)}`;
  if (value instanceof Promise) {
    // It may reject later, as its tensors are freed by then; unheard, that would end the process.
    value.catch(() => {});
    return "a Promise (remove `async`: a forward computation answers at once)";
  }
  if (Array.isArray(value)) {
    return "an array (return one tensor: `tf.stack` or `tf.concat` join several)";
  }
  if (typeof value === "function") return "a function";
  if (typeof value === "object") return `an object of class ${value.constructor?.name ?? "Object"}`;
  if (typeof value === "string") return "a string (tensors have no `+`: write `tf.add(a, b)`)";
  if (Number.isNaN(value)) {
    return "NaN, no number (tensors have no `-`, `*` or `/`: write `tf.mul(a, b)`)";
  }
  return `a ${typeof value}`;
}

export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
