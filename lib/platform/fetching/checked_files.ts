/** Files whose content is known by its SHA-256. */
import { createHash } from "node:crypto";
import { sha256 as digest } from "../digests.ts";
import { whyNoRoom } from "../no_room.ts";
import { DownloadError } from "./download_error.ts";

/** Is `file` there with this SHA-256? An altered file is removed, and said so. */
export async function isWhole(file: string, sha256: string): Promise<boolean> {
  let found: string;
  try {
    found = await sha256Of(file);
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
  if (found === sha256) return true;
  await refuse(file);
  return false;
}

/** The bytes of `file` where it is there with this SHA-256; an altered one is removed, and said so. */
export async function readWhole(
  file: string,
  sha256: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(file);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
  if (await digest(bytes) === sha256) return bytes;
  await refuse(file);
}

function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

async function refuse(file: string): Promise<void> {
  console.warn(`${file} is truncated or altered (its SHA-256 is not the known one): refused.`);
  await Deno.remove(file).catch((error) => {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error; // it lies in another's folder
  });
}

/** Is `path` a folder, or a link to one? */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

/** The SHA-256 of a file, in hexadecimal; throws where the file is missing. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of (await Deno.open(file)).readable) hash.update(chunk);
  return hash.digest("hex");
}

/** Writes the gzip file `from`, unpacked, to `to`; throws a `TypeError` where it is not whole. */
export async function unpack(from: string, to: string): Promise<void> {
  using target = await Deno.open(to, { create: true, write: true, truncate: true });
  const unpacked = (await Deno.open(from)).readable.pipeThrough(new DecompressionStream("gzip"));
  for await (const chunk of unpacked) await writeAll(target, chunk);
}

export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

/** A full disk, a quota that is used up, or a closed disk in words that say what to do; any other error as it is. */
export function explainDiskError(error: unknown, name: string, file: string): unknown {
  if (!(error instanceof Error)) return error;
  const advice = "or set TESSERA_DATA to a folder elsewhere";
  const noRoom = whyNoRoom(error);
  if (noRoom) {
    const sentence = noRoom[0].toUpperCase() + noRoom.slice(1);
    return new DownloadError(
      `${sentence}: ${name} does not fit at ${file}. Free some space, ${advice}.`,
      undefined,
      error,
    );
  }
  if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
    return new DownloadError(`${file} cannot be made: part of its path is a file, not a folder.`);
  }
  if (error instanceof Deno.errors.PermissionDenied || /read-only/i.test(error.message)) {
    return new DownloadError(
      `${file} may not be written (${error.message}). Change the folder's permissions, ${advice}.`,
      undefined,
      error,
    );
  }
  return error;
}
