/**
 * `./tessera check [NOTEBOOK…]`: format, lint and types of everything, the cells of the notebooks
 * included (Deno formats notebooks, but does not lint them or check their types); or the types of
 * the notebooks that are named, such as a learner's own.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type CellModule, moduleOf } from "./cells.ts";
import { captured, CommandError, root, runCommand, shown } from "./command.ts";
import { findNotebooks, notebooksIn, readNotebook, sourceFolder } from "./notebooks.ts";

/** Rules that the way cells are joined breaks, not the author. */
const rulesNotForCells = "no-inner-declarations";

/** What a check found: a text to show, empty where all is well. */
type Check = () => Promise<string>;

/** Runs deno and returns what it said where it failed. */
async function deno(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await captured("deno", args, { env: { NO_COLOR: "1" } });
  return code === 0 ? "" : withoutNoise(stdout + stderr) || `deno ${args.join(" ")} failed`;
}

function withoutNoise(text: string): string {
  return text.replace(/\n*Stack backtrace:[\s\S]*$/, "").split("\n")
    .filter((line) => !/^(Check|Checked|Download) /.test(line)).join("\n").trim();
}

/** The files that `deno fmt` would change. */
async function unformatted(): Promise<string> {
  const problems = await deno("fmt", "--check");
  const files = [...problems.matchAll(/^from (.+):$/gm)].map(([, path]) => path);
  if (files.length === 0) return problems;
  const wrong: string[] = [];
  for (const file of files) {
    if (!file.endsWith(".ipynb") || await changesWhenFormatted(file)) wrong.push(shown(file));
  }
  if (wrong.length === 0) return "";
  return `${wrong.join("\n")}\n\`.venv/bin/deno fmt\` puts ${wrong.length} files right.`;
}

/** `deno fmt --check` complains of every notebook that it sees for the first time, so ask a copy. */
async function changesWhenFormatted(notebook: string): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-check-" });
  try {
    const copy = join(folder, "copy.ipynb");
    await Deno.copyFile(notebook, copy);
    await deno("fmt", "--config", join(root, "deno.json"), copy);
    return await Deno.readTextFile(copy) !== await Deno.readTextFile(notebook);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The folders of TypeScript that exist. */
function codeFolders(): string[] {
  const present = new Set([...Deno.readDirSync(root)].map((entry) => entry.name));
  return ["lib", "playground", "recipes", "tools", "tests", "bench"].filter((folder) =>
    present.has(folder)
  );
}

/** Writes a module for each notebook into a folder. */
async function writeCellModules(
  notebooks: readonly string[],
  folder: string,
): Promise<Map<string, [string, CellModule]>> {
  const modules = new Map<string, [string, CellModule]>();
  for (const [index, notebook] of notebooks.entries()) {
    const module = moduleOf(await readNotebook(notebook), notebook);
    const path = join(folder, `notebook${index + 1}.ts`);
    await Deno.writeTextFile(path, module.text);
    modules.set(path, [notebook, module]);
  }
  return modules;
}

/** `text` with each position in a module replaced by the notebook, cell and line it came from. */
function withPlaces(text: string, modules: Map<string, [string, CellModule]>): string {
  text = text.replace(/typeof import\("[^"]*\/lib\/tensor\/tf\.ts"[^)]*\)/g, "tf");
  for (const [path, [notebook, { places }]] of modules) {
    const position = (_: string, short: string | undefined, long: string | undefined) => {
      const line = short ?? long;
      const place = places[Number(line) - 1];
      return shown(notebook) + (place ? `, cell ${place.cell}, line ${place.line}` : "");
    };
    for (const name of [pathToFileURL(path).href, path]) {
      const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      text = text.replace(
        new RegExp(`${escaped}:(?:(\\d+):\\d+| line (\\d+), col \\d+)`, "g"),
        position,
      );
    }
  }
  return text;
}

async function main(args: string[]): Promise<number> {
  const unknown = args.find((arg) => arg.startsWith("-"));
  if (unknown) throw new CommandError(`check takes notebooks and no option "${unknown}".`, 2);
  const notebooks = args.length > 0
    ? [...new Set(args.flatMap(findNotebooks))]
    : [...notebooksIn(sourceFolder), ...notebooksIn(join(root, "tests"))]; // written by hand
  const temporary = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-check-" }));
  try {
    const modules = await writeCellModules(notebooks, temporary);
    const cells = [...modules.keys()];
    const config = ["--config", join(root, "deno.json")];
    const onCells = async (...command: string[]) =>
      cells.length === 0 ? "" : withPlaces(await deno(...command, ...config, ...cells), modules);
    const typesOfCells: [string, Check] = [
      cells.length === 1 ? "types of 1 notebook" : `types of ${cells.length} notebooks`,
      () => onCells("check"),
    ];
    const all: [string, Check][] = [
      ["format", unformatted],
      ["lint", () => deno("lint", "--compact")],
      ["types", () => deno("check", ...codeFolders())],
      [
        `lint of ${cells.length} notebooks`,
        () => onCells("lint", "--compact", `--rules-exclude=${rulesNotForCells}`),
      ],
      typesOfCells,
    ];
    let failures = 0;
    for (const [name, check] of args.length > 0 ? [typesOfCells] : all) {
      const started = performance.now();
      const problems = await check();
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.error(`${problems === "" ? "ok     " : "FAILED "} ${name} (${seconds} s)`);
      if (problems === "") continue;
      failures++;
      console.error(problems.replace(/^/gm, "    "));
    }
    return failures === 0 ? 0 : 1;
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

if (import.meta.main) await runCommand(main);
