/** What a cell leaves running: it goes on as on Deno, until Stop is pressed. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { findChromium } from "../chromium.ts";
import { notebookOf, siteOfUnit0 } from "./made_site.ts";
import { SiteInChromium, wordsOf } from "./site_in_chromium.ts";

const chromium = findChromium();

Deno.test({
  name: "what a cell leaves running goes on in a browser, until Stop",
  ignore: !chromium,
  async fn() {
    await using site = await SiteInChromium.start(chromium!, await siteOfUnit0());
    await site.enter();
    const cells = [
      `setTimeout(() => {
         for (const end = Date.now() + 1000; Date.now() < end;);
         console.log("it has ended");
       }, 500); "begun"`,
      `setInterval(() => { for (;;); }, 500); "begun"`,
      `"the kernel goes on"`,
    ];
    await site.openNotebook("unit0/left.ipynb", notebookOf(cells));
    const outputsOf = (at: number) => `testedNotebook.content.model.toJSON().cells[${at}].outputs`;
    await site.runCell(0);
    // Three: what the cell gives, and what came later.
    await site.until(`${outputsOf(0)}.length > 1`);
    const [first] = await site.cells();
    assertStringIncludes(wordsOf(first.outputs), "it has ended");
    assertEquals(first.outputs.filter(({ ename }) => ename), []);

    await site.runCell(1);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await site.stop();
    await site.until(`${outputsOf(1)}.some(({ ename }) => ename === "Stopped")`);
    // It is stopped each time, and said once.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const stopped = (await site.cells())[1].outputs.filter(({ ename }) => ename === "Stopped");
    assertEquals(stopped.length, 1);
    await site.browser.evaluate(`void jupyterapp.commands.execute("notebook:move-cursor-down")`);
    // The kernel listens, until the next cell lets the timer's loop run again.
    await site.runCell(2);
    assertStringIncludes(wordsOf((await site.cells())[2].outputs), "the kernel goes on");
  },
});
