/** The site without a network, and when a new version of it comes. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { listFiles } from "../../site/offline/list.ts";
import { findChromium } from "../chromium.ts";
import { notebookOf, siteOfUnit0 } from "./made_site.ts";
import { SiteInChromium, wordsOf } from "./site_in_chromium.ts";

const chromium = findChromium();

const version = `fetch("../course/course.json").then((reply) => reply.json())
  .then(({ version }) => version)`;

/** How many pages of the site are open: each holds a lock that all share. */
const pagesOpen = `navigator.locks.query()
  .then(({ held }) => held.filter(({ name }) => name === "tessera:page").length)`;

/** A copy of a site whose course has another version. */
async function copyOf(site: string, to: string, version: string): Promise<string> {
  await cp(site, to, { recursive: true });
  const file = join(to, "course", "course.json");
  const facts = JSON.parse(await Deno.readTextFile(file));
  await Deno.writeTextFile(file, JSON.stringify({ ...facts, version }));
  await listFiles(to);
  return to;
}

/** Opens the course, again where a page that was just left was not gone yet, until its version is the new one. */
async function opensNew(site: SiteInChromium): Promise<void> {
  for (let tries = 4;; tries--) {
    await site.browser.open(`${site.address}lab/index.html`);
    try {
      await site.until(`${version}.then((each) => each === "new")`, 20);
      return;
    } catch (error) {
      if (tries === 0) throw error;
    }
  }
}

Deno.test({
  name: "the course opens without a network, and a new version comes when no tab has the old one",
  ignore: !chromium,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "tessera-offline-test-" });
    try {
      const old = await copyOf(await siteOfUnit0(), join(folder, "old"), "old");
      const fresh = await copyOf(old, join(folder, "new"), "new");
      await using site = await SiteInChromium.start(chromium!, old);
      await site.enter();
      const counting = `import { mnist } from "tessera";
        const { train } = await mnist({ limit: 20 }); train.size`;
      await site.openNotebook("unit0/counting.ipynb", notebookOf([counting]));
      await site.runCell(0);
      await site.write("mine.txt", "mine");
      await site.until(`localStorage.getItem("tessera:kept")`, 60);

      await site.host(undefined);
      await site.enter();
      await site.openNotebook("unit0/counting.ipynb", notebookOf([counting]));
      await site.runCell(0);
      assertStringIncludes(wordsOf((await site.cells())[0].outputs), "20");
      assertEquals(await site.file("mine.txt"), "mine");

      // The new version is fetched, and waits as long as another tab has the old one.
      await site.host(fresh);
      const goBack = await site.browser.anotherTab();
      await site.enter();
      await site.until(
        `document.body.innerText.includes("A new version of the course is ready")`,
        60,
      );
      assertEquals(await site.browser.evaluate(version), "old");
      await site.browser.closeTab();
      goBack();
      assertEquals(await site.browser.evaluate(version), "old");
      await site.until(`${pagesOpen}.then((each) => each === 1)`, 60);
      await opensNew(site);
      await site.until(`globalThis.jupyterapp?.restored.then(() => true)`);
      assertEquals(await site.file("mine.txt"), "mine");
      // The old version's files have made room.
      const files =
        `caches.keys().then((all) => all.filter((name) => /^tessera-files/.test(name)))`;
      assertEquals((await site.browser.evaluate(files)).length, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
