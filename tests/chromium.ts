/** A headless Chromium for tests of pages, spoken to by its DevTools protocol. */
import { findProgram } from "./browsers/find_program.ts";
import { launch } from "./browsers/launch.ts";
import type { Page } from "./browsers/page.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Where the system's Chromium is, if it has one. */
export function findChromium(): string | undefined {
  return findProgram(...names);
}

const flags = [
  ..."--headless --no-sandbox --disable-quic --no-first-run --disable-background-networking"
    .split(" "),
  ..."--disable-component-update --disable-sync --hide-scrollbars --remote-debugging-port=0"
    .split(" "),
];

/** Instead of none, a graphics card that the processor plays (SwiftShader), for WebGPU. */
export const softwareCard: readonly string[] = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** The numbers of keys that are no letters; pages of some age ask for them. */
// deno-fmt-ignore
const keyCodes: Record<string, number> = {
  Tab: 9, Enter: 13, Escape: 27, " ": 32, PageUp: 33, PageDown: 34, End: 35, Home: 36,
  ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, Delete: 46,
};

// deno-lint-ignore no-explicit-any
type Message = Record<string, any>;

/** A browser with one page. Ends the browser where it is disposed (`await using`). */
export class Chromium implements Page {
  /** What went wrong on the page, and what it asked of the network. */
  readonly errors: string[] = [];
  readonly requests: string[] = [];
  readonly #process: Deno.ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #events = new Map<string, () => void>();
  #session: string | undefined;
  #target = "";
  #last = 0;

  private constructor(process: Deno.ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
  }

  /** Starts a browser of its own, with a profile of its own. */
  static async start(path: string, more: readonly string[] = ["--disable-gpu"]): Promise<Chromium> {
    const { process, profile, socket } = await launch(path, {
      name: "Chromium",
      args: (profile) => [...flags, ...more, `--user-data-dir=${profile}`, "about:blank"],
      address: /DevTools listening on (ws:\S+)/,
    });
    const chromium = new Chromium(process, profile, socket);
    const { targetInfos } = await chromium.send("Target.getTargets");
    await chromium.#attach(targetInfos.find(({ type }: Message) => type === "page").targetId);
    return chromium;
  }

  /** Closes the tab, as its cross does when nothing asks back, and goes on with an empty one. */
  async closeTab(): Promise<void> {
    const old = this.#target;
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    this.#session = undefined;
    await this.send("Target.closeTarget", { targetId: old });
    await this.#attach(targetId);
  }

  async anotherTab(): Promise<() => Promise<void>> {
    const [target, session] = [this.#target, this.#session];
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    this.#session = undefined;
    await this.#attach(targetId);
    return async () => {
      await this.send("Target.closeTarget", { targetId });
      [this.#target, this.#session] = [target, session];
    };
  }

  async downloadInto(folder: string): Promise<void> {
    await this.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder });
  }

  /** Chooses a file for an input that a selector names. */
  async chooseFile(selector: string, file: string): Promise<void> {
    const { root } = await this.send("DOM.getDocument");
    const { nodeId } = await this.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.send("DOM.setFileInputFiles", { nodeId, files: [file] });
  }

  /** One command of the protocol; throws the protocol's error. */
  async send(method: string, params: Message = {}): Promise<Message> {
    const id = ++this.#last;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: this.#session }));
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Opens an address and waits until it is loaded. */
  async open(address: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.#events.set("Page.loadEventFired", resolve));
    await this.send("Page.navigate", { url: address });
    await loaded;
  }

  /** The value of an expression on the page, awaited, as JSON carries it; throws what it throws. */
  // deno-lint-ignore no-explicit-any
  async evaluate(expression: string): Promise<any> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Writes what the window shows as a PNG; with a height, so much of the page. */
  async screenshot(path: string, clip?: { width: number; height: number }): Promise<void> {
    const area = clip && { clip: { x: 0, y: 0, scale: 1, ...clip }, captureBeyondViewport: true };
    const { data } = await this.send("Page.captureScreenshot", { format: "png", ...area });
    await Deno.writeFile(path, Uint8Array.fromBase64(data));
  }

  /** Presses keys, one after the other, by their names: `ArrowDown`, `Tab`, `a`. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      const code = keyCodes[key] ?? key.toUpperCase().charCodeAt(0);
      for (const type of ["keyDown", "keyUp"]) {
        await this.send("Input.dispatchKeyEvent", {
          ...{ type, key, code: key.length === 1 ? `Key${key.toUpperCase()}` : key },
          ...{ windowsVirtualKeyCode: code, nativeVirtualKeyCode: code },
        });
      }
    }
  }

  /** The most memory in MB that a page with its workers has had so far, of the one that had most (on Linux). */
  peakMemory(): number {
    const statusOf = (process: string) => {
      try {
        return Deno.readTextFileSync(`/proc/${process}/status`);
      } catch {
        return ""; // it has ended
      }
    };
    const all = [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name))
      .map(({ name }) => ({ name, status: statusOf(name) }));
    const family = new Set([`${this.#process.pid}`]);
    for (let size = 0; size !== family.size;) {
      size = family.size;
      for (const { name, status } of all) {
        if (family.has(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? "")) family.add(name);
      }
    }
    const peaks = all.filter(({ name }) => family.has(name) && isRenderer(name))
      .map(({ status }) => Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0));
    return Math.round(Math.max(0, ...peaks) / 1024);
  }

  /** Real mouse moves along a line of points of the page, with the button down. */
  async drag(points: readonly (readonly [x: number, y: number])[]): Promise<void> {
    const mouse = (type: string, [x, y]: readonly [number, number], buttons: number) =>
      this.send("Input.dispatchMouseEvent", {
        ...{ type, x, y, buttons },
        ...{ button: type === "mouseMoved" && buttons === 0 ? "none" : "left", clickCount: 1 },
      });
    await mouse("mouseMoved", points[0], 0);
    await mouse("mousePressed", points[0], 1);
    for (const point of points.slice(1)) await mouse("mouseMoved", point, 1);
    await mouse("mouseReleased", points.at(-1)!, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#process.status;
    const hangs = setTimeout(() => this.#process.kill("SIGKILL"), 5_000);
    this.#session = undefined;
    this.send("Browser.close").catch(() => {});
    await ended;
    clearTimeout(hangs);
    this.#socket.close();
    await Deno.remove(this.#profile, { recursive: true }).catch(() => {});
  }

  async #attach(targetId: string): Promise<void> {
    this.#target = targetId;
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    this.#session = sessionId;
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await this.send(`${domain}.enable`);
  }

  #hear({ id, method, params, ...answer }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
      return;
    }
    this.#events.get(method)?.();
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Runtime.exceptionThrown") {
      const { text, exception } = params.exceptionDetails;
      this.errors.push(exception?.description ?? text);
    }
    if (method === "Runtime.consoleAPICalled" && ["error", "warning"].includes(params.type)) {
      this.errors.push(params.args.map((arg: Message) => arg.value ?? arg.description).join(" "));
    }
    if (method === "Log.entryAdded" && params.entry.level === "error") {
      this.errors.push(params.entry.text);
    }
  }
}

function isRenderer(process: string): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${process}/cmdline`).includes("--type=renderer");
  } catch {
    return false;
  }
}
