/**
 * The files as they were handed out to a home, kept in its `.tessera/pattern/`: by them an update tells
 * a learner's change from a course's.
 */
import { dirname, join, relative } from "node:path";
import { writeFileAtomically } from "../../lib/platform/files.ts";
import { recordsFolder } from "./snapshots.ts";

/** Where a home keeps what it was made from. */
export const handedOutFolder = (home: string) => join(recordsFolder(home), "pattern");

/**
 * Where a home keeps copies of what its person had once written into the pattern itself, when there was
 * one folder for everything. Such a file is not the course's, until it is put right there.
 */
export const oldWorkFolder = (home: string) => join(recordsFolder(home), "old-work");

/** A file of the pattern, and whether it is not the course's but the learner's old work. */
export async function courseFile(
  home: string,
  pattern: string,
  file: string,
): Promise<{ bytes?: Uint8Array<ArrayBuffer>; isOldWork: boolean }> {
  const bytes = await bytesOf(join(pattern, file));
  const old = bytes && await bytesOf(join(oldWorkFolder(home), file));
  return { bytes, isOldWork: old !== undefined && sameBytes(old, bytes) };
}

/** Notes down that files of the pattern were handed out to a home just as they are now. */
export async function recordHandedOut(
  home: string,
  pattern: string,
  files: readonly string[],
): Promise<void> {
  for (const file of files) await recordFile(home, file, await Deno.readFile(join(pattern, file)));
}

/** Notes down one file; undefined forgets it. */
export async function recordFile(
  home: string,
  file: string,
  bytes: Uint8Array<ArrayBuffer> | undefined,
): Promise<void> {
  const path = join(handedOutFolder(home), file);
  if (bytes) await writeFileAtomically(path, [bytes]);
  else await Deno.remove(path).catch(() => {});
}

/** The files below a folder, as paths from it; hidden ones are not the course's. */
export function filesIn(folder: string): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(path)) {
      if (name.startsWith(".") || name.endsWith(".partial")) continue;
      if (isDirectory) visit(join(path, name));
      else found.push(relative(folder, join(path, name)));
    }
  };
  try {
    visit(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

/** A file's bytes; undefined where there is none, or a folder of that name. */
export async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const { NotFound, NotADirectory, IsADirectory } = Deno.errors;
    if ([NotFound, NotADirectory, IsADirectory].some((none) => error instanceof none)) {
      return undefined;
    }
    throw error;
  }
}

/** Whether two files are the same; two missing ones are. */
export function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/**
 * The units of which the course's files have changed since they were handed out to the home, for a hint
 * that an update is to be had.
 */
export async function unitsToUpdate(home: string, pattern: string): Promise<string[]> {
  const units = new Set<string>();
  for (const file of filesIn(pattern)) {
    const given = await bytesOf(join(handedOutFolder(home), file));
    const { bytes: now, isOldWork } = await courseFile(home, pattern, file);
    if (isOldWork || sameBytes(given, now) || sameBytes(await bytesOf(join(home, file)), now)) {
      continue;
    }
    units.add(dirname(file).split("/")[0]);
  }
  return [...units];
}
