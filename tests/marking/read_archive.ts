/** What lies in an archive, whole. */
import { ZipReader } from "@zip.js/zip.js";

/** The bytes of an archive's files by name. */
export async function bytesIn(archive: string): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const reader = new ZipReader(new Blob([await Deno.readFile(archive)]).stream());
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const entry of await reader.getEntries()) {
    if (entry.directory) continue;
    found.set(entry.filename, new Uint8Array(await entry.arrayBuffer()));
  }
  await reader.close();
  return found;
}

/** The texts of an archive's files by name. */
export async function textsIn(archive: string): Promise<Map<string, string>> {
  const decoder = new TextDecoder();
  const files = [...await bytesIn(archive)];
  return new Map(files.map(([name, bytes]) => [name, decoder.decode(bytes)]));
}
