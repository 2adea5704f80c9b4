/** Checksums, by which altered bytes are noticed. */
import { crc32 as checksum } from "node:zlib";

/** The CRC-32 of bytes; `before` is that of the bytes before them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  return checksum(bytes, before);
}

/** The SHA-256 of bytes, or of a text in UTF-8, in hexadecimal. */
export async function sha256(data: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
