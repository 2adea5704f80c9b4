/**
 * What an update does to each file of a home, and how it is done: new files come, changed ones are
 * merged, and nothing that a person wrote is overwritten or deleted.
 */
import { join } from "node:path";
import { exists, writeFileAtomically } from "../../lib/platform/files.ts";
import { type Notebook, notebookText, textOf } from "../notebooks.ts";
import { dateName, nameBeside, writeBeside } from "./dated_copy.ts";
import { type Counts, mergeNotebook, type Notice } from "./merge_notebook.ts";
import { mergeText } from "./merge_text.ts";
import { bytesOf, courseFile, filesIn, handedOutFolder, recordFile, sameBytes } from "./pattern.ts";
import { sameCells, takeSnapshot } from "./snapshots.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * What happens to a file:
 *
 * - `added`: the course's comes, there was none;
 * - `replaced`: the course's comes in place of one in which nobody wrote;
 * - `merged`: the course's comes with what the learner wrote, and the old one stays beside it;
 * - `kept`: it stays as it is, though the course's has changed;
 * - `missing`: the learner has removed or renamed it, and it stays away;
 * - `withdrawn`: the course no longer has it, and it stays;
 * - `damaged`: it cannot be read as a notebook, and stays;
 * - `open`: JupyterLab has it open, and it stays;
 * - `same`: there is nothing to do.
 */
export type Outcome =
  | "added"
  | "replaced"
  | "merged"
  | "kept"
  | "missing"
  | "withdrawn"
  | "damaged"
  | "open"
  | "same";

/** One file of an update, before anything is written. */
export interface FileUpdate {
  /** The path from the home. */
  file: string;
  what: Outcome;
  notices: Notice[];
  counts?: Counts;
  /** Why a file cannot be read. */
  reason?: string;
  /** What lies there now, what is to lie there, and what the course hands out. */
  mine?: Bytes;
  fresh?: Bytes;
  course?: Bytes;
}

export interface PlanOptions {
  home: string;
  /** The folder of the course's files, `notebooks/exercises` of the installation. */
  pattern: string;
  /** The files to look at, as paths from the home; all where there are none. Named ones come back. */
  files?: readonly string[];
  /** Notebooks that are open somewhere; they are left alone. */
  open?: ReadonlySet<string>;
}

/** What an update would do, file by file. Writes nothing. */
export async function planUpdate(
  { home, pattern, files, open = new Set() }: PlanOptions,
): Promise<FileUpdate[]> {
  const known = new Set([...filesIn(pattern), ...filesIn(handedOutFolder(home))]);
  const plans: FileUpdate[] = [];
  for (const file of files ?? [...known].sort()) {
    const { bytes: course, isOldWork } = await courseFile(home, pattern, file);
    if (isOldWork) continue;
    const base = await bytesOf(join(handedOutFolder(home), file));
    const versions: Versions = { base, mine: await bytesOf(join(home, file)), course };
    const plan = planFile(file, versions, files !== undefined);
    if (plan.what !== "same" && !versions.mine && exists(join(home, file))) {
      const reason = "a folder has this name";
      plans.push({ ...bare(plan), what: "damaged", reason });
      continue;
    }
    plans.push(plan.fresh && plan.mine && open.has(file) ? { ...bare(plan), what: "open" } : plan);
  }
  return plans;
}

interface Versions {
  base?: Bytes;
  mine?: Bytes;
  course?: Bytes;
}

const bare = ({ file, what }: FileUpdate): FileUpdate => ({ file, what, notices: [] });

function planFile(file: string, { base, mine, course }: Versions, named: boolean): FileUpdate {
  const plan = (what: Outcome, more: Partial<FileUpdate> = {}): FileUpdate => ({
    ...{ file, what, notices: [], mine, course, ...more },
  });
  if (!course) return plan(mine && base ? "withdrawn" : "same");
  if (!mine) {
    if (!base || named) return plan("added", { fresh: course });
    return plan(sameBytes(base, course) ? "same" : "missing");
  }
  if (sameBytes(mine, course) || sameBytes(base, course)) return plan("same");
  if (sameBytes(mine, base)) return plan("replaced", { fresh: course });
  return { ...plan("kept"), ...merged(file, { base, mine, course }) };
}

/** Both sides have changed the file, as far as bytes tell. */
function merged(file: string, versions: Required<Pick<Versions, "mine" | "course">> & Versions) {
  return file.endsWith(".ipynb") ? mergedNotebook(versions) : mergedText(file, versions);
}

