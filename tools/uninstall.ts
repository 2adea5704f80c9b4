/**
 * `./tessera uninstall`: lists with sizes what of this home and of this installation Tessera has made and can make
 * or fetch again, what stays because a person wrote, trained or graded it, and what lies elsewhere. It deletes the
 * first after a question at the terminal, or with `--yes`; it never deletes anything else.
 */
import { dirname, join } from "node:path";
import { exists, isWritable, readTextIfThere } from "../lib/platform/files.ts";
import { CommandError, root, runCommand, shown } from "./command.ts";
import { findHome } from "./homes.ts";
import { places } from "./places.ts";
import { isSamePlace } from "./same_place.ts";

const usage = `usage: ./tessera uninstall [--yes]

Lists what Tessera has made and can make again in your home and, where you may write there, in the installation,
with sizes. At a terminal it asks whether to delete that; --yes deletes without a question. Notebooks, trainings,
hand-ins and whatever else a person made stay.`;

/** Something on the disk. */
interface Found {
  path: string;
  bytes: number;
  what: string;
}

/** The two folders that hold places, as far as they are this user's. */
interface Folder {
  in: "home" | "installation";
  path: string;
}

/** The names in a folder; none in a file, and where this user may not look. */
function namesIn(path: string): string[] {
  try {
    return Deno.lstatSync(path).isDirectory
      ? [...Deno.readDirSync(path)].map(({ name }) => name)
      : [];
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return [];
    throw error;
  }
}

/** What a path takes on the disk; of a link nothing, since what it leads to is not Tessera's. */
function bytesOf(path: string): number {
  const { isSymlink, blocks, size } = Deno.lstatSync(path);
  if (isSymlink) return 0;
  const own = blocks === null ? size : 512 * blocks;
  return namesIn(path).reduce((sum, name) => sum + bytesOf(join(path, name)), own);
}

const inWords = (bytes: number) =>
  bytes >= 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : bytes >= 1e6
    ? `${Math.round(bytes / 1e6)} MB`
    : `${Math.ceil(bytes / 1e3)} kB`;

/** Whether something is at a path, a link for itself. */
function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The paths that a pattern of `places.json` has in a folder; a `*` in its last part stands for any name. */
function matches(pattern: string, folder: string): string[] {
  const [start, end] = join(folder, pattern).replace(/\/$/, "").split("*");
  if (end === undefined) return isThere(start) ? [start] : [];
  return isThere(start)
    ? namesIn(start).filter((name) => name.endsWith(end)).map((name) => join(start, name))
    : [];
}

const isInside = (folder: string, path: string) => `${path}/`.startsWith(`${folder}/`);

/** What of a folder Tessera has made and can make again, and what of its places is there besides. */
function sort({ in: where, path: folder }: Folder): { made: Found[]; kept: Found[] } {
  const all = Object.values(places).filter((place) => place.in === where);
  const made = all.flatMap(({ again = [], what }) =>
    again.flatMap((pattern) => matches(pattern, folder))
      .map((path) => ({ path, bytes: bytesOf(path), what }))
  );
  const kept = all.flatMap(({ paths, what }) =>
    paths.flatMap((pattern) => matches(pattern, folder)).map((path) => {
      const inside = made.filter((each) => isInside(path, each.path));
      const bytes = inside.reduce((rest, each) => rest - each.bytes, bytesOf(path));
      return { path, bytes, what };
    })
  ).filter(({ path }) => holdsMoreThan(made, path));
  return { made, kept };
}

/** Whether a file, or one below a folder, is none of those that were made. */
function holdsMoreThan(made: readonly Found[], path: string): boolean {
  if (made.some((each) => each.path === path)) return false;
  if (!Deno.lstatSync(path).isDirectory) return true;
  return namesIn(path).some((name) => holdsMoreThan(made, join(path, name)));
}

/** A line for each folder, and one for all files of a kind. */
function tell(title: string, found: readonly Found[]): void {
  if (found.length === 0) return;
  console.log(`\n${title}`);
  const groups = Map.groupBy(found, ({ path }) => /\.kernel$/.test(path) ? dirname(path) : path);
  for (const [path, group] of groups) {
    const size = inWords(group.reduce((sum, { bytes }) => sum + bytes, 0));
    console.log(`  ${size.padStart(7)}  ${shown(path)}: ${group[0].what}`);
  }
}

