import { constants } from "node:fs";
import { dirname, join } from "node:path";
import { whyNoRoom } from "./no_room.ts";
import { requireAccess } from "./rights.ts";
import { type Chunk, neededRoom } from "./sizes.ts";

/** A file could not be written or is not what it should be; the message says which and why. */
export class FileError extends Error {
  override readonly name = "FileError";
}

/** Whether a file cannot be written or read: it is someone else's, not there, or there is no room. */
export function isOfDisk(error: unknown): error is Error {
  const { PermissionDenied, NotFound, NotADirectory, IsADirectory, FilesystemLoop, AlreadyExists } =
    Deno.errors;
  const kinds = [
    FileError,
    PermissionDenied,
    NotFound,
    NotADirectory,
    IsADirectory,
    FilesystemLoop,
    AlreadyExists,
  ];
  if (kinds.some((kind) => error instanceof kind)) return true;
  if (whyNoRoom(error)) return true;
  // Input and output error, read-only, too long a name.
  return error instanceof Error && /\(os error (5|30|36)\)/.test(error.message);
}

/**
 * Bytes for {@link writeFileAtomically} that stay as they are now: a part of a larger memory, whose owner may change
 * it meanwhile, is copied.
 */
export function keptApart(bytes: Uint8Array<ArrayBuffer>): Chunk {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** What a file is called until it is whole. */
const partialName = /\.[\da-f-]+\.partial$/;

/**
 * Writes a file so that a reader finds the old content or the new one, never a part: into a
 * temporary file beside it first, which is then renamed. What killed writers have left beside is removed.
 *
 * Throws a {@link FileError} when the disk or a quota is full or cannot be written; the old file is kept then.
 */
export async function writeFileAtomically(
  path: string,
  chunks: readonly Chunk[],
): Promise<void> {
  // A link stays one.
  const place = await Deno.realPath(path).catch(() => path);
  const temporary = `${place}.${crypto.randomUUID()}.partial`;
  try {
    await Deno.mkdir(dirname(place), { recursive: true });
    await removePartial(dirname(place));
    await writeToDisk(temporary, chunks, async () => {
      const { mode } = await Deno.stat(place).catch(() => ({ mode: null }));
      if (mode !== null) await Deno.chmod(temporary, mode & 0o7777);
      await Deno.rename(temporary, place);
    });
    await syncFolder(dirname(place));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new FileError(whyNotWritten(path, chunks, error as Error), { cause: error });
  }
}

/** Removes files that writers left when they were killed; those of living ones are locked. */
export async function removePartial(folder: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile || !partialName.test(name)) continue;
    try {
      using file = await Deno.open(join(folder, name), { read: true, write: true });
      if (await file.tryLock(true)) await Deno.remove(join(folder, name));
    } catch {
      // It has got its name meanwhile, belongs to somebody else, or the place knows no locks.
    }
  }
}

/** Writes text by {@link writeFileAtomically}. */
export async function writeTextAtomically(path: string, text: string): Promise<void> {
  await writeFileAtomically(path, [new TextEncoder().encode(text)]);
}

/** {@link writeTextAtomically} for what cannot wait; leaves it to others to remove what killed writers left. */
export function writeTextAtomicallySync(path: string, text: string): void {
  const temporary = `${path}.${crypto.randomUUID()}.partial`;
  const bytes = new TextEncoder().encode(text);
  try {
    using file = Deno.openSync(temporary, { write: true, createNew: true });
    for (let written = 0; written < bytes.length;) {
      written += file.writeSync(bytes.subarray(written));
    }
    file.syncSync();
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was not made.
    }
    throw new FileError(whyNotWritten(path, [bytes], error as Error), { cause: error });
  }
}

/** Writes a file, waits until the disk has it, and calls `use` while it is still locked. */
export async function writeToDisk<T>(
  path: string,
  chunks: readonly Chunk[],
  use: () => Promise<T>,
): Promise<T> {
  const file = await openLocked(path);
  try {
    for (const chunk of chunks) {
      await writeAll(file, chunk instanceof Blob ? await chunk.bytes() : chunk);
    }
    await file.sync();
    return await use();
  } finally {
    file.close();
  }
}

/** Waits until the disk has a folder's names, so that what is written later is not there before them. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    using opened = await Deno.open(folder);
    await opened.sync();
  } catch {
    // Not every system has that for folders.
  }
}

async function openLocked(path: string): Promise<Deno.FsFile> {
  while (true) {
    const file = await Deno.open(path, { write: true, create: true, truncate: true });
    const isLocked = await file.tryLock(true).catch(() => undefined);
    // A place may know no locks; or somebody has just taken the file for a killed writer's.
    if (isLocked === undefined || isLocked && await isFileAt(path, file)) return file;
    file.close();
  }
}

/** Whether an open file still has its path. */
export async function isFileAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const [opened, there] = [await file.stat(), await Deno.stat(path).catch(() => undefined)];
  return opened.ino === there?.ino;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

/** Why a file is not there, in words; the room it needs is said where its content is given. */
export function whyNotWritten(
  path: string,
  chunks: readonly Chunk[],
  error: Error,
): string {
  const noRoom = whyNoRoom(error);
  const reason = noRoom ? noRoom + neededRoom(chunks) : error.message;
  return `${path} was not written: ${reason}. A file that was there before is unchanged.`;
}

/** The text of a file; `undefined` where there is none or it cannot be read. */
export function readTextIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * The names in a folder that are not UTF-8, with signs for what cannot be read in them: listing a folder
 * passes over them. None where the system has no such names, or no `ls`.
 */
export async function namesBeyondUtf8(folder: string): Promise<string[]> {
  if (Deno.build.os !== "linux") return [];
  try {
    const command = new Deno.Command("ls", { args: ["-1A", "--", folder], stderr: "null" });
    const text = new TextDecoder().decode((await command.output()).stdout);
    return text.split("\n").filter((name) => name.includes("\ufffd"));
  } catch {
    return [];
  }
}

/** Whether there is a file or folder of this path. */
export function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Whether a folder may be written, or made where it is not there. Where its rights allow it, it is tried out,
 * because they do not tell of full quotas and of network drives.
 */
export function isWritable(folder: string): boolean {
  try {
    requireAccess(folder, constants.W_OK | constants.X_OK);
    Deno.removeSync(Deno.makeTempDirSync({ dir: folder, prefix: ".tessera-" }));
    return true;
  } catch (error) {
    const above = dirname(folder);
    return (error as { code?: string }).code === "ENOENT" && above !== folder && isWritable(above);
  }
}
