/** Options of a command of the class: `--name VALUE`, `--name=VALUE`, or `--name` alone. */
import { parseArgs } from "node:util";
import { CommandError } from "../../tools/command.ts";

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
    const [reason] = (error as Error).message.split(/\. /);
    throw new CommandError(`${command}: ${reason}. Its options are ${all.join(", ")}.`, 2);
  }
}
