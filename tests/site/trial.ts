/**
 * `deno task site-trial [--whole] [UNIT | UNIT/NOTEBOOK…]`: makes the site and runs solved notebooks in a browser, in
 * quick mode or as a learner does, cell by cell; says how long each took, how much memory where the browser tells
 * it, and which cells failed, as `docs/browser.md` has it. `unit5/3` is the notebook whose name begins so.
 * `--hand-in` hands in what a unit of one notebook gave, and has it graded beside a hand-in from a home.
 * `--ways` walks, in place of notebooks, what a learner meets beside them; `--ways Stop` what is named so.
 * `--browser firefox` or `webkit` takes another one than Chromium, `--site FOLDER` a site that is made already;
 * `--webgpu` runs the steps of trainings on a graphics card that the processor plays. `--pictures FOLDER` keeps a picture of each notebook's page.
 */
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { CommandError, runCommand } from "../../tools/command.ts";
import {
  type Notebook,
  notebooksIn,
  readNotebook,
  sourceFolder,
  unitNames,
} from "../../tools/notebooks.ts";
import { softwareCard } from "../chromium.ts";
import type { Page } from "../browsers/page.ts";
import { starting } from "../browsers/starting.ts";
import { gradesAlike, handIn } from "./graded.ts";
import { siteOfUnit0, tessera } from "./made_site.ts";
import { SiteInBrowser, wordsOf } from "./site_in_browser.ts";
import { ways } from "./ways.ts";

/** From this time on a cell's is said. */
const longSeconds = 20;

