/** Which cell the running code belongs to: carried along by awaits, timers and callbacks. */
import { AsyncLocalStorage } from "node:async_hooks";

export interface Cell {
  /** The door's number for it, which is in its stack frames too. */
  readonly id: number;
  /** Stop has ended it: what it left waiting must not go on. */
  isStopped: boolean;
}

const storage = new AsyncLocalStorage<Cell>();
let latest: Cell = { id: 0, isStopped: false };

/** Functions of the last cells: while one lives V8 knows the cell's script, and so the lines of errors. */
const anchors: unknown[] = [];
const anchorsKept = 500;

/** Begins a cell; what follows in its code belongs to it. `anchor` is any function of its code. */
export function begin(id: number, anchor: unknown): void {
  if (anchors.push(anchor) > anchorsKept) anchors.shift();
  latest = { id, isStopped: false };
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

/** Calls something on behalf of the latest cell. */
export function inLatestCell<T>(call: () => T): T {
  return storage.run(latest, call);
}

/** The cell that a stack trace names first. */
export function cellInStack(stack: string): number | undefined {
  const found = /\bcell:(\d+):\d+:\d+/.exec(stack);
  return found ? Number(found[1]) : undefined;
}
