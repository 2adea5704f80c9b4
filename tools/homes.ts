/** The home that a command works for: where it is, how one is made, and what runs with it. */
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  exists,
  isOfDisk,
  isWritable,
  readTextIfThere,
  writeTextAtomicallySync,
} from "../lib/platform/files.ts";
import { importMaps, importMapSetting } from "../lib/platform/import_map.ts";
import { homeAround, installationOf, isHome, pathFrom } from "../lib/platform/places.ts";
import { callerFolder, CommandError, root, shown } from "./command.ts";
import { handedOutFolder } from "./learner/pattern.ts";
import { recordsFolder } from "./learner/snapshots.ts";
import { MadeFiles } from "./made_files.ts";
import { copyMissing, foundFromBefore, keepFromBefore } from "./old_layout.ts";

/** The home of a clone, which git ignores. */
export const workFolder = join(root, "work");
/** What learners get: the pattern for homes, made from the source. */
export const exercisesFolder = join(root, "notebooks", "exercises");

/** The home that `TESSERA_HOME` names, in which the command was typed, or of this clone; if there is one. */
export function findHome(): string | undefined {
  const given = namedHome();
  if (given !== undefined) return isHome(given) ? given : undefined;
  return homeFrom(callerFolder) ?? (isHome(workFolder) ? workFolder : undefined);
}

/** The home that a folder lies in. One around the installation, where a clone was made in it, is not meant. */
function homeFrom(folder: string): string | undefined {
  const found = homeAround(folder);
  return found && isInInstallation(folder) && isInside(found, root) ? undefined : found;
}

/**
 * A home whose installation has gone from where it was takes this one, and so does a clone's `work`, which
 * may have come with a copy of another clone. Gives the home.
 */
function follow(home: string): string {
  const named = installationOf(home)!;
  const isOwn = physical(named) === physical(root);
  if (isOwn) {
    writeDenoSettings(home, named); // which may be an earlier version's
    return home;
  }
  const isThere = home !== workFolder && exists(join(named, "import_map.json"));
  if (isThere || !isWritable(home)) return home;
  nameInstallation(home);
  console.error(`${shown(home)} was a home of ${named}, and is one of ${root} now.`);
  return home;
}

function namedHome(): string | undefined {
  const given = Deno.env.get("TESSERA_HOME");
  return given ? pathFrom(callerFolder, given) : undefined;
}

/** Lets `lib` read and write, in this program, where the home is or would be made. */
export function useHome(): void {
  Deno.env.set("TESSERA_HOME", findHome() ?? namedHome() ?? workFolder);
}

/**
 * The home that a command needs, made where there is none: the one that `TESSERA_HOME` names, else a
 * clone's `work`. Throws a `CommandError` where the installation is someone else's and none is named.
 */
export function home(): string {
  const found = findHome();
  if (found) return follow(found);
  const folder = namedHome() ?? workFolder;
  if (folder === workFolder && !isWritable(root)) {
    throw new CommandError(
      `you have no home yet, a folder for your notebooks: ${join(root, "tessera")} home FOLDER ` +
        "makes one. Call the command from there, or let TESSERA_HOME name it.",
      2,
    );
  }
  for (const line of makeHome(folder)) console.error(line);
  return folder;
}

/**
 * Makes a home, or adds what one lacks; what is there stays as it is. Gives the lines that tell about it.
 * Throws a `CommandError` where the folder cannot be a home.
 */
export function makeHome(folder: string): string[] {
  refuse(folder);
  const isNew = !isHome(folder);
  const units = [...Deno.readDirSync(exercisesFolder)].filter((entry) => entry.isDirectory)
    .map(({ name }) => name).filter((name) => !exists(join(folder, name))).sort();
  try {
    // What a person writes and hands in is closed to a machine's other users; whoever shares it opens it.
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    // The deno.json comes last: with it the home is whole.
    const kept = isNew && folder === workFolder ? foundFromBefore() : [];
    for (const unit of units) handOut(unit, folder);
    keepFromBefore(kept, folder);
    makePrivate(join(folder, ".jupyter"));
    for (const [path, text] of Object.entries(editorSettings())) writeNew(join(folder, path), text);
    nameInstallation(folder);
    return [
      isNew
        ? `${shown(folder)} is your home now: notebooks, trainings and PDFs are kept there.`
        : `${shown(folder)} is a home of this installation` +
          (units.length > 0 ? `; ${units.join(", ")} came in addition.` : "."),
      ...kept.map(({ line }) => line),
    ];
  } catch (error) {
    if (!(error instanceof Error) || error instanceof CommandError) throw error;
    throw new CommandError(`${shown(folder)} cannot be a home: ${error.message}`);
  }
}

