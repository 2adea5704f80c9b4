/** What kernels take of memory, and whether trainings leave other kernels their turn: `./tessera kernel`. */
import { relative } from "node:path";
import { makeHome } from "./homes.ts";
import { environment, markdown, measure, write } from "./kernel_page.ts";
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

/** A kernel gives memory back after a minute. */
const idleSeconds = 75;
const trainings = 10;
const cells = 20;

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
  console.error(`Some minutes: ${trainings} kernels train while cells run in another one …`);
  // Each training with all cores, as where nobody has set a number.
  const { TESSERA_THREADS: _, ...env } = environment;
  const [found] = await measure("fairness", [`${trainings}`, `${cells}`], env) as [Fairness];
  const rows = Object.entries(found.cells).map(([name, times]) => {
    const sorted = times.toSorted((a, b) => a - b);
    return [name, `${sorted[sorted.length >> 1]} ms`, `${sorted.at(-1)} ms`];
  });
  const steps = found.steps.toSorted((a, b) => a - b);
  const share = `${Math.round(100 * steps[0] / steps[steps.length >> 1])} % of the median's`;
  rows.push(["steps of the slowest training", share, ""]);
  await write("fairness", markdown(["A cell of another kernel", "median", "longest"], rows));
}
