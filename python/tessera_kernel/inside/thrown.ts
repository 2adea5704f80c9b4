/** What was thrown, in words. It may be anything, and what is asked of it may throw in turn. */
import { type Cell, cellInStack, currentCell } from "./cell.ts";
import {
  AggregateError,
  areWordsReplaced,
  Array,
  Error,
  String,
  SuppressedError,
} from "./language.ts";
import { Stopped } from "./stopped.ts";
import { reasonsGivenTo } from "./stopping.ts";
import { callerTrace, headless, isError, readErrors } from "./traces.ts";

/** An error as the door tells it; of what is no error `name` is empty. */
export interface Told {
  name: string;
  message: string;
  stack: string;
  cause?: Told;
  /** Those that an `AggregateError` holds, and how many more there are. */
  errors?: Told[];
  moreErrors?: number;
}

/** What Deno's kernel says of an error, by which that is known again. */
interface Reply {
  name: string;
  message: string;
  stack: string;
}

const { inspect } = Deno; // private, as cells may put something else in its place
/** What the kernel calls a value that is no error, or that threw when it was asked for words. */
const unknown = "Unknown error";
const errorsShown = 5;
const causesShown = 5;
const longest = { characters: 2000, lines: 20 };

interface Thrown {
  value: unknown;
  cell: Cell;
  trace: { stack?: string };
}

/** What cells have thrown, and where, the latest first: what a value is asked may throw as well. */
const latest: Thrown[] = [];
const latestKept = 8;

/** Each `throw X` of a cell is rewritten to `throw __tessera.thrown(X)`, but for `throw new …`. */
export function thrown<T>(value: T): T {
  const count = latest.unshift({ value, cell: currentCell(), trace: callerTrace(thrown) });
  if (count > latestKept) latest.pop();
  return value;
}

/** Where a cell has thrown a value, for what has no trace of its own. */
export function whereThrown(value: unknown): { stack?: string } | undefined {
  return latest.find((each) => each.value === value)?.trace;
}

/** The error or value that Deno's kernel speaks of; undefined where that cannot be told. */
export function toldAgain(reply: Reply): Told | undefined {
  const cell = currentCell();
  if (cell.isStopped && areWordsReplaced()) return told(new Stopped());
  const ofCell = latest.filter((each) => each.cell === cell);
  // Where the kernel got no words, those of an earlier error are not meant.
  const others = [
    ...reasonsGivenTo(cell),
    ...readErrors(isLost(reply) || areWordsReplaced() ? cell : undefined),
  ];
  const found = [...ofCell, ...others.map((value) => ({ value, trace: {} }))]
    .find(({ value }) => isSpokenOf(value, reply));
  return found && told(found.value, found.trace);
}

/** Whether the kernel got no words at all. */
const isLost = ({ name, message }: Reply) => name === unknown && message === "(none)";

/** Whether the kernel, which asks a value for words as this does, gets to the same ones. */
function isSpokenOf(value: unknown, reply: Reply): boolean {
  const { name, message, stack } = reply;
  try {
    if (isLost(reply) && isBroken(value)) return true;
    if (areWordsReplaced()) return !isError(value) || cellInStack(value.stack ?? "") !== undefined;
    if (!(value instanceof Error)) {
      return name === unknown && message === (String(value) || "(none)");
    }
    const words = [value.name, value.message, value.stack].map(String);
    return (words[0] || unknown) === name && (words[1] || "(none)") === message &&
      (!words[2] || words[2] === stack);
  } catch {
    return isLost(reply); // the kernel got no words either
  }
}

/** Whether half a character stands in a value's words, which the kernel then does not get. */
function isBroken(value: unknown): boolean {
  const words = isError(value) ? [value.name, value.message, value.stack] : [shown(value), value];
  return words.some((each) => typeof each === "string" && !each.isWellFormed());
}

/** Puts into words what was thrown; `trace` is where, for what has none of its own. */
export function told(value: unknown, trace: { stack?: string } = {}, seen = [value]): Told {
  if (isStoppedTwice(value)) value = value.error;
  if (!isError(value)) {
    const message = typeof value === "string" ? value : shown(value);
    return { name: "", message: message.toWellFormed(), stack: headless(trace.stack) };
  }
  const message = read(value, "message") ?? "";
  const result: Told = {
    name: textOr(read(value, "name"), classOf(value)).toWellFormed(),
    message: ofCells(typeof message === "string" ? message : shown(message)),
    stack: ofCells(textOr(read(value, "stack"), headless(trace.stack))),
  };
  const cause = read(value, "cause"), errors = read(value, "errors");
  if (cause !== undefined && !seen.includes(cause) && seen.length <= causesShown) {
    result.cause = told(cause, {}, [...seen, cause]);
  }
  if (value instanceof AggregateError && Array.isArray(errors)) {
    const first = errors.slice(0, errorsShown).filter((each) => !seen.includes(each));
    result.errors = first.map((each) => told(each, {}, [...seen, each]));
    result.moreErrors = errors.length - first.length;
  }
  return result;
}

/** Whether a stopped cell's disposing was given up as well: the language puts one error into the other. */
function isStoppedTwice(value: unknown): value is SuppressedError {
  try {
    return value instanceof SuppressedError && value.error instanceof Stopped;
  } catch {
    return false; // a proxy that throws
  }
}

/** V8's words where it names a call that the door has put into a cell. */
const ofCells = (text: string) =>
  text.toWellFormed().replace(/\b__tessera(?:\.\w+)*\(\.\.\.\)/g, "(intermediate value)");

/** What an error without a name is called. */
function classOf(value: Error): string {
  const made = read(value, "constructor");
  return textOr(made && read(made, "name"), "Error");
}

function read(target: unknown, key: string): unknown {
  try {
    return (target as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

const textOr = (value: unknown, otherwise: string) =>
  typeof value === "string" && value ? value : otherwise;

/** A value as Deno shows it, folded. */
function shown(value: unknown): string {
  let text;
  try {
    text = inspect(value, { depth: 3, iterableLimit: 20, strAbbreviateSize: 200 });
  } catch {
    return "a value that cannot be shown";
  }
  const lines = text.slice(0, longest.characters).split("\n");
  const kept = lines.slice(0, longest.lines).join("\n");
  return kept.length < text.length ? `${kept} …` : kept;
}
