/** Locks between programs, which the system takes back when a program ends, however it ends. */
import { dirname } from "node:path";
import { exists, isFileAt } from "./files.ts";

/** A lock that is held. */
export interface Lock {
  /** Whether its file still has its path: one that was moved or deleted keeps nobody out any more. */
  isInPlace(): Promise<boolean>;
  release(): void;
}

/**
 * Takes the lock that a file stands for, which is made where it is not there; null where somebody else has
 * it, in this program or another one. A place that knows no locks, or that cannot be written, gives one that
 * keeps nobody out: what follows says what is wrong with the place.
 */
export async function takeLock(path: string): Promise<Lock | null> {
  try {
    const folder = exists(dirname(path)) ? undefined : dirname(path);
    await Deno.mkdir(dirname(path), { recursive: true });
    while (true) {
      const file = await open(path);
      if (!await file.tryLock(true)) {
        file.close();
        return null;
      }
      // Between opening and locking its holder may have removed it: then it keeps nobody out.
      const isInPlace = () => isFileAt(path, file);
      if (await isInPlace()) return { isInPlace, release: () => release(path, file, folder) };
      file.close();
    }
  } catch {
    return { isInPlace: () => Promise.resolve(true), release() {} };
  }
}

/** Whether somebody has the lock that a file stands for. */
export async function isLocked(path: string): Promise<boolean> {
  if (!exists(path)) return false; // nothing is written only to look
  const lock = await takeLock(path);
  lock?.release();
  return lock === null;
}

/**
 * Opens a lock's file; one that somebody else has made can be locked by whoever may read it. In a folder that
 * somebody else has only just made the file is awaited for a moment: its maker is about to lock it.
 */
async function open(path: string): Promise<Deno.FsFile> {
  for (let tries = 1;; tries++) {
    try {
      return await Deno.open(path, { write: true, create: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    }
    try {
      return await Deno.open(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound) || tries === 10) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Removes the file while it is still locked, and the folder that was made for it where nothing came into it. */
function release(path: string, file: Deno.FsFile, folder: string | undefined): void {
  try {
    if (file.statSync().ino === Deno.statSync(path).ino) Deno.removeSync(path); // else it is another's
    if (folder) Deno.removeSync(folder);
  } catch {
    // The folder is in use, or was removed meanwhile.
  }
  file.close();
}
