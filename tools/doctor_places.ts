/** What `./tessera doctor` says of the two places and of the data sets: whose they are, and what can be written. */
import { constants, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { exists, isWritable } from "../lib/platform/files.ts";
import { whyNoRoom } from "../lib/platform/no_room.ts";
import { requireAccess } from "../lib/platform/rights.ts";
import { root, shown } from "./command.ts";
import { type DataSet, dataSets, look } from "./data_sets.ts";
import { findHome } from "./homes.ts";
import { places as placesOfCommands } from "./places.ts";

/** What was found about one thing. */
export interface Finding {
  /** `bad` stops the notebooks; `note` is slower or comes later by itself. */
  state: "ok" | "note" | "bad";
  subject: string;
  text: string;
}

/** The folders of a home in which commands and notebooks write. */
const written = Object.values(placesOfCommands).filter((place) => place.in === "home")
  .flatMap(({ paths }) => paths.filter((path) => path.endsWith("/")))
  .map((path) => path.slice(0, -1));
/** A training's checkpoints and a unit's PDFs are less than this. */
const enoughBytes = 300e6;
/** What a disk takes of it although it is full may lie in its cache alone. */
const triedBytes = 1 << 20;

/** The two places. */
export function places(): Finding[] {
  const found = findHome();
  const owner = isWritable(root) ? "" : ", which is read-only for you";
  const course: Finding = {
    state: "ok",
    subject: "course",
    text: `the installation is ${root}${owner}`,
  };
  if (!found) {
    const text =
      "you have no home yet, a folder for your notebooks: ./tessera home FOLDER makes one";
    return [course, { state: "note", subject: "home", text }];
  }
  const problems = problemsOfHome(found);
  if (problems.some(({ state }) => state === "bad")) return [course, ...problems, ...others()];
  return [course, ...problems, {
    state: "ok",
    subject: "home",
    text: `your notebooks are in ${found}`,
  }, ...others()];
}

/**
 * What a hub's users cannot reach, said to whoever sets it up and can: rights within the installation are given to
 * all at once, but what lies outside of it is easily forgotten.
 */
export function hub(course = root): Finding[] {
  const [program, python] = ["jupyterhub", "python"].map((name) =>
    join(course, ".venv", "bin", name)
  );
  if (!exists(program) || !exists(python)) return [];
  const reasons: [path: string, advice: string][] = [
    [course, "move the installation to another place, or open that folder by chmod o+x"],
    [
      Deno.realPathSync(python),
      "put a Python that all may read first in PATH, such as the system's, delete .venv, and call this again",
    ],
  ];
  for (const [path, advice] of reasons) {
    const closed = closedFolderAbove(path);
    if (!closed) continue;
    const what = path === course ? "the installation" : ".venv's Python";
    const text = `${what} lies in ${closed}, which is closed to other users, so that the hub's ` +
      `cannot work: ${advice}`;
    return [{ state: "note", subject: "hub", text }];
  }
  return [{
    state: "ok",
    subject: "hub",
    text: "JupyterHub is here, for all users of the machine",
  }];
}

/** The first folder on the way to a path that others may not enter. */
function closedFolderAbove(path: string): string | undefined {
  const above = dirname(path);
  if (above === path) return undefined;
  const closed = closedFolderAbove(above);
  return closed ?? (((Deno.statSync(above).mode ?? 1) & 1) === 0 ? above : undefined);
}

function problemsOfHome(home: string): Finding[] {
  const bad = (text: string): Finding => ({ state: "bad", subject: "home", text });
  const full = noRoom(home);
  if (full) {
    const advice = "delete something in its out/ or runs/, or ask for more space";
    return [bad(`nothing more can be written to ${home} (${full}): ${advice}`)];
  }
  if (!isWritable(home)) {
    return [bad(
      `your notebooks are in ${home}, which cannot be written: ./tessera home FOLDER makes another`,
    )];
  }
  const closed = written.map((name) => join(home, name))
    .filter((path) => exists(path) && !isWritable(path)).map((path) => bad(closedTo(path)));
  return closed.length > 0 ? closed : [...littleSpace(home), ...noPrograms(home)];
}

/** A home's own command may be one that the system does not start. */
function noPrograms(home: string): Finding[] {
  const command = join(home, "tessera");
  try {
    if (exists(command)) requireAccess(command, constants.X_OK);
    return [];
  } catch {
    const text =
      `${command} cannot be started, as on a disk from which no programs are (noexec): ` +
      `${join(root, "tessera")}, called from that folder, does the same`;
    return [{ state: "note", subject: "home", text }];
  }
}

/** Whose a folder is, and how it becomes this user's. */
function closedTo(path: string): string {
  const { uid } = Deno.statSync(path);
  const you = Deno.uid();
  return uid === you
    ? `${path} cannot be written: chmod -R u+w "${path}" mends that`
    : `${path} is another user's (${uid}), as after a command with sudo: ` +
      `sudo chown -R ${you} "${path}" mends that`;
}

/**
 * Why nothing more can be written to a folder, or to the one in which it is to be made, though that may be written;
 * undefined where it can.
 */
function noRoom(folder: string): string | undefined {
  while (!exists(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const tried = join(folder, `.tessera-tried-${crypto.randomUUID()}`);
  try {
    using file = Deno.openSync(tried, { write: true, createNew: true });
    file.writeSync(new Uint8Array(triedBytes));
    file.syncDataSync();
  } catch (error) {
    return whyNoRoom(error);
  } finally {
    if (exists(tried)) Deno.removeSync(tried);
  }
}

function littleSpace(home: string): Finding[] {
  try {
    const { bavail, bsize } = statfsSync(home);
    const free = bavail * bsize;
    if (free >= enoughBytes) return [];
    const text = `only ${Math.floor(free / 1e6)} MB are free in ${home}; a training takes up to ` +
      `${enoughBytes / 1e6} MB`;
    return [{ state: "note", subject: "home", text }];
  } catch {
    return []; // not told
  }
}

/** Folders of Jupyter's and other programs' in the user's own, which a command with sudo has made root's. */
function others(): Finding[] {
  const user = Deno.env.get("HOME");
  if (!user) return [];
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(user, ".cache");
  return [
    cache,
    ...[".jupyter", ".ipython", ".local/share/jupyter"].map((name) => join(user, name)),
  ]
    .filter((path) => exists(path) && !isWritable(path))
    .map((path) => ({ state: "note", subject: "home", text: closedTo(path) }));
}

/** What is said of data sets: by default of all that the course knows. */
export function data(sets: readonly DataSet[] = dataSets): Finding[] {
  const given = Deno.env.get("TESSERA_DATA");
  const closed = given && !isWritable(given)
    ? `; TESSERA_DATA, which is ${given}, is read-only for you`
    : "";
  const rooms = new Map<string, string | undefined>();
  return sets.map((dataSet) => {
    const { name, megabytes } = dataSet;
    const { place, missing, isEmpty } = look(dataSet);
    if (missing.length === 0) {
      return { state: "ok", subject: "data", text: `${name} is in ${shown(place)}` };
    }
    const size = megabytes === undefined ? "made here" : `${megabytes} MB`;
    const lacks = isEmpty
      ? `${name} is not here yet (${size})`
      : `${name} lacks ${missing.join(", ")} in ${shown(place)}`;
    const folder = dirname(place); // in which all of them lie
    if (!rooms.has(folder)) rooms.set(folder, noRoom(folder));
    const full = rooms.get(folder);
    if (full) {
      const advice = "free some space, or set TESSERA_DATA to a folder elsewhere";
      return { state: "note", subject: "data", text: `${lacks}, and ${full}: ${advice}` };
    }
    const where = isWritable(place)
      ? closed && ` puts it into ${shown(place)}${closed}`
      : `, by whoever may write to ${shown(place)}${closed}`;
    return { state: "note", subject: "data", text: `${lacks}: ./tessera data ${name}${where}` };
  });
}
