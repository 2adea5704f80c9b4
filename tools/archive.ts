/** ZIP archives, written whole or not at all. */
import { configure, ZipWriter } from "@zip.js/zip.js";
import { dirname } from "node:path";
import { FileError, isOfDisk, whyNotWritten } from "../lib/platform/files.ts";

configure({ useWebWorkers: false }); // they would keep the program from ending

/** A file that goes into an archive, by its content or by where it lies. */
export interface Part {
  /** Its path in the archive, with slashes. */
  name: string;
  content: string | { file: string };
}

/**
 * Writes an archive; one that was there is replaced once the new one is complete. Throws a FileError that names
 * the archive where it cannot be written.
 */
export async function writeArchive(path: string, parts: readonly Part[]): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${crypto.randomUUID()}.partial`;
  try {
    const file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    await file.tryLock(true).catch(() => {}); // else it is taken for what a killed writer left
    const archive = new ZipWriter(file.writable, { extendedTimestamp: true });
    for (const { name, content } of parts) {
      if (typeof content === "string") {
        await archive.add(name, new Blob([content]).stream());
        continue;
      }
      const { mode, mtime } = await Deno.stat(content.file);
      const { readable } = await Deno.open(content.file);
      await archive.add(name, readable, {
        lastModDate: mtime ?? undefined,
        executable: ((mode ?? 0) & 0o100) !== 0,
      });
    }
    await archive.close(); // and the file with it
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    if (!isOfDisk(error)) throw error;
    throw new FileError(whyNotWritten(path, [], error), { cause: error });
  }
}
