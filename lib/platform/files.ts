import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";

/** A file could not be written or is not what it should be; the message says which and why. */
export class FileError extends Error {
  override readonly name = "FileError";
}

/**
 * Writes a file so that a reader finds the old content or the new one, never a part: into a
 * temporary file beside it first, which is then renamed.
 *
 * Throws a {@link FileError} when the disk is full or cannot be written; the old file is kept then.
 */
export async function writeFileAtomically(
  path: string,
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  const temporary = `${path}.${Deno.pid}.partial`;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeToDisk(temporary, chunks);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new FileError(explain(path, chunks, error as Error), { cause: error });
  }
}

/** Writes text by {@link writeFileAtomically}. */
export async function writeTextAtomically(path: string, text: string): Promise<void> {
  await writeFileAtomically(path, [new TextEncoder().encode(text)]);
}

/** Writes a file, and waits until the disk has it. */
export async function writeToDisk(
  path: string,
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  try {
    for (const chunk of chunks) await writeAll(file, chunk);
    await file.sync();
  } finally {
    file.close();
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

function explain(path: string, chunks: readonly Uint8Array[], error: Error): string {
  const megabytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0) / 1e6;
  const full = /no space left|os error 28|quota/i.test(error.message);
  const reason = full ? `the disk is full (${megabytes.toFixed(1)} MB are needed)` : error.message;
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
    accessSync(folder, constants.W_OK | constants.X_OK);
    Deno.removeSync(Deno.makeTempDirSync({ dir: folder, prefix: ".tessera-" }));
    return true;
  } catch (error) {
    const above = dirname(folder);
    return (error as { code?: string }).code === "ENOENT" && above !== folder && isWritable(above);
  }
}
