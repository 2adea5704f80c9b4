/**
 * Folders for what is thrown away. They go when their program ends, by Ctrl-C and its like too; what a program
 * has left that was killed goes at the next use. A folder in use is locked, by the system's own lock.
 */
import { basename, dirname, join } from "node:path";
import { isFileAt } from "../lib/platform/files.ts";
import {
  endProgram,
  endSignals,
  exitCodeOf,
  listenersOf,
  onSignals,
} from "../lib/platform/signals.ts";

/** Python's folders (`python/tessera_kernel/temporary.py`) are called alike. */
const suffix = ".temporary";

const inUse = new Set<string>();
let endListening = () => {};

/**
 * Calls `use` with a folder of its own, which has a name in it that says what it is for; it is made in `inside`,
 * else where the system keeps such.
 */
export async function withTemporaryFolder<T>(
  name: string,
  use: (folder: string) => Promise<T>,
  { inside }: { inside?: string } = {},
): Promise<T> {
  const prefix = `tessera-${name}-`;
  const { folder, lock } = await makeLocked(prefix, inside);
  hold(folder);
  try {
    await removeLeftOvers(dirname(folder), prefix);
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(notThere);
    letGo(folder);
    lock.close();
  }
}

async function makeLocked(prefix: string, dir: string | undefined) {
  while (true) {
    const folder = await Deno.makeTempDir({ dir, prefix, suffix });
    // Somebody may take it for a killed program's until it is locked, and remove it.
    const lock = await Deno.open(folder).catch(notThere);
    if (!lock) continue;
    // A place may know no locks.
    const isLocked = await lock.tryLock(true).catch(() => undefined);
    if (isLocked === undefined || isLocked && await isFileAt(folder, lock)) {
      return { folder: await Deno.realPath(folder), lock };
    }
    lock.close();
  }
}

/** Removes folders of this kind whose programs are gone. */
async function removeLeftOvers(place: string, prefix: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(place)) {
    if (!isDirectory || !name.startsWith(prefix) || !name.endsWith(suffix)) continue;
    try {
      using folder = await Deno.open(join(place, name));
      if (await folder.tryLock(true)) await Deno.remove(join(place, name), { recursive: true });
    } catch {
      // It belongs to somebody else, has just gone, or the place knows no locks.
    }
  }
}

function notThere(error: Error): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function hold(folder: string): void {
  if (inUse.size === 0) {
    endListening = onSignals(endSignals, (signal) => {
      // Whoever else listens ends the program in order.
      if (listenersOf(signal) === 1) endProgram(exitCodeOf(signal));
    });
    addEventListener("unload", removeAll);
  }
  inUse.add(folder);
}

function letGo(folder: string): void {
  inUse.delete(folder);
  if (inUse.size > 0) return;
  endListening();
  removeEventListener("unload", removeAll);
}

/** The program ends in the midst of it. */
function removeAll(): void {
  for (const folder of inUse) {
    try {
      Deno.removeSync(folder, { recursive: true });
    } catch (error) {
      console.error(`tessera: ${basename(folder)} is left: ${(error as Error).message}`);
    }
  }
}
