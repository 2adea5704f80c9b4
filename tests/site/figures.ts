/**
 * `deno task site-figures`: how fast the site is in Chromium: from opening the page to a first result, a step of
 * training in units 1 and 2 beside the same code on Deno, and all of unit 1. Writes it into `docs/browser.md`, with
 * the machine and how busy it was; `--print` only says it. It takes five minutes, and wants a machine that does
 * nothing else.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { captured, CommandError, root, runCommand } from "../../tools/command.ts";
import { writeMarkedSection } from "../../tools/marked_section.ts";
import { notebooksIn, sourceFolder } from "../../tools/notebooks.ts";
import { Chromium, findChromium } from "../chromium.ts";
import { handIn } from "./graded.ts";
import { notebookOf, tessera } from "./made_site.ts";
import { SiteInChromium, wordsOf } from "./site_in_chromium.ts";
import { tryNotebook } from "./trial.ts";

const steps = 12;

/** Trains for a moment and says the median of a step's milliseconds; `parts` makes model and data. */
const training = (parts: string, batchSize: number) => `
import {
  AdamW, cifar10, compose, constant, mnist, normalize, PlainCnn, Random, randomAffine, randomHorizontalFlip,
  randomResizedCrop, Trainer, VisionTransformer,
} from "tessera";
const random = new Random(42), batchSize = ${batchSize};
const indices = Array.from({ length: ${steps} * batchSize }, (_, index) => index);
${parts}
const times: number[] = [];
const trainer = new Trainer({
  model, batchSize, train: train.subset(indices), transforms: { train: transform }, epochs: 1, progress: false,
  optimizer: new AdamW(model), schedule: constant(3e-4),
  callbacks: [{ onStep: () => void times.push(performance.now()) }],
});
await trainer.run();
// The first two are recorded and compared with the record.
const lengths = times.slice(1).map((time, index) => time - times[index]).slice(1).sort((a, b) => a - b);
console.log("a step takes", lengths[lengths.length >> 1].toFixed(0), "ms");
`;

const trainings: [name: string, code: string][] = [
  [
    "unit 1's Vision Transformer, batch 128, a step",
    training(
      `
const { train } = await mnist();
const model = new VisionTransformer({
  imageSize: 28, channels: 1, patchSize: 4, classes: 10, width: 64, mlpWidth: 128, heads: 4, depth: 3, positions: 64,
  dropout: 0.1, random,
});
const transform = compose(
  randomHorizontalFlip(), randomResizedCrop({ size: 28, scale: [0.8, 1], aspect: [0.9, 1.1] }),
  normalize(0.1307, 0.3081),
);`,
      128,
    ),
  ],
  [
    "unit 2's plain CNN, batch 64, a step",
    training(
      `
const { train } = await cifar10();
const model = new PlainCnn({ imageSize: 32, channels: 3, width: 64, classes: 10, random });
const transform = compose(
  randomAffine({ translate: [0.1, 0.1], scale: [0.9, 1.1] }), randomHorizontalFlip(), normalize(0.5, 0.5),
);`,
      64,
    ),
  ],
];

/** Where the page has them. */
const section = { page: "docs/browser.md", name: "figures", command: "deno task site-figures" };

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { print: { type: "boolean", default: false } } });
  const chromium = findChromium();
  if (!chromium) throw new CommandError("there is no Chromium here.");
  const lines: string[] = [];
  const say = (line: string) => {
    console.log(line);
    lines.push(line);
  };
  await measure(chromium, say);
  if (values.print) return 0;
  await writeMarkedSection(section, lines.join("\n"));
  return 0;
}

