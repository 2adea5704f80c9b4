/** Speaks to the language service as JupyterLab does, by the program that jupyter-lsp starts. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc";
import type { CompletionList, Diagnostic, Hover, Position } from "vscode-languageserver-types";
import { program, root } from "../../tools/command.ts";
import { type Notebook, textOf } from "../../tools/notebooks.ts";

/** A notebook's code cells as JupyterLab sends them. */
export function sent(cells: readonly string[]): string {
  return cells.map((cell) => `${cell}\n`).join("\n\n");
}

/** The code cells of a notebook. */
export function codeOf(notebook: Notebook): string[] {
  return notebook.cells.filter((cell) => cell.cell_type === "code").map(textOf);
}

/** A folder in the relay's care, and the relay. Ends both where it is disposed (`await using`). */
export class Client implements AsyncDisposable {
  readonly relay: ChildProcess;
  readonly socket: string;
  readonly connection: MessageConnection;
  readonly #folder: string;
  readonly #found = new Map<string, Diagnostic[]>();
  readonly #versions = new Map<string, number>();
  readonly #texts = new Map<string, string>();

  private constructor(folder: string, socket: string) {
    this.#folder = folder;
    this.socket = socket;
    this.relay = spawn(
      program("python"),
      ["-P", "-S", join(root, "python/tessera_language/__main__.py")],
      {
        stdio: ["pipe", "pipe", "inherit"],
        env: { ...process.env, TESSERA_LANGUAGE_SOCKET: socket },
      },
    );
    this.connection = createMessageConnection(
      new StreamMessageReader(this.relay.stdout!),
      new StreamMessageWriter(this.relay.stdin!),
    );
    this.connection.onNotification(
      "textDocument/publishDiagnostics",
      ({ uri, diagnostics }: { uri: string; diagnostics: Diagnostic[] }) => {
        this.#found.set(uri, diagnostics);
      },
    );
    this.connection.listen();
  }

  /** `folder` is what JupyterLab has open. */
  static async start(
    folder: string,
    socket = join(`/tmp/tessera-language-test-${crypto.randomUUID().slice(0, 8)}`, "socket"),
  ): Promise<Client> {
    const client = new Client(folder, socket);
    await client.connection.sendRequest("initialize", {
      ...{ processId: null, capabilities: {}, workspaceFolders: null },
      rootUri: pathToFileURL(folder).href,
    });
    await client.connection.sendNotification("initialized", {});
    return client;
  }

  uri(path: string): string {
    return pathToFileURL(join(this.#folder, path)).href;
  }

  /** Opens a document, as JupyterLab does, which says the same text at once again. */
  async open(path: string, text: string): Promise<void> {
    const uri = this.uri(path);
    const languageId = path.endsWith(".ipynb") ? "x.typescript" : "typescript";
    const textDocument = { uri, languageId, version: 0, text };
    this.#versions.set(uri, 0);
    await this.connection.sendNotification("textDocument/didOpen", { textDocument });
    await this.change(path, text);
  }

  async change(path: string, text: string): Promise<void> {
    const uri = this.uri(path);
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    this.#texts.set(uri, text);
    this.#found.delete(uri);
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: [{ text }],
    });
  }

  async close(path: string): Promise<void> {
    const textDocument = { uri: this.uri(path) };
    await this.connection.sendNotification("textDocument/didClose", { textDocument });
  }

  /** Asks about a place of a document. */
  // deno-lint-ignore no-explicit-any
  async ask(method: string, path: string, position: Position, more: object = {}): Promise<any> {
    const textDocument = { uri: this.uri(path) };
    const asked = { textDocument, position, ...more };
    try {
      return await this.connection.sendRequest(`textDocument/${method}`, asked);
    } catch (error) {
      const { line, character } = position;
      const { message } = error as Error;
      throw new Error(`${method} at ${line}:${character} of ${path}: ${message}`, { cause: error });
    }
  }

  async hover(path: string, position: Position): Promise<string> {
    const found = await this.ask("hover", path, position) as Hover | null;
    return found ? (found.contents as { value: string }).value : "";
  }

  /** The names that are offered, in their order. */
  async names(path: string, position: Position, typed?: string): Promise<string[]> {
    const context = typed === undefined
      ? { triggerKind: 1 }
      : { triggerKind: 2, triggerCharacter: typed };
    const found = await this.ask("completion", path, position, { context }) as
      | CompletionList
      | null;
    return (found?.items ?? []).map(({ label }) => label);
  }

  /**
   * What is wrong in a document, once the server has read it as it is now. That is known by a name in it that
   * nobody has declared; what is said of that is left out. Deno's server now and then loses the marks of a text
   * that changes while it reads it, until the next key: that is pressed here after twenty seconds.
   */
  async problems(path: string, undeclared: string, seconds = 120): Promise<Diagnostic[]> {
    const uri = this.uri(path);
    const isHeard = ({ message }: Diagnostic) => message.includes(undeclared);
    const end = performance.now() + seconds * 1000;
    let nextKey = performance.now() + 20_000;
    await this.hover(path, { line: 0, character: 0 }); // till then nobody looks at it
    while (performance.now() < end) {
      const found = this.#found.get(uri);
      if (found?.some(isHeard)) return found.filter((each) => !isHeard(each));
      if (performance.now() > nextKey) {
        nextKey += 20_000;
        await this.change(path, `${this.#texts.get(uri)} `);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`nothing was heard of ${undeclared} in ${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.relay.on("exit", resolve));
    if (this.relay.exitCode === null && this.relay.signalCode === null) {
      this.relay.stdin!.end();
      await ended;
    }
    this.connection.dispose();
  }
}
