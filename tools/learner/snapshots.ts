/**
 * Dated snapshots of a home's notebooks, without outputs: a learner's own undo.
 *
 * They are notebooks themselves, in the home's `.tessera/history/PATH OF THE NOTEBOOK/`, named by the
 * time of their state and why they were taken. Imports no package, so that the server's save hook gets
 * by with a program that starts at once.
 */
import { dirname, isAbsolute, join, relative } from "node:path";
import { writeTextAtomically } from "../../lib/platform/files.ts";
import { homeAround } from "../../lib/platform/places.ts";
import type { Cell, Notebook } from "../notebooks.ts";

/** Why a snapshot was taken, and whether at once or at most every ten minutes. */
export const reasons = {
  "save": { label: "saved", atOnce: false },
  "command": { label: "before a command", atOnce: false },
  "run-all": { label: "Run All", atOnce: true },
  "update": { label: "before an update", atOnce: true },
  "hand-in": { label: "handed in", atOnce: true },
  "window": { label: "another window", atOnce: true },
  "reload": { label: "before a reload", atOnce: true },
} as const;

export type Reason = keyof typeof reasons;

export interface Snapshot {
  /** The snapshot's own file. */
  path: string;
  /** The notebook's path from the home, for example `unit1/vision_transformer_mnist.ipynb`. */
  notebook: string;
  /** When the notebook was in this state. */
  date: Date;
  reason: Reason;
  bytes: number;
}

/** What is kept. */
export interface Limits {
  /** Seconds between two snapshots that are not taken at once. */
  secondsBetween: number;
  /** Snapshots of one notebook. */
  perNotebook: number;
  /** Bytes of all snapshots of a home. */
  bytes: number;
}

export const limits: Limits = { secondsBetween: 600, perNotebook: 30, bytes: 50e6 };

/** Where a home keeps what Tessera knows about it. */
export const recordsFolder = (home: string) => join(home, ".tessera");
const historyFolder = (home: string) => join(recordsFolder(home), "history");

/** A state of a notebook that may become a snapshot. */
export interface State {
  /** The notebook's path, absolute or from the home. */
  notebook: string;
  /** The notebook file's text. */
  text: string;
  reason: Reason;
  /** When the notebook was in this state. */
  date?: Date;
}

/**
 * Takes a snapshot of a notebook and returns it; undefined where the newest one has the same cells,
 * where it is too early for another, or where the text is no notebook. Then drops what is more than
 * the limits allow, oldest first.
 */
export async function takeSnapshot(
  home: string,
  { notebook, text, reason, date = new Date() }: State,
  { now = new Date(), allowed = limits }: { now?: Date; allowed?: Limits } = {},
): Promise<Snapshot | undefined> {
  const bare = withoutOutputs(text);
  const name = nameIn(home, notebook);
  if (!bare || !name) return undefined;
  const newest = snapshotsOf(home, name)[0];
  if (newest) {
    if (!reasons[reason].atOnce && !isDue(newest, now, allowed)) return undefined;
    const last = withoutOutputs(await Deno.readTextFile(newest.path));
    if (last && sameCells(bare, last)) return undefined;
  }
  const content = `${JSON.stringify(bare, null, 1)}\n`;
  const bytes = new TextEncoder().encode(content).length;
  if (bytes > allowed.bytes) return undefined;
  const folder = join(historyFolder(home), name);
  // Names are in the order of taking, even where a clock was set back.
  const after = newest ? Math.max(now.getTime(), newest.date.getTime() + 1) : 0;
  const stamp = freeStamp(folder, newest && date <= newest.date ? new Date(after) : date);
  const path = join(folder, `${stamp.toISOString().replaceAll(":", "-")}.${reason}.ipynb`);
  await writeTextAtomically(path, content);
  await Deno.utime(path, now, now); // when it was taken, from which the next is counted
  prune(home, name, allowed);
  return { path, notebook: name, date: stamp, reason, bytes };
}

/**
 * Takes a snapshot of a notebook's file before a command works on it, where it lies in a home. Never
 * stands in the command's way: what went wrong is one line on the error stream.
 */
export async function keepSnapshot(path: string, reason: Reason = "command"): Promise<void> {
  const home = homeAround(dirname(path));
  if (!home) return;
  try {
    await takeSnapshot(home, { notebook: path, text: await Deno.readTextFile(path), reason });
  } catch (error) {
    console.error(`tessera: no snapshot of ${path}: ${(error as Error).message}`);
  }
}

