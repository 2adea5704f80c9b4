/** What kernels and classes take of memory, and whether trainings leave other kernels their turn: `./tessera kernel`. */
import { join, relative } from "node:path";
import { CommandError, root } from "./command.ts";
import { makeHome } from "./homes.ts";
import { environment, markdown, measure, measureLanguage, write } from "./kernel_page.ts";
import { findNotebooks, sourceFolder } from "./notebooks.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";

/** In MB. */
type Memory = [privately: number, resident: number];

/** A notebook's kernel: after its first cell, at most, and when it has been idle. */
interface NotebookMemory {
  notebook: string;
  "first cell": Memory;
  peak: Memory;
  idle: Memory;
}

interface Fairness {
  /** What a cell did → milliseconds from its sending to its reply. */
  cells: Record<string, number[]>;
  /** How many steps each training made meanwhile. */
  steps: number[];
}

/** In MB: the largest sums of private memory, a learner's largest, and what the machine had left. */
interface ClassMemory {
  learners: number;
  /** Whether the machine had too little left for all. */
  tight: boolean;
  servers: number;
  kernels: number;
  all: number;
  free: number;
  least: number;
}

/** A kernel gives memory back after a minute. */
const idleSeconds = 75;
const trainings = [10, 20];
const cells = 20;

/** The machine that a class is reckoned for, and what of it is for the system, the hub and shared files, in MB. */
const machine = 24_000, reserved = 2_000;
const services = 5;
/** A class that is smaller says too little of how many a machine holds. */
export const leastClass = services;

/** Runs solved notebooks, in a home of their own; the page is written where these are all. */
export async function writeMemory(units: readonly string[]): Promise<void> {
  console.error(
    "Some minutes for each unit: its notebooks run in full, and are idle for a while …",
  );
  const all = findNotebooks(sourceFolder, "solved");
  const asked = units.length === 0 ? all : units.flatMap((unit) => findNotebooks(unit, "solved"));
  const found = await withTemporaryFolder("kernel", (home) => {
    makeHome(home);
    const args = ["--idle", `${idleSeconds}`, ...asked];
    return measure("memory", args, { ...environment, TESSERA_HOME: home });
  }) as NotebookMemory[];
  const told = ([privately, resident]: Memory) => `${privately} (${resident})`;
  const rows = found.map((each) => [
    `\`${relative(sourceFolder, each.notebook).replace(/\.ipynb$/, "")}\``,
    ...[each["first cell"], each.peak, each.idle].map(told),
  ]);
  const table = markdown(["Notebook", "first cell", "at most", "idle"], rows);
  if (units.length === 0) await write("memory", table);
  else console.log(table);
}

/** Trains in some kernels, and runs cells in another one. */
export async function writeFairness(): Promise<void> {
  // Each training with all cores, as where nobody has set a number.
  const { TESSERA_THREADS: _, ...env } = environment;
  const columns: string[][] = [];
  for (const count of trainings) {
    console.error(`Some minutes: ${count} kernels train while cells run in another one …`);
    const [found] = await measure("fairness", [`${count}`, `${cells}`], env) as [Fairness];
    const times = Object.values(found.cells).map((each) => {
      const sorted = each.toSorted((a, b) => a - b);
      return `${sorted[sorted.length >> 1]} ms; ${sorted.at(-1)} ms`;
    });
    const steps = found.steps.toSorted((a, b) => a - b);
    const share = `${Math.round(100 * steps[0] / steps[steps.length >> 1])} % of the median's`;
    columns.push([...times, share]);
  }
  const names = [
    "a sum: median; longest",
    "a product of matrices",
    "steps of the slowest training",
  ];
  const header = ["A cell of another kernel", ...trainings.map((count) => `while ${count} train`)];
  const rows = names.map((name, row) => [name, ...columns.map((column) => column[row])]);
  await write("fairness", markdown(header, rows));
}

/** Learners of unit 1, each with a server and a kernel, all at once; then language services, for some. */
export async function writeClass(count: number): Promise<void> {
  console.error(`Some minutes for every few learners: ${count} of unit 1 work at once …`);
  const [notebook] = findNotebooks("unit1", "solved");
  const homesFor = (folder: string, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const home = join(folder, `${index}`);
      makeHome(home);
      return home;
    });
  await withTemporaryFolder("kernel", async (folder) => {
    const env = { ...environment, TESSERA: join(root, "tessera") };
    const homes = homesFor(folder, Math.max(count, services));
    const [found] = await measure("class", [notebook, ...homes.slice(0, count)], env) as [
      ClassMemory,
    ];
    if (found.tight) {
      throw new CommandError(
        `the machine had less than 4 GB left with ${found.learners} learners, who took ${found.all} MB.`,
      );
    }
    console.error(`${services} language services read their notebook …`);
    const place = relative(sourceFolder, notebook);
    const language = await measureLanguage([place, ...homes.slice(0, services)]) as number[];
    await write("class", classTable(found, language));
  });
}

function classTable(found: ClassMemory, language: readonly number[]): string {
  const { learners, kernels, servers, all, free, least } = found;
  const service = Math.max(...language);
  const megabytes = (value: number) => `${value.toLocaleString("en")} MB`;
  const fit = (each: number) => `${Math.floor((machine - reserved) / each)}`;
  return markdown([`${learners} learners of unit 1 at once`, ""], [
    ["private memory of their kernels, at most", megabytes(kernels)],
    ["of their servers", megabytes(servers)],
    ["of both, at most", megabytes(all)],
    ["the machine had free, and had left", `${megabytes(free)}, ${megabytes(least)}`],
    [`a language service, the largest of ${language.length}`, megabytes(service)],
    ["learners for 24 GB without language services", fit(all / learners)],
    ["and with one for each", fit(all / learners + service)],
  ]);
}
