/** A JupyterHub with the course's settings, as an administrator starts it, and its users before their browsers. */
import { join } from "node:path";
import { Chromium } from "../chromium.ts";
import { freePort, Lab } from "../lab.ts";
import { until } from "../kernel/processes.ts";
import type { Account } from "./account.ts";

export interface HubOptions {
  /** The installation. */
  course: string;
  /** Where the administrator keeps the hub's settings and its database. */
  folder: string;
  /** Python after the course's settings. */
  settings: string;
}

export class Hub implements AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly #process: Deno.ChildProcess;
  readonly #log: string;

  private constructor(address: string, process: Deno.ChildProcess, log: string) {
    this.address = address;
    this.#process = process;
    this.#log = log;
  }

  /** Starts a hub and waits until it answers. */
  static async start({ course, folder, settings }: HubOptions): Promise<Hub> {
    const [port, hubPort, proxyPort] = [freePort(), freePort(), freePort()];
    const config = join(folder, "jupyterhub_config.py");
    await Deno.writeTextFile(
      config,
      `load_subconfig(${JSON.stringify(join(course, "hub", "jupyterhub_config.py"))})
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:${port}"
c.JupyterHub.hub_port = ${hubPort}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:${proxyPort}"
${settings}`,
    );
    const log = join(folder, "hub.log");
    const line = 'exec "$0" --config "$1" > "$2" 2>&1';
    const program = join(course, ".venv", "bin", "jupyterhub");
    const process = new Deno.Command("setpriv", {
      args: ["--pdeathsig", "TERM", "sh", "-c", line, program, config, log],
      cwd: folder,
      clearEnv: true,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: folder, LANG: "C.UTF-8" },
      stdin: "null",
    }).spawn();
    const hub = new Hub(`http://127.0.0.1:${port}`, process, log);
    try {
      if (!await until(() => hub.#answers(), 60)) throw new Error("the hub does not answer");
    } catch (error) {
      await hub[Symbol.asyncDispose]();
      throw error;
    }
    return hub;
  }

  async #answers(): Promise<boolean> {
    const answer = await fetch(`${this.address}/hub/health`).catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.ok ?? false;
  }

  /** What the hub and its users' servers have said. */
  async said(): Promise<string> {
    return await Deno.readTextFile(this.#log).catch(() => "");
  }

  /** Logs a user in by the hub's own page, which starts their server, and gives its JupyterLab. */
  async logIn(account: Account, chromium: string): Promise<Lab> {
    const browser = await Chromium.start(chromium);
    const address = `${this.address}/user/${account.name}`;
    const lab = await Lab.before(browser, { address, home: join(account.folder, "tessera") });
    await browser.open(`${this.address}/hub/login`);
    await browser.evaluate(`{
      document.querySelector("#username_input").value = ${JSON.stringify(account.name)};
      document.querySelector("#password_input").value = ${JSON.stringify(account.password)};
      document.querySelector("form").requestSubmit();
    }`);
    await lab.until(`globalThis.jupyterapp && location.pathname.startsWith("/user/")`, 120);
    return lab;
  }

  /** Ends the hub, which ends its users' servers. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // it has ended by itself
    }
    const hangs = setTimeout(() => this.#process.kill("SIGKILL"), 30_000);
    await this.#process.status;
    clearTimeout(hangs);
  }
}
