/**
 * `./tessera kernel`: measures how long Stop takes, by kind of cell and by tool, and what the door costs, and
 * writes the tables of `docs/kernel.md`; `--stop` and `--costs` measure one of the two. `--memory [UNIT…]`
 * measures what kernels take of memory, `--class N` what N learners at once do, and `--fairness` how cells fare
 * beside trainings. With `--sequences N` it runs random cells with Stop at random moments instead; `--seed S` chooses others, and `--from N` goes
 * on where an earlier run was interrupted.
 */
import { parseArgs } from "node:util";
import { CommandError, foreground, needWritableInstallation, root, runCommand } from "./command.ts";
import { leastClass, writeClass, writeFairness, writeMemory } from "./kernel_load.ts";
import { environment, markdown, measure, write } from "./kernel_page.ts";

/** Tool → kind of cell → milliseconds of the median, and whether the state stayed. */
type Stops = Record<string, Record<string, [milliseconds: number, isKept: boolean]>>;

/** What was measured → without the door, with it: milliseconds, or megabytes. */
type Costs = Record<keyof typeof costNames, [plain: number, door: number]>;

const costNames = {
  start: "start, until the first reply (ms)",
  memory: "memory after the start (MB)",
  training: "a training's step (ms)",
  loop: "300 million turns of a loop (ms)",
  awaits: "a million awaits in a cell (ms)",
};

const repeats = { stop: 3, costs: 5 };

function stopTable(stops: Stops): string {
  const tools = Object.keys(stops);
  const rows = Object.keys(stops[tools[0]]).map((kind) => {
    const cells = tools.map((tool) => {
      const [milliseconds, isKept] = stops[tool][kind];
      return `${milliseconds.toLocaleString("en")} ms, ${isKept ? "kept" : "**lost**"}`;
    });
    return [kind, ...cells];
  });
  return markdown(["The cell runs", ...tools], rows);
}

function costTable(costs: Costs): string {
  const rows = Object.entries(costs).map(([name, [plain, door]]) => {
    const digits = { maximumSignificantDigits: 3 };
    const numbers = [plain, door].map((value) => value.toLocaleString("en", digits));
    return [costNames[name as keyof Costs], ...numbers];
  });
  return markdown(["", "Deno's kernel", "with the door"], rows);
}

async function writeTables(asked: { stop: boolean; costs: boolean }): Promise<number> {
  let isKept = true;
  if (asked.costs) {
    console.error("Some minutes: kernels with the door and without it take turns …");
    const [costs] = await measure("costs", [`${repeats.costs}`]) as [Costs];
    await write("costs", costTable(costs));
  }
  if (asked.stop) {
    console.error("Some minutes: every kind of cell is run and stopped in every tool …");
    const [stops] = await measure("table", [`${repeats.stop}`]) as [Stops];
    const table = stopTable(stops);
    await write("stop", table);
    isKept = !table.includes("lost");
  }
  return isKept ? 0 : 1;
}

function sequences(count: number, seed: string, first: number): Promise<number> {
  const args = [`${root}/tests/kernel/sequences.py`, `${count}`, seed, `${first}`];
  return foreground("python", args, { env: environment });
}

async function main(args: string[]): Promise<number> {
  const { values, units } = optionsOf(args);
  const { sequences: count, seed = "1", from = "0", stop, costs } = values;
  if (count !== undefined) return await sequences(Number(count), seed, Number(from));
  needWritableInstallation(); // for the page
  if (values.memory) await writeMemory(units);
  if (values.fairness) await writeFairness();
  if (values.class !== undefined) await writeClass(Number(values.class));
  if (stop || costs) return await writeTables({ stop, costs });
  const others = values.memory || values.fairness || values.class !== undefined;
  return others ? 0 : await writeTables({ stop: true, costs: true });
}

function optionsOf(args: string[]) {
  const wrong = (reason: string) =>
    new CommandError(
      `${reason}; kernel takes --stop, --costs, --fairness, --class N and --memory [UNIT…], or ` +
        "--sequences N, --seed S, --from N.",
      2,
    );
  const options = { type: "string" } as const, flag = { type: "boolean", default: false } as const;
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...{ sequences: options, seed: options, from: options, class: options },
        ...{ stop: flag, costs: flag, memory: flag, fairness: flag },
      },
    });
  } catch (error) {
    throw wrong((error as Error).message.split(". ")[0]);
  }
  const { values, positionals: units } = parsed;
  const { sequences, seed, from, stop, costs, memory, fairness } = values;
  for (
    const [name, value, least] of [
      ["sequences", sequences, 1],
      ["from", from, 0],
      ["class", values.class, leastClass],
    ] as const
  ) {
    if (value !== undefined && !(Number.isInteger(Number(value)) && Number(value) >= least)) {
      throw wrong(`--${name} is no number from ${least} on`);
    }
  }
  const isOfSequences = seed ?? from ?? sequences;
  const measures = stop || costs || memory || fairness || values.class !== undefined;
  if (isOfSequences !== undefined && (sequences === undefined || measures)) {
    throw wrong("these do not go together");
  }
  if (units.length > 0 && !memory) throw wrong(`"${units[0]}" is no option`);
  return { values, units };
}

if (import.meta.main) await runCommand(main);
