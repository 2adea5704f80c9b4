/** The site of unit 0, made and walked through in a real browser. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { readNotebook } from "../../tools/notebooks.ts";
import { checkStandardize } from "../../lib/mod.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { violations } from "../axe.ts";
import { findChromium } from "../chromium.ts";
import { cells, wrongOnes } from "./cells.ts";
import { notebookOf, siteOfUnit0, tessera } from "./made_site.ts";
import { trainsAndGoesOn } from "./training.ts";
import { shownBy, SiteInChromium, wordsOf } from "./site_in_chromium.ts";
import { stopsCells } from "./stopping.ts";

const chromium = findChromium();
if (!chromium) console.warn("There is no Chromium here: the site is not tried out.");

/**
 * Rules that JupyterLab breaks by itself: by its toolbars' buttons, its cells' editors, its list of cells and its link
 * to skip others.
 */
const brokenByJupyterLab = [
  ...["aria-allowed-attr", "aria-input-field-name", "aria-required-children", "region"],
];

/** What a check says on this machine of the mistake that unit 0 shows. */
async function messageOfMistake(): Promise<string> {
  const almostRight = (x: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.div(tf.sub(x, mean), variance);
  };
  try {
    await checkStandardize(almostRight);
    return "no mistake found";
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("tessera site refuses what is no unit, and a folder that holds other things", async () => {
  const unknown = await tessera(["site", "--units", "unit9"]);
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.said, 'there is no unit "unit9"');
  const folder = await Deno.makeTempDir({ prefix: "tessera-site-test-" });
  try {
    await Deno.writeTextFile(join(folder, "mine.txt"), "mine");
    const full = await tessera(["site", "--units", "unit0", "--output", folder]);
    assertEquals(full.code, 1);
    assertStringIncludes(full.said, "holds other things, which would be lost");
    assertEquals(await Deno.readTextFile(join(folder, "mine.txt")), "mine");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name:
    "unit 0 runs in a browser's tab, cells mean what they mean on Deno, and nothing leaves the site",
  ignore: !chromium,
  async fn() {
    await using site = await SiteInChromium.start(chromium!, await siteOfUnit0());
    // Room for all but the last of what follows; to be said before the site first stores something.
    const origin = site.address.replace(/\/$/, "");
    await site.browser.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 18e6 });
    await site.enter();
    // The page brings its settings, and its line is gone.
    assertEquals(
      site.browser.requests.filter((each) => /config-utils|jupyter-lite/.test(each)),
      [],
    );
    assertEquals(await site.browser.evaluate(`document.getElementById("tessera-opens")`), null);

    const unit0 = join(root, "notebooks", "source", "unit0", "first_steps.ipynb");
    await site.openNotebook("unit0/solved.ipynb", await readNotebook(unit0));
    await site.runAll();
    const solved = (await site.cells()).filter(({ cell_type }) => cell_type === "code");
    assertEquals(solved.flatMap(({ outputs }) => outputs).filter(({ ename }) => ename), []);
    assertEquals(
      solved.map(({ execution_count }) => execution_count),
      solved.map((_, at) => at + 1),
    );
    const words = solved.map(({ outputs }) => wordsOf(outputs)).join("\n");
    assertStringIncludes(words, "✔ Standardize: values and gradients are right");
    assertMatch(words, /Tessera computes in this browser, by tfjs .* \(WASM\)/);
    assertStringIncludes(words, await messageOfMistake());
    assertEquals(await violations(site.browser, { within: ".jp-OutputArea" }), []);
    assertEquals(await violations(site.browser, { without: brokenByJupyterLab }), []);

    await site.openNotebook(
      "unit0/failing.ipynb",
      notebookOf(["1", "throw new Error('here')", "2"]),
    );
    await site.runAll();
    const ended = (await site.cells()).map(({ outputs }) => shownBy(outputs));
    assertEquals(ended, ["1", "Error: here", ""]);

    // One by one, as Run All ends at an error.
    await site.openNotebook("unit0/cells.ipynb", notebookOf(cells.map(([code]) => code)));
    for (let at = 0; at < cells.length; at++) await site.runCell(at);
    assertEquals(wrongOnes((await site.cells()).map(({ outputs }) => shownBy(outputs))), []);

    // The library's own part is found out in the bundle too: called, or borrowed from its class.
    const borrowed = [
      'import * as lib from "tessera"; await lib.checkPatches((x, size) => lib.patchify(x, size))',
      `class Pool extends lib.Module {
        forward(x: any) { return lib.GlobalAveragePool.prototype.forward.call(this, x); }
      }
      await lib.checkGlobalAveragePool(Pool as any)`,
      "const { multiStep, checkStepSchedule } = lib;" +
      "await checkStepSchedule((o) => multiStep({ ...o, milestones: o.milestones.map((each) => each * o.stepsPerEpoch) } as any))",
    ];
    await site.openNotebook("unit0/borrowed.ipynb", notebookOf(borrowed));
    for (let at = 0; at < borrowed.length; at++) await site.runCell(at);
    const found = (await site.cells()).map(({ outputs }) => shownBy(outputs));
    for (const [at, part] of ["patchify", "GlobalAveragePool", "multiStep"].entries()) {
      assertMatch(found[at], new RegExp(`calls the library's .${part}`, "i"));
    }

    // What is typed is completed, and Shift-Tab explains it: by Jupyter's protocol, in characters.
    const helped = await site.browser.evaluate(`(async () => {
      const { kernel } = testedNotebook.sessionContext.session;
      const start = '"😀"; ';
      const code = start + "randomCr";
      const { content } = await kernel.requestComplete({ code, cursor_pos: [...code].length });
      const call = start + "tf.softmax(";
      const asked = { code: call, cursor_pos: [...call].length, detail_level: 0 };
      const { content: said } = await kernel.requestInspect(asked);
      return { content, said: said.data["text/markdown"] };
    })()`);
    assertEquals(helped.content.matches, ["randomCrop"]);
    assertEquals([helped.content.cursor_start, helped.content.cursor_end], [5, 13]);
    assertStringIncludes(helped.said, "function softmax");

    await stopsCells(site);
    await trainsAndGoesOn(site);

    const hostile = [
      'await fetch("https://example.com/").then(() => "left", (error) => error.name)',
      'await import("https://example.com/a.js").then(() => "left", (error) => error.name)',
      'typeof globalThis.document + " " + (() => { try { return Deno.cwd() } catch (e) { return e.message } })()',
      'new WebSocket("wss://example.com/"); await new Promise((resolve) => setTimeout(resolve, 200)); "tried"',
    ];
    await site.openNotebook("unit0/hostile.ipynb", notebookOf(hostile));
    for (let at = 0; at < hostile.length; at++) await site.runCell(at);
    const tried = (await site.cells()).map(({ outputs }) => shownBy(outputs));
    assertEquals(tried.slice(0, 2), ['"TypeError"', '"TypeError"']);
    assertMatch(tried[2], /^"undefined Deno is not in the browser/);
    // Full storage is an error that says so, and the file from before is whole.
    const saving = [
      'import { Linear, loadWeights, Random, saveWeights } from "tessera";',
      "const small = new Linear(100, 100, { random: new Random(1) });",
      'await saveWeights(small, "model.safetensors");',
      "const large = new Linear(2000, 2500, { random: new Random(1) });",
      'await saveWeights(large, "model.safetensors");',
      'await loadWeights(small, "model.safetensors"); "whole"',
    ];
    await site.openNotebook("unit0/saving.ipynb", notebookOf(saving));
    for (let at = 0; at < saving.length; at++) await site.runCell(at);
    const saved = (await site.cells()).map(({ outputs }) => shownBy(outputs)).slice(2);
    assertMatch(saved[2], /^FileError: model.safetensors was not written: .* is full \(20\.0 MB/);
    assertEquals([saved[0], saved[1], saved[3]], ["", "", '"whole"']);

    const left = site.browser.requests.filter((address) =>
      !address.startsWith(site.address) && !/^(data|blob|about):/.test(address)
    );
    assertEquals(left, []);
  },
});
