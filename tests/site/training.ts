/** A training in a browser's tab: its chart, Stop, and going on after the page was loaded anew. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { notebookOf } from "./made_site.ts";
import { type ExecutedCell, type SiteInBrowser, wordsOf } from "./site_in_browser.ts";

const cells = [
  `import { AdamW, Checkpointing, constant, LiveChart, mnist, Random, split } from "tessera";
   import { Trainer, trainFromEarlierRun, VisionTransformer, weightsFolder } from "tessera";
   await weightsFolder("no-such-recipe"); // looks for files that are not there
   const { train: labelled } = await mnist({ limit: 320 });
   const [train, validation] = split(labelled, [256, 64], 1);
   const model = new VisionTransformer({
     ...{ imageSize: 28, channels: 1, classes: 10, patchSize: 7, width: 8, mlpWidth: 16 },
     ...{ heads: 2, depth: 1, random: new Random(1) },
   });
   const trainer = new Trainer({
     ...{ model, train, validation, epochs: 1000, batchSize: 64, seed: 1 },
     ...{ optimizer: new AdamW(model), schedule: constant(1e-3) },
     callbacks: [new LiveChart(), new Checkpointing("runs/small")],
   });`,
  `const log = await trainFromEarlierRun(trainer);`,
  `log.length`,
];

/** Trains until `epochs` have been saved, and presses Stop; gives what was shown and how many there were. */
async function trainAndStop(site: SiteInBrowser, epochs: number) {
  await site.runCell(0);
  const running = site.runCell(1);
  const saved =
    `jupyterapp.serviceManager.contents.get("unit0/runs/small/log.json", { content: true })
    .then(({ content }) => JSON.parse(typeof content === "string" ? content : JSON.stringify(content)).log.length)
    .catch(() => 0)`;
  await site.until(`${saved}.then((length) => length >= ${epochs})`, 60);
  await site.stop();
  await running;
  await site.runCell(2);
  const [made, { outputs }, length] = await site.cells();
  assertEquals(made.outputs.filter(({ output_type }) => output_type === "error"), []);
  return { outputs, words: wordsOf(outputs), length: numberIn(length) };
}

/** The number that a cell shows, in whatever colour. */
// deno-lint-ignore no-control-regex
const numberIn = ({ outputs }: ExecutedCell) => Number(wordsOf(outputs).replace(/\x1b\[\d+m/g, ""));

export async function trainsAndGoesOn(site: SiteInBrowser): Promise<void> {
  await site.openNotebook("unit0/training.ipynb", notebookOf(cells));
  const first = await trainAndStop(site, 2);
  assert(first.outputs.some(({ data }) => data?.["image/svg+xml"]), "no chart");
  assertMatch(first.words, /Stopped/);
  assertStringIncludes(
    first.words,
    "It is saved in runs/small: run this cell again, and it goes on.",
  );

  await site.enter();
  await site.openNotebook("unit0/training.ipynb");
  const second = await trainAndStop(site, first.length + 2);
  assertMatch(second.words, /Goes on after epoch \d+ of 1000, which was saved in runs\/small/);
  assert(second.length > first.length);
}
