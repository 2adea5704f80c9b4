/** Options of a command of the class: `--name VALUE`, `--name=VALUE`, or `--name` alone. */
import { parseArgs } from "node:util";
import { CommandError, suggestion } from "../../tools/command.ts";
import { unitNames } from "../../tools/notebooks.ts";

/**
 * Takes a command line apart. `known` has for each option what it takes, or undefined where it takes nothing;
 * such a one is the empty text where it is given. Throws a `CommandError` that names all options.
 */
export function commandLine<Name extends string>(
  command: string,
  args: readonly string[],
  known: Readonly<Record<Name, string | undefined>>,
): { options: Partial<Record<Name, string>>; words: string[] } {
  const entries = Object.entries<string | undefined>(known);
  const all = entries.map(([name, value]) => `--${name}${value ? ` ${value}` : ""}`);
  if (args.includes("--help") || args.includes("-h")) {
    console.log(
      `./tessera ${command} takes ${all.join(", ") || "no options"}; ./tessera help says more.`,
    );
    Deno.exit(0);
  }
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(
        entries.map(([name, value]) => [name, { type: value ? "string" : "boolean" } as const]),
      ),
    });
    const given = Object.entries(values).map((
      [name, value],
    ) => [name, value === true ? "" : value]);
    const words = positionals.map((word) => word.replace(/(?<=.)\/+$/, ""));
    return { options: Object.fromEntries(given), words };
  } catch (error) {
    const reason = (error as Error).message.split(/\. |\n/)[0].replace(/\.$/, "")
      // An option's value that begins with a hyphen, which may be another option.
      .replace(
        /^Option '(--[\w-]+)[^']*' argument is ambiguous$/,
        "what follows $1 looks like an option",
      );
    throw new CommandError(`${command}: ${reason}. Its options are ${all.join(", ")}.`, 2);
  }
}

/** The one unit that a command is for. Throws a `CommandError` where it is none. */
export function theUnit(command: string, words: readonly string[]): string {
  const [unit, ...more] = words;
  const known = unitNames();
  if (unit === undefined || more.length > 0) {
    throw new CommandError(
      `${command} takes one unit: ./tessera ${command} ${known[1] ?? "UNIT"}`,
      2,
    );
  }
  if (!known.includes(unit)) {
    throw new CommandError(
      `there is no unit "${unit}".${suggestion(unit, known)} The units are: ${known.join(", ")}.`,
      2,
    );
  }
  return unit;
}
