/**
 * What is wrong in the cells of notebooks, for those who write them: first what the kernel could not
 * read at all, then what the types tell. Each problem names its cell and line, and says what to do
 * where that is known.
 */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inPlainWords } from "../language/words.ts";
import { type CellModule, moduleOf } from "./cells.ts";
import { hintForType, isConsequence, withoutSuggestion } from "./cell_hints.ts";
import { root, shown } from "./command.ts";
import { deno } from "./deno.ts";
import { type Notebook, readNotebook, textOf } from "./notebooks.ts";
import { hintForUnreadable, unreadableIn } from "./unreadable.ts";

/** A notebook with the module of its cells, which lies in a folder for that alone. */
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
  const { code, said } = await deno("check", "--config", await writeSettings(folder), ...modules);
  return code === 0 ? "" : await typeProblems(said, notebooks);
}

/** Deno's settings for modules in a folder that the installation's may leave out; gives their file. */
export async function writeSettings(folder: string): Promise<string> {
  const { compilerOptions } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const importMap = pathToFileURL(join(root, "import_map.json")).href;
  const path = join(folder, "deno.json");
  await Deno.writeTextFile(path, JSON.stringify({ importMap, lock: false, compilerOptions }));
  return path;
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
      // The kernel reads a cell as TSX, and as TypeScript where that fails: `<T>(x: T) => x`.
      const file = join(folder, `${modulePath.slice(folder.length + 1, -3)}_cell${index + 1}.tsx`);
      await Deno.writeTextFile(file, textOf(cell));
      cells.set(pathToFileURL(file).href, [path, index + 1, textOf(cell)]);
    }
  }
  const problems: Problem[] = [];
  const inTsx = await unreadableIn(folder);
  const files = new Set(inTsx.map(({ file }) => file).filter((file) => cells.has(file)));
  const readable = await readableWithoutTsx([...files]);
  for (const { file, message, line } of inTsx) {
    const found = cells.get(file);
    if (found === undefined || readable.has(file)) continue;
    const [notebook, cell, source] = found;
    const text = source.split("\n")[line - 1] ?? "";
    problems.push({
      where: place(notebook, cell, line),
      message: `the kernel cannot read this: ${message.replace(/\.$/, "")}.`,
      source: [text],
      hint: await hintForUnreadable(source, line, message),
    });
  }
  const order = [...cells.values()].map(([notebook, cell]) => `${shown(notebook)}, cell ${cell},`);
  const rank = ({ where }: Problem) => order.findIndex((start) => where.startsWith(start));
  return problems.sort((a, b) => rank(a) - rank(b));
}

/** Which of these files, whose addresses are given, can be read as TypeScript. */
async function readableWithoutTsx(files: readonly string[]): Promise<Set<string>> {
  if (files.length === 0) return new Set();
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    const copies = new Map<string, string>();
    for (const [index, file] of files.entries()) {
      const copy = join(folder, `${index}.ts`);
      await Deno.copyFile(fileURLToPath(file), copy);
      copies.set(pathToFileURL(copy).href, file);
    }
    const wrong = new Set((await unreadableIn(folder)).map(({ file }) => copies.get(file)));
    return new Set(files.filter((file) => !wrong.has(file)));
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
  const codesAt = new Map<string, string[]>();
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
    if (at.unchecked) continue;
    const { path, notebook } = notebooks[index];
    const where = place(path, at.cell, at.line);
    const before = codesAt.get(where) ?? [];
    codesAt.set(where, [...before, code]);
    if (isConsequence(code, before)) continue;
    const lines = head.split("\n").filter((each) => !/^\s*hint: /.test(each));
    const source = /^\s*[~^]+\s*$/.test(lines.at(-1)!) ? lines.splice(-2) : [];
    if (isAllowed(code, marking(source).marked)) continue;
    const notes = related.split(/\n\s*\n/).map((note) => note.trim().split("\n")[0])
      .filter((note) => note !== "" && !note.includes("is declared here"));
    const hint = await hintForType(code, lines[0], {
      ...marking(source),
      declaredLater: (declaration) => declaredLater(declaration, notebook, at.cell),
    });
    const said = [lines.join("\n"), ...notes].join(" ");
    const message = `${hint ? withoutSuggestion(said) : said} (TS${code})`;
    problems.push([index * 1e6 + at.cell, text({ where, message, source, hint })]);
  }
  return problems.sort(([a], [b]) => a - b).map(([, text]) => text).join("\n\n");
}

/** What a block must not have and the kernel's cells may: a namespace, and `declare`. */
function isAllowed(code: string, marked: string): boolean {
  return code === "1235" || code === "1184" && marked === "declare";
}

/** A line, and what stands above the mark in the one below it. */
function marking([line = "", mark = ""]: readonly string[]): { line: string; marked: string } {
  const from = mark.search(/\S/);
  return { line, marked: from < 0 ? "" : line.slice(from, mark.length) };
}

/** Which cell below another declares a name. */
function declaredLater(
  declaration: RegExp,
  { cells }: Notebook,
  below: number,
): string | undefined {
  const index = cells.findIndex((each, index) =>
    index >= below && each.cell_type === "code" && declaration.test(textOf(each))
  );
  return index < 0
    ? undefined
    : `Cell ${index + 1} makes it, further down: cells run from the top.`;
}
