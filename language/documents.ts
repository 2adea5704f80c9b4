/** A document as an editor has it, and as the language server reads it. */
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Position, Range } from "vscode-languageserver-types";
import { VirtualDocument } from "./virtual_document.ts";

/** The one way to write a file's address. */
export function canonical(uri: string): string {
  if (!uri.startsWith("file:")) return uri;
  try {
    return pathToFileURL(fileURLToPath(uri)).href;
  } catch {
    return uri;
  }
}

const namespaceImport =
  /^import\s+\*\s+as\s+([\p{L}\p{N}_$]+)\s+from\s*["']@tensorflow\/tfjs(?:-node(?:-gpu)?)?["']/gmu;

export class OpenDocument {
  readonly languageId: string;
  /** The notebook as a module; undefined for a TypeScript file. */
  notebook: VirtualDocument | undefined;
  version = 0;
  #text = "";

  /** `uri` is the editor's, `serverUri` the one by which the server knows it. */
  constructor(readonly uri: string, readonly serverUri: string, languageId: string) {
    // JupyterLab calls a notebook's language after its kernel's media type: x.typescript.
    this.languageId = languageId.replace(/^x[.-]/, "");
  }

  get isNotebook(): boolean {
    return this.uri.endsWith(".ipynb");
  }

  /** Takes a new text; gives whether it is one. */
  set(text: string): boolean {
    if (this.version > 0 && text === this.#text) return false;
    this.#text = text;
    this.version++;
    this.notebook = this.isNotebook ? new VirtualDocument(text) : undefined;
    return true;
  }

  get text(): string {
    return this.#text;
  }

  get serverText(): string {
    return this.notebook?.text ?? this.#text;
  }

  toServer(position: Position): Position {
    return this.notebook?.toModule(position) ?? position;
  }

  fromServer({ start, end }: Range): Range | undefined {
    if (!this.notebook) return { start, end };
    const [from, to] = [start, end].map((each) => this.notebook!.toNotebook(each));
    return from && to && { start: from, end: to };
  }

  /** What stands before a place, in its line. */
  before({ line, character }: Position): string {
    return this.#text.split("\n")[line]?.slice(0, character) ?? "";
  }

  /** What stands behind a place, in its line. */
  behind({ line, character }: Position): string {
    return this.#text.split("\n")[line]?.slice(character) ?? "";
  }

  /** Names by which it has imported TensorFlow.js. */
  get namespaces(): Set<string> {
    return new Set(["tf", ...[...this.#text.matchAll(namespaceImport)].map(([, name]) => name)]);
  }
}
