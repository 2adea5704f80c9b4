/** The site in a headless Chromium, for tests and trials: notebooks are put into it, run and read. */
import type { Cell, Notebook } from "../../tools/notebooks.ts";
import { serveSite } from "../../site/serve.ts";
import { Chromium } from "../chromium.ts";

/** An output of a cell, as the notebook has it. */
export interface Output {
  output_type: string;
  text?: string | string[];
  ename?: string;
  evalue?: string;
  traceback?: string[];
  data?: Record<string, unknown>;
}

/** A site that is served, with a browser before it. Ends both where it is disposed (`await using`). */
export class SiteInChromium implements AsyncDisposable {
  readonly browser: Chromium;
  readonly address: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(browser: Chromium, server: Deno.HttpServer<Deno.NetAddr>) {
    this.browser = browser;
    this.#server = server;
    this.address = `http://127.0.0.1:${server.addr.port}/`;
  }

  static async start(chromium: string, folder: string): Promise<SiteInChromium> {
    const server = serveSite(folder);
    try {
      return new SiteInChromium(await Chromium.start(chromium), server);
    } catch (error) {
      await server.shutdown();
      throw error;
    }
  }

  /** Opens the site's JupyterLab; `settings` stand in its address, such as `TESSERA_QUICK=1`. */
  async enter(settings = ""): Promise<void> {
    await this.browser.open(`${this.address}lab/index.html?reset&${settings}`);
    await this.browser.evaluate(`(async () => {
      while (!globalThis.jupyterapp) await new Promise((resolve) => setTimeout(resolve, 50));
      await jupyterapp.restored;
    })()`);
  }

  /** Puts a notebook into the browser's files, and opens it with a kernel. */
  async openNotebook(path: string, notebook?: Notebook): Promise<void> {
    if (notebook) {
      await this.browser.evaluate(
        `jupyterapp.serviceManager.contents.save(${JSON.stringify(path)}, {
        type: "notebook", format: "json", content: ${JSON.stringify(notebook)},
        name: ${JSON.stringify(path.split("/").at(-1))}, path: ${JSON.stringify(path)},
      }).then(() => 0)`,
      );
    }
    await this.browser.evaluate(`(async () => {
      const widget = await jupyterapp.commands.execute("docmanager:open", {
        path: ${JSON.stringify(path)}, kernel: { name: "deno" },
      });
      await widget.context.ready;
      await widget.sessionContext.ready;
      globalThis.testedNotebook = widget;
      jupyterapp.shell.activateById(widget.id);
    })()`);
  }

  /** Runs all cells, and waits until the last of them that runs has ended. */
  async runAll(): Promise<void> {
    await this.browser.evaluate(
      `jupyterapp.commands.execute("notebook:run-all-cells").then(() => 0)`,
    );
  }

  /** Runs one cell, and waits until it has ended. */
  async runCell(index: number): Promise<void> {
    await this.browser.evaluate(`(async () => {
      testedNotebook.content.activeCellIndex = ${index};
      await jupyterapp.commands.execute("notebook:run-cell");
    })()`);
  }

  /** Presses Stop. */
  async stop(): Promise<void> {
    await this.browser.evaluate(
      `jupyterapp.commands.execute("notebook:interrupt-kernel").then(() => 0)`,
    );
  }

  /** The open notebook's cells with their outputs. */
  async cells(): Promise<
    (Cell & { execution_count: number | null; outputs: Output[] })[]
  > {
    return await this.browser.evaluate(`testedNotebook.content.model.toJSON().cells`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}

/** What outputs say, in words. */
export function wordsOf(outputs: readonly Output[]): string {
  return outputs.map(({ text, traceback, data }) =>
    [text ?? traceback?.join("\n") ?? data?.["text/plain"] ?? ""].flat().join("")
  ).join("\n");
}
