/** Stack traces that name cells, as `cell:NUMBER:LINE:COLUMN`, and reach from the library back to them. */
import { type Cell, latestCell } from "./cell.ts";
import { Error, String, WeakRef } from "./language.ts";

const errorToString = Error.prototype.toString;

/** How many frames a trace has: tfjs puts many between an op and the line that asked for it. */
const frames = 100;

/** The errors whose traces were read last, the latest first: one of them may be what the cell has thrown. */
const read: { error: WeakRef<Error>; cell: Cell }[] = [];
const readKept = 32;

export function nameCellsInTraces(): void {
  Error.stackTraceLimit = frames;
  // Deno's own traces take a script's file, which cells have none of; V8 knows the name they were given.
  Error.prepareStackTrace = (error, sites) => {
    if (isError(error)) note(error);
    const lines = sites.map((site) => {
      const file = site.getFileName(), address = site.getScriptNameOrSourceURL();
      const place = String(site);
      return `    at ${file && address ? place.replace(file, address) : place}`;
    });
    return [headline(error), ...lines].join("\n");
  };
}

function note(error: Error): void {
  const count = read.unshift({ error: new WeakRef(error), cell: latestCell() });
  if (count > readKept) read.pop();
}

/** The errors whose traces were read last, the latest first; since `cell` began, where that is given. */
export function readErrors(cell?: Cell): Error[] {
  const asked = cell ? read.filter((each) => each.cell === cell) : read;
  return asked.flatMap(({ error }) => error.deref() ?? []);
}

/** Also of another context, whose classes are others. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || Error.isError(value);
  } catch {
    return false; // a proxy that throws
  }
}

/** As V8 has it, also of what is no error and was given a trace: `console.trace` does so. */
function headline(error: unknown): string {
  try {
    return errorToString.call(error);
  } catch {
    return "Error";
  }
}

/** The frames from the caller of `callee` on. */
export function callerTrace(callee: (...args: never[]) => unknown): { stack?: string } {
  const trace: { stack?: string } = {};
  Error.captureStackTrace(trace, callee);
  return trace;
}

/** A trace without its first line, which names the object that was made for it. */
export const headless = (stack = "") => stack.replace(/^[^\n]*/, "");

/** The error with a caller's frames at the end of its own, where V8 has lost them. */
export function withCaller(error: unknown, caller: { stack?: string }): unknown {
  try {
    if (isError(error) && !error.stack?.includes("cell:")) {
      error.stack += headless(caller.stack);
    }
  } catch {
    // frozen, or with a trace of its own kind
  }
  return error;
}