/** Whether the next snapshot that is not taken at once may be taken. */
function isDue({ path }: Snapshot, now: Date, { secondsBetween }: Limits): boolean {
  const taken = Deno.statSync(path).mtime ?? new Date(0);
  return Math.abs(now.getTime() - taken.getTime()) >= secondsBetween * 1000;
}

/** The snapshots of a notebook, newest first. */
export function snapshotsOf(home: string, notebook: string): Snapshot[] {
  const name = nameIn(home, notebook);
  if (!name) return [];
  const folder = join(historyFolder(home), name);
  const found = entriesOf(folder).flatMap((entry) => {
    const [, day, time, reason] = snapshotName.exec(entry.name) ?? [];
    if (!entry.isFile || !(reason in reasons)) return [];
    const path = join(folder, entry.name);
    const bytes = sizeOf(path);
    const date = new Date(`${day}T${time.replaceAll("-", ":")}Z`);
    if (bytes === undefined || Number.isNaN(date.getTime())) return [];
    return [{ path, notebook: name, date, reason: reason as Reason, bytes }];
  });
  return found.sort((a, b) => b.date.getTime() - a.date.getTime());
}

const snapshotName = /^(\d{4}-\d\d-\d\d)T(\d\d-\d\d-\d\d\.\d{3})Z\.([a-z-]+)\.ipynb$/;

/** The notebooks that have snapshots, as paths from the home, those that are gone included. */
export function notebooksWithHistory(home: string): string[] {
  const top = historyFolder(home);
  const visit = (folder: string): string[] =>
    entriesOf(folder).filter(({ isDirectory }) => isDirectory).flatMap(({ name }) => {
      const inner = join(folder, name);
      const below = visit(inner);
      const path = relative(top, inner);
      return snapshotsOf(home, path).length > 0 ? [path, ...below] : below;
    });
  return visit(top).sort();
}

/** The notebook of a snapshot. */
export async function readSnapshot({ path }: Snapshot): Promise<Notebook> {
  return JSON.parse(await Deno.readTextFile(path));
}

/** A notebook's text without what running it leaves behind; undefined where it is no notebook. */
export function withoutOutputs(text: string): Notebook | undefined {
  try {
    const notebook: Notebook = JSON.parse(text);
    const cells = notebook.cells.map((cell): Cell =>
      cell.cell_type === "code" ? { ...cell, outputs: [], execution_count: null } : cell
    );
    return { ...notebook, cells };
  } catch {
    return undefined;
  }
}

/** Whether two notebooks have the same texts and pictures in the same order. */
export function sameCells(a: Notebook, b: Notebook): boolean {
  const written = ({ cells }: Notebook) =>
    JSON.stringify(cells.map(({ cell_type, source, attachments }) => [
      ...[cell_type, typeof source === "string" ? source : source.join(""), attachments],
    ]));
  return written(a) === written(b);
}

/** The first moment from a date on of which the folder has no snapshot. */
function freeStamp(folder: string, date: Date): Date {
  const taken = new Set(entriesOf(folder).map(({ name }) => name.split("Z.")[0]));
  let time = date.getTime();
  const key = () => new Date(time).toISOString().replaceAll(":", "-").slice(0, -1);
  while (taken.has(key())) time++;
  return new Date(time);
}

function prune(home: string, notebook: string, { perNotebook, bytes }: Limits): void {
  for (const { path } of snapshotsOf(home, notebook).slice(perNotebook)) remove(path);
  const all = notebooksWithHistory(home).map((name) => snapshotsOf(home, name));
  let total = all.flat().reduce((sum, snapshot) => sum + snapshot.bytes, 0);
  // A notebook's newest goes last: it may be all that there is of a notebook that was deleted.
  const oldestFirst = (snapshots: Snapshot[]) =>
    snapshots.sort((a, b) => a.date.getTime() - b.date.getTime());
  const order = [
    ...oldestFirst(all.flatMap((snapshots) => snapshots.slice(1))),
    ...oldestFirst(all.flatMap((snapshots) => snapshots.slice(0, 1))),
  ];
  for (const snapshot of order) {
    if (total <= bytes) return;
    remove(snapshot.path);
    total -= snapshot.bytes;
  }
}

/** The path of a notebook from the home; undefined where it lies elsewhere, or among what is hidden. */
function nameIn(home: string, notebook: string): string | undefined {
  const name = isAbsolute(notebook) ? relative(home, notebook) : join(notebook);
  return name.split("/").some((part) => part.startsWith(".")) || isAbsolute(name)
    ? undefined
    : name;
}

/** What is in a folder; nothing where it is not there. */
function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined; // dropped a moment ago by another program
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
