/**
 * What a learner meets beside the cells of a unit, walked in any browser: for `deno task site-trial --ways`. What asks
 * more of a browser's tools is tried in Chromium alone, by tests.
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { readNotebook } from "../../tools/notebooks.ts";
import { textsIn } from "../marking/read_archive.ts";
import { cells, wrongOnes } from "./cells.ts";
import { arrived } from "./downloads.ts";
import { handIn } from "./graded.ts";
import { notebookOf, tessera } from "./made_site.ts";
import { shownBy, type SiteInBrowser, wordsOf } from "./site_in_browser.ts";
import { stopsCells } from "./stopping.ts";
import { trainsAndGoesOn } from "./training.ts";
import { keepsBothVersions, locksTrainings } from "./two_tabs.ts";

const unit0 = "unit0/first_steps.ipynb";

/** What a walk needs: the site before a browser, the folder that it serves, and one for what is downloaded. */
export interface Walk {
  site: SiteInBrowser;
  made: string;
  downloads: string;
}

/** Each way by what a learner would call it; it throws where something is not as it should be. */
export const ways: Readonly<Record<string, (walk: Walk) => Promise<void>>> = {
  "the start page": async ({ site }) => {
    await site.enter();
    await site.until(`!document.getElementById("tessera-opens")`);
    await site.openNotebook(
      "unit0/first.ipynb",
      notebookOf([`import * as tf from "@tensorflow/tfjs"; tf.add(1, 2).dataSync()[0]`]),
    );
    await site.runCell(0);
    const said = wordsOf((await site.cells())[0].outputs);
    assertMatch(said, /Tessera computes in this browser, by tfjs .* \(WASM\)/);
    assertMatch(said, /3/);
  },

  "cells mean what they mean on Deno": async ({ site }) => {
    await site.openNotebook("unit0/cells.ipynb", notebookOf(cells.map(([code]) => code)));
    for (let at = 0; at < cells.length; at++) await site.runCell(at);
    const wrong = wrongOnes((await site.cells()).map(({ outputs }) => shownBy(outputs)));
    // WebKit says the same of a constant and of a frozen object.
    const unclear = "TypeError: Attempted to assign to readonly property.";
    assertEquals(wrong.filter(({ shown }) => shown !== unclear), []);
  },

  "a mistake and its message": async ({ site }) => {
    const mistakes = [
      "function half(x: any) {\n  return x.value.length;\n}\n\nhalf({ value: undefined })",
      "const list = [1, 2];\nlist.push(3;",
      "print(1)",
      "class Tower {}\n(Tower as any)()",
      "setTimeout(() => { throw new Error('later') }, 10); await new Promise((go) => setTimeout(go, 300)); 1",
    ];
    await site.openNotebook("unit0/mistakes.ipynb", notebookOf(mistakes));
    for (let at = 0; at < mistakes.length; at++) await site.runCell(at);
    const said = (await site.cells()).map(({ outputs }) => wordsOf(outputs));
    assertStringIncludes(said[0], "cell [1], line 2, in half");
    assertStringIncludes(said[0], "→ 2 |   return x.value.length;");
    // WebKit tells of the innermost place alone.
    const isWebKits = await site.browser.evaluate(`"line" in new Error()`);
    if (!isWebKits) assertStringIncludes(said[0], "cell [1], line 5");
    assertMatch(said[1], /SyntaxError[^]*→ 2 \| list\.push\(3;/);
    assertStringIncludes(said[2], "print is not defined");
    assertStringIncludes(said[2], "console.log");
    assertMatch(said[3], /is a class: new (Tower|…)\(…\) makes one\./);
    assertStringIncludes(said[4], "Error: later");
  },

  "Stop in a loop and in an await": ({ site }) => stopsCells(site),

  "Stop in a training, and a reload that goes on": ({ site }) => trainsAndGoesOn(site),

  "a hostile notebook": async ({ site }) => {
    let asked = 0;
    const elsewhere = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
      asked++;
      return new Response("1", { headers: { "access-control-allow-origin": "*" } });
    });
    try {
      const address = `127.0.0.1:${elsewhere.addr.port}/`;
      const hostile = [
        `await fetch("http://${address}").then(() => "left", (error) => error.name)`,
        `await import("http://${address}a.js").then(() => "left", (error) => error.name)`,
        `new WebSocket("ws://${address}"); await new Promise((go) => setTimeout(go, 500)); "tried"`,
        `await show({ [Symbol.for("Jupyter.display")]: () => ({
           "text/html": '<img src="http://${address}a.png"><script src="http://${address}a.js"></script>' }) }).catch(String)`,
      ];
      await site.openNotebook(
        "unit0/hostile.ipynb",
        notebookOf([`import { show } from "tessera";`, ...hostile]),
      );
      for (let at = 0; at <= hostile.length; at++) await site.runCell(at);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const said = (await site.cells()).map(({ outputs }) => shownBy(outputs));
      assertEquals(said.slice(1, 3), ['"TypeError"', '"TypeError"']);
      assertEquals(asked, 0);
    } finally {
      await elsewhere.shutdown();
    }
  },

  "a second tab's question": ({ site }) => keepsBothVersions(site),

  "a training's folder in two tabs": ({ site }) => locksTrainings(site),

  "all work as a ZIP": async ({ site, downloads }) => {
    await solveUnit0(site);
    await site.write("notes.txt", "mine");
    await site.command("tessera:save-all");
    const saved = await textsIn(await arrived(downloads, /^tessera-work-.*\.zip$/));
    assertEquals(saved.get("notes.txt"), "mine");
    assertStringIncludes(saved.get(unit0)!, "✔ Standardize");
    assertEquals(JSON.parse(saved.get("tessera-work.json")!).files, saved.size - 1);
  },

  "a hand-in": async ({ site, downloads }) => {
    await solveUnit0(site);
    const owner = "Noether-1234567";
    const { said, archive } = await handIn(site, { unit: "unit0", owner, folder: downloads });
    assertStringIncludes(said, "Nothing is missing.");
    const { code, said: collected } = await tessera(["collect", archive, "--unit", "unit0"], {
      TESSERA_GRADING: join(downloads, "grading"),
    });
    assertEquals(code, 0, collected);
    assertStringIncludes(collected, `${owner}: collected (its PDF was made here)`);
  },

  "without a network": async ({ site, made }) => {
    await site.enter();
    await site.openNotebook(
      "unit0/counting.ipynb",
      notebookOf([`import { mnist } from "tessera";
        const { train } = await mnist({ limit: 20 }); train.size`]),
    );
    await site.runCell(0);
    await site.write("notes.txt", "mine");
    await site.until(`localStorage.getItem("tessera:kept /")`, 180);
    await site.host(undefined);
    try {
      await site.enter();
      await site.openNotebook("unit0/counting.ipynb");
      await site.runCell(0);
      assertStringIncludes(wordsOf((await site.cells())[0].outputs), "20");
      assertEquals(await site.file("notes.txt"), "mine");
    } finally {
      await site.host(made);
    }
  },
};

async function solveUnit0(site: SiteInBrowser): Promise<void> {
  await site.openNotebook(unit0, await readNotebook(join(root, "notebooks", "source", unit0)));
  await site.runAll();
  const outputs = (await site.cells()).flatMap(({ outputs = [] }) => outputs);
  assertEquals(outputs.filter(({ ename }) => ename), []);
}