/** Whether a process, by its arguments, serves this home, or was started from this installation. */
function isStartedFrom({ in: where, path }: Folder, id: number): boolean {
  const [start, end] = where === "home" ? ["--ServerApp.root_dir=", ""] : ["", "/.venv/bin/"];
  return (readTextIfThere(`/proc/${id}/cmdline`) ?? "").split("\0").some((argument) => {
    const at = end === "" ? argument.length : argument.indexOf(end);
    return at > 0 && argument.startsWith(start) &&
      isSamePlace(argument.slice(start.length, at), path);
  });
}

/** Whether a process has loaded files of an installation: the link that it was started by may lead elsewhere by now. */
function hasLoaded({ in: where, path }: Folder, id: number): boolean {
  return where === "installation" &&
    (readTextIfThere(`/proc/${id}/maps`) ?? "").includes(` ${Deno.realPathSync(path)}/`);
}

/**
 * What runs with a folder, but for this process: the servers of a home, whatever an installation has started. None
 * where the system does not tell.
 */
function processesOf(folder: Folder): number[] {
  if (!exists("/proc/self/cmdline")) return [];
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name))
    .filter((id) => id > 0 && id !== Deno.pid)
    .filter((id) => isStartedFrom(folder, id) || hasLoaded(folder, id));
}

/** What lies elsewhere and is never deleted here, because others may use it. */
function elsewhere(): string[] {
  const data = Deno.env.get("TESSERA_DATA");
  const user = Deno.env.get("HOME");
  const own = [".jupyter", ".ipython", ".local/share/jupyter"]
    .flatMap((name) => user ? [join(user, name)] : []).filter(isThere);
  return [
    ...(data ? [`${data}, which TESSERA_DATA names: data sets, which others may use too`] : []),
    ...(own.length > 0
      ? [`${own.join(", ")}: of whoever has called jupyter by itself, for other courses too`]
      : []),
    "in a browser, under the addresses of JupyterLab and of the course's site: their settings",
  ];
}

async function main(args: string[]): Promise<number> {
  const isSure = args[0] === "--yes";
  if (args.length > (isSure ? 1 : 0)) throw new CommandError(usage, 2);
  const home = findHome();
  const folders: Folder[] = [
    ...(home ? [{ in: "home", path: home } as const] : []),
    ...(isWritable(root) ? [{ in: "installation", path: root } as const] : []),
  ];
  const sorted = folders.map(sort);
  const made = sorted.flatMap((each) => each.made);
  const sum = inWords(made.reduce((total, { bytes }) => total + bytes, 0));
  tell("Tessera has made these and can make or fetch them again:", made);
  tell(
    "These stay, because they are a person's, or the course itself:",
    sorted.flatMap((each) => each.kept),
  );
  console.log("\nElsewhere, and left alone:");
  for (const line of elsewhere()) console.log(`  ${line}`);
  if (!isWritable(root)) {
    console.log(`  ${root}: the installation, which is read-only for you`);
  }
  console.log("");
  if (made.length === 0) {
    console.log("There is nothing to delete.");
    return 0;
  }
  const running = new Set(folders.flatMap(processesOf));
  if (running.size > 0) {
    throw new CommandError(
      `JupyterLab, a kernel or another command still runs here (process ${
        [...running].join(", ")
      }): ` +
        "nothing was deleted. End it and call this again.",
    );
  }
  if (!isSure && !confirm(`Delete what can be made again, ${sum}?`)) {
    console.log("Nothing was deleted; ./tessera uninstall --yes deletes without a question.");
    return 0;
  }
  for (const { path } of made) await Deno.remove(path, { recursive: true });
  console.log(
    `Deleted: ${sum}. What stays is yours to delete: ${
      folders.map(({ path }) => path).join(", ")
    }.`,
  );
  return 0;
}

if (import.meta.main) await runCommand(main);