async function measure(chromium: string, say: (line: string) => void): Promise<void> {
  say(`Measured on ${machine()}.\n`);
  const folder = await Deno.makeTempDir({ prefix: "tessera-site-figures-" });
  try {
    const output = join(folder, "site");
    const units = ["site", "--units", "unit0,unit1,unit2", "--output", output];
    const { code, said } = await tessera(units);
    if (code !== 0) throw new Error(said);
    await measureStart(chromium, output, say);
    say("\n| what | native | WASM on Deno | Chromium | its peak memory |");
    say("| --- | --- | --- | --- | --- |");
    for (const [name, code] of trainings) {
      const onDeno = [await onDenoWith("native", code), await onDenoWith("wasm", code)];
      say(`| ${[name, ...onDeno, ...await inChromium(chromium, output, code)].join(" | ")} |`);
    }
    say(`| ${[...await wholeUnit1(chromium, output)].join(" | ")} |`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The processor, how many of it, and how much else runs. */
function machine(): string {
  const information = Deno.build.os === "linux" ? Deno.readTextFileSync("/proc/cpuinfo") : "";
  const name = /model name\s*:\s*(.*)/.exec(information)?.[1] ?? Deno.build.arch;
  const others = Deno.loadavg()[0].toFixed(1);
  return `${navigator.hardwareConcurrency} × ${name}, for which ${others} programs waited at the start`;
}

/** From opening the page to the result of unit 0's first cell, in a new browser, and once it has kept the course. */
async function measureStart(
  chromium: string,
  output: string,
  say: (line: string) => void,
): Promise<void> {
  await using site = await SiteInChromium.start(chromium, output);
  using counted = countBytes(Number(new URL(site.address).port));
  for (const kind of ["a first visit", "a second one"]) {
    const [bytes, begin] = [counted.bytes, performance.now()];
    await site.enter("", counted.address);
    await site.openNotebook("unit0/first_steps.ipynb");
    const first = (await site.cells()).findIndex(({ cell_type }) => cell_type === "code");
    await site.runCell(first);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const megabytes = ((counted.bytes - bytes) / 1e6).toFixed(1);
    say(`- ${kind}, from the page to the first cell's result: ${seconds} s, ${megabytes} MB`);
    await site.until(`localStorage.getItem("tessera:kept /")`, 120);
  }
}

/** Passes a server's connections on from another port, and counts what it sends. */
function countBytes(port: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const counted = {
    bytes: 0,
    address: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`,
    [Symbol.dispose]: () => listener.close(),
  };
  const pass = async (browser: Deno.Conn) => {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    const counting = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        counted.bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    await Promise.allSettled([
      browser.readable.pipeTo(server.writable),
      server.readable.pipeThrough(counting).pipeTo(browser.writable),
    ]);
  };
  (async () => {
    for await (const connection of listener) pass(connection).catch(() => {});
  })().catch(() => {});
  return counted;
}

const milliseconds = (said: string) => {
  const found = /a step takes (\d+) ms/.exec(said)?.[1];
  if (!found) throw new Error(said);
  return `${(Number(found) / 1000).toFixed(2)} s`;
};

async function onDenoWith(backend: string, code: string): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, code);
    const args = ["run", "-A", "--no-check", "--config", join(root, "deno.json"), file];
    const { stdout, stderr } = await captured("deno", args, { env: { TESSERA_BACKEND: backend } });
    return milliseconds(stdout + stderr);
  } finally {
    await Deno.remove(file);
  }
}

/** Unit 1 as a learner does it, with its training, from the first cell to the archive that is handed in. */
async function wholeUnit1(chromium: string, output: string): Promise<string[]> {
  const [path] = notebooksIn(join(sourceFolder, "unit1"));
  const trial = { start: () => Chromium.start(chromium), site: output, isWhole: true };
  let begin = 0;
  const { problems, memory } = await tryNotebook(trial, "unit1", path, {
    before: () => void (begin = performance.now()),
    after: async (site) => void await handIn(site, { unit: "unit1", owner, folder: output }),
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  return ["unit 1, solved, to its hand-in", "–", "–", `${seconds} s`, `${memory} MB`];
}

const owner = "Noether-1234567";

async function inChromium(chromium: string, output: string, code: string): Promise<string[]> {
  await using site = await SiteInChromium.start(chromium, output);
  await site.enter();
  await site.openNotebook("figures.ipynb", notebookOf([code]));
  await site.runCell(0);
  const [{ outputs }] = await site.cells();
  return [milliseconds(wordsOf(outputs)), `${site.browser.peakMemory()} MB`];
}

if (import.meta.main) await runCommand(main);
