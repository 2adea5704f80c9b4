/** Which cell the running code belongs to: carried along by awaits, timers and callbacks. */
import { AsyncLocalStorage } from "node:async_hooks";
import { Number } from "./language.ts";

export interface Cell {
  /** The door's number for it, which is in its stack frames too. */
  readonly id: number;
  /** Stop has ended it: what it left waiting must not go on. */
  isStopped: boolean;
  /** Until when its `catch` and `finally` blocks may await all the same, in milliseconds. */
  unwindsUntil: number;
  /** Its trainings were asked to end: what it trains next ends at once. */
  isAsked: boolean;
}

const newCell = (id: number): Cell => ({
  id,
  isStopped: false,
  unwindsUntil: 0,
  isAsked: false,
});

/** By a clock that cells cannot put another in place of. */
export const now = performance.now.bind(performance);

const storage = new AsyncLocalStorage<Cell>();
let latest = newCell(0);

/** Functions of the last cells: while one lives V8 knows the cell's script, and so the lines of errors. */
const anchors: unknown[] = [];
const anchorsKept = 500;

/** Begins a cell; what follows in its code belongs to it. `anchor` is any function of its code. */
export function begin(id: number, anchor: unknown): void {
  if (anchors.push(anchor) > anchorsKept) anchors.shift();
  latest = newCell(id);
  storage.enterWith(latest);
}

/** The cell of the running code; the latest, for code that no cell has started. */
export function currentCell(): Cell {
  return storage.getStore() ?? latest;
}

/** The cell that Jupyter runs or ran last. */
export function latestCell(): Cell {
  return latest;
}

/** Whether what belongs to a cell is to end, and may not even clear up any more. */
export function hasToEnd(cell: Cell): boolean {
  return cell.isStopped && now() >= cell.unwindsUntil;
}

/** Calls something on behalf of the latest cell. */
export function inLatestCell<T>(call: () => T): T {
  return storage.run(latest, call);
}

/** The cell that a stack trace names first. */
export function cellInStack(stack: string): number | undefined {
  const found = /\bcell:(\d+):\d+:\d+/.exec(stack);
  return found ? Number(found[1]) : undefined;
}
