/**
 * What is wrong in the cells of notebooks, for those who write them: first what the kernel could not
 * read at all, then what the types tell. Each problem names its cell and line, and says what to do
 * where that is known.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inPlainWords } from "../language/words.ts";
import { type CellModule, moduleOf } from "./cells.ts";
import { hintForSyntax, hintForType } from "./cell_hints.ts";
import { captured, root, shown } from "./command.ts";
import { type Notebook, readNotebook, textOf } from "./notebooks.ts";
import { hintForLine, withoutHabits } from "./python_habits.ts";

/** A notebook with the module of its cells, which lies in a temporary folder. */
export interface WrittenNotebook {
  path: string;
  notebook: Notebook;
  module: CellModule;
  modulePath: string;
}

/** Writes a module for each notebook into `folder`. */
export async function writeCellModules(
  paths: readonly string[],
  folder: string,
): Promise<WrittenNotebook[]> {
  const written: WrittenNotebook[] = [];
  for (const [index, path] of paths.entries()) {
    const notebook = await readNotebook(path);
    const module = moduleOf(notebook, path);
    const modulePath = join(folder, `notebook${index + 1}.ts`);
    await Deno.writeTextFile(modulePath, module.text);
    written.push({ path, notebook, module, modulePath });
  }
  return written;
}

/** What was found at one place. */
interface Problem {
  where: string;
  message: string;
  /** The line and a mark under what is meant. */
  source: string[];
  hint?: string;
}

const text = ({ where, message, source, hint }: Problem) =>
  [`${where}: ${message}`, ...source.map((line) => `    ${line}`), ...(hint ? [hint] : [])]
    .join("\n");

const place = (notebook: string, cell: number, line: number | string) =>
  `${shown(notebook)}, cell ${cell}, line ${line}`;

/** Runs deno without colours; gives the exit code and all that it said. */
async function deno(...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await captured("deno", args, { env: { NO_COLOR: "1" } });
  return { code, said: (stdout + stderr).replace(/\n*Stack backtrace:[\s\S]*$/, "") };
}

/**
 * The types in the cells, and what comes before them: cells that are no TypeScript. Gives a text to
 * show, empty where all is well.
 */
export async function problemsIn(
  notebooks: readonly WrittenNotebook[],
  folder: string,
): Promise<string> {
  if (notebooks.length === 0) return "";
  const unreadable = await syntaxProblems(notebooks, folder);
  if (unreadable.length > 0) {
    const rest = "The types are checked once the kernel can read every cell.";
    return [...unreadable.map(text), rest].join("\n\n");
  }
  const modules = notebooks.map((each) => each.modulePath);
  const { code, said } = await deno("check", "--config", join(root, "deno.json"), ...modules);
  return code === 0 ? "" : await typeProblems(said, notebooks);
}

/** `text` with each position in a module replaced by the notebook, cell and line it came from. */
export function withPlaces(text: string, notebooks: readonly WrittenNotebook[]): string {
  for (const { path, module, modulePath } of notebooks) {
    const name = pathToFileURL(modulePath).href.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const position = new RegExp(`${name}(?:: line (\\d+), col |:(\\d+):)\\d+`, "g");
    text = text.replace(position, (_, long?: string, short?: string) => {
      const at = module.places[Number(long ?? short) - 1];
      return at ? place(path, at.cell, at.line) : shown(path);
    });
  }
  return text;
}

// ---- Syntax ---------------------------------------------------------------------------------

/** Cells are read one by one, as the kernel does, so that a bracket left open ends with its cell. */
async function syntaxProblems(
  notebooks: readonly WrittenNotebook[],
  folder: string,
): Promise<Problem[]> {
  const cells = new Map<string, [notebook: string, cell: number, source: string]>();
  for (const { path, notebook, modulePath } of notebooks) {
    for (const [index, cell] of notebook.cells.entries()) {
      if (cell.cell_type !== "code" || textOf(cell).trim() === "") continue;
      // The kernel reads every cell as TSX.
      const file = join(folder, `${modulePath.slice(folder.length + 1, -3)}_cell${index + 1}.tsx`);
      await Deno.writeTextFile(file, textOf(cell));
      cells.set(pathToFileURL(file).href, [path, index + 1, textOf(cell)]);
    }
  }
  const problems: Problem[] = [];
  for (const { file, message, line } of await unreadableIn(folder)) {
    const found = cells.get(file);
    if (found === undefined) continue;
    const [notebook, cell, source] = found;
    const text = source.split("\n")[line - 1] ?? "";
    problems.push({
      where: place(notebook, cell, line),
      message: `the kernel cannot read this: ${message}.`,
      source: [text],
      hint: hintForLine(text) ?? await hintForHabit(source, line) ?? hintForSyntax(message),
    });
  }
  const order = [...cells.values()].map(([notebook, cell]) => `${shown(notebook)}, cell ${cell},`);
  const rank = ({ where }: Problem) => order.findIndex((start) => where.startsWith(start));
  return problems.sort((a, b) => rank(a) - rank(b));
}

