/** A JupyterLab of the project in a headless Chromium, for tests. */
import { dirname } from "node:path";
import { root } from "../tools/command.ts";
import { Chromium } from "./chromium.ts";
import { server } from "./kernel/processes.ts";

export interface LabOptions {
  /** Variables added to the server's environment. */
  environment?: Record<string, string>;
  /** Options of `./tessera lab`. */
  options?: readonly string[];
  /** Whether the installation is called by a link to its folder, and the home is a link to a folder elsewhere. */
  behindLinks?: boolean;
  /** CSS pixels of the window, and the pixels of the screen for each: 2 is a zoom of 200 %. */
  width?: number;
  height?: number;
  zoom?: number;
}

interface Server {
  /** Undefined where others have started it. */
  process?: Deno.ChildProcess;
  address: string;
  token: string;
}

/** JupyterLab's server with a browser before it. Ends both where it is disposed (`await using`). */
export class Lab implements AsyncDisposable {
  readonly browser: Chromium;
  /** The home that it serves, which goes away with it. */
  readonly home: string;
  readonly #server: Server;
  readonly #isFirst: boolean;
  #size: LabOptions = {};

  private constructor(browser: Chromium, home: string, server: Server, isFirst = true) {
    this.browser = browser;
    this.home = home;
    this.#server = server;
    this.#isFirst = isFirst;
  }

