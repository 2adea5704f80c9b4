/** What Jupyter's server and JupyterLab's windows do for a learner, on a home of its own. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { server } from "../kernel/processes.ts";
import { root } from "../../tools/command.ts";
import { openNotebooks } from "../../tools/learner/open_notebooks.ts";
import { readSnapshot, snapshotsOf } from "../../tools/learner/snapshots.ts";
import { type Notebook, notebookText, readNotebook, textOf } from "../../tools/notebooks.ts";
import { Chromium, findChromium } from "../chromium.ts";

const notebook = "unit0/first_steps.ipynb";

/** `./tessera lab` in a home of its own. */
class Lab implements AsyncDisposable {
  private constructor(
    readonly home: string,
    readonly url: string,
    readonly token: string,
    readonly process: Deno.ChildProcess,
  ) {}

  static async start(): Promise<Lab> {
    const home = join(await Deno.makeTempDir({ prefix: "tessera-lab-" }), "my home");
    const env = { TESSERA_HOME: home, TESSERA_CALLER: root };
    const run = (name: string, ...args: string[]) =>
      server(Deno.execPath(), {
        args: ["run", "--quiet", "--allow-all", join(root, "tools", `${name}.ts`), ...args],
        ...{ cwd: root, env, stdin: "null", stdout: "null", stderr: "null" },
      });
    await run("home", home).output();
    const process = run(
      ...["lab", "--no-browser", "--port=0", "--LabApp.expose_app_in_browser=True"] as const,
    ).spawn();
    const folder = join(home, ".jupyter", "runtime");
    const answering = until(async () => {
      for await (const { name } of Deno.readDir(folder)) {
        if (!/^jpserver-\d+\.json$/.test(name)) continue;
        const found = JSON.parse(await Deno.readTextFile(join(folder, name)));
        const headers = { Authorization: `token ${found.token}` };
        await (await fetch(`${found.url}api/status`, { headers })).body?.cancel();
        return found;
      }
    });
    const { url, token } = await answering.catch((error) => {
      process.kill("SIGTERM");
      throw error;
    });
    return new Lab(home, url, token, process);
  }

  async request(path: string, method = "GET", body?: unknown): Promise<Response> {
    const headers = { Authorization: `token ${this.token}` };
    const sent = body === undefined ? undefined : JSON.stringify(body);
    return await fetch(this.url + path, { method, headers, body: sent });
  }

  /** Saves a notebook as a window does. */
  async save(content: Notebook, path = notebook): Promise<void> {
    const model = { type: "notebook", format: "json", content };
    const answer = await this.request(`api/contents/${path}`, "PUT", model);
    const said = await answer.text();
    assert(answer.ok, said);
  }

