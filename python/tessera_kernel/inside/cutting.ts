/** What the door does to code that never lets the event loop turn: V8 ends it, and states are put right. */
import { type Cell, currentCell, latestCell } from "./cell.ts";
import { Atomics, Map, Set, URL } from "./language.ts";
import { callerTrace } from "./traces.ts";

const own = new URL("./", import.meta.url).href;
/** How long an order needs from the door to this process, where V8 keeps it until it can be obeyed. */
const wayMilliseconds = 20;
const sleeping = new Int32Array(new SharedArrayBuffer(4));

/** The places in the code that runs beneath a call, which the door makes: V8 serves it between two turns of a loop. */
function placesBeneath(callee: (...args: never[]) => unknown): string[] {
  const places = (callerTrace(callee).stack ?? "").split("\n").slice(1);
  return places.filter((place) => !/^ +at <anonymous>:/.test(place) && !place.includes(own));
}

/** Whether any code runs beneath a call; not where the event loop serves it. */
export function runsBeneath(callee: (...args: never[]) => unknown): boolean {
  return placesBeneath(callee).length > 0;
}

let cutOff: Cell | undefined;

/**
 * Keeps the code that runs where it is until the door's `order` to end it has come, and says so with `true`. An order
 * that found no code would be kept for the next, which may be another cell's, or the kernel's own; that would never
 * reply again. So there is none for the code of cells after `last`; nor, unless it goes on and on (`isLong`), for
 * what may be Deno's own.
 */
export function hold(last: number, isLong: boolean, order: () => boolean): boolean | "kernel" {
  const places = placesBeneath(hold);
  if (places.length === 0 || latestCell().id > last) return false;
  if (!isLong && places.every((place) => place.includes("ext:"))) return "kernel";
  if (!order()) return false;
  cutOff = currentCell();
  for (const each of beforeCut) attempt(each);
  Atomics.wait(sleeping, 0, 0, wayMilliseconds);
  return true;
}

/** Called before and after every cut, by what the library keeps of synchronous calls; other code may run between. */
export const beforeCut = new Set<() => void>(), afterCut = new Set<() => void>();

/** Puts right what code that was cut off has left of synchronous calls. */
export function closeCut(): void {
  for (const each of afterCut) attempt(each);
}

const pending = new Map<() => void, Cell>();

/** What the running `finally` blocks would do; those of other cells' calls still run by themselves. */
export const repairs = {
  add: (repair: () => void): void => void pending.set(repair, currentCell()),
  delete: (repair: () => void): void => void pending.delete(repair),
};

/** Repairs what a cell, and the code that was cut off last, have left, from the innermost call outwards. */
export function repair(id: number): void {
  const left = [...pending].filter(([, cell]) => cell.id === id || cell === cutOff);
  cutOff = undefined;
  for (const [each] of left.reverse()) {
    pending.delete(each);
    attempt(each);
  }
}

function attempt(repair: () => void): void {
  try {
    repair();
  } catch (error) {
    console.error("After Stop something could not be put right:", error);
  }
}
