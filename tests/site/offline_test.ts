/** The site without a network, and when a new version of it comes. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { randomBytes } from "node:crypto";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { listFiles } from "../../site/offline/list.ts";
import { policy } from "../../site/policy.ts";
import { findChromium } from "../chromium.ts";
import { notebookOf, siteOfUnit0 } from "./made_site.ts";
import { SiteInChromium, wordsOf } from "./site_in_chromium.ts";

const chromium = findChromium();

const version = `fetch("../course/course.json").then((reply) => reply.json())
  .then(({ version }) => version)`;

/** How many pages of the site are open: each holds a lock that all share. */
const pagesOpen = `navigator.locks.query()
  .then(({ held }) => held.filter(({ name }) => name === "tessera:page /").length)`;

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
      await site.until(`localStorage.getItem("tessera:kept /")`, 60);

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
      await goBack();
      assertEquals(await site.browser.evaluate(version), "old");
      await site.until(`${pagesOpen}.then((each) => each === 1)`, 60);
      await opensNew(site);
      await site.until(`globalThis.jupyterapp?.restored.then(() => true)`);
      assertEquals(await site.file("mine.txt"), "mine");
      // The old version's files make room; the new one answers while it is still removing them. What is left over goes
      // 15 s into a visit, which is too late here.
      const files =
        `caches.keys().then((all) => all.filter((name) => /^tessera-files/.test(name)))`;
      await site.until(`${files}.then(({ length }) => length === 1)`, 10);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** The caches of files, and how many each of them has. */
const keptFiles = `caches.keys().then(async (names) => Object.fromEntries(await Promise.all(
  names.filter((name) => /^tessera-files/.test(name))
    .map(async (name) => [name, (await (await caches.open(name)).keys()).length]))))`;

Deno.test({
  name: "sites of one origin leave each other's files alone, and remove what an old version left",
  ignore: !chromium,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "tessera-offline-test-" });
    try {
      for (const name of ["one", "two"]) {
        await copyOf(await siteOfUnit0(), join(folder, name), name);
      }
      await using site = await SiteInChromium.start(chromium!, folder);
      const visit = async (name: string) => {
        await site.enter("", `${site.address}${name}/`);
        await site.until(`localStorage.getItem("tessera:kept /${name}/")`, 60);
      };
      await visit("one");
      const before: Record<string, number> = await site.browser.evaluate(keptFiles);
      const [one] = Object.keys(before);
      // As they were named before, with a file of each site; and one that a replaced version has made anew.
      const [old, replaced] = ["tessera-files-0123", "tessera-files /two/ 0123"];
      await site.browser.evaluate(`(async () => {
        for (const name of ${JSON.stringify([old, replaced])}) {
          const cache = await caches.open(name);
          for (const each of ["one", "two"]) {
            await cache.put("/" + each + "/lab/index.html", new Response("kept"));
          }
        }
      })()`);
      await visit("two");
      const after: Record<string, number> = await site.browser.evaluate(keptFiles);
      assertEquals(after[one], before[one]);
      assertEquals([after[old], after[replaced]], [1, undefined]);
      assertEquals(Object.keys(after).length, 3);

      // It comes once more, as from an answer that was under way, and is gone after the next visit.
      await site.browser.evaluate(`caches.open(${JSON.stringify(replaced)}).then(() => 0)`);
      await site.browser.evaluate(`localStorage.removeItem("tessera:kept /two/")`);
      await visit("two");
      assertEquals(Object.keys(await site.browser.evaluate(keptFiles)).includes(replaced), false);
      // A learner's work that needs room takes that of its own site's files alone.
      const origin = site.address.replace(/\/$/, "");
      const { usage } = await site.browser.send("Storage.getUsageAndQuota", { origin });
      await site.browser.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 1e6 });
      // For half a minute Chromium goes on with the room that it knew of before.
      await new Promise((resolve) => setTimeout(resolve, 31_000));
      // Letters at random, since the browser packs what it stores.
      const letters = randomBytes(6e6).toString("base64");
      await site.write("mine.txt", letters);
      assertEquals(await site.file("mine.txt"), letters);
      const left: Record<string, number> = await site.browser.evaluate(keptFiles);
      assertEquals(left[one], before[one]);
      const two = Object.keys(left).find((name) => name.startsWith("tessera-files /two/"))!;
      assertEquals(left[two], 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "where the browser's storage refuses all, the service worker answers from the host",
  ignore: !chromium,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "tessera-offline-test-" });
    try {
      const copy = await copyOf(await siteOfUnit0(), join(folder, "site"), "refused");
      const script = join(copy, "service-worker.js");
      const refusing = `for (const name of ["open", "match", "has", "keys", "delete"])
        caches[name] = () => Promise.reject(new DOMException("refused", "UnknownError"));`;
      await Deno.writeTextFile(script, `${refusing}\n${await Deno.readTextFile(script)}`);
      await using site = await SiteInChromium.start(chromium!, copy);
      await site.enter();
      await site.until(`navigator.serviceWorker.controller !== null`);
      const answer = await site.browser.evaluate(`fetch("../course/course.json").then(
        async ({ headers, status }) => [status, headers.has("x-tessera-sha256"), headers.get("content-security-policy")])`);
      assertEquals(answer, [200, true, policy]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "an address without https is said, where the browser would give the course less",
  ignore: !chromium,
  async fn() {
    const flags = ["--disable-gpu", "--host-resolver-rules=MAP course.example 127.0.0.1"];
    await using site = await SiteInChromium.start(chromium!, await siteOfUnit0(), flags);
    await site.enter("", site.address.replace("127.0.0.1", "course.example"));
    assertEquals(await site.browser.evaluate(`isSecureContext`), false);
    await site.until(`document.body.innerText.includes("Without https in its address")`);
    assertEquals(site.browser.errors.filter((each) => /randomUUID/.test(each)), []);
  },
});
