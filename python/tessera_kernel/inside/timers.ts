/** Timers know their cell, so that those of a stopped cell end with it. The library's own go on. */
import { type Cell, cellInStack, currentCell, hasToEnd } from "./cell.ts";
import { Error, Map, Object, URL } from "./language.ts";
import { loadsOf } from "./loads.ts";

interface Timer {
  readonly cell: Cell;
  /** Who has set it; put into words only when it is asked for. */
  readonly site: { stack?: string };
}

const timers = new Map<unknown, Timer>();
const library = new URL("../../../lib/", import.meta.url).href;

type Set = (callback: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => number;

function note(id: unknown, caller: Set): void {
  const site: Timer["site"] = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(site, caller);
  Error.stackTraceLimit = limit;
  const timer = { cell: currentCell(), site };
  timers.set(id, timer);
  if (hasToEnd(timer.cell) && !goesOn(timer)) clearTimeout(id as number);
}

/** Whether the library has set it for itself, or a module that is being loaded. */
function goesOn({ cell, site }: Timer): boolean {
  const { stack = "" } = site;
  return stack.includes(library) || loadsOf(cell) > 0 && cellInStack(stack) === undefined;
}

/** Puts itself in front of the global functions. */
export function watchTimers(): void {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis as unknown as {
    setTimeout: Set;
    setInterval: Set;
    clearTimeout(id?: unknown): void;
    clearInterval(id?: unknown): void;
  };
  const timeout: Set = (callback, delay, ...args) => {
    // Others than functions are the original's to refuse.
    if (typeof callback !== "function") return setTimeout(callback, delay, ...args);
    const id = setTimeout(
      (...given) => {
        timers.delete(id);
        callback(...given);
      },
      delay,
      ...args,
    );
    note(id, timeout);
    return id;
  };
  const interval: Set = (callback, delay, ...args) => {
    const id = setInterval(callback, delay, ...args);
    note(id, interval);
    return id;
  };
  const forget = (clear: (id?: unknown) => void) => (id?: unknown) => {
    timers.delete(id);
    clear(id);
  };
  Object.assign(globalThis, {
    setTimeout: timeout,
    setInterval: interval,
    clearTimeout: forget(clearTimeout),
    clearInterval: forget(clearInterval),
  });
}

/** The cells that have set the timers that are set. */
export function cellsOfTimers(): Cell[] {
  return [...timers.values()].map(({ cell }) => cell);
}

/** Clears the timers of some cells. */
export function giveUpTimers(cells: (cell: Cell) => boolean): void {
  for (const [id, timer] of timers) {
    if (cells(timer.cell) && !goesOn(timer)) clearTimeout(id as number);
  }
}
