/** `deno lsp`, which knows the types: started, told of documents, and asked. */
import { spawn } from "node:child_process";
import process from "node:process";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc";
import type { Diagnostic } from "vscode-languageserver-types";
import { initializeParams, settings } from "./server_settings.ts";

/** Hears what is wrong in a document. */
export type HearsProblems = (uri: string, problems: Diagnostic[]) => void;

interface Configuration {
  items: { section?: string }[];
}

export class DenoServer {
  readonly #connection: MessageConnection;
  /** Resolved when the program has ended, however that came. */
  readonly ended: Promise<void>;
  readonly #ready: Promise<unknown>;
  readonly #kill: () => void;

  /** `folder` is the address of the one that the editor has open. */
  constructor(folder: string | null, hearsProblems: HearsProblems) {
    const child = spawn(Deno.execPath(), ["lsp"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    this.#kill = () => child.kill("SIGKILL");
    this.ended = new Promise((resolve) => {
      child.on("exit", () => resolve());
      child.on("error", () => resolve());
    });
    this.#connection = createMessageConnection(
      new StreamMessageReader(child.stdout!),
      new StreamMessageWriter(child.stdin!),
    );
    this.#connection.onError(() => {});
    this.#connection.onRequest(
      "workspace/configuration",
      ({ items }: Configuration) => items.map(({ section }) => settings[section ?? ""] ?? null),
    );
    for (const method of ["client/registerCapability", "window/workDoneProgress/create"]) {
      this.#connection.onRequest(method, () => null);
    }
    this.#connection.onNotification(
      "textDocument/publishDiagnostics",
      ({ uri, diagnostics }: { uri: string; diagnostics: Diagnostic[] }) =>
        hearsProblems(uri, diagnostics),
    );
    this.#connection.listen();
    this.#ready = this.#connection.sendRequest("initialize", initializeParams(folder))
      .then(() => this.#connection.sendNotification("initialized", {}));
    this.#ready.catch(() => {});
  }

  open(uri: string, languageId: string, version: number, text: string): void {
    this.#tell("didOpen", { textDocument: { uri, languageId, version, text } });
  }

  change(uri: string, version: number, text: string): void {
    this.#tell("didChange", { textDocument: { uri, version }, contentChanges: [{ text }] });
  }

  close(uri: string): void {
    this.#tell("didClose", { textDocument: { uri } });
  }

  #tell(what: string, params: unknown): void {
    this.#ready.then(() => this.#connection.sendNotification(`textDocument/${what}`, params))
      .catch(() => {});
  }

  /** What the server answers to a request of the protocol. */
  async ask(method: string, params: unknown): Promise<unknown> {
    await this.#ready;
    return await this.#connection.sendRequest(method, params);
  }

  end(): void {
    this.#kill();
    this.#connection.dispose();
  }
}
