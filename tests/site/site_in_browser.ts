/** The site in a browser, for tests and trials: notebooks are put into it, run and read. */
import type { Cell, Notebook } from "../../tools/notebooks.ts";
import { serveSite } from "../../site/serve.ts";
import type { Page } from "../browsers/page.ts";
import { showing } from "./cells.ts";

/** An output of a cell, as the notebook has it. */
export interface Output {
  output_type: string;
  text?: string | string[];
  ename?: string;
  evalue?: string;
  traceback?: string[];
  data?: Record<string, unknown>;
}

/** A cell with what it has shown. */
export type ExecutedCell = Omit<Cell, "outputs" | "execution_count"> & {
  outputs: Output[];
  execution_count: number | null;
};

/** A site that is served, with a browser before it. Ends both where it is disposed (`await using`). */
export class SiteInBrowser<Browser extends Page = Page> implements AsyncDisposable {
  readonly browser: Browser;
  readonly address: string;
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;

  /** Serves a folder. */
  constructor(browser: Browser, folder: string) {
    this.browser = browser;
    this.#server = serveSite(folder);
    this.address = `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Serves another folder at the same address from now on, or nothing. */
  async host(folder: string | undefined): Promise<void> {
    await this.#server?.shutdown();
    this.#server = folder ? serveSite(folder, Number(new URL(this.address).port)) : undefined;
  }

  /**
   * Opens the site's JupyterLab; `settings` stand in its address, such as `TESSERA_QUICK=1`. The same site may
   * be served at other addresses.
   */
  async enter(settings = "", address = this.address): Promise<void> {
    await this.browser.open(`${address}lab/index.html?reset&${settings}`);
    await this.browser.evaluate(`(async () => {
      while (!globalThis.jupyterapp) await new Promise((resolve) => setTimeout(resolve, 50));
      await jupyterapp.restored;
    })()`);
  }

  /** Puts a notebook into the browser's files, and opens it with a kernel; throws what a dialog says instead. */
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
      const ready = Promise.all([widget.context.ready, widget.sessionContext.ready]).then(() => true);
      const later = () => new Promise((resolve) => setTimeout(resolve, 200));
      while (!await Promise.race([ready, later()])) {
        const dialog = document.querySelector(".jp-Dialog-content");
        if (dialog?.innerText) throw new Error("JupyterLab says: " + dialog.innerText);
      }
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

  /** Runs a command of JupyterLab's, and does not wait for it. */
  async command(id: string): Promise<void> {
    await this.browser.evaluate(`void jupyterapp.commands.execute(${JSON.stringify(id)})`);
  }

  /** Waits until an expression on the page is true, and gives its value; throws where it does not become so. */
  // deno-lint-ignore no-explicit-any
  async until(expression: string, seconds = 20): Promise<any> {
    for (const end = Date.now() + 1000 * seconds; Date.now() < end;) {
      // A page that is loaded anew meanwhile has no answer.
      const value = await this.browser.evaluate(expression).catch((error) => {
        if (!/context was destroyed|navigated/.test(error.message)) throw error;
      });
      if (value) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`never came true: ${expression}`);
  }

  /** The text of the dialog that is open, or comes within a moment. */
  async dialog(): Promise<string> {
    // Its title is drawn a little later than the rest.
    return await this.until(`document.querySelector(".jp-Dialog-header")?.innerText &&
      document.querySelector(".jp-Dialog .jp-Dialog-content").innerText`);
  }

  /** Presses a dialog's button, and waits until the dialog is gone; the next one may be there by then. */
  async answer(label: string): Promise<void> {
    await this.browser.evaluate(`(() => {
      const button = [...document.querySelectorAll(".jp-Dialog button")]
        .find(({ textContent }) => textContent === ${JSON.stringify(label)});
      button.closest(".jp-Dialog").dataset.answered = "";
      button.click();
    })()`);
    await this.until(`!document.querySelector(".jp-Dialog[data-answered]")`);
  }

  /** What the notices at the window's edge say. */
  async notices(): Promise<string> {
    const selector = JSON.stringify(".jp-Notification-Toast, .Toastify__toast");
    const all: string[] = await this.browser.evaluate(
      `[...document.querySelectorAll(${selector})].map((each) => each.innerText)`,
    );
    return all.join("\n");
  }

  /** A file in the browser as text, bytes as one letter each; undefined where there is none. */
  async file(path: string): Promise<string | undefined> {
    return await this.browser.evaluate(
      `jupyterapp.serviceManager.contents.get(${JSON.stringify(path)}, { content: true }).then(
        ({ content, format }) => format === "json" ? JSON.stringify(content) : format === "base64" ? atob(content) : content, () => undefined)`,
    );
  }

  /** Writes a text file in the browser, and makes its folders. */
  async write(path: string, text: string): Promise<void> {
    const [name, folders] = [path.split("/").at(-1), path.split("/").slice(0, -1)];
    const file = {
      type: "file",
      format: "text",
      mimetype: "text/plain",
      name,
      path,
      content: text,
    };
    await this.browser.evaluate(`(async () => {
      const { contents } = jupyterapp.serviceManager;
      const folders = ${JSON.stringify(folders)};
      for (let depth = 1; depth <= folders.length; depth++) {
        const path = folders.slice(0, depth).join("/"), name = folders[depth - 1];
        await contents.get(path, { content: false })
          .catch(() => contents.save(path, { type: "directory", name, path }));
      }
      await contents.save(${JSON.stringify(path)}, ${JSON.stringify(file)});
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
    ExecutedCell[]
  > {
    return await this.browser.evaluate(`testedNotebook.content.model.toJSON().cells`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    await this.host(undefined);
  }
}

/** What outputs say, in words. */
export function wordsOf(outputs: readonly Output[]): string {
  return outputs.map(({ text, traceback, data }) =>
    [text ?? traceback?.join("\n") ?? data?.["text/plain"] ?? ""].flat().join("")
  ).join("\n");
}

/** What a cell has shown, as the list of cells has it. */
export function shownBy(outputs: readonly Output[]): string {
  const ofKind = (kind: string) => outputs.filter(({ output_type }) => output_type === kind);
  const value = ofKind("execute_result")[0]?.data?.["text/plain"] as string | undefined;
  return showing(wordsOf(ofKind("stream")).replaceAll("\n\n", "\n"), value, ofKind("error")[0]);
}