/** Where the TypeScript files of a folder cannot be read. */
async function unreadableIn(folder: string) {
  // Of the linter only what it cannot read counts here; unlike a check it goes on after the first.
  const { said } = await deno("lint", "--no-config", "--rules-include=no-debugger", folder);
  const errors = /SyntaxError: (.+)\n(?: +\|.*\n)?((?:.*\n)*?) +at (file:\S+?):(\d+):\d+/g;
  return [...said.matchAll(errors)].map(([, message, , file, line]) => ({
    file,
    message,
    line: Number(line),
  }));
}

/** The hint for the habit of Python's without which the code can be read up to a line, and further. */
async function hintForHabit(source: string, line: number): Promise<string | undefined> {
  const tries = [...withoutHabits(source, line)];
  if (tries.length === 0) return;
  const folder = await Deno.makeTempDir();
  try {
    const files = tries.map((_, index) => join(folder, `${index}.tsx`));
    for (const [index, each] of tries.entries()) {
      await Deno.writeTextFile(files[index], each.source);
    }
    const wrong = await unreadableIn(folder);
    const isRight = (path: string) =>
      !wrong.some((each) => each.file === pathToFileURL(path).href && each.line <= line);
    return tries[files.findIndex(isRight)]?.hint;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

// ---- Types ----------------------------------------------------------------------------------

/** One of deno's diagnostics: `TS2322 [ERROR]: …`, the line, a mark under it, where it is. */
const diagnostic = /^TS(\d+) \[ERROR\]: ([\s\S]*?)\n {4}at (\S+?):(\d+):\d+\n?([\s\S]*)$/;

/** Deno's words for what it found, as problems of cells in their order; what is in none comes last. */
async function typeProblems(
  said: string,
  notebooks: readonly WrittenNotebook[],
): Promise<string> {
  const words = inPlainWords(said.replace(/^(Check|Download|Found|error: Type checking) .*$/gm, ""))
    .replace(/ from "file:\/\/[^"]*"(?=\n)/g, "");
  const problems: [order: number, text: string][] = [];
  for (const block of words.split(/^(?=TS\d+ \[ERROR\]: )/m)) {
    // A note beside another problem, which says the same below its hint.
    if (block.trim() === "" || block.startsWith("TS2773 ")) continue;
    const [, code, head, file, line, related] = diagnostic.exec(block) ?? [];
    const index = notebooks.findIndex(({ modulePath }) => pathToFileURL(modulePath).href === file);
    const at = notebooks[index]?.module.places[Number(line) - 1];
    if (at === undefined) {
      problems.push([Infinity, withPlaces(block.trim(), notebooks)]);
      continue;
    }
    const { path, notebook } = notebooks[index];
    const lines = head.split("\n").filter((each) => !/^\s*hint: /.test(each));
    const source = /^\s*[~^]+\s*$/.test(lines.at(-1)!) ? lines.splice(-2) : [];
    const notes = related.split(/\n\s*\n/).map((note) => note.trim().split("\n")[0])
      .filter((note) => note !== "" && !note.includes("is declared here"));
    const problem = {
      where: place(path, at.cell, at.line),
      message: `${[lines.join("\n"), ...notes].join(" ")} (TS${code})`,
      source,
      hint: await hintForType(code, lines[0], {
        source: source.join("\n"),
        place: { notebook, cell: at.cell },
      }),
    };
    problems.push([index * 1e6 + at.cell, text(problem)]);
  }
  return problems.sort(([a], [b]) => a - b).map(([, text]) => text).join("\n\n");
}
