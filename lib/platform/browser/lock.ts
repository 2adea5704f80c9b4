import type { Lock } from "../lock.ts";
import { resolve } from "./paths.ts";

export type { Lock };

/** By the browser's own locks, which it takes back when a tab is closed. */
export function takeLock(path: string): Promise<Lock | null> {
  return new Promise((taken, failed) => {
    navigator.locks.request(nameOf(path), { ifAvailable: true }, (lock) => {
      if (!lock) return taken(null);
      return new Promise<void>((release) => taken({ release }));
    }).catch(failed);
  });
}

export async function isLocked(path: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === nameOf(path));
}

const nameOf = (path: string) => `tessera:${resolve(path)}`;
