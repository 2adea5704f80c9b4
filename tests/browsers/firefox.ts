/** A headless Firefox for trials of pages, spoken to by WebDriver BiDi. */
import { launch } from "./launch.ts";
import type { Page } from "./page.ts";

// deno-lint-ignore no-explicit-any
type Message = Record<string, any>;

/** A browser with one page. Ends the browser where it is disposed (`await using`). */
export class Firefox implements Page {
  readonly #process: Deno.ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #context = "";
  #last = 0;

  private constructor(process: Deno.ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    };
  }

  /** Starts a browser of its own, with a profile of its own. */
  static async start(path: string): Promise<Firefox> {
    const { process, profile, socket } = await launch(path, {
      name: "Firefox",
      args: (
        profile,
      ) => ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile],
      address: /WebDriver BiDi listening on (ws:\S+)/,
      session: "/session",
    });
    const firefox = new Firefox(process, profile, socket);
    await firefox.#send("session.new", { capabilities: {} });
    const { contexts } = await firefox.#send("browsingContext.getTree", {});
    firefox.#context = contexts[0].context;
    return firefox;
  }

  async open(address: string): Promise<void> {
    const context = this.#context;
    await this.#send("browsingContext.navigate", { context, url: address, wait: "complete" });
  }

  // deno-lint-ignore no-explicit-any
  async evaluate(expression: string): Promise<any> {
    const { result, exceptionDetails } = await this.#send("script.evaluate", {
      expression: `(async () => JSON.stringify(await (${expression})))()`,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.type === "string" ? JSON.parse(result.value) : undefined;
  }

  async anotherTab(): Promise<() => Promise<void>> {
    const before = this.#context;
    const { context } = await this.#send("browsingContext.create", { type: "tab" });
    this.#context = context;
    return async () => {
      await this.#send("browsingContext.close", { context });
      this.#context = before;
      await this.#send("browsingContext.activate", { context: before });
    };
  }

  async downloadInto(folder: string): Promise<void> {
    await this.#send("browser.setDownloadBehavior", {
      downloadBehavior: { type: "allowed", destinationFolder: folder },
    });
  }

  async screenshot(path: string): Promise<void> {
    const { data } = await this.#send("browsingContext.captureScreenshot", {
      context: this.#context,
    });
    await Deno.writeFile(path, Uint8Array.fromBase64(data));
  }

  async #send(method: string, params: Message): Promise<Message> {
    const id = ++this.#last;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error, message } = await answer;
    if (error) throw new Error(`${method}: ${error}: ${message}`);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#process.status;
    const hangs = setTimeout(() => this.#process.kill("SIGKILL"), 10_000);
    this.#send("browser.close", {}).catch(() => {});
    await ended;
    clearTimeout(hangs);
    this.#socket.close();
    await Deno.remove(this.#profile, { recursive: true }).catch(() => {});
  }
}
