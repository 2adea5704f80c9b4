/**
 * How Stop reaches the code of cells: what they await is rejected with `Stopped`, an error like any other, so
 * that `catch` and `finally` blocks run; and in their loops they ask whether Stop was pressed.
 */

import { Stopped } from "../../python/tessera_kernel/inside/stopped.ts";

/** Between two questions of a loop lie about so many milliseconds. */
const askAfter = 100;
const { performance, Promise } = globalThis;

/** One cell, and all that it has begun. */
class Running {
  isStopped = false;
  readonly rejects = new Set<(reason: Error) => void>();
}

let running = new Running();

/** Begins a cell. */
export function beginCell(): void {
  running = new Running();
}

/** Stops the latest cell, also where it catches the error and goes on. */
export function stopCell(): void {
  running.isStopped = true;
  for (const reject of running.rejects) reject(new Stopped());
  running.rejects.clear();
}

/** Settles as `value` does, or is rejected by Stop. */
export function stoppable<T>(value: T): T | Promise<Awaited<T>> {
  const cell = running;
  if (cell.isStopped) throw new Stopped();
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return value;
  return new Promise((resolve, reject) => {
    cell.rejects.add(reject);
    const forget = () => void cell.rejects.delete(reject);
    Promise.resolve(value).then((result) => {
      forget();
      resolve(result);
    }, (error) => {
      forget();
      reject(error);
    });
  });
}

/** Counts the turns of loops down; asks where enough time has gone by, however long a turn takes. */
export class LoopWatch {
  /** Turns until {@link ask} is called. */
  turns = 0;
  #turnsGiven = 1;
  #askedAt = performance.now();
  readonly #isStopAsked: () => boolean;

  /** `isStopAsked` may take a moment: it is asked ten times a second at most. */
  constructor(isStopAsked: () => boolean) {
    this.#isStopAsked = isStopAsked;
  }

  ask(): void {
    const now = performance.now();
    const elapsed = now - this.#askedAt;
    if (elapsed < askAfter / 2) this.#turnsGiven = Math.min(2 * this.#turnsGiven, 1 << 24);
    else if (elapsed > askAfter) this.#turnsGiven = Math.max(1, this.#turnsGiven >> 1);
    this.turns = this.#turnsGiven;
    if (elapsed < askAfter / 2 && !running.isStopped) return;
    this.#askedAt = now;
    if (running.isStopped || this.#isStopAsked()) {
      running.isStopped = true;
      this.turns = 0;
      throw new Stopped();
    }
  }
}