  static async start(
    chromium: string,
    { environment, options = [], behindLinks = false, ...size }: LabOptions = {},
  ) {
    const port = freePort();
    const token = crypto.randomUUID();
    const folder = await Deno.makeTempDir({ prefix: "tessera-lab-test-" });
    const home = `${folder}/home`;
    const installation = behindLinks ? `${folder}/course` : root;
    if (behindLinks) {
      await Deno.symlink(root, installation);
      await Deno.mkdir(`${folder}/drive/of ada`, { recursive: true });
      await Deno.symlink(`${folder}/drive/of ada`, home);
    }
    const process = server(`${installation}/tessera`, {
      args: [
        ...["lab", "--no-browser", `--port=${port}`, "--LabApp.expose_app_in_browser=True"],
        ...options,
      ],
      cwd: root,
      env: { JUPYTER_TOKEN: token, TESSERA_HOME: home, ...environment },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const address = `http://127.0.0.1:${port}`;
    try {
      await answers(`${address}/api?token=${token}`);
      const started = { process, address, token };
      const lab = new Lab(await Chromium.start(chromium), home, started);
      await lab.#enter(size);
      return lab;
    } catch (error) {
      await shutDown(address, token);
      throw error;
    }
  }

  /** A browser before a server of others, such as a hub's, in which its user has logged in. */
  static async before(
    browser: Chromium,
    { address, home }: { address: string; home: string },
  ): Promise<Lab> {
    const lab = new Lab(browser, home, { address, token: "" }, false);
    await lab.#setUpTab();
    return lab;
  }

  /** Another browser before the same server, as of somebody who has a notebook open twice. */
  async another(chromium: string): Promise<Lab> {
    const lab = new Lab(await Chromium.start(chromium), this.home, this.#server, false);
    await lab.#enter({});
    return lab;
  }

  async #enter(size: LabOptions): Promise<void> {
    this.#size = size;
    await this.#setUpTab();
    await this.browser.open(`${this.#server.address}/lab?token=${this.#server.token}&reset`);
  }

  async #setUpTab(): Promise<void> {
    await this.setSize(this.#size);
    await this.browser.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  }

  /** Closes the tab with JupyterLab in it; `openNotebook` goes on in another one. */
  async closeTab(): Promise<void> {
    await this.browser.closeTab();
    await this.#setUpTab();
  }

  /** The window's size in pixels of the screen; a zoom leaves that many fewer to the page. */
  async setSize({ width = 1400, height = 1000, zoom = 1 }: LabOptions): Promise<void> {
    await this.browser.send("Emulation.setDeviceMetricsOverride", {
      width: Math.round(width / zoom),
      height: Math.round(height / zoom),
      deviceScaleFactor: zoom,
      mobile: false,
    });
  }

  /**
   * Opens a notebook (its path in the home), and waits for its kernel, idle or else. The page's scripts
   * know it as `panel`, JupyterLab itself as `jupyterapp`.
   */
  async openNotebook(path: string, status: "idle" | "busy" = "idle"): Promise<void> {
    const place = path.split("/").map(encodeURIComponent).join("/");
    await this.browser.open(`${this.#server.address}/lab/tree/${place}?reset`);
    await this.#isOpen(path, status);
  }

  /** The same in JupyterLab as it is there, which is not loaded anew; what was open stays so. */
  async openAnotherNotebook(path: string): Promise<void> {
    await this.browser.evaluate("jupyterapp.restored.then(() => {})");
    await this.command("docmanager:open", { path });
    await this.#isOpen(path, "idle");
  }

  async #isOpen(path: string, status: string): Promise<void> {
    await this.until(`globalThis.panel = globalThis.jupyterapp &&
      [...jupyterapp.shell.widgets("main")].find((widget) => widget.context?.path === ${
      JSON.stringify(path)
    } && widget.sessionContext.isReady && widget.sessionContext.kernelDisplayStatus === "${status}")`);
    await this.browser.evaluate("jupyterapp.shell.activateById(panel.id)");
    await this.until("jupyterapp.shell.currentWidget === panel");
  }

  /** Runs one of JupyterLab's commands. */
  async command(name: string, args: Record<string, unknown> = {}): Promise<void> {
    await this.browser.evaluate(
      `void jupyterapp.commands.execute(${JSON.stringify(name)}, ${JSON.stringify(args)})`,
    );
  }

  /** Runs all cells and waits for the last. */
  async runAll(seconds = 300): Promise<void> {
    await this.command("notebook:run-all-cells");
    await this.untilIdle(seconds);
  }

  /** Waits until no cell runs or waits to; `hasBegun`, where it was seen that what is waited for has begun. */
  async untilIdle(seconds = 300, hasBegun = false): Promise<void> {
    if (!hasBegun) await new Promise((resolve) => setTimeout(resolve, 300));
    await this.until(
      `panel.sessionContext.kernelDisplayStatus === "idle" &&
        panel.content.widgets.every(({ model }) => model.executionState !== "running")`,
      seconds,
    );
  }

  /** Waits for something to be so on the page. */
  async until(condition: string, seconds = 180): Promise<void> {
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      if (await this.browser.evaluate(`Boolean(${condition})`).catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`this did not come to be so within ${seconds} s: ${condition}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    const { process, address, token } = this.#server;
    if (!this.#isFirst || !process) return;
    const number = await processOf(this.home);
    await shutDown(address, token);
    const hangs = setTimeout(() => number && Deno.kill(number, "SIGKILL"), 30_000);
    await process.status;
    clearTimeout(hangs);
    await Deno.remove(dirname(this.home), { recursive: true });
  }
}

export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** The number of the server's process, which writes it into its home. */
async function processOf(home: string): Promise<number | undefined> {
  for await (const { name } of Deno.readDir(`${home}/.jupyter/runtime`)) {
    const number = /^jpserver-(\d+)\.json$/.exec(name)?.[1];
    if (number) return Number(number);
  }
}

/** Asks the server to end: killing what started it would leave it and its kernels. */
async function shutDown(address: string, token: string): Promise<void> {
  const headers = { authorization: `token ${token}` };
  const answer = await fetch(`${address}/api/shutdown`, { method: "POST", headers })
    .catch(() => undefined);
  await answer?.body?.cancel();
}

async function answers(address: string): Promise<void> {
  for (let attempt = 0; attempt < 3000; attempt++) {
    const answer = await fetch(address).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`JupyterLab does not answer at ${address.replace(/\?.*/, "")}`);
}
