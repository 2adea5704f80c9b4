/** File → Hand In This Unit… in JupyterLab. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { readNotebook } from "../../tools/notebooks.ts";
import { findChromium } from "../chromium.ts";
import { Lab } from "../lab.ts";

const chromium = findChromium();

Deno.test({
  name:
    "JupyterLab's File menu hands a unit in, says what is missing, and asks for a name it can use",
  ignore: chromium === undefined,
  fn: async () => {
    // As on a lab's computers, where what is named is often a link to where it lies.
    await using lab = await Lab.start(chromium!, { behindLinks: true });
    const { browser } = lab;
    const path = join(lab.home, "unit0", "first_steps.ipynb");
    const notebook = await readNotebook(path);
    notebook.cells.forEach((cell, index) => { // as if it had been run
      if (cell.cell_type === "code") cell.execution_count = index + 1;
    });
    await Deno.writeTextFile(path, JSON.stringify(notebook));
    await lab.openNotebook("unit0/first_steps.ipynb");

    const inMenu = `[...document.querySelectorAll(".lm-Menu-itemLabel")]
      .some(({ textContent }) => textContent === "Hand In This Unit…")`;
    await lab.command("filemenu:open");
    await lab.until(inMenu);
    await browser.press("Escape");

    const handInAs = async (owner: string) => {
      await lab.command("tessera:hand-in");
      await lab.until(`document.querySelector(".jp-Dialog input")`);
      await browser.evaluate(`document.querySelector(".jp-Dialog input").select()`);
      await browser.send("Input.insertText", { text: owner });
      await browser.evaluate(`document.querySelector(".jp-Dialog .jp-mod-accept").click()`);
      await lab.until(`document.querySelector(".tessera-hand-in")`);
      return await browser.evaluate(`document.querySelector(".tessera-hand-in").textContent`);
    };
    const close = async () => {
      await browser.evaluate(`[...document.querySelectorAll(".jp-Dialog button")]
        .find(({ textContent }) => textContent === "Close").click()`);
      await lab.until(`!document.querySelector(".jp-Dialog")`);
    };
    const refused = await handInAs("Noether");
    assert(refused.includes("is not SURNAME-NUMBER"), refused);
    await close();

    const said = await handInAs("Müller-O'Neill-1234567");
    assert(said.includes("(standardize): the task is not solved."), said);
    await Deno.stat(join(lab.home, "out", "hand-in", "unit0", "Müller-O'Neill-1234567.zip"));
    const download = await browser.evaluate(
      `document.querySelector(".jp-Dialog .jp-mod-accept").textContent`,
    );
    assertEquals(download, "Download");
    await close();

    // The next time it knows who that was.
    await lab.command("tessera:hand-in");
    await lab.until(
      `document.querySelector(".jp-Dialog input")?.value === "Müller-O'Neill-1234567"`,
    );
  },
});