  /** The reasons of the notebook's snapshots, newest first, and a text of the cell `await` in each. */
  async history(): Promise<[reason: string, text: string][]> {
    const snapshots = snapshotsOf(this.home, notebook);
    return await Promise.all(snapshots.map(async (snapshot) => {
      const { cells } = await readSnapshot(snapshot);
      return [snapshot.reason, textOf(cells.find(({ id }) => id === "await")!).split("\n")[0]];
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGTERM"); // the server ends with it
    await this.process.status;
    await until(async () => (await this.#server()).pid === undefined);
    await Deno.remove(join(this.home, ".."), { recursive: true });
  }

  async #server(): Promise<{ pid?: number }> {
    for await (const { name } of Deno.readDir(join(this.home, ".jupyter", "runtime"))) {
      if (/^jpserver-\d+\.json$/.test(name)) {
        return JSON.parse(await Deno.readTextFile(join(this.home, ".jupyter", "runtime", name)));
      }
    }
    return {};
  }
}

/** The first value that is one, asked for again and again for at most two minutes. */
async function until<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  let last: unknown;
  for (let count = 0; count < 480; count++) {
    try {
      const value = await ask();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`waited in vain; ${last}`);
}

/** The notebook of a home with a line in the first of its cells with an `await`. */
async function withLine(home: string, line: string): Promise<Notebook> {
  const content = await readNotebook(join(home, notebook));
  content.cells.find(({ id }) => id === "await")!.source = line;
  return content;
}

Deno.test("Jupyter's server takes snapshots of what is saved, and what lay there from another sitting", async () => {
  await using lab = await Lab.start();
  const { home } = lab;
  await lab.save(await withLine(home, "// one"));
  await until(async () => (await lab.history()).length === 1);
  await lab.save(await withLine(home, "// two"));
  await lab.save(await withLine(home, "// three"), "unit0/copy.ipynb");
  await until(() => Promise.resolve(snapshotsOf(home, "unit0/copy.ipynb").length === 1));
  assertEquals(await lab.history(), [["save", "// one"]], "one in ten minutes");

  // The next day: what was saved last, or by another program, comes before it is replaced.
  const [{ path }] = snapshotsOf(home, notebook);
  const yesterday = new Date(Date.now() - 86_400_000);
  for (const each of [path, join(path, "..")]) await Deno.utime(each, yesterday, yesterday);
  await lab.save(await withLine(home, "// four"));
  await until(async () => (await lab.history()).length === 2);
  assertEquals(await lab.history(), [["save", "// two"], ["save", "// one"]]);

  // A window that runs all cells, and nobody without the token.
  const content = notebookText(await withLine(home, "// five"));
  const asked = { path: notebook, reason: "run-all", content };
  const answer = await lab.request("tessera/snapshots", "POST", asked);
  assertEquals(await answer.json(), { taken: true });
  assertEquals((await lab.history())[0], ["run-all", "// five"]);
  const wrong = await lab.request("tessera/snapshots", "POST", { ...asked, reason: "save" });
  assertEquals(wrong.status, 400);
  await wrong.body?.cancel();
  const stranger = await fetch(`${lab.url}tessera/snapshots`, {
    method: "POST",
    body: JSON.stringify(asked),
  });
  assertEquals(stranger.status, 403);
  await stranger.body?.cancel();
  // Outside of a home nothing is kept, and saving goes on.
  assertEquals(snapshotsOf(home, notebook).length, 3);
});

/** A window of JupyterLab with the notebook. */
class Window {
  constructor(readonly page: Chromium) {}

  async open(lab: Lab, workspace: string): Promise<void> {
    const address =
      `${lab.url}lab/workspaces/${workspace}/tree/${notebook}?token=${lab.token}&reset`;
    await this.page.send("Emulation.setFocusEmulationEnabled", { enabled: true });
    await this.page.open(address);
    await this.waitFor("document.querySelectorAll('.jp-CodeCell .cm-content').length > 2");
    await this.page.evaluate(`
      globalThis.panel = [...jupyterapp.shell.widgets("main")].find(({ context }) => context);
      globalThis.cellOfTest = () =>
        [...panel.content.model.cells].find(({ id }) => id === "await").sharedModel;
      jupyterapp.shell.activateById(panel.id);
    `);
  }

  async waitFor(expression: string): Promise<unknown> {
    return await until(async () => await this.page.evaluate(expression) || undefined);
  }

  /** Waits for a notification with a text. */
  async notice(text: string): Promise<void> {
    await this.waitFor(`[...document.querySelectorAll('.Toastify__toast')]
      .some((each) => each.innerText.includes(${JSON.stringify(text)}))`);
  }

  async noticeGoes(text: string): Promise<void> {
    await this.waitFor(`![...document.querySelectorAll('.Toastify__toast')]
      .some((each) => each.innerText.includes(${JSON.stringify(text)}))`);
  }

  /** Writes into the notebook's first cell of code with an `await`. */
  async write(text: string): Promise<void> {
    await this.page.evaluate(
      `cellOfTest().setSource(${JSON.stringify(text)} + "\\n" + cellOfTest().getSource())`,
    );
  }

  /** Saves as the menu and the autosave do, and does not wait for the end. */
  async save(): Promise<void> {
    await this.page.evaluate("panel.context.save().catch(() => {}), 0");
  }

  async runAll(): Promise<void> {
    await this.page.evaluate(`jupyterapp.commands.execute("runmenu:run-all"), 0`);
  }

  async click(label: string): Promise<void> {
    await this.waitFor(`(() => {
      const button = [...document.querySelectorAll("button")]
        .find((each) => each.innerText.trim() === ${JSON.stringify(label)});
      button?.click();
      return button !== undefined;
    })()`);
  }
}

const chromium = findChromium();

Deno.test({
  name: "two windows on one notebook are told, and neither's text is lost whatever they choose",
  ignore: !chromium,
  async fn() {
    await using lab = await Lab.start();
    await using firstPage = await Chromium.start(chromium!);
    const first = new Window(firstPage);
    await first.open(lab, "first");
    await until(async () => (await openNotebooks(lab.home)).has(notebook));
    {
      await using secondPage = await Chromium.start(chromium!);
      const second = new Window(secondPage);
      await second.open(lab, "second");
      for (const window of [first, second]) await window.notice("is open in another window too");

      // What one saves, the other hears of at once, before it has written anything.
      await first.write("// from the first");
      await first.save();
      await second.notice("was saved elsewhere; here is an earlier state");

      // The second writes and saves: JupyterLab asks which version to throw away; both are kept.
      await second.write("// from the second");
      await second.save();
      await second.waitFor("document.querySelector('.jp-Dialog') !== null");
      const texts = (await lab.history()).map(([, text]) => text);
      assert(texts.includes("// from the first"), String(texts));
      assert(texts.includes("// from the second"), String(texts));
      await second.click("Overwrite");
      await second.noticeGoes("was saved elsewhere");
      await first.notice("was saved elsewhere");
      assertEquals((await lab.history()).length, 2, "each version once");

      // The first has changes of its own, and loads the other's all the same.
      await first.write("// unsaved in the first");
      await first.click("Load what was saved");
      await first.waitFor("cellOfTest().getSource().includes('// from the second')");
      assertEquals((await lab.history())[0], ["reload", "// unsaved in the first"]);
      // The other window breaks off without a word, which shows when someone comes back to this one.
    }
    await first.page.evaluate("dispatchEvent(new Event('focus')), 0");
    await first.noticeGoes("is open in another window too");

    // A program beside, such as VS Code or an update, is seen when someone comes back to the window.
    const path = join(lab.home, notebook);
    await Deno.writeTextFile(path, notebookText(await withLine(lab.home, "// from outside")));
    await first.page.evaluate("dispatchEvent(new Event('focus')), 0");
    await first.notice("was saved elsewhere; here is an earlier state.");
    await first.click("Load what was saved");
    await first.noticeGoes("was saved elsewhere");

    // Run All leaves the state that it started from.
    await first.write("// before Run All");
    await first.runAll();
    await until(async () => (await lab.history())[0][0] === "run-all");
    assertEquals((await lab.history())[0], ["run-all", "// before Run All"]);
    assertEquals(firstPage.errors.filter((error) => error.startsWith("Tessera:")), []);
  },
});
