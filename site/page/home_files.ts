/** The learner's own files, as the kernel's worker asks for them: JupyterLite keeps them in the browser. */
import type { FileRequest, StoredFile } from "../kernel/messages.ts";
import type { Contents, FileModel } from "./jupyterlite.ts";

export class HomeFiles {
  readonly #contents: Contents;

  constructor(contents: Contents) {
    this.#contents = contents;
  }

  /** All of them, with their folders. */
  async all(): Promise<StoredFile[]> {
    const found: StoredFile[] = [];
    const walk = async (folder: string) => {
      const { content } = await this.#contents.get(folder, { content: true });
      for (const { path, type, size = 0, last_modified } of content as FileModel[]) {
        const isDirectory = type === "directory";
        const changed = Date.parse(last_modified) || 0;
        found.push({ path: `/home/${path}`, isDirectory, size, changed });
        if (isDirectory) await walk(path);
      }
    };
    await walk("");
    return found;
  }

  /** Throws an Error that says why something cannot be read or stored. */
  async answer(request: FileRequest): Promise<unknown> {
    const { path } = request;
    switch (request.do) {
      case "read":
        return await this.#read(path);
      case "write":
        return await this.#write(path, request.bytes);
      case "remove":
        return await this.#contents.delete(path);
      case "make folder": {
        const name = path.slice(path.lastIndexOf("/") + 1);
        await this.#contents.save(path, { type: "directory", name, path });
      }
    }
  }

  async #read(path: string): Promise<Uint8Array> {
    const { content, format } = await this.#contents.get(path, { content: true });
    if (format === "base64") return bytesOf(content);
    return new TextEncoder().encode(format === "json" ? JSON.stringify(content) : content);
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const content = textOf(bytes);
    const before = await this.#contents.get(path, { content: true }).catch(() => undefined);
    await this.#contents.save(path, {
      ...{ type: "file", format: "base64", mimetype: "application/octet-stream" },
      ...{ name: path.slice(path.lastIndexOf("/") + 1), path },
      ...{ content, size: bytes.length },
    });
    // JupyterLite's storage tells of no error where it is full: only reading shows what is there.
    const stored = await this.#contents.get(path, { content: true });
    if (stored.format === "base64" && stored.content.length === content.length) return;
    if (before) await this.#contents.save(path, before).catch(() => {});
    throw new Error("the browser's storage for this site is full (quota)");
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
}

function textOf(bytes: Uint8Array): string {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(letters);
}
