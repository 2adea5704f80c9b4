import type { Lock } from "../lock.ts";
import { packageFile } from "./package_files.ts";
import { resolve } from "./paths.ts";

export type { Lock };

/** Other sites of the same origin have paths of their own, and their course at other addresses. */
const nameOf = (path: string) => `tessera:${packageFile("").pathname}:${resolve(path)}`;
/** Locks that were released here and that the browser has not taken back yet, by name. */
const leaving = new Map<string, Promise<unknown>>();

/** By the browser's own locks, which it takes back when a tab is closed. */
export async function takeLock(path: string): Promise<Lock | null> {
  const name = nameOf(path);
  await leaving.get(name);
  return await new Promise((taken, failed) => {
    const over = navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return taken(null);
      return new Promise<void>((end) => {
        const release = () => {
          leaving.set(name, over.finally(() => leaving.delete(name)));
          end();
        };
        taken({ isInPlace: () => Promise.resolve(true), release }); // it is a name, and no file
      });
    });
    over.catch(failed);
  });
}

export async function isLocked(path: string): Promise<boolean> {
  const name = nameOf(path);
  await leaving.get(name);
  const { held = [] } = await navigator.locks.query();
  return held.some((each) => each.name === name);
}
