/** The documents that editors have open, and the language server that has read them. */
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Diagnostic } from "vscode-languageserver-types";
import { DenoServer } from "./deno_server.ts";
import { findingsInFile, findingsInNotebook } from "./diagnostics.ts";
import { canonical, OpenDocument } from "./documents.ts";
import { LibraryCopies } from "./library_copies.ts";
import { OwnModules } from "./own_modules.ts";
import { askTwice } from "./unanswered.ts";

/** How long keys must rest before the server reads what was typed, in milliseconds. */
const pauseMs = 150;
/** So many documents the server checks at each change. */
const kept = 3;

export class Workspace {
  readonly copies: LibraryCopies;
  readonly #ownModules = new OwnModules((paths) => this.#readAnew(paths));
  readonly #server: DenoServer;
  readonly #documents = new Map<string, OpenDocument>();
  /** What the server has open, by its address: the version that it has read; the latest used last. */
  readonly #read = new Map<string, number>();
  readonly #show: (uri: string, diagnostics: Diagnostic[]) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unread: OpenDocument | undefined;

  /** `folder` is the address of the editor's; `show` is called with what is wrong in a document. */
  constructor(
    readonly folder: string | null,
    show: (uri: string, diagnostics: Diagnostic[]) => void,
  ) {
    this.copies = new LibraryCopies(folder);
    this.#show = show;
    this.#server = new DenoServer(
      folder && canonical(folder),
      (uri, found) => this.#hearProblems(uri, found),
    );
  }

  /** Resolved when the language server has ended. */
  get ended(): Promise<void> {
    return this.#server.ended;
  }

  /** Takes a document's text, as it is opened or changed. */
  set(uri: string, text: string, languageId?: string): void {
    let document = this.#documents.get(uri);
    if (!document) {
      const serverUri = canonical(this.copies.originalOf(uri));
      document = new OpenDocument(uri, serverUri, languageId ?? "typescript");
      this.#documents.set(uri, document);
    }
    const isNew = document.version === 0;
    if (!document.set(text) || isNew) return;
    if (this.#unread && this.#unread !== document) this.flush();
    this.#unread = document;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), pauseMs);
  }

  close(uri: string): void {
    const document = this.#documents.get(uri);
    if (!document) return;
    this.#documents.delete(uri);
    if (this.#unread === document) this.#unread = undefined;
    if (this.#read.delete(document.serverUri)) this.#server.close(document.serverUri);
  }

  get(uri: string): OpenDocument | undefined {
    return this.#documents.get(uri);
  }

  get documents(): OpenDocument[] {
    return [...this.#documents.values()];
  }

  /** Lets the server read what was typed. */
  flush(): void {
    clearTimeout(this.#timer);
    const unread = this.#unread;
    this.#unread = undefined;
    if (unread) this.use(unread);
  }

  /** Lets the server read a document as it is now, and forget what nobody has used for long. */
  use(document: OpenDocument): void {
    const { serverUri, version } = document;
    const read = this.#read.get(serverUri);
    this.#read.delete(serverUri);
    this.#read.set(serverUri, version);
    if (read !== version && serverUri.startsWith("file:")) {
      this.#ownModules.watch(fileURLToPath(serverUri), document.text);
    }
    if (read === undefined) {
      this.#server.open(serverUri, document.languageId, version, document.serverText);
      for (const uri of [...this.#read.keys()].slice(0, -kept)) {
        this.#read.delete(uri);
        this.#server.close(uri);
      }
    } else if (read !== version) this.#server.change(serverUri, version, document.serverText);
  }

  /** Modules have changed on the disk, which the server looks at where a document is closed. */
  #readAnew(paths: readonly string[]): void {
    const closed = paths.map((path) => pathToFileURL(path).href)
      .filter((uri) => !this.#read.has(uri));
    if (closed.length === 0) return;
    for (const uri of closed) {
      this.#server.open(uri, uri.endsWith(".json") ? "json" : "typescript", 0, "");
      this.#server.close(uri);
    }
    for (const document of this.documents) {
      if (!this.#read.has(document.serverUri)) continue;
      document.version++;
      this.use(document);
    }
  }

  /** Asks the server about a document as it is now; null where it has no answer. */
  async ask(document: OpenDocument, method: string, params: object): Promise<unknown> {
    if (this.#unread) this.flush();
    const { serverUri, version } = document;
    const ask = () => {
      this.use(document);
      return this.#server.ask(method, { ...params, textDocument: { uri: serverUri } });
    };
    // A place in what was closed or typed over meanwhile is none in what is there now.
    const isMeant = () => this.get(document.uri) === document && document.version === version;
    return await askTwice(method, ask, isMeant);
  }

  /** What the server adds to an offer once that is looked at; null where it has no answer. */
  async resolve(item: unknown): Promise<unknown> {
    const method = "completionItem/resolve";
    return await askTwice(method, () => this.#server.ask(method, item));
  }

  /** The document that the server knows by an address. */
  byServerUri(uri: string): OpenDocument | undefined {
    const wanted = canonical(uri);
    return this.documents.find(({ serverUri }) => serverUri === wanted);
  }

  async #hearProblems(uri: string, found: Diagnostic[]): Promise<void> {
    const document = this.byServerUri(uri);
    // A document that was put aside keeps the marks that it has; what was typed since is read soon.
    if (!document || !this.#read.has(document.serverUri) || this.#unread === document) return;
    const { version, notebook } = document;
    const diagnostics = notebook
      ? await findingsInNotebook(notebook, found)
      : this.copies.isCopy(document.uri)
      ? []
      : findingsInFile(found);
    if (document.version === version) this.#show(document.uri, diagnostics);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ownModules.end();
    this.#server.end();
  }
}
