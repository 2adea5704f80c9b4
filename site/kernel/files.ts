/**
 * The files that a kernel's worker knows: what the site brings, fetched when it is read, and the learner's own,
 * which the page keeps in JupyterLite's storage.
 */
import { type Files, type Information, NotFound } from "../../lib/platform/browser/host.ts";
import { type Chunk, sizeOf } from "../../lib/platform/sizes.ts";
import type { Brought } from "../brought.ts";
import { BroughtFiles } from "./brought_files.ts";
import type { FileRequest, StoredFile } from "./messages.ts";

/** The engine's own: cells may give the name to something else. */
const { Blob } = globalThis;
/** Of the learner's own files the small ones are kept in memory, as checks read some again and again. */
const largestInMemory = 4e6;
/**
 * What is made of data sets, such as a folder of 14,000 pictures, lies in memory alone: it can be made again, and
 * would fill the file browser and the storage.
 */
const made = /^\/home\/data(\/(cifar10-folder|decoded)(\/|$)|$)/;

/** Asks the page. */
type Ask = (request: FileRequest) => Promise<unknown>;

export class WorkerFiles implements Files {
  readonly #ask: Ask;
  readonly #site: BroughtFiles;
  readonly #known = new Map<string, Information>();
  readonly #memory = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(course: string, stored: readonly StoredFile[], brought: Brought, ask: Ask) {
    this.#site = new BroughtFiles(course, brought);
    this.#ask = ask;
    for (const each of stored) this.take(each.path, each);
    for (const [path, { size }] of Object.entries(brought)) {
      this.#know(`/course/${path}`, { isDirectory: false, isFile: true, size, mtime: null });
    }
  }

  /** Takes note of what is at a path now. */
  take(path: string, now: StoredFile | null): void {
    this.#memory.delete(path);
    if (!now) {
      for (const each of this.#known.keys()) {
        if (each === path || each.startsWith(`${path}/`)) this.#forget(each);
      }
      return;
    }
    const { isDirectory, size, changed } = now;
    this.#know(path, { isDirectory, isFile: !isDirectory, size, mtime: new Date(changed) });
  }

  #forget(path: string): void {
    this.#known.delete(path);
    this.#memory.delete(path);
  }

  #know(path: string, information: Information): void {
    this.#known.set(path, information);
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (folder === "" || this.#known.has(folder)) return;
    this.#know(folder, { isDirectory: true, isFile: false, size: 0, mtime: null });
  }

  information(path: string): Information | undefined {
    return this.#known.get(path);
  }

  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#known.get(path);
    if (!known?.isFile) throw new NotFound(`No such file: ${path}`);
    if (path.startsWith("/course/")) return await this.#site.read(path.slice("/course/".length));
    const kept = this.#memory.get(path);
    // What reads a file may change its copy.
    if (kept) return kept.slice();
    const stored = await this.#ask({ do: "read", path: inHome(path) }) as
      | Uint8Array<ArrayBuffer>
      | Blob;
    const bytes = stored instanceof Blob ? new Uint8Array(await stored.arrayBuffer()) : stored;
    if (bytes.length < largestInMemory) this.#memory.set(path, bytes.slice());
    return bytes;
  }

  async write(path: string, chunks: readonly Chunk[]): Promise<void> {
    const isMade = made.test(path);
    const size = chunks.reduce((sum, chunk) => sum + sizeOf(chunk), 0);
    const copy = isMade || size < largestInMemory ? await joined(chunks, size) : undefined;
    // A Blob lies outside of the tab's memory, and goes over to the page without a copy.
    const content = copy ?? new Blob([...chunks]);
    if (!isMade) await this.#ask({ do: "write", path: inHome(path), content });
    if (copy) this.#memory.set(path, copy);
    else this.#memory.delete(path);
    this.#know(path, { isDirectory: false, isFile: true, size, mtime: new Date() });
  }

  async remove(path: string): Promise<void> {
    if (!made.test(path)) await this.#ask({ do: "remove", path: inHome(path) });
    this.#forget(path);
  }

  /** A file's bytes where they are at hand at once. */
  inMemory(path: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#memory.get(path)?.slice();
  }

  async makeFolder(path: string): Promise<void> {
    if (this.#known.get(path)?.isDirectory) return;
    if (!made.test(path)) await this.#ask({ do: "make folder", path: inHome(path) });
    this.#know(path, { isDirectory: true, isFile: false, size: 0, mtime: null });
  }

  // deno-lint-ignore require-await -- as elsewhere
  async list(path: string): Promise<{ name: string; isFile: boolean; isDirectory: boolean }[]> {
    if (!this.#known.get(path)?.isDirectory) throw new NotFound(`No such folder: ${path}`);
    const inside = `${path}/`;
    return [...this.#known].flatMap(([each, { isFile, isDirectory }]) => {
      const name = each.startsWith(inside) ? each.slice(inside.length) : "";
      return name === "" || name.includes("/") ? [] : [{ name, isFile, isDirectory }];
    });
  }
}

async function joined(
  chunks: readonly Chunk[],
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk instanceof Blob ? new Uint8Array(await chunk.arrayBuffer()) : chunk, at);
    at += sizeOf(chunk);
  }
  return bytes;
}

/** The path in JupyterLite's files. Throws an Error for one that is not the learner's. */
function inHome(path: string): string {
  if (path.startsWith("/home/")) return path.slice("/home/".length);
  throw new Error(`${path} is not in your own files: write to the notebook's folder`);
}
