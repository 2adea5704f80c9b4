/**
 * What Stop does from inside. Each `await X` of a cell is rewritten to `await __tessera(X)`, which can be
 * given up: it is rejected with `Stopped`, an error like any other, so that `finally` blocks run. Loops
 * that never await are the door's business (`stopping.py`).
 */
import { type Cell, currentCell, latestCell } from "./cell.ts";
import { core } from "./deno.ts";
import { loadsOf } from "./loads.ts";
import { Stopped } from "./stopped.ts";
import { giveUpTimers } from "./timers.ts";
import { callerTrace } from "./traces.ts";

/** A call that ends by itself soon after Stop, as a training does after its step. */
export interface Watcher {
  stop(): void;
  /** Saves, where it can, and goes on. */
  warn?(): void;
  /** Takes an error that nobody else would see. */
  fail(error: unknown): void;
}

/** The promises that cells await, with how to give them up. */
interface Waiting {
  readonly cell: Cell;
  readonly isInModule: boolean;
  readonly promise: Promise<unknown>;
  readonly reject: (reason: Error) => void;
}

const isPending = 0, isRejected = 2;
let waiting: Waiting[] = [];
let pruneAt = 64;
let anyStopped = false;

/** Forgets what has settled. Asked for now and then: a callback per promise would hide callers in traces. */
function prune(): void {
  waiting = waiting.filter(({ promise }) => core.getPromiseDetails(promise)[0] === isPending);
  pruneAt = 64 + 2 * waiting.length;
}

/** Settles as `value` does, or is rejected by Stop. */
export function stoppable<T>(value: T): T | Promise<Awaited<T>> {
  return settles(value, false);
}

/** The same for what a module awaits, except while modules are loaded: those would stay broken. */
export function stoppableInModule<T>(value: T): T | Promise<Awaited<T>> {
  return settles(value, true);
}

function settles<T>(value: T, isInModule: boolean): T | Promise<Awaited<T>> {
  const cell = currentCell();
  if (anyStopped && cell.isStopped && !(isInModule && loadsOf(cell) > 0)) throw new Stopped();
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return value;
  let reject!: (reason: Error) => void;
  // `resolve` and `reject` go in as they are: V8 then finds the awaiting function for its traces.
  const promise = new Promise<Awaited<T>>((resolve, rejectPromise) => {
    reject = rejectPromise;
    Promise.resolve(value).then(resolve, rejectPromise);
  });
  if (waiting.push({ cell, isInModule, promise, reject }) > pruneAt) prune();
  return promise;
}

/** Why promises that a cell has awaited were rejected, the latest first. */
export function reasonsGivenTo(cell: Cell): unknown[] {
  return waiting.filter((each) => each.cell === cell).reverse().flatMap(({ promise }) => {
    const [state, reason] = core.getPromiseDetails(promise);
    return state === isRejected ? [reason] : [];
  });
}

/** Gives up what the latest cell awaits and the timers that it has set. */
export function giveUp(cells: (cell: Cell) => boolean): void {
  anyStopped = true;
  const isGiven = ({ cell, isInModule }: Waiting) =>
    cells(cell) && !(isInModule && loadsOf(cell) > 0);
  const given = waiting.filter(isGiven);
  waiting = waiting.filter((each) => !isGiven(each));
  for (const { cell, reject } of given) {
    cell.isStopped = true;
    reject(new Stopped());
  }
  giveUpTimers(cells);
}

/** Stops the running cell: at once, also where it catches the error and goes on. */
export function stopCell(): void {
  const cell = latestCell();
  cell.isStopped = true;
  giveUp((each) => each === cell);
}

/** Stops what earlier cells have left behind. */
export function stopLeftBehind(): void {
  giveUp(() => true);
}

/**
 * Whether code runs beneath this call, which the door makes: V8 serves it between two turns of a loop, too. Not
 * where the event loop serves it. An order to end code that finds none is kept for the next, which may be the
 * kernel's own; the kernel would never reply again.
 */
export function interrupts(): boolean {
  return /\n +at (?!<anonymous>:)/.test(callerTrace(interrupts).stack ?? "");
}
