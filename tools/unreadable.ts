/** Code that is no TypeScript: where it cannot be read, and what to say of that. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { hintForSyntax } from "./cell_hints.ts";
import { deno } from "./deno.ts";
import { hintForLine, withoutHabits } from "./python_habits.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";

/** Where the TypeScript files of a folder cannot be read. */
export async function unreadableIn(folder: string) {
  // Of the linter only what it cannot read counts here; unlike a check it goes on after the first.
  const { said } = await deno("lint", "--no-config", "--rules-include=no-debugger", folder);
  const errors = /SyntaxError: (.+)\n(?: +\|.*\n)?((?:.*\n)*?) +at (file:\S+?):(\d+):\d+/g;
  return [...said.matchAll(errors)].map(([, message, , file, line]) => ({
    file,
    message,
    line: Number(line),
  }));
}

/** What to do about code that could not be read at a line (from 1); `message` is the parser's. */
export async function hintForUnreadable(
  source: string,
  line: number,
  message: string,
): Promise<string | undefined> {
  return hintForLine(source.split("\n")[line - 1] ?? "") ?? await hintForHabit(source, line) ??
    hintForSyntax(message);
}

/** The hint for the habit of Python's without which the code can be read up to a line, and further. */
async function hintForHabit(source: string, line: number): Promise<string | undefined> {
  const tries = [...withoutHabits(source, line)];
  if (tries.length === 0) return;
  return await withTemporaryFolder("habits", async (folder) => {
    const files = tries.map((_, index) => join(folder, `${index}.tsx`));
    for (const [index, each] of tries.entries()) {
      await Deno.writeTextFile(files[index], each.source);
    }
    const wrong = await unreadableIn(folder);
    const isRight = (path: string) =>
      !wrong.some((each) => each.file === pathToFileURL(path).href && each.line <= line);
    return tries[files.findIndex(isRight)]?.hint;
  });
}
