/**
 * ZIP archives from strangers: their entries are looked at first, and read only within limits. Nothing is
 * written where an archive says, only where the caller says.
 */
import {
  configure,
  type Entry,
  ERR_UNSAFE_FILENAME,
  type FileEntry,
  Reader,
  ZipReader,
} from "@zip.js/zip.js";
import { leadsOut } from "./paths.ts";

configure({ useWebWorkers: false });

/** What an archive may hold. */
export interface Limits {
  entries: number;
  /** Bytes of all files, unpacked. */
  bytes: number;
}

/** More than a notebook with a hundred megabytes of outputs and its weights need. */
export const handInLimits: Limits = { entries: 1000, bytes: 600e6 };

/** An archive is not one that may be unpacked; the message says why. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}

/** A file in an archive or a folder. */
export interface Part {
  /** Its path, with slashes. */
  path: string;
  bytes: number;
  modified: Date;
  /** Writes it to a new file; throws an `ArchiveError` where it is larger than it says. */
  writeTo(file: string): Promise<void>;
}

/** Reads pieces of a file, so that an archive need not fit into memory. */
class FileReader extends Reader<Deno.FsFile> {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    super(file);
    this.#file = file;
  }

  override async init(): Promise<void> {
    await super.init?.();
    this.size = (await this.#file.stat()).size;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - index)));
    await this.#file.seek(index, Deno.SeekMode.Start);
    for (let read = 0; read < bytes.length;) {
      const count = await this.#file.read(bytes.subarray(read));
      if (count === null) return bytes.subarray(0, read);
      read += count;
    }
    return bytes;
  }
}

/**
 * Calls `body` with the files of an archive. Throws an `ArchiveError` where it is none, is locked by a password,
 * holds links or paths that lead out of a folder, or more than is allowed.
 */
export async function withArchive<T>(
  path: string,
  body: (parts: Part[]) => Promise<T>,
  limits: Limits = handInLimits,
): Promise<T> {
  const file = await Deno.open(path);
  try {
    const reader = new ZipReader(new FileReader(file), { checkSignature: true });
    let entries: Entry[];
    try {
      entries = [];
      for await (const entry of reader.getEntriesGenerator()) {
        entries.push(entry);
        if (entries.length > limits.entries) {
          throw new ArchiveError(`it holds more than ${limits.entries} files`);
        }
      }
    } catch (error) {
      if (error instanceof ArchiveError) throw error;
      const { message } = error as Error;
      throw new ArchiveError(
        message === ERR_UNSAFE_FILENAME
          ? "a path leads out of its folder"
          : `it cannot be read as a ZIP archive (${message})`,
      );
    }
    return await body(partsOf(entries, limits));
  } finally {
    file.close();
  }
}

function partsOf(entries: readonly Entry[], limits: Limits): Part[] {
  const seen = new Set<string>();
  let total = 0;
  return entries.flatMap((entry) => {
    const path = entry.filename.normalize("NFC");
    if (leadsOut(path)) throw new ArchiveError(`a path leads out of its folder: ${path}`);
    if (entry.directory) return [];
    if (entry.symlink) throw new ArchiveError(`it holds a link: ${path}`);
    if (entry.encrypted) throw new ArchiveError("it is locked by a password");
    if (seen.has(path.toLowerCase())) throw new ArchiveError(`it holds ${path} twice`);
    seen.add(path.toLowerCase());
    total += entry.uncompressedSize;
    if (total > limits.bytes) {
      throw new ArchiveError(`it would unpack to more than ${limits.bytes / 1e6} MB`);
    }
    const { uncompressedSize: bytes, lastModDate: modified } = entry;
    return [{ path, bytes, modified, writeTo: (file: string) => write(entry, file, bytes) }];
  });
}

async function write(entry: FileEntry, path: string, most: number): Promise<void> {
  const file = await Deno.open(path, { write: true, createNew: true });
  let written = 0;
  try {
    await entry.getData(
      new WritableStream<Uint8Array>({
        async write(chunk) {
          written += chunk.length;
          if (written > most) throw new ArchiveError(`${entry.filename} is larger than it says`);
          for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await file.write(rest));
        },
      }),
    );
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    throw new ArchiveError(`${entry.filename} is damaged (${(error as Error).message})`);
  } finally {
    file.close();
  }
}
