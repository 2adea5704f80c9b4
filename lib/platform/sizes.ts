/** A number of bytes in words: `812 bytes`, `3.1 kB`, `12.0 MB`. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  const [unit, name] = bytes < 1e6 ? [1e3, "kB"] : [1e6, "MB"];
  return `${(bytes / unit).toFixed(1)} ${name}`;
}

/** A piece of a file that is to be written. */
export type Chunk = Uint8Array<ArrayBuffer> | Blob;

export function sizeOf(chunk: Chunk): number {
  return "size" in chunk ? chunk.size : chunk.length;
}

/** How much room it takes to write something, after the words that it is not there; nothing where that is not known. */
export function neededRoom(chunks: readonly Chunk[]): string {
  const bytes = chunks.reduce((sum, chunk) => sum + sizeOf(chunk), 0);
  return bytes === 0 ? "" : ` (${sizeInWords(bytes)} ${bytes === 1 ? "is" : "are"} needed)`;
}
