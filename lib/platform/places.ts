/**
 * The two places. The installation holds what the course brings, and may be read-only and shared by many;
 * a home holds what one person writes, trains and exports.
 */
import { homedir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { importMaps, importMapSetting } from "./import_map.ts";
import { variable } from "./variables.ts";

/** The folder that the program runs in. */
export function workingFolder(): string {
  return Deno.cwd();
}

/** The folder of the installation that this file belongs to, as it was named: links are not resolved. */
export function installationFolder(): string {
  return fileURLToPath(new URL("../..", import.meta.url)).replace(/(?<=.)\/$/, "");
}

/**
 * The home's folder: what `TESSERA_HOME` names, else the home in which the program runs. What runs in the
 * installation itself has `out/solved` as its home, a program elsewhere the folder that it runs in. So has a
 * notebook that nbgrader grades, wherever that is: what was trained by others is not its learner's.
 */
export function homeFolder(): string {
  const here = Deno.cwd();
  if (variable("NBGRADER_EXECUTION") === "autograde") return here;
  const given = variable("TESSERA_HOME");
  if (given) return pathFrom(here, given);
  const home = homeAround(here);
  if (home) return home;
  const installation = installationFolder();
  return pathInside(installation, here) === undefined ? here : join(installation, "out", "solved");
}

/**
 * The path that a person has named, seen from a folder. A leading `~` is their own folder also where no shell
 * has put that in its place, as in the settings of an editor, and where no HOME says which it is, as in a service.
 */
export function pathFrom(folder: string, named: string): string {
  return resolve(folder, named.replace(/^~(?=\/|$)/, () => variable("HOME") || homedir()));
}

/** The innermost home in which a folder lies, or that it is. */
export function homeAround(folder: string): string | undefined {
  const above = dirname(folder);
  if (isHome(folder)) return folder;
  return above === folder ? undefined : homeAround(above);
}

/** Whether a folder is a home: its deno.json has the import map of an installation elsewhere. */
export function isHome(folder: string): boolean {
  const installation = installationOf(folder);
  return installation !== undefined && resolve(installation) !== resolve(folder);
}

/** The installation that a folder's deno.json names; undefined where it names none. */
export function installationOf(folder: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(join(folder, "deno.json"));
    const named = JSON.parse(importMapSetting.exec(text)?.[1] ?? '""') as string;
    const end = importMaps.find((each) => named.endsWith(each));
    if (end === undefined) return undefined;
    const path = named.startsWith("file:") ? fileURLToPath(named) : resolve(folder, named);
    return path.slice(0, -end.length) || "/";
  } catch {
    return undefined; // no deno.json, or none of ours
  }
}

/**
 * The path of something that comes with the course, wherever the program was started: relative where the
 * program runs in the installation, so that what it prints is the same on every machine.
 */
export function projectPath(...parts: string[]): string {
  return seenFromHere(installationFolder(), parts);
}

/**
 * The path of something in the home, for example `homePath("runs", "unit1")`; relative where the program
 * runs in it. An absolute path stays as it is.
 */
export function homePath(...parts: string[]): string {
  return seenFromHere(homeFolder(), parts);
}

/** A path in one of the two places: relative where the program runs in a place that both lie in. */
function seenFromHere(place: string, parts: string[]): string {
  const path = resolve(place, ...parts);
  const here = Deno.cwd();
  for (const common of [place, installationFolder()]) {
    const inside = pathInside(common, path);
    if (inside === undefined || pathInside(common, here) === undefined) continue;
    return relative(here, join(physical(common), inside)) || ".";
  }
  return path;
}

/** How a path goes on from a folder that it lies in, "" for the folder itself; undefined elsewhere. */
function pathInside(folder: string, path: string): string | undefined {
  for (const start of [folder, physical(folder)]) {
    const rest = relative(start, path);
    if (rest !== ".." && !rest.startsWith("../")) return rest;
  }
}

/** A folder without links on its way, as the working directory is given. */
function physical(folder: string): string {
  try {
    return Deno.realPathSync(folder);
  } catch {
    return folder; // not there yet
  }
}
