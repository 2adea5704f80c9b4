/** What keeps a learner's work safe in the browser: one ZIP of all, hand-ins, full storage, two tabs. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { writeArchive } from "../../tools/archive.ts";
import { type Notebook, readNotebook } from "../../tools/notebooks.ts";
import { serveSite } from "../../site/serve.ts";
import { violations } from "../axe.ts";
import { findChromium } from "../chromium.ts";
import { textsIn } from "../marking/read_archive.ts";
import { arrived } from "./downloads.ts";
import { gradesAlike, handIn, solvedNotebooks } from "./graded.ts";
import { notebookOf, siteOfUnit0, tessera } from "./made_site.ts";
import { SiteInChromium, wordsOf } from "./site_in_chromium.ts";
import { keepsBothVersions, locksTrainings } from "./two_tabs.ts";

const chromium = findChromium();
const unit0 = "unit0/first_steps.ipynb";

/** Opens a ZIP by the File menu, and gives what is said then. */
async function openWork(site: SiteInChromium, archive: string): Promise<string> {
  await site.command("tessera:open-work");
  await site.until(`document.querySelector(".jp-Dialog input")`);
  assertEquals(await violations(site.browser, { within: ".jp-Dialog" }), []);
  await site.browser.chooseFile(".jp-Dialog input", archive);
  await site.answer("Open");
  const said = await site.dialog();
  await site.answer("Close");
  return said;
}

