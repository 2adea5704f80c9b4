/**
 * `deno task card [PART…] [--minutes=9] [--out=FOLDER]`: tries the library out on a graphics card, in the order
 * of what matters, and writes what was found as it comes: `report.md`, and at full length `details.txt`. Parts
 * for which no time is left are named and left out. With TESSERA_DEVICE=cpu the processor takes the card's
 * place, to try the program itself, with less of everything.
 */
import { join, resolve } from "node:path";
import { requestedDevice } from "../../lib/tensor/requests.ts";
import { callerFolder, CommandError, root, runCommand, shown } from "../../tools/command.ts";
import { parts } from "./parts.ts";

export interface Plan {
  names: string[];
  /** For all parts together. */
  seconds: number;
  folder: string;
}

/** Throws a CommandError where an argument is none. */
export function readPlan(args: readonly string[]): Plan {
  const plan: Plan = { names: [], seconds: Infinity, folder: join(root, "out", "card") };
  for (const arg of args) {
    const [, option, value = ""] = /^--(\w+)=(.+)$/.exec(arg) ?? [];
    if (option === "minutes" && Number(value) > 0) plan.seconds = Number(value) * 60;
    else if (option === "out") plan.folder = resolve(callerFolder, value);
    else if (arg in parts) plan.names.push(arg);
    else {
      const list = Object.entries(parts).map(([name, { what }]) => `  ${name.padEnd(9)} ${what}`);
      throw new CommandError(
        `card takes parts, --minutes=N and --out=FOLDER; not "${arg}". Its parts are:\n${
          list.join("\n")
        }`,
        2,
      );
    }
  }
  if (plan.names.length === 0) plan.names = Object.keys(parts);
  return plan;
}

/** Runs the parts of a plan, one after the other. Gives how many had an error of their own. */
export async function tryOut({ names, seconds, folder }: Plan, onCard: boolean): Promise<number> {
  await Deno.mkdir(folder, { recursive: true });
  const report = join(folder, "report.md"), details = join(folder, "details.txt");
  for (const file of [report, details]) await Deno.remove(file).catch(() => {});
  const write = (file: string, text: string) =>
    Deno.writeTextFileSync(file, `${text}\n`, { append: true });
  const say = (text: string) => {
    console.log(text);
    write(report, text);
  };
  say(
    `# ${onCard ? "On a graphics card" : "Tried out on the processor"}, ${
      new Date().toISOString()
    }`,
  );
  const end = performance.now() + seconds * 1000;
  let errors = 0;
  for (const name of names) {
    const { what, seconds: most, run } = parts[name];
    const remaining = (end - performance.now()) / 1000;
    if (remaining < 10) {
      say(`\n## ${name}: left out, there was no time for ${what}`);
      continue;
    }
    const begun = performance.now();
    write(details, `\n#### ${name}`);
    let lines: string[];
    try {
      lines = await run({
        ...{ seconds: Math.min(most, remaining), onCard, folder },
        tell: (text) => write(details, text),
      });
    } catch (error) {
      errors++;
      write(details, `${(error as Error).stack}`);
      lines = [`ended with an error: ${(error as Error).message}`];
    }
    const took = ((performance.now() - begun) / 1000).toFixed(0);
    // A table's lines belong together; others are items.
    const items = lines.map((line) =>
      line === "" || /^(\||Measured)/.test(line) ? line : `- ${line}`
    );
    say([`\n## ${name}: ${what} (${took} s)\n`, ...items].join("\n"));
  }
  say(`\nIn ${shown(folder)}: report.md, details.txt and the tables' numbers.`);
  return errors;
}

if (import.meta.main) {
  await runCommand(async (args) => {
    const plan = readPlan(args);
    const device = requestedDevice();
    if (device === undefined) {
      throw new CommandError(
        "set TESSERA_DEVICE=gpu to try the card out, =cpu to try this program.",
        2,
      );
    }
    return await tryOut(plan, device === "gpu") > 0 ? 1 : 0;
  });
}
