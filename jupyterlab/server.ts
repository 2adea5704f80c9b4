/** What a window asks of the server, and says to other windows. */
import type { HandInMaker } from "./hand_in.ts";
import type { Application, Context, FileModel, ServerConnection } from "./lab.ts";
import type { Windows, Word } from "./watch.ts";

const wordSchema = "https://tessera.invalid/open-notebooks";
const contentsSchema = "https://events.jupyter.org/jupyter_server/contents_service/v1";

/** The server, as the windows' watch sees it. */
export class Server implements Windows, HandInMaker {
  readonly #application: Application;
  readonly #connection: ServerConnection;
  readonly window: string = crypto.randomUUID();
  readonly history = "./tessera history";
  readonly before = "What was not run is run first, which may take a while.";

  constructor(application: Application, connection: ServerConnection) {
    this.#application = application;
    this.#connection = connection;
  }

  async say(action: Word["action"], path: string): Promise<void> {
    const data: Word = { action, path, window: this.window };
    const event = { schema_id: wordSchema, version: "1", data };
    await this.#application.serviceManager.events.emit(event).catch(report);
  }

  sayLast(path: string): void {
    const data: Word = { action: "closed", path, window: this.window };
    const body = JSON.stringify({ schema_id: wordSchema, version: "1", data });
    this.#request("api/events", { method: "POST", body, keepalive: true }).catch(() => {});
  }

  listen(heard: (word: Word) => void, saved: (path: string) => void): void {
    this.#application.serviceManager.events.stream.connect((_, event) => {
      if (event.schema_id === wordSchema && event.window !== this.window) {
        heard(event as unknown as Word);
      }
      if (event.schema_id === contentsSchema && event.action === "save") saved(String(event.path));
    });
  }

  async file(path: string): Promise<FileModel | undefined> {
    const options = { content: false, hash: true };
    return await this.#application.serviceManager.contents.get(path, options)
      .catch(() => undefined);
  }

  /** Has a snapshot taken of what a window has, or without `content` of the file on disk. */
  async snapshot(
    { path, model }: Context,
    reason: "run-all" | "window" | "reload",
    of: "window" | "file" = "window",
  ): Promise<void> {
    const content = of === "window" ? JSON.stringify(model.toJSON()) : undefined;
    const body = JSON.stringify({ path, reason, content });
    await this.#request("tessera/snapshots", { method: "POST", body }).catch(report);
  }

  async handInOf(path: string): Promise<{ unit: string; last: string }> {
    const query = new URLSearchParams({ path });
    return await (await this.#request(`tessera/hand-in?${query}`, {})).json();
  }

  async makeHandIn(
    path: string,
    owner: string,
  ): Promise<{ code: number; lines: string[]; archive: string | null }> {
    const body = JSON.stringify({ path, owner });
    return await (await this.#request("tessera/hand-in", { method: "POST", body })).json();
  }

  async #request(address: string, init: RequestInit): Promise<Response> {
    const { serverSettings } = this.#application.serviceManager;
    const url = serverSettings.baseUrl.replace(/\/*$/, "/") + address;
    const response = await this.#connection.makeRequest(url, init, serverSettings);
    if (!response.ok) throw new Error(await problemOf(response));
    return response;
  }
}

/** What the server says of a request that it refuses. */
async function problemOf(response: Response): Promise<string> {
  const { message } = await response.json().catch(() => ({})) as { message?: string };
  return message ?? `${response.url}: ${response.status} ${response.statusText}`;
}

function report(error: unknown): void {
  console.warn("Tessera:", error);
}
