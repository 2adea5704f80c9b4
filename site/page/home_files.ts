/** The learner's own files: JupyterLite keeps them in the browser, and the page alone reaches them. */
import type { FileRequest, StoredFile } from "../kernel/messages.ts";
import type { Contents, FileModel } from "./jupyterlite.ts";
import { asContent, largeFrom } from "./large_file.ts";

export class HomeFiles {
  readonly #contents: Contents;

  constructor(contents: Contents) {
    this.#contents = contents;
  }

  /** All of them, with their folders, by their paths in the kernel: `/home/unit1/…`. */
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

  /** What a kernel's worker asks for. Throws an Error that says why something cannot be read or stored. */
  async answer(request: FileRequest): Promise<unknown> {
    const { path } = request;
    switch (request.do) {
      case "read":
        return await this.read(path);
      case "write":
        return await this.write(path, request.bytes);
      case "remove":
        return await this.remove(path);
      case "make folder":
        return await this.makeFolder(path);
    }
  }

  async exists(path: string): Promise<boolean> {
    return await this.#contents.get(path, { content: false }).then(() => true, () => false);
  }

  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return await bytesOf(await this.#contents.get(path, { content: true, asBlob: true }));
  }

  /** Throws a `StorageFull` where there is no room; then all is as it was. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const save = (content: Partial<FileModel> & { mimetype: string }) =>
      this.#contents.save(path, { name: nameOf(path), path, ...content });
    const content = contentOf(path, bytes);
    try {
      await save(content);
    } catch (error) {
      if (!(content.content instanceof Blob)) throw error;
      // Some browsers store no Blob, as WebKit in a private window.
      await save({ ...content, content: lettersOf(bytes) });
    }
  }

  /** Of a file that the site brings, the site's own stays. */
  async remove(path: string): Promise<void> {
    await this.#contents.delete(path);
  }

  /** Makes the folders that a file is to lie in; gives those that were not there. */
  async makeFolders(file: string): Promise<string[]> {
    const made: string[] = [];
    const parts = file.split("/").slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      if (await this.exists(folder)) continue;
      await this.makeFolder(folder);
      made.push(folder);
    }
    return made;
  }

  async makeFolder(path: string): Promise<void> {
    await this.#contents.save(path, { type: "directory", name: nameOf(path), path });
  }
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

async function bytesOf({ content, format }: FileModel): Promise<Uint8Array<ArrayBuffer>> {
  if (content instanceof Blob) return new Uint8Array(await content.arrayBuffer());
  if (format === "base64") {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(content);
    return Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
  }
  return new TextEncoder().encode(
    format === "json" ? `${JSON.stringify(content, null, 1)}\n` : content ?? "",
  );
}

/** Notebooks and texts are kept as what they are: bytes, which are kept as letters, take a third more; many as a Blob. */
function contentOf(
  path: string,
  bytes: Uint8Array,
): Partial<FileModel> & { mimetype: string } {
  const text = /\.(ipynb|json|txt|md|ts|js|csv|html|svg)$/.test(path) ? decoded(bytes) : undefined;
  if (text === undefined) {
    return {
      ...{ type: "file", format: "base64", mimetype: "application/octet-stream" },
      ...{ content: bytes.length < largeFrom ? lettersOf(bytes) : asContent(bytes) },
      size: bytes.length,
    };
  }
  const notebook = path.endsWith(".ipynb") ? asJson(text) : undefined;
  if (notebook === undefined) {
    return { type: "file", format: "text", mimetype: "text/plain", content: text };
  }
  return { type: "notebook", format: "json", mimetype: "application/json", content: notebook };
}

/** Bytes as text; undefined where they are none. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lettersOf(bytes: Uint8Array): string {
  if (bytes.toBase64) return bytes.toBase64(); // where the browser has it: no copy is made
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += threes) {
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + threes))));
  }
  return pieces.join("");
}

/** So many bytes are letters without a rest. */
const threes = 3 * 0x2000;
