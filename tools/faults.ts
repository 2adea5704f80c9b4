/**
 * `./tessera faults [COMMAND…]`: lets every command, and every file that it writes, come to harm in every way,
 * ends trainings at random moments, and measures what their writes cost; in full it takes about an hour and
 * writes the tables in docs/reliability.md. `--quick` takes a few minutes, `--seed N` has the same moments again.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { costOf } from "../tests/faults/costs.ts";
import { type Results, tryFaults } from "../tests/faults/harness.ts";
import { pageWith, type Tried } from "../tests/faults/page.ts";
import { harmMachines } from "../tests/faults/machines.ts";
import { endTrainings } from "../tests/faults/trainings.ts";
import {
  captured,
  clock,
  CommandError,
  needWritableInstallation,
  root,
  runCommand,
  shown,
  suggestion,
} from "./command.ts";
import { commands } from "./places.ts";

const page = join(root, "docs", "reliability.md");

/**
 * What is given as a command's name for the trainings that are ended, for what writes cost, and for trainings on
 * several machines.
 */
const trainings = "trainings", costs = "costs", machines = "machines";
/** A small model, a usual one, and the largest: those whose writes cost most and least of an epoch. */
const measured = ["mnist-vit", "cifar-plain-cnn", "cifar-resnet18"];

interface Settings {
  names: string[];
  quick: boolean;
  seed: number;
}

function readSettings(args: string[]): Settings {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        seed: { type: "string", default: "1" },
      },
    });
    const unknown = positionals.find((name) =>
      !(name in commands) && ![trainings, costs, machines].includes(name)
    );
    if (unknown) {
      throw new Error(
        `there is no command "${unknown}".${suggestion(unknown, Object.keys(commands))}`,
      );
    }
    if (!/^\d{1,9}$/.test(values.seed)) throw new Error("--seed takes a whole number");
    return { names: positionals, quick: values.quick, seed: Number(values.seed) };
  } catch (error) {
    throw new CommandError((error as Error).message, 2);
  }
}

const usage = `usage: ./tessera faults [COMMAND…] [--quick] [--seed N]

Lets every command, and every file that it writes, come to harm in every way, ends trainings at random
moments, measures what their writes cost, and writes the tables in docs/reliability.md. In full it takes
about an hour, --quick a part of that; a command's name means that command alone, "trainings" the
trainings, "costs" what writes cost, and "machines" trainings on several simulated machines. As root it also
tries full and read-only disks.`;

/** What was tried so far, of which the table is made: each command's newest trial. */
const kept = join(root, "out", "faults.json");

async function tried(): Promise<Tried> {
  try {
    return JSON.parse(await Deno.readTextFile(kept));
  } catch {
    return { results: {} };
  }
}

/** The table has a command's row in the order of the help. */
function inOrder(results: Results): Results {
  const names = Object.keys(commands).filter((name) => name in results);
  return Object.fromEntries(names.map((name) => [name, results[name]]));
}

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(usage);
    return 0;
  }
  const { names, quick, seed } = readSettings(args);
  needWritableInstallation();
  const started = performance.now();
  const wanted = names.length > 0 ? names : [...Object.keys(commands), trainings, costs, machines];
  const settings = quick ? { moments: 1, files: 1 } : { moments: 4, files: 3 };
  const faults: string[] = [];
  let count = 0;
  for (const name of wanted) {
    const found: Tried = { results: {} };
    if (name === trainings) {
      found.trainings = await endTrainings(quick ? 20 : 300, seed);
      faults.push(...found.trainings.faults);
      count += Object.values(found.trainings.counts).reduce((sum, each) => sum + each);
    } else if (name === costs) {
      found.costs = [];
      for (const each of quick ? measured.slice(0, 1) : measured) {
        found.costs.push(await costOf(each));
      }
    } else if (name === machines) {
      const say = (line: string) => console.error(line);
      found.machines = await harmMachines({ kills: quick ? 4 : 40, seed, isQuick: quick, say });
      faults.push(...found.machines.faults);
      count += Object.keys(found.machines.seconds).length + found.machines.kills;
    } else {
      const say = (line: string) => console.error(line);
      found.results = await tryFaults({ names: [name], ...settings, seed, say });
      const tallies = Object.values(found.results[name]);
      faults.push(...tallies.flatMap((tally) => tally.faults));
      count += tallies.reduce((sum, tally) => sum + tally.tried, 0);
    }
    // After each, since it takes long in all; others may have tried other commands meanwhile.
    const before = await tried();
    const all = { ...before, ...found, results: inOrder({ ...before.results, ...found.results }) };
    await writeTextAtomically(kept, JSON.stringify(all, null, 1));
    await writeTextAtomically(page, pageWith(await Deno.readTextFile(page), all));
    await captured("deno", ["fmt", "--quiet", page]); // its tables are set as elsewhere
  }
  for (const fault of faults) console.error(`\n${fault}`);
  console.error(
    `\n${count} faults in ${clock(performance.now() - started)}; not survived: ${faults.length}.`,
  );
  console.error(`The table is in ${shown(page)}.`);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