/** Copies a unit, and notes down what was handed out: by that an update knows what a learner has changed. */
function handOut(unit: string, folder: string): void {
  copyMissing(join(exercisesFolder, unit), join(folder, unit));
  copyMissing(join(exercisesFolder, unit), join(handedOutFolder(folder), unit));
}

/** Throws where a folder holds something else. */
function refuse(folder: string): void {
  const [there, here] = [physical(folder), physical(root)];
  if (there !== physical(workFolder) && isInside(here, there)) {
    throw new CommandError(
      `${shown(folder)} belongs to the installation, where the only home is ${shown(workFolder)}.`,
      2,
    );
  }
  if (isInside(there, here)) {
    throw new CommandError(
      `${shown(folder)} holds the installation: a home is a folder of its own.`,
      2,
    );
  }
  if (isLink(folder) && !exists(folder)) {
    throw new CommandError(
      `${shown(folder)} is a link to ${Deno.readLinkSync(folder)}, which is not there: make that ` +
        "folder, or remove the link.",
      2,
    );
  }
  const around = homeAround(dirname(there));
  if (around !== undefined && folder !== workFolder && !isHome(folder)) {
    throw new CommandError(
      `${shown(folder)} lies in the home ${around}: choose a folder elsewhere.`,
      2,
    );
  }
  if (exists(join(folder, "deno.json")) && !isHome(folder)) {
    throw new CommandError(
      `${shown(folder)} has a deno.json of another project: choose another folder.`,
      2,
    );
  }
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

/** Whether a path is a folder or lies in it. */
export function isInside(folder: string, path: string): boolean {
  const rest = relative(folder, path);
  return rest !== ".." && !rest.startsWith("../");
}

/** A path without links on its way; what is not there yet counts from what is. */
function physical(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(physical(above), basename(path));
  }
}

/** Lets what a home has of its own find this installation. */
function nameInstallation(home: string): void {
  followInstallation(join(home, ".vscode", "settings.json"), installationOf(home));
  writeCommand(home);
  writeDenoSettings(home);
}

/** Puts right what a file says of the installation's programs where that has moved. */
function followInstallation(file: string, from: string | undefined): void {
  if (from === undefined || from === root || !exists(file)) return;
  const text = Deno.readTextFileSync(file);
  const [old, now] = [from, root].map((folder) => JSON.stringify(`${folder}/.`).slice(0, -1));
  if (text.includes(old)) writeTextAtomicallySync(file, text.replaceAll(old, () => now));
}

function writeNew(path: string, text: string): void {
  if (exists(path)) return;
  Deno.mkdirSync(dirname(path), { recursive: true });
  writeTextAtomicallySync(path, text);
}

/** Makes a folder in a home that nobody else may look into. Throws a CommandError where that cannot be. */
function makePrivate(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ((Deno.statSync(folder).mode! & 0o777) !== 0o700) Deno.chmodSync(folder, 0o700);
    if (isWritable(folder)) return;
  } catch (error) {
    if (!isOfDisk(error)) throw error;
  }
  const home = dirname(folder);
  if (isWritable(home)) {
    throw new CommandError(
      `${shown(folder)} is not yours or cannot be written: move it away, and it is made anew.`,
    );
  }
  throw new CommandError(
    `the home ${
      shown(home)
    } cannot be written, or its disk is full or your quota of it used up: nothing runs there. ` +
      "./tessera home FOLDER makes another one.",
  );
}

const json = (value: unknown) => JSON.stringify(value, null, 2) + "\n";

/**
 * What Deno needs to know in a home. The installation's path stays as it was given, so that a link can lead
 * to a newer one; settings that a person has added stay too.
 */
function writeDenoSettings(folder: string, installation = root): void {
  const path = join(folder, "deno.json");
  const importMap = importMapOf(installation);
  if (exists(path)) {
    const setting = `"importMap": ${JSON.stringify(importMap)}`;
    const before = Deno.readTextFileSync(path);
    const text = before.replace(importMapSetting, () => setting);
    if (text === before || !isWritable(folder)) return;
    return writeTextAtomicallySync(path, text);
  }
  const settings = JSON.parse(Deno.readTextFileSync(join(root, "deno.json")));
  const { compilerOptions, fmt: { lineWidth } } = settings;
  writeTextAtomicallySync(
    path,
    json({ importMap, lock: false, compilerOptions, fmt: { lineWidth } }),
  );
}

