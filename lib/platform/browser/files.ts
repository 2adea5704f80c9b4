import { makeFolder } from "./disk.ts";
import { host, NotFound } from "./host.ts";
import { dirname, resolve } from "./paths.ts";
import { type Chunk, neededRoom } from "../sizes.ts";

/** A file could not be written or is not what it should be; the message says which and why. */
export class FileError extends Error {
  override readonly name = "FileError";
}

/** The engine's own: cells may give the name to something else. */
const { Blob } = globalThis;
/** From this size on, in bytes, a Blob costs less than a copy. */
const largeFrom = 16_384;

/** The bytes as they are now. Many are copied into a Blob, which lies outside of the tab's memory. */
export function keptApart(bytes: Uint8Array<ArrayBuffer>): Chunk {
  return bytes.length < largeFrom ? bytes.slice() : new Blob([bytes]);
}

export function isOfDisk(error: unknown): error is Error {
  return error instanceof FileError || error instanceof NotFound;
}

/** The browser stores a file as a whole or not at all. */
export async function writeFileAtomically(
  path: string,
  chunks: readonly Chunk[],
): Promise<void> {
  try {
    await makeFolder(dirname(resolve(path)));
    await host().files.write(resolve(path), chunks);
  } catch (error) {
    throw new FileError(whyNotWritten(path, chunks, error as Error), { cause: error });
  }
}

export async function writeTextAtomically(path: string, text: string): Promise<void> {
  await writeFileAtomically(path, [new TextEncoder().encode(text)]);
}

/** Goes on while it is being stored. */
export function writeTextAtomicallySync(path: string, text: string): void {
  writeTextAtomically(path, text).catch((error) => console.error(error.message));
}

export async function writeToDisk<T>(
  path: string,
  chunks: readonly Chunk[],
  use: () => Promise<T>,
): Promise<T> {
  await writeFileAtomically(path, chunks);
  return await use();
}

/** No writer of another program leaves a part of a file here. */
export async function removePartial(_folder: string): Promise<void> {}

export async function syncFolder(_folder: string): Promise<void> {}

/** Why a file is not there, in words; the room it needs is said where its content is given. */
export function whyNotWritten(
  path: string,
  chunks: readonly Chunk[],
  error: Error,
): string {
  const reason = /quota|space|full/i.test(`${error.name} ${error.message}`)
    ? `the browser's storage for this site is full${neededRoom(chunks)}`
    : error.message;
  return `${path} was not written: ${reason}. A file that was there before is unchanged.`;
}

/** Of small files that were read or written before; others cannot be read without waiting. */
export function readTextIfThere(path: string): string | undefined {
  const bytes = host().files.inMemory(resolve(path));
  return bytes && new TextDecoder().decode(bytes);
}

export function namesBeyondUtf8(_folder: string): Promise<string[]> {
  return Promise.resolve([]);
}

export function exists(path: string): boolean {
  return host().files.information(resolve(path)) !== undefined;
}

export function isWritable(folder: string): boolean {
  return resolve(folder).startsWith("/home");
}
