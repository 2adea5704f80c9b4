/** A training's folder is its own while it trains, since two in one would overwrite each other's weights. */
import { remove } from "../platform/disk.ts";
import { FileError, writeTextAtomically } from "../platform/files.ts";
import { isLocked, type Lock, takeLock } from "../platform/lock.ts";

const lockOf = (folder: string) => `${folder}/training.lock`;
const busy = (folder: string) =>
  `Another training writes to ${folder}, in another notebook or program`;

/** Keeps other trainings out of a folder. Throws a FileError where one is there. */
export async function lockFolder(folder: string): Promise<Lock> {
  const lock = await takeLock(lockOf(folder));
  if (lock) return lock;
  throw new FileError(`${busy(folder)}: stop it first, or give this one a folder of its own`);
}

/** Throws a FileError where nothing can be written in a folder: before the first step, not after an epoch. */
export async function requireWritable(folder: string): Promise<void> {
  const trial = `${folder}/trial-of-writing`;
  await writeTextAtomically(trial, "");
  await remove(trial);
}

/**
 * The folder for a training that begins now: the given one or, while another training writes to that, the
 * first of `FOLDER-2`, `FOLDER-3` … that is free, with a line that says so.
 */
export async function freeFolder(folder: string): Promise<string> {
  return (await firstFree(folder, async (path) => await isLocked(path) ? null : true)).folder;
}

/** As {@link freeFolder}; others are kept out from then on, so that each of two that begin at once has its own. */
export async function takeFreeFolder(folder: string): Promise<{ folder: string; lock: Lock }> {
  const { folder: free, found: lock } = await firstFree(folder, takeLock);
  return { folder: free, lock };
}

/** The first folder of whose lock `find` gives something, and that. */
async function firstFree<Found>(
  folder: string,
  find: (lock: string) => Promise<Found | null>,
): Promise<{ folder: string; found: Found }> {
  for (let number = 1;; number++) {
    const candidate = number === 1 ? folder : `${folder}-${number}`;
    const found = await find(lockOf(candidate));
    if (found === null) continue;
    if (number > 1) console.log(`${busy(folder)}: this one is kept in ${candidate}.`);
    return { folder: candidate, found };
  }
}
