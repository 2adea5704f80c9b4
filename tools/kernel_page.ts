/** What `./tessera kernel` measures, and the tables of `docs/kernel.md` and `docs/hub.md` that it makes of it. */
import { CommandError, lastingCommand, program, root } from "./command.ts";
import { writeMarkedSection } from "./marked_section.ts";

export type Table = "stop" | "costs" | "memory" | "fairness" | "class";

const pageOf = (table: Table) => `docs/${table === "class" ? "hub" : "kernel"}.md`;

/** Where the project's kernel is found, and with how many threads it computes. */
export const environment = {
  JUPYTER_PATH: `${root}/.venv/share/jupyter`,
  TESSERA_THREADS: Deno.env.get("TESSERA_THREADS") ?? "1",
};

/** Runs one of the programs of `tests/kernel` that measure; gives the lines of JSON that it says. */
export async function measure(
  script: string,
  args: readonly string[],
  env: Record<string, string> = environment,
): Promise<unknown[]> {
  return await told("python", [`${root}/tests/kernel/${script}.py`, ...args], env);
}

/** Runs the program of `tests/language` that measures; gives what it says. */
export async function measureLanguage(args: readonly string[]): Promise<unknown> {
  const flags = ["run", "--quiet", "--no-check", "--allow-all", "--config", `${root}/deno.json`];
  const [found] = await told("deno", [...flags, `${root}/tests/language/class.ts`, ...args], {});
  return found;
}

async function told(
  name: "python" | "deno",
  args: readonly string[],
  env: Record<string, string>,
): Promise<unknown[]> {
  const command = lastingCommand(program(name), {
    ...{ cwd: root, env, stderr: "inherit" as const },
    args: [...args],
  });
  const { success, stdout } = await command.output();
  if (!success) throw new CommandError("the kernel could not be measured.");
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

export function markdown(header: readonly string[], rows: readonly string[][]): string {
  const line = header.map(() => "---");
  return [header, line, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Puts a table between its marks in the page. */
export async function write(name: Table, table: string): Promise<void> {
  await writeMarkedSection({ page: pageOf(name), name, command: "./tessera kernel" }, table);
  console.log(table);
}
