/** Values in words, as Deno's console and kernel write them. */
import { formatWithOptions, inspect } from "node-inspect-extracted";

const colours: Record<string, string> = {
  ...{ number: "33", bigint: "33", boolean: "33", string: "32", symbol: "32", date: "35" },
  ...{ null: "1", undefined: "2", special: "36", regexp: "31" },
};
const resets: Record<string, string> = { "1": "22", "2": "22" };

/** Strings stand in double quotes, unless they hold some. */
function requoted(text: string): string {
  if (!/^'[\s\S]*'$/.test(text) || text.includes('"')) return text;
  return `"${text.slice(1, -1).replaceAll("\\'", "'")}"`;
}

/** A string that is no identifier is quoted as a property's name, too. */
const style = (inColours: boolean) => (text: string, kind: string): string => {
  const shown = kind === "string" ? requoted(text) : text;
  const colour = inColours ? colours[kind] : undefined;
  return colour ? `\x1b[${colour}m${shown}\x1b[${resets[colour] ?? "39"}m` : shown;
};

const options = { depth: 4, breakLength: 80, compact: 3 };

/** A value as a cell shows it that ends with it, in the colours of a terminal. */
export function shown(value: unknown, inColours = true): string {
  // It holds all that there is.
  if (value === globalThis) {
    return `${Object.prototype.toString.call(value).slice(8, -1)} {}`;
  }
  return inspect(value, { ...options, stylize: style(inColours) } as object);
}

/** What `console.log` writes, without the end of its line. */
export function printed(values: readonly unknown[]): string {
  return formatWithOptions({ ...options, stylize: style(false) } as object, ...values);
}
