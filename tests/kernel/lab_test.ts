/** Stop and Run All in JupyterLab's own page. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { root } from "../../tools/command.ts";
import { Chromium, findChromium } from "../chromium.ts";
import { server } from "./processes.ts";

const cells = [
  "let kept = 41;\nfor (let i = 0; i < 3000; i++) console.log(`line ${i}`);",
  "while (true) {}",
  "console.log('behind');",
  "const label: number = 3;\nlabels.push(label);",
  "console.log('behind an error');",
];

const notebook = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
  cells: cells.map((source, index) => ({
    ...{ cell_type: "code", id: `cell-${index}`, source, outputs: [], execution_count: null },
    metadata: {},
  })),
});

/** The notebook's cells as the page knows them: prompts, and outputs as they are saved. */
const found = `(() => {
  return panel.content.widgets.map(({ model }) => ({
    count: model.executionCount,
    outputs: model.outputs?.toJSON() ?? [],
  }));
})()`;

interface Shown {
  count: number | null;
  outputs: { name?: string; text?: string; ename?: string; traceback?: string[] }[];
}

async function until(page: Chromium, expression: string, what: string): Promise<void> {
  for (let tries = 0; tries < 700; tries++) {
    if (
      await page.evaluate(
        `Boolean((() => { try { return ${expression}; } catch { return false; } })())`,
      )
    ) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const seen = await page.evaluate(
    `JSON.stringify([document.title, document.body.innerText.slice(0, 500), typeof jupyterapp])`,
  );
  throw new Error(`JupyterLab: ${what} does not come; the page shows ${seen}`);
}

Deno.test({
  name:
    "JupyterLab: Run All stops at a cell that Stop ends, and at an error; output is whole and the state stays",
  ignore: findChromium() === undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "tessera-kernel-lab-" });
    const port = 21_000 + Deno.pid % 10_000;
    const process = server(`${root}/.venv/bin/jupyter`, {
      args: [
        ...["lab", "--no-browser", "--ip=127.0.0.1", `--port=${port}`, "--allow-root"],
        ...["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"],
        ...[`--ServerApp.root_dir=${folder}`, "--LanguageServerManager.autodetect=False"],
      ],
      env: {
        JUPYTER_CONFIG_DIR: `${folder}/.config`,
        JUPYTER_DATA_DIR: `${folder}/.data`,
        JUPYTER_RUNTIME_DIR: `${folder}/.runtime`,
      },
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await Deno.writeTextFile(`${folder}/a.ipynb`, notebook);
      const address = `http://127.0.0.1:${port}`;
      for (let tries = 0; tries < 600; tries++) {
        if (await fetch(`${address}/api`).then((answer) => answer.text(), () => "")) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await using page = await Chromium.start(findChromium()!);
      await page.send("Emulation.setFocusEmulationEnabled", { enabled: true });
      await page.open(`${address}/lab/tree/a.ipynb?reset`);
      await until(
        page,
        `globalThis.panel = [...jupyterapp.shell.widgets("main")].find(({ context }) => context)`,
        "the notebook",
      );
      await page.evaluate(`void jupyterapp.shell.activateById(panel.id)`);
      const session = "panel.sessionContext";
      await until(page, `${session}.session.kernel.status === "idle"`, "the kernel");
      const command = (name: string) =>
        page.evaluate(`void jupyterapp.commands.execute("${name}")`);
      await command("notebook:run-all-cells");
      await until(
        page,
        `${found}[0].count === 1 && ${session}.session.kernel.status === "busy"`,
        "the loop",
      );
      const pressed = performance.now();
      await command("notebook:interrupt-kernel");
      await until(page, `${session}.session.kernel.status === "idle"`, "the end of the loop");
      assert(performance.now() - pressed < 10_000, "Stop takes ten times as long as it may");
      const shown: Shown[] = await page.evaluate(found);
      const text = shown[0].outputs.map(({ text }) => text ?? "").join("");
      assertEquals(text, Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join(""));
      // A busy machine takes long, which is told first.
      const said = shown[1].outputs.map(({ name, text }) => `${name}: ${text?.split("\n").at(-2)}`);
      assertEquals(said, ["stdout: Stopped. Variables and models keep what they held."]);
      assertEquals(shown[2], { count: null, outputs: [] });
      await page.evaluate(`void (panel.content.activeCellIndex = 2, panel.content.activeCell.model
        .sharedModel.setSource("console.log('kept', kept + 1);"))`);
      await command("notebook:run-cell");
      await until(page, `${found}[2].outputs.length > 0`, "the cell after Stop");
      await page.evaluate(`void (panel.content.activeCellIndex = 3)`);
      await command("notebook:run-all-below");
      await until(
        page,
        `${found}[3].outputs.length > 0 && ${session}.session.kernel.status === "idle"`,
        "the error",
      );
      const [, , after, failed, behind]: Shown[] = await page.evaluate(found);
      assertStringIncludes(after.outputs[0].text ?? "", "kept 42");
      assertEquals(failed.outputs.map(({ ename }) => ename), ["ReferenceError"]);
      assertStringIncludes(failed.outputs[0].traceback!.join("\n"), "→ 2 | labels.push(label);");
      assertEquals(behind, { count: null, outputs: [] });
    } finally {
      process.kill("SIGTERM");
      await process.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
});
