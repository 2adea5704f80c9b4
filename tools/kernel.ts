/**
 * `./tessera kernel`: measures how long Stop takes, by kind of cell and by tool, and what the door costs, and
 * writes the tables of `docs/kernel.md`; `--stop` and `--costs` measure one of the two. With `--sequences N`
 * it runs random cells with Stop at random moments instead; `--seed S` chooses others, and `--from N` goes
 * on where an earlier run was interrupted.
 */
import { parseArgs } from "node:util";
import { writeTextAtomically } from "../lib/platform/files.ts";
import {
  CommandError,
  foreground,
  lastingCommand,
  program,
  root,
  runCommand,
  shown,
} from "./command.ts";

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

const page = `${root}/docs/kernel.md`;
const environment = {
  JUPYTER_PATH: `${root}/.venv/share/jupyter`,
  TESSERA_THREADS: Deno.env.get("TESSERA_THREADS") ?? "1",
};
const repeats = { stop: 3, costs: 5 };

async function measure(script: "table" | "costs", repeats: number): Promise<unknown> {
  const command = lastingCommand(program("python"), {
    args: [`${root}/tests/kernel/${script}.py`, `${repeats}`],
    cwd: root,
    env: environment,
    stderr: "inherit",
  });
  const { success, stdout } = await command.output();
  if (!success) throw new CommandError("the kernel could not be measured.");
  return JSON.parse(new TextDecoder().decode(stdout));
}

function markdown(header: string[], rows: string[][]): string {
  const line = header.map(() => "---");
  return [header, line, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

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

/** Puts a table between its marks in the page. */
async function write(name: "stop" | "costs", table: string): Promise<void> {
  const [begin, end] = [`<!-- ${name}: made by ./tessera kernel -->`, `<!-- end of ${name} -->`];
  const text = await Deno.readTextFile(page);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new CommandError(`${shown(page)} has no place for the table.`);
  const around = [text.slice(0, from), text.slice(to)];
  await writeTextAtomically(page, around.join(`${begin}\n\n${table}\n\n`));
  await foreground("deno", ["fmt", "--quiet", page]);
  console.log(table);
}

async function writeTables(asked: { stop: boolean; costs: boolean }): Promise<number> {
  let isKept = true;
  if (asked.costs) {
    console.error("Some minutes: kernels with the door and without it take turns …");
    await write("costs", costTable(await measure("costs", repeats.costs) as Costs));
  }
  if (asked.stop) {
    console.error("Some minutes: every kind of cell is run and stopped in every tool …");
    const table = stopTable(await measure("table", repeats.stop) as Stops);
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
  const { sequences: count, seed = "1", from = "0", stop, costs } = optionsOf(args);
  if (count !== undefined) return await sequences(Number(count), seed, Number(from));
  return await writeTables(stop || costs ? { stop, costs } : { stop: true, costs: true });
}

function optionsOf(args: string[]) {
  const wrong = (reason: string) =>
    new CommandError(
      `${reason}; kernel takes --stop and --costs, or --sequences N, --seed S, --from N.`,
      2,
    );
  const options = { type: "string" } as const, flag = { type: "boolean", default: false } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: { sequences: options, seed: options, from: options, stop: flag, costs: flag },
    }));
  } catch (error) {
    throw wrong((error as Error).message.split(". ")[0]);
  }
  const { sequences, seed, from, stop, costs } = values;
  for (const [name, value, least] of [["sequences", sequences, 1], ["from", from, 0]] as const) {
    if (value !== undefined && !(Number.isInteger(Number(value)) && Number(value) >= least)) {
      throw wrong(`--${name} is no number`);
    }
  }
  const isOfSequences = seed ?? from ?? sequences;
  if (isOfSequences !== undefined && (sequences === undefined || stop || costs)) {
    throw wrong("these do not go together");
  }
  return values;
}

if (import.meta.main) await runCommand(main);
