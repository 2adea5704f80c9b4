/**
 * What Stop does from inside. Each `await X` of a cell is rewritten to `await __tessera(X)`, which can be
 * given up: it is rejected with `Stopped`, an error like any other, so that `catch` and `finally` blocks run, and
 * may await in turn for a while. Loops that never await are the door's business (`stopping.py`).
 */
import { type Cell, currentCell, hasToEnd, latestCell, now } from "./cell.ts";
import { runsBeneath } from "./cutting.ts";
import { core } from "./deno.ts";
import { Promise, Set } from "./language.ts";
import { loadsOf } from "./loads.ts";
import { Stopped } from "./stopped.ts";
import { cellsOfTimers, giveUpTimers } from "./timers.ts";

/** The one that Stop does not know. */
const { setTimeout } = globalThis;

/** How long the `catch` and `finally` blocks of a stopped cell may await; `stopping.py` waits a little longer. */
const unwindMilliseconds = 1000;

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
  if (anyStopped && hasToEnd(cell) && !(isInModule && loadsOf(cell) > 0)) throw new Stopped();
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

/** Gives up what some cells await, and the timers that they have set. */
function giveUp(cells: (cell: Cell) => boolean): void {
  const isGiven = ({ cell, isInModule }: Waiting) =>
    cells(cell) && !(isInModule && loadsOf(cell) > 0);
  const given = waiting.filter(isGiven);
  waiting = waiting.filter((each) => !isGiven(each));
  for (const { reject } of given) reject(new Stopped());
  giveUpTimers(cells);
}

/** Stops cells: what they await is given up now, and all that they await later after a while, or the second time. */
function stop(cells: readonly Cell[]): void {
  anyStopped = true;
  const asked = new Set(cells);
  // Where code runs, it has not been told yet: its next await tells it.
  const isUnwinding = !runsBeneath(stop);
  for (const cell of asked) {
    cell.unwindsUntil = isUnwinding && !cell.isStopped ? now() + unwindMilliseconds : 0;
    cell.isStopped = true;
  }
  giveUp((cell) => asked.has(cell));
  if (!isUnwinding) return;
  setTimeout(() => {
    for (const cell of asked) cell.unwindsUntil = 0;
    giveUp((cell) => asked.has(cell));
  }, unwindMilliseconds);
}

let refused = 0;

/**
 * Stops the cell of a number: at once, also where it catches the error and goes on. Where it has not begun, it will
 * not; and where another one has, this was heard too late, and does nothing.
 */
export function stopCell(id: number): void {
  const cell = latestCell();
  if (cell.id < id) refused = id;
  else if (cell.id === id) stop([cell]);
}

/** To be called when a cell begins, which throws where Stop has come first. */
export function throwIfRefused(id: number): void {
  if (id === refused) throw new Stopped();
}

/** Stops what cells have left behind, up to the one of a number. */
export function stopLeftBehind(last: number): void {
  const cells = [...waiting.map(({ cell }) => cell), ...cellsOfTimers()];
  stop(cells.filter(({ id }) => id <= last));
}