/** The import map by which a home finds an installation: the one that the set-up has made for that folder. */
function importMapOf(installation: string): string {
  const [made, own] = importMaps.map((path) => join(installation, path));
  const { imports } = JSON.parse(readTextIfThere(made) ?? "{}");
  // A folder of links may have another's.
  const isOfThis = imports &&
    fileURLToPath(imports.tessera) === join(physical(installation), "lib", "mod.ts");
  return pathToFileURL(isOfThis ? made : own).href;
}

/** `./tessera` in the home, which passes everything on to the installation's. */
function writeCommand(folder: string): void {
  const path = join(folder, "tessera");
  const installation = root.replaceAll("'", `'\\''`);
  const mark = "# Tessera's command for this home; made by `tessera home`.";
  const there = entryAt(path);
  if (there) return there.isFile ? followMoved(path, mark, installation) : undefined;
  const text = `#!/bin/sh
${mark}
TESSERA_HOME=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
export TESSERA_HOME
installation='${installation}'
if ! [ -x "$installation/tessera" ]; then
  echo "tessera: the installation is not in $installation any more." \\
    "Where it is now, ./tessera home with this folder mends that." >&2
  exit 1
fi
exec "$installation/tessera" "$@"
`;
  writeTextAtomicallySync(path, text);
  Deno.chmodSync(path, 0o755);
}

/** Lets a home's command find the installation; all else in it stays as a person may have changed it. */
function followMoved(path: string, mark: string, installation: string): void {
  const text = Deno.readTextFileSync(path);
  if (!text.includes(mark)) return; // a person's own
  const moved = text.replace(/^installation='.*'$/m, () => `installation='${installation}'`);
  if (moved === text) return;
  writeTextAtomicallySync(path, moved);
  Deno.chmodSync(path, 0o755);
}

/** What lies at a path, a link for itself; undefined where nothing does. */
function entryAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

/** Settings of VS Code, which takes them from the folder that it has open. */
function editorSettings(): Record<string, string> {
  const extensions = Deno.readTextFileSync(join(root, ".vscode", "extensions.json"));
  return {
    ".vscode/extensions.json": extensions,
    ".vscode/settings.json": json({
      "deno.enable": true,
      "deno.path": join(root, ".venv", "bin", "deno"),
      "deno.cache": join(root, ".deno"),
      // As quiet as JupyterLab: mistakes, and no matters of style; names, and no packages of others.
      "deno.lint": false,
      "deno.suggest.imports.autoDiscover": false,
      "typescript.suggest.autoImports": false,
      "python.defaultInterpreterPath": join(root, ".venv", "bin", "python"),
    }),
  };
}

// ---- What is run --------------------------------------------------------------------------------

/**
 * Where what a notebook makes is kept: its own home, `out/solved` for one of the installation, and the
 * home that the command works for where it lies in neither.
 */
export function homeOf(notebook: string): string {
  const folder = dirname(notebook);
  const own = homeFrom(folder);
  if (own) return follow(own);
  return isInInstallation(folder) ? solvedHome() : findHome() ?? folder;
}

/** The home of solved notebooks; in a home where the installation cannot be written. */
export function solvedHome(): string {
  const folder = join(root, "out", "solved");
  if (isWritable(folder)) return folder;
  return join(home(), "out", "solved");
}

/** What commands make in a home. */
export function madeIn(home: string): MadeFiles {
  return new MadeFiles(home, join(recordsFolder(home), "made"));
}

export function isInInstallation(path: string): boolean {
  return isInside(root, path);
}

/** Jupyter's search path, first of all the installation's kernels by the name that it was called by. */
function withKernels(): string {
  const given = Deno.env.get("JUPYTER_PATH");
  return [join(root, ".venv", "share", "tessera"), ...(given ? [given] : [])].join(":");
}

/**
 * The environment of what runs for a home. Jupyter keeps its settings, trust and running kernels there,
 * in a folder that nobody else may look into.
 */
export function environmentOf(home: string): Record<string, string> {
  const jupyter = join(home, ".jupyter");
  makePrivate(jupyter);
  return {
    TESSERA_HOME: home,
    JUPYTER_CONFIG_DIR: join(jupyter, "config"),
    JUPYTER_DATA_DIR: join(jupyter, "data"),
    JUPYTER_RUNTIME_DIR: join(jupyter, "runtime"),
    IPYTHONDIR: join(jupyter, "ipython"),
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_PATH: withKernels(),
  };
}