function mergedNotebook(
  versions: Required<Pick<Versions, "mine" | "course">> & Versions,
): Partial<FileUpdate> {
  const course = parsed(versions.course);
  const mine = parsed(versions.mine);
  if (typeof course === "string") return { what: "damaged", reason: `the course's: ${course}` };
  if (typeof mine === "string") return { what: "damaged", reason: mine };
  const base = versions.base && parsed(versions.base);
  const handedOut = typeof base === "string" ? undefined : base;
  const { notebook, notices, counts } = mergeNotebook({ base: handedOut, mine, course });
  if (sameNotebook(notebook, mine)) return { what: "kept", notices, counts };
  const untouched = handedOut !== undefined && sameCells(mine, handedOut) && !hasOutputs(mine);
  const what = untouched ? "replaced" : "merged";
  return { what, notices, counts, fresh: encode(notebookText(notebook)) };
}

function mergedText(
  file: string,
  versions: Required<Pick<Versions, "mine" | "course">> & Versions,
): Partial<FileUpdate> {
  const [base, mine, course] = [versions.base, versions.mine, versions.course].map(decoded);
  if (base === undefined || mine === undefined || course === undefined) {
    // Pictures and the like, or nobody knows what was handed out: the course's, and the old one beside.
    return {
      what: "merged",
      fresh: versions.course,
      notices: [{ what: versions.base ? "replaced" : "unclear", title: file }],
    };
  }
  const { text, conflicts } = mergeText(base, mine, course);
  const theirs = conflicts.map((conflict) => conflict.theirs).join("\n…\n");
  const notices: Notice[] = conflicts.length === 0
    ? []
    : [{ what: "conflict", title: file, text: theirs }];
  return text === mine
    ? { what: "kept", notices }
    : { what: "merged", notices, fresh: encode(text) };
}

/** The notebook in a file, or what is wrong with it. */
function parsed(bytes: Bytes): Notebook | string {
  try {
    const notebook: Notebook = JSON.parse(decoded(bytes) ?? "");
    const isWhole = notebook.nbformat === 4 && Array.isArray(notebook.cells) &&
      notebook.cells.every((cell) => typeof cell.cell_type === "string" && isText(cell.source));
    return isWhole ? notebook : "it is not a notebook of format 4";
  } catch (error) {
    return `it is not JSON (${(error as Error).message})`;
  }
}

function isText(source: unknown): boolean {
  return typeof source === "string" || Array.isArray(source) &&
      source.every((line) => typeof line === "string");
}

/** Whether writing one in place of the other would change nothing but outputs' and settings' form. */
function sameNotebook(a: Notebook, b: Notebook): boolean {
  const essence = ({ cells }: Notebook) =>
    JSON.stringify(cells.map((cell) => [
      ...[cell.cell_type, cell.id, textOf(cell), cell.attachments],
      Object.entries(cell.metadata ?? {}).map((entry) => JSON.stringify(entry)).sort(),
    ]));
  return essence(a) === essence(b);
}

function hasOutputs({ cells }: Notebook): boolean {
  return cells.some(({ outputs = [] }) => outputs.length > 0);
}

/** What doing an update's part for a file came to. */
export interface Applied {
  /** Where the old version of the file lies now. */
  old?: string;
  /** Whether the file was changed by someone since the plan was made; nothing was done then. */
  changedMeanwhile?: boolean;
}

/**
 * Does what was planned for a file. First the old version goes beside it and into the history, then the
 * new one takes its place at once, then it is noted down as handed out; so that an update that breaks
 * off anywhere leaves whole files, and the next one goes on.
 */
export async function applyUpdate(
  home: string,
  { file, what, mine, fresh, course }: FileUpdate,
  now = new Date(),
): Promise<Applied> {
  const path = join(home, file);
  if (what === "damaged" || what === "open") return {};
  if (what === "withdrawn" || !course) {
    await recordFile(home, file, undefined);
    return {};
  }
  let old: string | undefined;
  if (fresh) {
    if (what === "merged") {
      const text = file.endsWith(".ipynb") ? decoded(mine!) : undefined;
      if (text) await takeSnapshot(home, { notebook: file, text, reason: "update" }, { now });
      old = await writeBeside(path, dateName(now), mine!);
    }
    if (!sameBytes(await bytesOf(path), mine)) return { changedMeanwhile: true };
    await writeFileAtomically(await followed(path), [fresh]);
  }
  await recordFile(home, file, course);
  return old ? { old } : {};
}

/** Where the old version of a file would go. */
export function oldVersionOf(home: string, { file }: FileUpdate, now = new Date()): string {
  return nameBeside(join(home, file), dateName(now));
}

/** Where a link leads; the path itself where it is none, or nothing is there. */
async function followed(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch {
    return path;
  }
}

function decoded(bytes: Bytes | undefined): string | undefined {
  try {
    return bytes && new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encode(text: string): Bytes {
  return new TextEncoder().encode(text);
}
