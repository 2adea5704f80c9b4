/** JupyterLab as `./tessera lab` opens it: for learners and for teachers, its editor and its exports. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { program } from "../tools/command.ts";
import { findChromium } from "./chromium.ts";
import { Lab } from "./lab.ts";

const chromium = findChromium();
const ignore = !chromium;
if (ignore) console.warn("There is no Chromium here: JupyterLab is not tried out.");

const cells = [
  { cell_type: "markdown", id: "title", metadata: {}, source: "# Title\n\n$\\sqrt{x}$" },
  { cell_type: "code", id: "empty", metadata: {}, source: "", outputs: [], execution_count: null },
];
const notebook = {
  cells,
  metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
  nbformat: 4,
  nbformat_minor: 5,
};

Deno.test({
  name:
    "JupyterLab indents by two, offers only exports that work, and shows teachers' tools to teachers",
  ignore,
  fn: async () => {
    await using lab = await Lab.start(chromium!);
    const { browser } = lab;
    await Deno.writeTextFile(join(lab.home, "sample.ipynb"), JSON.stringify(notebook));
    await lab.openNotebook("sample.ipynb");

    // Two spaces, by typing and by Tab.
    await lab.command("notebook:enter-edit-mode");
    await browser.evaluate(
      "panel.content.activeCellIndex = 1; panel.content.activeCell.editor.focus()",
    );
    await browser.send("Input.insertText", { text: "for (const x of [1]) {" });
    await browser.press("Enter");
    await browser.send("Input.insertText", { text: "x;" });
    const source = await browser.evaluate("panel.content.activeCell.model.sharedModel.getSource()");
    assertStringIncludes(source, "{\n  x;");
    assert(!source.includes("   x;"), source);

    // What the menu offers can be had.
    await lab.command("docmanager:save");
    await lab.until("panel.context.model.dirty === false");
    const formats: string[] = await browser.evaluate(
      `fetch("/api/nbconvert").then((answer) => answer.json()).then(Object.keys)`,
    );
    assert(formats.includes("TesseraPDF"), formats.join());
    // The menu leaves out these, which are the notebook itself or nothing to look at.
    const offered = formats.filter((each) => !["custom", "notebook", "python"].includes(each));
    for (const format of offered) {
      const status = await browser.evaluate(
        `fetch("/nbconvert/${format}/sample.ipynb?download=true").then(({ status }) => status)`,
      );
      assertEquals(status, 200, `${format} of ${offered.join()}`);
    }

    // nbgrader's tools are for those who ask for them.
    const teaching = `document.body.innerText.includes("Nbgrader")`;
    assertEquals(await browser.evaluate(teaching), false);
    assert(await browser.evaluate(`document.body.innerText.includes("Validate")`));
    await using other = await Lab.start(chromium!, { options: ["--teaching"] });
    await other.until(teaching);
  },
});

Deno.test("exported HTML has attached images, however they are named, and goes without those that are missing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-lab-test-" });
  try {
    const path = join(folder, "sample.ipynb");
    const source = "![a](attachment:my%20picture%20(1).png) ![gone](attachment:gone.png) " +
      '<img alt="b" src="attachment:my picture (1).png">';
    const attachments = { "my picture (1).png": { "image/png": "AAAA" } };
    const cell = { cell_type: "markdown", id: "a", metadata: {}, attachments, source };
    await Deno.writeTextFile(path, JSON.stringify({ ...notebook, cells: [cell] }));
    const { code, stderr } = await new Deno.Command(program("jupyter"), {
      args: ["nbconvert", "--to", "html", path],
    }).output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 0, said);
    assertStringIncludes(said, "cell 1: the image gone.png is not attached");
    const html = await Deno.readTextFile(join(folder, "sample.html"));
    assertEquals(html.match(/src="data:image\/png;base64,AAAA"/g)?.length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("nbconvert --to pdf says what makes the course's PDF, in one line", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-lab-test-" });
  try {
    const path = join(folder, "sample.ipynb");
    await Deno.writeTextFile(path, JSON.stringify(notebook));
    const { code, stderr } = await new Deno.Command(program("jupyter"), {
      args: ["nbconvert", "--to", "pdf", path],
      env: { PATH: `${dirname(program("jupyter"))}:/bin` },
    }).output();
    const said = new TextDecoder().decode(stderr).trim().split("\n");
    assertEquals([code, said.length], [1, 2], said.join("\n"));
    assertStringIncludes(said[1], "jupyter nbconvert --to TesseraPDF NOTEBOOK");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
