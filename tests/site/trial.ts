/**
 * `deno task site-trial [--whole] [UNIT…]`: makes the site and runs the units' solved notebooks in Chromium, in quick
 * mode or as a learner does, cell by cell; says how long each took, how much memory, and which cells failed, as
 * `docs/browser.md` has it.
 */
import { basename, join } from "node:path";
import { runCommand } from "../../tools/command.ts";
import { notebooksIn, readNotebook, sourceFolder, unitNames } from "../../tools/notebooks.ts";
import { findChromium } from "../chromium.ts";
import { tessera } from "./made_site.ts";
import { SiteInChromium, wordsOf } from "./site_in_chromium.ts";

async function main(args: string[]): Promise<number> {
  const chromium = findChromium();
  if (!chromium) {
    console.error("There is no Chromium here.");
    return 1;
  }
  const isWhole = args.includes("--whole");
  const named = args.filter((arg) => arg !== "--whole");
  const units = named.length > 0 ? named : unitNames();
  const folder = await Deno.makeTempDir({ prefix: "tessera-site-trial-" });
  let failed = 0;
  try {
    const output = join(folder, "site");
    const { code, said } = await tessera(["site", "--units", units.join(), "--output", output]);
    if (code !== 0) throw new Error(said);
    console.log(
      "| notebook | code cells | failed | seconds | peak MB |\n| --- | --- | --- | --- | --- |",
    );
    for (const unit of units) {
      for (const path of notebooksIn(join(sourceFolder, unit))) {
        failed += await tryNotebook(chromium, output, unit, path, isWhole);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return failed === 0 ? 0 : 1;
}

/** Runs one notebook in a browser of its own; gives how many cells failed. */
export async function tryNotebook(
  chromium: string,
  output: string,
  unit: string,
  path: string,
  isWhole = false,
): Promise<number> {
  await using site = await SiteInChromium.start(chromium, output);
  await site.enter(isWhole ? "" : "TESSERA_QUICK=1");
  for (const { name, isFile } of Deno.readDirSync(join(sourceFolder, unit))) {
    if (!isFile || !name.endsWith(".ts")) continue;
    await site.write(`${unit}/${name}`, await Deno.readTextFile(join(sourceFolder, unit, name)));
  }
  const notebook = await readNotebook(path);
  await site.openNotebook(`${unit}/${basename(path)}`, notebook);
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
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (error) {
      problems.push(`  cell ${index + 1}, ${seconds} s: ${wordsOf([error]).slice(0, 600)}`);
    } else if (performance.now() - started > 20_000) {
      console.error(`cell ${index + 1}: ${seconds} s`);
    }
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(
    `| ${unit}/${
      basename(path)
    } | ${cells} | ${problems.length} | ${seconds} | ${site.browser.peakMemory()} |`,
  );
  for (const problem of problems) console.error(problem);
  return problems.length;
}

if (import.meta.main) await runCommand(main);
