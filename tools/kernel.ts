/**
 * `./tessera kernel`: measures how long Stop takes, by kind of cell and by tool, and writes the table of
 * `docs/kernel.md`. With `--sequences N` it runs random cells with Stop at random moments instead;
 * `--seed S` chooses others.
 */
import { writeTextAtomically } from "../lib/platform/files.ts";
import { CommandError, foreground, program, root, runCommand, shown } from "./command.ts";

/** Tool → kind of cell → milliseconds of the median, and whether the state stayed. */
type Table = Record<string, Record<string, [milliseconds: number, isKept: boolean]>>;

const page = `${root}/docs/kernel.md`;
const [begin, end] = ["<!-- stop: made by ./tessera kernel -->", "<!-- end of stop -->"];
const environment = {
  JUPYTER_PATH: `${root}/.venv/share/jupyter`,
  TESSERA_THREADS: Deno.env.get("TESSERA_THREADS") ?? "1",
};
const repeats = 3;

async function measure(): Promise<Table> {
  console.error("Some minutes: every kind of cell is run and stopped in every tool …");
  const command = new Deno.Command(program("python"), {
    args: [`${root}/tests/kernel/table.py`, `${repeats}`],
    cwd: root,
    env: environment,
    stderr: "inherit",
  });
  const { success, stdout } = await command.output();
  if (!success) throw new CommandError("the kernel could not be measured.");
  return JSON.parse(new TextDecoder().decode(stdout));
}

function markdown(table: Table): string {
  const tools = Object.keys(table);
  const rows = Object.keys(table[tools[0]]).map((kind) => {
    const cells = tools.map((tool) => {
      const [milliseconds, isKept] = table[tool][kind];
      return `${milliseconds.toLocaleString("en")} ms, ${isKept ? "kept" : "**lost**"}`;
    });
    return `| ${[kind, ...cells].join(" | ")} |`;
  });
  const line = `| --- |${" --- |".repeat(tools.length)}`;
  return [`| The cell runs | ${tools.join(" | ")} |`, line, ...rows].join("\n");
}

async function writeTable(): Promise<number> {
  const table = markdown(await measure());
  const text = await Deno.readTextFile(page);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new CommandError(`${shown(page)} has no place for the table.`);
  await writeTextAtomically(
    page,
    `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`,
  );
  await foreground("deno", ["fmt", "--quiet", page]);
  console.log(table);
  return table.includes("lost") ? 1 : 0;
}

function sequences(count: number, seed: string): Promise<number> {
  const args = [`${root}/tests/kernel/sequences.py`, `${count}`, seed];
  return foreground("python", args, { env: environment });
}

function main(args: string[]): Promise<number> {
  if (args.length === 0) return writeTable();
  const options = new Map<string, string>();
  for (let index = 0; index < args.length; index += 2) options.set(args[index], args[index + 1]);
  const count = Number(options.get("--sequences"));
  const seed = options.get("--seed") ?? "1";
  options.delete("--sequences");
  options.delete("--seed");
  if (options.size > 0 || !Number.isInteger(count) || count < 1) {
    throw new CommandError("kernel takes --sequences N, a number of sequences, and --seed S.", 2);
  }
  return sequences(count, seed);
}

if (import.meta.main) await runCommand(main);
