/**
 * `deno task site-trial [--whole] [UNIT | UNIT/NOTEBOOK…]`: makes the site and runs solved notebooks in a browser, in
 * quick mode or as a learner does, cell by cell; says how long each took, how much memory where the browser tells
 * it, and which cells failed, as `docs/browser.md` has it. `unit5/3` is the notebook whose name begins so.
 * `--browser firefox` or `webkit` takes another one than Chromium, `--site FOLDER` a site that is made already;
 * `--pictures FOLDER` keeps a picture of each notebook's page.
 */
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { CommandError, runCommand } from "../../tools/command.ts";
import { notebooksIn, readNotebook, sourceFolder, unitNames } from "../../tools/notebooks.ts";
import { Chromium, findChromium } from "../chromium.ts";
import { Firefox } from "../browsers/firefox.ts";
import { findProgram } from "../browsers/find_program.ts";
import type { Page } from "../browsers/page.ts";
import { WebKit } from "../browsers/webkit.ts";
import { tessera } from "./made_site.ts";
import { SiteInBrowser, wordsOf } from "./site_in_browser.ts";

/** From this time on a cell's is said. */
const longSeconds = 20;

/** Where a trial finds what it needs. */
interface Trial {
  start(): Promise<Page>;
  /** The site's folder. */
  site: string;
  isWhole: boolean;
  /** The folder of pictures. */
  pictures?: string;
}

/** What starts each browser, where the system has it. */
const browsers: Record<string, () => (() => Promise<Page>) | undefined> = {
  chromium: () => startOf(findChromium(), (path) => Chromium.start(path)),
  firefox: () => startOf(findProgram("firefox-esr", "firefox"), (path) => Firefox.start(path)),
  webkit: () => startOf(findProgram("WebKitWebDriver"), (path) => WebKit.start(path)),
};

function startOf(path: string | undefined, start: (path: string) => Promise<Page>) {
  return path === undefined ? undefined : () => start(path);
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      browser: { type: "string", default: "chromium" },
      whole: { type: "boolean", default: false },
      site: { type: "string" },
      pictures: { type: "string" },
    },
  });
  const find = browsers[values.browser];
  if (!find) {
    throw new CommandError(`--browser is one of ${Object.keys(browsers).join(", ")}.`, 2);
  }
  const start = find();
  if (!start) throw new CommandError(`there is no ${values.browser} here.`);
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
    const trial = { start, site, isWhole: values.whole, pictures: values.pictures };
    for (const { unit, path } of notebooks) failed += await tryNotebook(trial, unit, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
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

/** Runs one notebook in a browser of its own; gives how many cells failed. */
async function tryNotebook(
  { start, site: made, isWhole, pictures }: Trial,
  unit: string,
  path: string,
): Promise<number> {
  await using site = new SiteInBrowser(await start(), made);
  await site.enter(isWhole ? "" : "TESSERA_QUICK=1");
  for (const { name, isFile } of Deno.readDirSync(join(sourceFolder, unit))) {
    if (!isFile || !name.endsWith(".ts")) continue;
    await site.write(`${unit}/${name}`, await Deno.readTextFile(join(sourceFolder, unit, name)));
  }
  const notebook = await readNotebook(path);
  const name = `${unit}/${basename(path)}`;
  await site.openNotebook(name, notebook);
  const problems: string[] = [];
  const begin = performance.now();
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
  const memory = site.browser.peakMemory?.() ?? "–";
  console.log(`| ${name} | ${cells} | ${problems.length} | ${seconds} | ${memory} |`);
  if (pictures) {
    await Deno.mkdir(pictures, { recursive: true });
    await site.browser.screenshot(join(pictures, `${name.replaceAll(/\W/g, "-")}.png`));
  }
  return problems.length;
}

if (import.meta.main) await runCommand(main);
