/**
 * The files that a kernel's worker knows: what the site brings, fetched when it is read and kept by the
 * browser's cache, and the learner's own, which the page keeps in JupyterLite's storage.
 */
import { type Files, type Information, NotFound } from "../../lib/platform/browser/host.ts";
import type { Brought } from "../brought.ts";
import type { FileRequest, Settings } from "./messages.ts";

/** Of the learner's own files the small ones are kept in memory, as checks read some again and again. */
const largestInMemory = 4e6;

export class WorkerFiles implements Files {
  readonly #course: string;
  readonly #ask: (request: FileRequest) => Promise<unknown>;
  readonly #brought: Brought;
  readonly #known = new Map<string, Information>();
  readonly #memory = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(
    { course, stored }: Settings,
    brought: Brought,
    ask: (request: FileRequest) => Promise<unknown>,
  ) {
    this.#course = course;
    this.#brought = brought;
    this.#ask = ask;
    for (const { path, isDirectory, size, changed } of stored) {
      this.#know(path, { isDirectory, isFile: !isDirectory, size, mtime: new Date(changed) });
    }
    for (const [path, { size }] of Object.entries(brought)) {
      this.#know(`/course/${path}`, { isDirectory: false, isFile: true, size, mtime: null });
    }
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
    if (path.startsWith("/course/")) return await this.#fetch(path.slice("/course/".length));
    const kept = this.#memory.get(path);
    // What reads a file may change its copy.
    if (kept) return kept.slice();
    const bytes = await this.#ask({ do: "read", path: inHome(path) }) as Uint8Array<ArrayBuffer>;
    if (bytes.length < largestInMemory) this.#memory.set(path, bytes.slice());
    return bytes;
  }

  async write(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#ask({ do: "write", path: inHome(path), bytes });
    if (bytes.length < largestInMemory) this.#memory.set(path, bytes.slice());
    else this.#memory.delete(path);
    this.#know(path, { isDirectory: false, isFile: true, size: bytes.length, mtime: new Date() });
  }

  async remove(path: string): Promise<void> {
    await this.#ask({ do: "remove", path: inHome(path) });
    this.#memory.delete(path);
    this.#known.delete(path);
  }

  async makeFolder(path: string): Promise<void> {
    if (this.#known.get(path)?.isDirectory) return;
    await this.#ask({ do: "make folder", path: inHome(path) });
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

  async #fetch(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const isPacked = this.#brought[path].gzip;
    const reply = await fetch(`${this.#course}${path}${isPacked ? ".gz" : ""}`);
    if (!reply.ok) throw new Error(`The site's ${path} cannot be fetched: ${reply.status}`);
    // A host may unpack by itself what it knows as packed.
    const bytes = new Uint8Array(await reply.arrayBuffer());
    if (!isPacked || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  }
}

/** The path in JupyterLite's files. Throws an Error for one that is not the learner's. */
function inHome(path: string): string {
  if (path.startsWith("/home/")) return path.slice("/home/".length);
  throw new Error(`${path} is not in your own files: write to the notebook's folder`);
}