/** Where a trial finds what it needs. */
interface Trial {
  start(): Promise<Page>;
  /** The site's folder. */
  site: string;
  isWhole: boolean;
  /** Settings in the page's address besides. */
  settings?: string;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      browser: { type: "string", default: "chromium" },
      whole: { type: "boolean", default: false },
      "hand-in": { type: "boolean", default: false },
      site: { type: "string" },
      pictures: { type: "string" },
      ways: { type: "boolean", default: false },
      webgpu: { type: "boolean", default: false },
    },
  });
  if (values.webgpu && values.browser !== "chromium") {
    throw new CommandError("--webgpu is Chromium's.", 2);
  }
  const start = starting(values.browser, values.webgpu ? softwareCard : undefined);
  if (values.ways) return await walkWays(start, values.site, positionals);
  const notebooks = (positionals.length > 0 ? positionals : unitNames()).flatMap(notebooksOf);
  const units = [...new Set(notebooks.map(({ unit }) => unit))];
  const folder = await Deno.makeTempDir({ prefix: "tessera-site-trial-" });
  let failed = 0;
  try {
    const site = values.site ?? join(folder, "site");
    if (!values.site) {
      const { code, said } = await tessera(["site", "--units", units.join(), "--output", site]);
      if (code !== 0) throw new CommandError(`the site was not made:\n${said}`);
    }
    console.log(
      "| notebook | code cells | failed | seconds | peak MB |\n| --- | --- | --- | --- | --- |",
    );
    for (const { unit, path } of notebooks) {
      const name = `${unit}/${basename(path)}`;
      const isAlone = notebooksIn(join(sourceFolder, unit)).length === 1;
      const settings = values.webgpu ? "TESSERA_BACKEND=webgpu" : "";
      const trial = { start, site, isWhole: values.whole, settings };
      const { cells, problems, seconds, memory } = await tryNotebook(trial, unit, path, {
        after: async (site, notebook) => {
          if (values["hand-in"] && isAlone) await handInAndGrade(site, unit, path, notebook);
          if (values.pictures) await picture(site, values.pictures, name);
        },
      });
      console.log(`| ${name} | ${cells} | ${problems.length} | ${seconds} | ${memory} |`);
      failed += problems.length;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return failed === 0 ? 0 : 1;
}

/** Walks the ways whose names hold one of some words, or all; says which ended as they should. */
async function walkWays(
  start: () => Promise<Page>,
  given: string | undefined,
  words: readonly string[],
): Promise<number> {
  const made = given ?? await siteOfUnit0();
  const downloads = await Deno.makeTempDir({ prefix: "tessera-site-trial-" });
  let failed = 0;
  try {
    await using site = new SiteInBrowser(await start(), made);
    await site.browser.downloadInto(downloads);
    for (const [name, walk] of Object.entries(ways)) {
      if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
      try {
        await site.enter();
        await walk({ site, made, downloads });
        console.log(`ok: ${name}`);
      } catch (error) {
        failed++;
        console.log(`FAILED: ${name}: ${(error as Error).message}`);
      }
    }
  } finally {
    await Deno.remove(downloads, { recursive: true });
  }
  return failed === 0 ? 0 : 1;
}

/** A unit's notebooks, or those of them whose names begin as `unit5/3` says. */
function notebooksOf(named: string): { unit: string; path: string }[] {
  const [unit, start = ""] = named.split("/");
  const paths = unitNames().includes(unit) ? notebooksIn(join(sourceFolder, unit)) : [];
  const found = paths.filter((path) => basename(path).startsWith(start));
  if (found.length === 0) throw new CommandError(`there is no unit or notebook "${named}".`, 2);
  return found.map((path) => ({ unit, path }));
}

async function handInAndGrade(
  site: SiteInBrowser,
  unit: string,
  path: string,
  notebook: Notebook,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-site-trial-" });
  try {
    const { archive } = await handIn(site, { unit, owner: "Noether-1234567", folder });
    const points = await gradesAlike(unit, archive, { [basename(path)]: notebook });
    console.log(`  ${unit} handed in: ${points} points, as from a home`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function picture(site: SiteInBrowser, folder: string, name: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await site.browser.screenshot(join(folder, `${name.replaceAll(/\W/g, "-")}.png`));
}

/** What came of a notebook. */
interface Outcome {
  cells: number;
  problems: string[];
  seconds: string;
  /** The tab's peak in MB, where the browser tells it. */
  memory: number | string;
}

interface Around {
  /** Called before the first cell runs. */
  before?(): void;
  /** Called after the last cell. */
  after?(site: SiteInBrowser, notebook: Notebook): Promise<void>;
}

/** Runs one notebook in a browser of its own. */
export async function tryNotebook(
  { start, site: made, isWhole, settings = "" }: Trial,
  unit: string,
  path: string,
  { before, after }: Around = {},
): Promise<Outcome> {
  await using site = new SiteInBrowser(await start(), made);
  await site.enter(`${settings}&${isWhole ? "" : "TESSERA_QUICK=1"}`);
  for (const { name, isFile } of Deno.readDirSync(join(sourceFolder, unit))) {
    if (!isFile || !name.endsWith(".ts")) continue;
    await site.write(`${unit}/${name}`, await Deno.readTextFile(join(sourceFolder, unit, name)));
  }
  const notebook = await readNotebook(path);
  const name = `${unit}/${basename(path)}`;
  await site.openNotebook(name, notebook);
  const problems: string[] = [];
  const begin = performance.now();
  before?.();
  let cells = 0;
  for (const [index, { cell_type }] of notebook.cells.entries()) {
    if (cell_type !== "code") continue;
    cells++;
    const started = performance.now();
    await site.runCell(index);
    const { outputs } = (await site.cells())[index];
    const error = outputs.find(({ output_type }) => output_type === "error");
    const seconds = (performance.now() - started) / 1000;
    if (error) {
      problems.push(`cell ${index + 1}: ${wordsOf([error]).slice(0, 600)}`);
      console.error(`  ${name}, ${problems.at(-1)}`);
    } else if (seconds > longSeconds) {
      console.error(`  ${name}, cell ${index + 1}: ${seconds.toFixed(0)} s`);
    }
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  await after?.(site, notebook);
  return { cells, problems, seconds, memory: site.browser.peakMemory?.() ?? "–" };
}

if (import.meta.main) await runCommand(main);
