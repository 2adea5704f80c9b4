/** What those who know Python write out of habit; the kernel says the same, from the same table. */
import habits from "../python/tessera_kernel/habits.json" with { type: "json" };

const names = new Map(Object.entries(habits.words)),
  calls = new Map(Object.entries(habits.calls)),
  modules = new Map(Object.entries(habits.modules)),
  methods = new Map(Object.entries(habits.methods)),
  types = new Map(Object.entries(habits.types));

/** What TypeScript has for a name of Python's; of some only where the line calls them, or has a dot behind them. */
export function hintForPythonName(name: string, line = ""): string | undefined {
  const is = (behind: string) => new RegExp(`\\b${name}${behind}`).test(line);
  return names.get(name) ?? (is("\\s*\\(") ? calls.get(name) : undefined) ??
    (is("\\.\\w") ? modules.get(name) : undefined);
}

/** What to say of a name that nobody has made, where the line makes it as Python does. */
export function hintForNewName(name: string, line: string): string | undefined {
  const escaped = name.replaceAll("$", "\\$");
  const pattern = (text: string) => new RegExp(text.replaceAll("NAME", () => escaped));
  return habits.newNames.find((each) => pattern(each.line).test(line))
    ?.hint.replaceAll("NAME", () => name);
}

/** What TypeScript has for a type of Python's. */
export function hintForPythonType(name: string): string | undefined {
  const type = types.get(name);
  return type && `TypeScript's type for it is ${type}.`;
}

/** What TypeScript has for a method of Python's. */
export const hintForPythonMethod = (name: string): string | undefined => methods.get(name);

/** What to say of a call whose arguments are Python's. */
export function hintForArguments(line: string): string | undefined {
  return habits.arguments.find((each) => new RegExp(each.line).test(line))?.hint;
}

/** What to say of a line that is never TypeScript. */
export function hintForLine(line: string): string | undefined {
  return habits.lines.find(({ pattern }) => new RegExp(pattern).test(line))?.hint;
}

/** Code without one habit, and what is to be said if it can be read so. */
export interface WithoutHabit {
  source: string;
  hint: string;
}

/** Errors are noticed at the word behind the mistake, which may stand on a later line. */
const linesBefore = 3;

/** Code that could not be read at a line (from 1), each time without one habit there or just before. */
export function* withoutHabits(source: string, line: number): Generator<WithoutHabit> {
  const lines = source.split("\n");
  for (const { changes, hint } of habits.rewrites) {
    for (let index = line - 1; index >= Math.max(0, line - linesBefore); index--) {
      const changed = changes.reduce(
        (text, [pattern, replacement]) => text.replace(new RegExp(pattern, "g"), replacement),
        lines[index],
      );
      if (changed === lines[index]) continue;
      yield { source: lines.with(index, changed).join("\n"), hint };
    }
  }
}
