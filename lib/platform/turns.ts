import { setImmediate } from "node:timers";

/** Lets timers, signals and messages have their turn, which code that computes without a pause holds up. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