Deno.test({
  name:
    "a learner's work in the browser is saved as one ZIP, opened elsewhere, handed in, and never overwritten",
  ignore: !chromium,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "tessera-work-test-" });
    const downloads = join(folder, "downloads");
    await Deno.mkdir(downloads);
    const sitePages = await siteOfUnit0();
    // Another origin has another storage, as another machine's browser has.
    const elsewhere = serveSite(sitePages);
    try {
      await using site = await SiteInChromium.start(chromium!, sitePages);
      await site.browser.downloadInto(downloads);
      await site.enter();
      const solved = await readNotebook(join(root, "notebooks", "source", unit0));
      await site.openNotebook(unit0, solved);
      await site.runAll();
      await site.write("notes.txt", "mine");
      await site.write("runs/unit0/try/log.json", "one");
      await site.write("runs/unit0/try/best.safetensors", "weights");

      await site.command("tessera:save-all");
      const archive = await arrived(downloads);
      const saved = await textsIn(archive);
      assertEquals([...saved.keys()].sort(), [
        "notes.txt",
        "runs/unit0/try/best.safetensors",
        "runs/unit0/try/log.json",
        "tessera-work.json",
        unit0,
      ]);
      const note = JSON.parse(saved.get("tessera-work.json")!);
      assertEquals([note.format, note.files], [1, 4]);
      const executed: Notebook = JSON.parse(saved.get(unit0)!);
      assert(executed.cells.some(({ outputs }) => wordsOf(outputs as never ?? []).includes("✔")));

      await handsIn(site, folder);

      // On another machine the given notebook gives way to the learner's.
      const origin = `http://127.0.0.1:${elsewhere.addr.port}`;
      // To be said before the site first stores something.
      await site.browser.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 12e6 });
      await site.enter("", `${origin}/`);
      assertStringIncludes(await openWork(site, archive), "4 files written.");
      assertEquals(await site.file("notes.txt"), "mine");
      assertEquals(JSON.parse((await site.file(unit0))!).cells, executed.cells);
      assertStringIncludes(await openWork(site, archive), "0 files written, 4 files the same");

      // What differs is kept beside, a training as a whole.
      await site.write("notes.txt", "mine, changed here");
      await site.write("runs/unit0/try/log.json", "another");
      const said = await openWork(site, archive);
      assertStringIncludes(said, "notes.txt → notes (2).txt");
      assertStringIncludes(said, "runs/unit0/try/log.json → runs/unit0/try-2/log.json");
      assertEquals(await site.file("notes.txt"), "mine, changed here");
      assertEquals(await site.file("notes (2).txt"), "mine");
      assertEquals(await site.file("runs/unit0/try/log.json"), "another");
      assertEquals(await site.file("runs/unit0/try-2/best.safetensors"), "weights");

      await refusesOthers(site, folder, archive);
      await keepsBothVersions(site);
      await locksTrainings(site);
      await tellsOfFullStorage(site);
    } finally {
      await elsewhere.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** The archive of the File menu is one that `./tessera collect` takes, and that is graded as any other. */
async function handsIn(site: SiteInChromium, folder: string): Promise<void> {
  await site.write("hints.json", JSON.stringify({ Standardize: 1, "Another unit's": 2 }));
  const { said: listed, archive } = await handIn(site, {
    ...{ unit: "unit0", owner: "Noether-1234567", folder },
  });
  assertStringIncludes(listed, "Nothing is missing.");
  const files = await textsIn(archive);
  assertEquals([...files.keys()], ["first_steps.ipynb", "manifest.json"]);
  assertEquals(JSON.parse(files.get("manifest.json")!).hints, { Standardize: 1 });
  const { code, said } = await tessera(["collect", archive, "--unit", "unit0"], {
    TESSERA_GRADING: join(folder, "grading"),
  });
  assertEquals(code, 0, said);
  assertStringIncludes(said, "Noether-1234567: collected (its PDF was made here)");
  const path = join(root, "notebooks", "source", unit0);
  await gradesAlike("unit0", archive, await solvedNotebooks([path]));
}

/** Archives that are damaged, of somebody else, or too large change nothing. */
async function refusesOthers(site: SiteInChromium, folder: string, archive: string): Promise<void> {
  const listed = `(async () => {
    const { contents } = jupyterapp.serviceManager;
    const walk = async (folder) => (await contents.get(folder, { content: true })).content.map(
      ({ path, last_modified }) => path + last_modified);
    return JSON.stringify(await Promise.all(["", "unit0", "runs/unit0"].map(walk)));
  })()`;
  const before = await site.browser.evaluate(listed);
  const make = async (name: string, parts: Record<string, string>) => {
    const path = join(folder, name);
    const entries = Object.entries(parts).map(([name, content]) => ({ name, content }));
    await writeArchive(path, entries);
    return path;
  };
  const noteOf = (files: number) =>
    JSON.stringify({ format: 1, course: "", savedAt: "2026-01-01", files });
  const note = noteOf(1);
  const holding = (...names: string[]) =>
    make(`${encodeURIComponent(names.join(" "))}.zip`, {
      "tessera-work.json": noteOf(names.length),
      ...Object.fromEntries(names.map((name) => [name, "odd"])),
    });
  const bytes = await Deno.readFile(archive);
  const damaged = join(folder, "damaged.zip"), cut = join(folder, "cut.zip");
  const at = new TextDecoder("latin1").decode(bytes).indexOf("weights");
  await Deno.writeFile(damaged, bytes.with(at, bytes[at] ^ 1));
  await Deno.writeFile(cut, bytes.subarray(0, bytes.length / 2));
  const large = await make("large.zip", {
    "tessera-work.json": note,
    "large.txt": "x".repeat(20e6),
  });
  // The tools of Chromium make the storage smaller, and not what the page is told of it.
  await site.browser.evaluate(
    `void (navigator.storage.estimate = () => Promise.resolve({ quota: 12e6, usage: 1e6 }))`,
  );
  const refused: [path: string, why: RegExp][] = [
    [large, /it needs 28 MB, and the browser has 11 MB left for this site/],
    [damaged, /runs\/unit0\/try\/best.safetensors is damaged/],
    [cut, /it is no ZIP, or did not arrive whole/],
    [await make("foreign.zip", { "notes.txt": "other" }), /it was not made by Save All Work/],
    [await make("less.zip", { "tessera-work.json": note }), /saved with 1 files and holds 0/],
    [await holding("./here.txt"), /it holds \.\/here\.txt in a way of its own/],
    [await holding("runs//log.txt"), /it holds runs\/\/log\.txt in a way of its own/],
    [
      await holding("runs.txt", "runs.txt/log.txt"),
      /it holds runs\.txt\/log\.txt in a way of its own/,
    ],
    [await holding("%2e%2e/out.txt"), /a name cannot hold the sign %: %2e%2e\/out\.txt/],
  ];
  for (const [path, why] of refused) {
    const said = await openWork(site, path);
    assertStringIncludes(said, "Nothing was changed");
    assertMatch(said, why);
  }
  assertEquals(await site.browser.evaluate(listed), before);
}

/** A full storage is said, and what was there stays. */
async function tellsOfFullStorage(site: SiteInChromium): Promise<void> {
  await site.openNotebook("unit0/full.ipynb", notebookOf(["// small"]));
  // Numbers at random, since the browser packs what it stores.
  await site.browser.evaluate(`void testedNotebook.content.model.sharedModel.cells[0].setSource(
    Array.from({ length: 1.4e6 }, () => "// " + Math.random().toString(36)).join("\\n"))`);
  site.browser.evaluate(`testedNotebook.context.save().then(() => 0, () => 0)`);
  const said = await site.dialog();
  assertMatch(said, /full\.ipynb .*was not saved: the browser's storage for this site is full/);
  await site.browser.evaluate(`document.querySelector(".jp-Dialog button").click()`);
  await site.until(`!document.querySelector(".jp-Dialog")`);
  const kept = JSON.parse((await site.file("unit0/full.ipynb"))!);
  assertEquals([kept.cells[0].source].flat().join(""), "// small");
  assert(await site.browser.evaluate(`testedNotebook.context.model.dirty`));

  const renamed = await site.browser.evaluate(`(async () => {
    const { contents } = jupyterapp.serviceManager;
    const content = Array.from({ length: 8e5 }, () => Math.random().toString(36)).join("\\n");
    const file = { type: "file", format: "text", path: "large.txt", name: "large.txt", content };
    await contents.save("large.txt", file);
    const said = await contents.rename("large.txt", "other.txt").then(() => "renamed", String);
    const kept = (await contents.get("large.txt", { content: true })).content === content;
    return { said, kept };
  })()`);
  assertMatch(renamed.said, /^StorageFull: other\.txt .*was not saved/);
  assert(renamed.kept);
}
