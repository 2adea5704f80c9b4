/** The learner's own files: JupyterLite keeps them in the browser, and the page alone reaches them. */
import type { FileRequest, StoredFile } from "../kernel/messages.ts";
import type { Contents, FileModel } from "./jupyterlite.ts";
import { asContent, largeFrom, lettersOf as lettersOfBlob } from "./large_file.ts";

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
        return await this.#stored(path);
      case "write":
        return await this.write(path, request.content);
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
    const stored = await this.#stored(path);
    return stored instanceof Blob ? new Uint8Array(await stored.arrayBuffer()) : stored;
  }

  /** A large file as the Blob that is kept, which goes to a worker without a copy. */
  async #stored(path: string): Promise<Uint8Array<ArrayBuffer> | Blob> {
    const model = await this.#contents.get(path, { content: true, asBlob: true });
    return model.content instanceof Blob ? model.content : bytesOf(model);
  }

  /** Throws a `StorageFull` where there is no room; then all is as it was. */
  async write(path: string, written: Uint8Array | Blob): Promise<void> {
    const save = (model: Partial<FileModel> & { mimetype: string }) =>
      this.#contents.save(path, { name: nameOf(path), path, ...model });
    const text = isText.test(path) ? decoded(await inMemory(written)) : undefined;
    if (text !== undefined) return void await save(textModel(path, text));
    const blob = written instanceof Blob ? written : new Blob([written as Uint8Array<ArrayBuffer>]);
    const model = {
      ...{ type: "file", format: "base64", mimetype: "application/octet-stream" },
      size: blob.size,
    };
    if (blob.size < largeFrom) {
      return void await save({ ...model, content: lettersOf(await inMemory(written)) });
    }
    try {
      await save({ ...model, content: asContent(blob) });
    } catch {
      // Some browsers store no Blob, as WebKit in a private window.
      await save({ ...model, content: await lettersOfBlob(blob) });
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

function bytesOf({ content, format }: FileModel): Uint8Array<ArrayBuffer> {
  if (format === "base64") {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(content);
    return Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
  }
  return new TextEncoder().encode(
    format === "json" ? `${JSON.stringify(content, null, 1)}\n` : content ?? "",
  );
}

async function inMemory(written: Uint8Array | Blob): Promise<Uint8Array> {
  return written instanceof Blob ? new Uint8Array(await written.arrayBuffer()) : written;
}

/** Notebooks and texts are kept as what they are: bytes that are kept as letters take a third more. */
const isText = /\.(ipynb|json|txt|md|ts|js|csv|html|svg)$/;

function textModel(path: string, text: string): Partial<FileModel> & { mimetype: string } {
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
