/** WebKitGTK's own small browser for trials of pages, spoken to by WebDriver, on a screen that nobody sees. */
import { join } from "node:path";
import type { Page } from "./page.ts";

const folders = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib",
  "/usr/libexec",
];

/** Its driver has no command for downloads: they come into the folder that the desktop names for them. */
const downloads = "downloads";

/** The browser's program, where the system has one. */
function findMiniBrowser(): string | undefined {
  const names = folders.flatMap((folder) =>
    ["4.1", "6.0"].map((version) => `${folder}/webkit2gtk-${version}/MiniBrowser`)
  );
  return names.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** A browser with one page. Ends the browser where it is disposed (`await using`). */
export class WebKit implements Page {
  readonly #programs: readonly Deno.ChildProcess[];
  readonly #session: string;
  readonly #settings: string;
  #asked = 0;

  private constructor(
    programs: readonly Deno.ChildProcess[],
    { session, settings }: { session: string; settings: string },
  ) {
    this.#programs = programs;
    this.#session = session;
    this.#settings = settings;
  }

  /** `driver` is the program WebKitWebDriver. */
  static async start(driver: string): Promise<WebKit> {
    const binary = findMiniBrowser();
    if (!binary) throw new Error("WebKitGTK's MiniBrowser is not here");
    const programs: Deno.ChildProcess[] = [];
    const display = `:${90 + Math.floor(Math.random() * 900)}`;
    const start = (path: string, args: string[], env: Record<string, string> = {}) => {
      const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
      programs.push(new Deno.Command(path, { args, env, ...streams }).spawn());
    };
    start("Xvfb", [display, "-screen", "0", "1400x900x24", "-nolisten", "tcp"]);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    const settings = await Deno.makeTempDir({ prefix: "tessera-webkit-" });
    const folder = `XDG_DOWNLOAD_DIR="${join(settings, downloads)}"\n`;
    await Deno.writeTextFile(join(settings, "user-dirs.dirs"), folder);
    const env = {
      ...{ DISPLAY: display, GDK_BACKEND: "x11", WEBKIT_DISABLE_COMPOSITING_MODE: "1" },
      XDG_CONFIG_HOME: settings,
    };
    start(driver, [`--port=${port}`, "--host=127.0.0.1"], env);
    const address = `http://127.0.0.1:${port}/session`;
    const options = { "webkitgtk:browserOptions": { binary, args: ["--automation"] } };
    const capabilities = { alwaysMatch: { ...options, timeouts: { script: 3_600_000 } } };
    try {
      const { sessionId } = await whenReady(() => ask(address, { capabilities }));
      return new WebKit(programs, { session: `${address}/${sessionId}`, settings });
    } catch (error) {
      for (const each of programs) each.kill("SIGKILL");
      await Deno.remove(settings, { recursive: true });
      throw error;
    }
  }

  async open(address: string): Promise<void> {
    await ask(`${this.#session}/url`, { url: address });
  }

  /** Its driver takes one command after the other: what an expression waits for is asked for again and again. */
  // deno-lint-ignore no-explicit-any
  async evaluate(expression: string): Promise<any> {
    const answer = `answer${this.#asked++}`;
    await this.#run(`(async () => JSON.stringify(await (${expression})))().then(
      (value) => window.${answer} = { value }, (error) => window.${answer} = { error: String(error) });
      window.${answer} = "waits"`);
    for (let pause = 5;; pause = Math.min(2 * pause, 100)) {
      const given = await this.#run(
        `const given = window.${answer}; if (given !== "waits") delete window.${answer}; return given`,
      );
      if (!given) throw new Error("the page's context was destroyed");
      if (given.error !== undefined && given.error !== null) throw new Error(given.error);
      if (given !== "waits") {
        return typeof given.value === "string" ? JSON.parse(given.value) : undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  // deno-lint-ignore no-explicit-any
  #run(script: string): Promise<any> {
    return ask(`${this.#session}/execute/sync`, { script, args: [] });
  }

  async anotherTab(): Promise<() => Promise<void>> {
    const before = await ask(`${this.#session}/window`);
    const { handle } = await ask(`${this.#session}/window/new`, { type: "tab" });
    await ask(`${this.#session}/window`, { handle });
    return async () => {
      await ask(`${this.#session}/window`, undefined, "DELETE");
      await ask(`${this.#session}/window`, { handle: before });
    };
  }

  async downloadInto(folder: string): Promise<void> {
    await Deno.symlink(folder, join(this.#settings, downloads));
  }

  async screenshot(path: string): Promise<void> {
    const data = await ask(`${this.#session}/screenshot`);
    await Deno.writeFile(path, Uint8Array.fromBase64(data as unknown as string));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await fetch(this.#session, { method: "DELETE" }).then((reply) => reply.body?.cancel())
      .catch(() => {});
    for (const each of this.#programs.toReversed()) {
      each.kill("SIGTERM");
      await each.status;
    }
    await Deno.remove(this.#settings, { recursive: true }).catch(() => {});
  }
}

/** A command of WebDriver's; without a body what is read. Throws an Error with what went wrong. */
async function ask(
  address: string,
  body?: object,
  method = body ? "POST" : "GET",
  // deno-lint-ignore no-explicit-any
): Promise<any> {
  const reply = await fetch(address, {
    method,
    body: body && JSON.stringify(body),
  });
  const { value } = await reply.json();
  if (!reply.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** Asks again until somebody listens. */
async function whenReady<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 30_000;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TypeError) || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
