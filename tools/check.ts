/**
 * `./tessera check [NOTEBOOK…]`: format, lint and types of everything, the cells of the notebooks
 * included (Deno formats notebooks, but does not lint them or check their types); or the types of
 * the notebooks that are named, such as a learner's own.
 */
import { join } from "node:path";
import { exists, isWritable } from "../lib/platform/files.ts";
import { problemsIn, withPlaces, writeCellModules, writeSettings } from "./cell_problems.ts";
import { CommandError, root, runCommand, shown } from "./command.ts";
import { deno } from "./deno.ts";
import { keepSnapshot } from "./learner/snapshots.ts";
import { findNotebooks, notebooksIn, sourceFolder } from "./notebooks.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";

/** Without the rules that the way cells are joined breaks, not the author. */
const lintOfCells = ["--compact", "--rules-exclude=no-inner-declarations"];

/** What a check found: a text to show, empty where all is well. */
type Check = () => Promise<string>;

/** Runs deno and returns what it said where it failed. */
async function problemsOf(...args: string[]): Promise<string> {
  const { code, said } = await deno(...args);
  if (code === 0) return "";
  const lines = said.split("\n").filter((line) => !/^(Check|Checked|Download) /.test(line));
  return lines.join("\n").trim() || `deno ${args.join(" ")} failed`;
}

/** The files that `deno fmt` would change. */
async function unformatted(): Promise<string> {
  const problems = await problemsOf("fmt", "--check");
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
  return await withTemporaryFolder("format", async (folder) => {
    const copy = join(folder, "copy.ipynb");
    await Deno.copyFile(notebook, copy);
    await problemsOf("fmt", "--config", join(root, "deno.json"), copy);
    return await Deno.readTextFile(copy) !== await Deno.readTextFile(notebook);
  });
}

/** The folders of TypeScript that exist. */
function codeFolders(): string[] {
  const present = new Set([...Deno.readDirSync(root)].map((entry) => entry.name));
  return ["lib", "language", "playground", "jupyterlab", "recipes", "tools", "tests", "bench"]
    .filter((folder) => present.has(folder));
}

/** The site's packages have a lock of their own. What learners get has no site. */
function typesOfSite(): [string, Check][] {
  const site = join(root, "site");
  if (!exists(site)) return [];
  const files = [
    "make.ts",
    "run_cells.ts",
    "kernel/worker.ts",
    "page/extension.ts",
    "checks/bundle.ts",
  ];
  const paths = files.map((file) => join(site, file));
  return [[
    "types of the site",
    () => problemsOf("check", "--frozen", "--config", join(site, "deno.json"), ...paths),
  ]];
}

/** What compiles the kernels for browsers, with packages of a lock of its own. */
function typesOfWasm(): [string, Check][] {
  const wasm = join(root, "wasm");
  if (!exists(wasm)) return [];
  const config = ["--frozen", "--config", join(wasm, "deno.json")];
  return [["types of wasm", () => problemsOf("check", ...config, join(wasm, "build.ts"))]];
}

/** How many checks at once find a folder that was used before. */
const mostFolders = 4;

/**
 * Calls `use` with an empty folder that nobody else has meanwhile. Where that can be, it is one of a few that checks have
 * used before: what the compiler has found out about the library is kept with a module's path, and a third of the time
 * is enough then.
 */
async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const cache = join(root, ".deno");
  for (let number = 1; number <= mostFolders && isWritable(cache); number++) {
    const folder = await Deno.realPath(cache).then((path) => join(path, "checked", `${number}`));
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 }); // a learner's cells come here
    using lock = await Deno.open(join(folder, "lock"), { create: true, write: true });
    // A drive may know no locks.
    if (!await lock.tryLock(true).catch(() => false)) continue;
    const others = [...Deno.readDirSync(folder)].filter(({ name }) => name !== "lock");
    for (const { name } of others) await Deno.remove(join(folder, name), { recursive: true });
    return await use(folder);
  }
  return await withTemporaryFolder("check", use);
}

async function main(args: string[]): Promise<number> {
  const unknown = args.find((arg) => arg.startsWith("-"));
  if (unknown) throw new CommandError(`check takes notebooks and no option "${unknown}".`, 2);
  const notebooks = args.length > 0
    ? [...new Set(args.flatMap((name) => findNotebooks(name, "learner's")))]
    : [...notebooksIn(sourceFolder), ...notebooksIn(join(root, "tests"))]; // written by hand
  for (const notebook of notebooks) await keepSnapshot(notebook);
  return await inFolder(async (temporary) => {
    const written = await writeCellModules(notebooks, temporary);
    const modules = written.map(({ modulePath }) => modulePath);
    const typesOfCells: [string, Check] = [
      notebooks.length === 1 ? "types of 1 notebook" : `types of ${notebooks.length} notebooks`,
      () => problemsIn(written, temporary),
    ];
    const all: [string, Check][] = [
      ["format", unformatted],
      ["lint", () => problemsOf("lint", "--compact")],
      ["types", () => problemsOf("check", ...codeFolders())],
      ...typesOfSite(),
      ...typesOfWasm(),
      [
        `lint of ${notebooks.length} notebooks`,
        async () => {
          const settings = ["--config", await writeSettings(temporary)];
          const said = await problemsOf("lint", ...lintOfCells, ...settings, ...modules);
          return withPlaces(said, written);
        },
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
  });
}

if (import.meta.main) await runCommand(main);
