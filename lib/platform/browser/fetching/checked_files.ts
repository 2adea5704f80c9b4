import { sha256 as digest } from "../digests.ts";
import { readFile } from "../disk.ts";
import { host, NotFound } from "../host.ts";
import { resolve } from "../paths.ts";

export async function readWhole(
  file: string,
  sha256: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
  if (await digest(bytes) === sha256) return bytes;
  console.warn(`${file} is truncated or altered (its SHA-256 is not the known one): refused.`);
}

// deno-lint-ignore require-await -- as elsewhere
export async function isFolder(path: string): Promise<boolean> {
  return host().files.information(resolve(path))?.isDirectory ?? false;
}

export function explainDiskError(error: unknown, _name: string, _file: string): unknown {
  return error;
}
