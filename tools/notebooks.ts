/** Finds notebooks by what a user types, and reads their cells. */
import { join, relative, resolve } from "node:path";
import { callerFolder, CommandError, root, shown, suggestion } from "./command.ts";
import { isDatedCopy } from "./learner/dated_copy.ts";
import { type Cell, type Notebook, textOf } from "./notebook.ts";
import { problemOf } from "./notebook_format.ts";
import { exercisesFolder, home, homeOf, isInInstallation } from "./homes.ts";

export { type Cell, type Notebook, textOf };

/** Where authors write, solutions included. */
export const sourceFolder = join(root, "notebooks", "source");

/** A notebook as the text of its file, in the form that Jupyter writes. */
export function notebookText(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => ({ ...cell, source: linesOf(textOf(cell)) }));
  return `${JSON.stringify(sorted({ ...notebook, cells }), null, 1)}\n`;
}

/** A text's lines, each with the line break at its end. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== "");
}

/** The same value, all objects' keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Reads a notebook file; throws a `CommandError` that says what is wrong where it is none. */
export async function readNotebook(path: string): Promise<Notebook> {
  let notebook: Notebook;
  try {
    const text = inUtf8(await Deno.readFile(path));
    if (text.trim() === "") throw new Error("it is empty");
    notebook = JSON.parse(text);
  } catch (error) {
    const [reason] = messageOf(error).split("\n");
    throw new CommandError(`${shown(path)} cannot be read as a notebook: ${reason}`);
  }
  const problem = problemOf(notebook);
  if (problem) throw new CommandError(`${shown(path)} ${problem}.`);
  notebook.metadata ??= {};
  for (const cell of notebook.cells) cell.metadata ??= {};
  return notebook;
}

/** A text without its byte order mark. */
function inUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("it is not in UTF-8");
  }
}

/** All notebooks in a folder and below it, in order; none where the folder is missing. */
export function notebooksIn(folder: string): string[] {
  const found: string[] = [];
  for (const entry of kindOf(folder) === "folder" ? Deno.readDirSync(folder) : []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory && !entry.name.startsWith(".")) found.push(...notebooksIn(path));
    else if (entry.isFile && entry.name.endsWith(".ipynb")) found.push(path);
  }
  return found.sort();
}

/** The units by name, for example `unit1`. */
export function unitNames(): string[] {
  const folder = hasSolutions() ? sourceFolder : exercisesFolder;
  if (kindOf(folder) !== "folder") return [];
  return [...Deno.readDirSync(folder)]
    .filter((entry) => entry.isDirectory && !entry.name.startsWith("."))
    .map((entry) => entry.name).sort();
}

/** Whether the installation has the authors' notebooks; what learners are handed may lack them. */
function hasSolutions(): boolean {
  return kindOf(sourceFolder) === "folder";
}

/** Whose notebook a unit's name means: the solved one, where there are solutions, or the home's. */
export type Whose = "solved" | "learner's";

/** The folder in which units are looked for by their name. A home is made where there is none. */
export function unitsFolder(whose: Whose): string {
  return whose === "solved" && hasSolutions() ? sourceFolder : home();
}

/**
 * The notebooks that a user means by a unit's name, a notebook's path (with or without `.ipynb`), or
 * a folder. Paths count from where the command was typed, else from the installation's folder, else from
 * the units' folder. Throws a `CommandError` with a suggestion where there is no such thing.
 */
export function findNotebooks(name: string, whose: Whose): string[] {
  const isUnit = unitNames().includes(name);
  const bases = isUnit ? [] : [callerFolder, root];
  return notebooksAt(name, bases) ?? notebooksAt(name, [unitsFolder(whose)]) ?? refuse(name, whose);
}

function notebooksAt(name: string, bases: readonly string[]): string[] | undefined {
  for (const base of bases) {
    for (const path of [resolve(base, name), resolve(base, `${name}.ipynb`)]) {
      const kind = kindOf(path);
      if (kind === "file" && path.endsWith(".ipynb")) return [path];
      if (kind === "file") throw new CommandError(`${shown(path)} is not a notebook (.ipynb).`, 2);
      if (kind === "folder") {
        // What an update or a restore has left beside is meant where it is named.
        const notebooks = notebooksIn(path).filter((each) => !isDatedCopy(each));
        if (notebooks.length > 0) return notebooks;
        throw new CommandError(`There is no notebook in ${shown(path)}.`, 2);
      }
    }
  }
}

function refuse(name: string, whose: Whose): never {
  const units = unitNames();
  const folder = unitsFolder(whose);
  if (units.includes(name)) {
    throw new CommandError(
      `${name} is not in ${shown(folder)}: ./tessera home ${shown(folder)} puts it there.`,
      2,
    );
  }
  const notebooks = units.flatMap((unit) => notebooksIn(join(folder, unit)));
  const known = [...units, ...notebooks.map((path) => relative(folder, path))];
  throw new CommandError(
    `There is no notebook, unit or folder "${name}".${suggestion(name, known)} The units are: ${
      units.join(", ")
    }.`,
    2,
  );
}

/**
 * Where the executed copy of a notebook goes: `out/solved/unit1/….solved.ipynb`, a name that nobody hands
 * in by mistake, for `notebooks/source/unit1/…`,
 * `out/unit1/….ipynb` in a home for its `unit1/…`, and `out/elsewhere/…` for what lies in neither.
 */
export function outputPath(path: string): string {
  const home = homeOf(path);
  const folders = [sourceFolder, join(root, "notebooks"), root];
  const inHome = relative(home, path);
  if (!inHome.startsWith("..")) return join(home, "out", inHome);
  // By the whole path: notebooks of many persons have the same name.
  if (!isInInstallation(path)) return join(home, "out", "elsewhere", path);
  const inside = folders.map((folder) => relative(folder, path))
    .find((each) => !each.startsWith(".."))!;
  const isSolved = !relative(sourceFolder, path).startsWith("..");
  return join(home, isSolved ? inside.replace(/\.ipynb$/, ".solved.ipynb") : inside);
}

function kindOf(path: string): "file" | "folder" | undefined {
  try {
    return Deno.statSync(path).isDirectory ? "folder" : "file";
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
