/** Calls that end by themselves soon after Stop, as trainings do after their step. */
import { type Cell, currentCell, latestCell } from "./cell.ts";
import { Map } from "./language.ts";

export interface Watcher {
  stop(): void;
  /** Saves, where it can, and goes on. */
  warn?(): void;
  /** Takes an error that nobody else would see. */
  fail?(error: unknown): void;
}

const watchers = new Map<Watcher, Cell>();

/** How many there are, and how many of them the latest cell has begun. */
export function counts(): { watches: number; ownWatches: number } {
  const own = [...watchers.values()].filter((cell) => cell === latestCell());
  return { watches: watchers.size, ownWatches: own.length };
}

/** Such a call begins; returns what ends that. It is asked to end at once where its cell was asked before. */
export function watch(watcher: Watcher): () => void {
  const cell = currentCell();
  watchers.set(watcher, cell);
  if (cell.isStopped || cell.isAsked) watcher.stop();
  return () => void watchers.delete(watcher);
}

/** Asks those of cells up to a number to end. */
export function askWatchers(last: number): void {
  if (latestCell().id <= last) latestCell().isAsked = true;
  for (const [watcher, cell] of watchers) {
    if (cell.id > last) continue;
    cell.isAsked = true;
    watcher.stop();
  }
}

/** Warns those that can save of an end soon. */
export function warnWatchers(): void {
  for (const watcher of watchers.keys()) watcher.warn?.();
}

/** Gives an error to the last one that takes such; says whether there is one. */
export function failWatcher(error: unknown): boolean {
  const watcher = [...watchers.keys()].findLast((each) => each.fail);
  watcher?.fail?.(error);
  return watcher !== undefined;
}
