/** Whether a hand-in may be put where grading finds it, and what of it. */
import { basename, join } from "node:path";
import { withTemporaryFolder } from "../../tools/temporary_folder.ts";
import { type Manifest, manifestName, readManifest } from "../handing_in/manifest.ts";
import { type Owner, ownerOf } from "../handing_in/owner.ts";
import { weightsName } from "../handing_in/wanted_weights.ts";
import { type Found, isNotebook } from "./find_hand_ins.ts";
import { ArchiveError, handInLimits, type Part } from "./open_archive.ts";

export interface Inspected {
  found: Found;
  /** Whose it is, where that can be told. */
  owner?: Owner;
  manifest?: Manifest;
  /** When it was handed in. */
  date: Date;
  /** The files that grading gets. */
  parts: Part[];
  /** Why it is not collected. */
  problems: string[];
  /** What staff should know, and what does not keep it out. */
  remarks: string[];
}

/** What is expected of a hand-in. */
export interface Expected {
  unit: string;
  /** Names of the unit's notebooks. */
  notebooks: readonly string[];
  /** Whether one that lacks some of them is taken all the same. */
  incomplete: boolean;
}

/** The largest notebook that grading reads (`MOST_BYTES` in `python/tessera_grading/intake.py`). */
const mostNotebookBytes = 300e6;

/** Looks at one hand-in. */
export async function inspect(
  found: Found,
  { unit, notebooks, incomplete }: Expected,
): Promise<Inspected> {
  const problems: string[] = [];
  const remarks: string[] = [];
  const kept = found.parts.filter(({ path }) => isWanted(path));
  const other = found.parts.filter((part) => !kept.includes(part)).map(({ path }) => path);
  if (other.length > 0) remarks.push(`left out: ${other.slice(0, 5).join(", ")}`);
  if (kept.reduce((sum, { bytes }) => sum + bytes, 0) > handInLimits.bytes) {
    problems.push(`it is larger than ${handInLimits.bytes / 1e6} MB`);
  }

  const manifest = await manifestOf(found, problems);
  const byName = ownerOf(found.name);
  const byManifest = manifest && ownerOf(manifest.owner);
  const owner = byName ?? byManifest;
  if (!owner) problems.push(`its name is not SURNAME-NUMBER: "${found.name}"`);
  else if (byManifest && byManifest.id !== owner.id) {
    problems.push(`its name says ${owner.id}, and its manifest ${byManifest.id}`);
  }
  if (manifest && manifest.unit !== unit) problems.push(`it is of ${manifest.unit}`);

  const names = kept.map(({ path }) => path);
  const own = names.filter(isNotebook);
  const missing = notebooks.filter((name) => !names.includes(name));
  const renamed = own.filter((name) => !notebooks.includes(name));
  if (missing.length > renamed.length) {
    (incomplete && own.length > 0 ? remarks : problems).push(`missing: ${missing.join(", ")}`);
  }
  if (renamed.length > 0) remarks.push(`renamed: ${renamed.join(", ")}`);
  for (const { path, bytes } of kept) {
    if (!isNotebook(path) || bytes <= mostNotebookBytes) continue;
    const [megabytes, most] = [bytes, mostNotebookBytes].map((each) => Math.ceil(each / 1e6));
    remarks.push(`will not be graded: ${path} has ${megabytes} MB, more than ${most}`);
  }
  const lost = Object.keys(manifest?.files ?? {}).filter((name) => !names.includes(name));
  if (lost.length > 0) problems.push(`missing, although its manifest names it: ${lost.join(", ")}`);
  if (!manifest) remarks.push("not made by ./tessera hand-in");
  const madeAt = manifest && new Date(manifest.madeAt);
  const modified = new Date(Math.max(...found.parts.map((part) => part.modified.getTime())));
  const date = found.arrived ?? (madeAt && !isNaN(madeAt.getTime()) ? madeAt : modified);
  return { found, owner, manifest, date, parts: kept, problems, remarks };
}

/** Notebooks, PDF, weights and manifest, beside each other: a module or a deno.json would be run. */
function isWanted(path: string): boolean {
  return path === basename(path) && !path.startsWith(".") &&
    (isNotebook(path) || /\.pdf$/i.test(path) || path === weightsName || path === manifestName);
}

async function manifestOf({ parts }: Found, problems: string[]): Promise<Manifest | undefined> {
  const part = parts.find(({ path }) => path === manifestName);
  if (!part) return undefined;
  try {
    if (part.bytes > 1e6) throw new ArchiveError("it is too large");
    const text = await withTemporaryFolder("manifest", async (folder) => {
      const file = join(folder, manifestName);
      await part.writeTo(file);
      return await Deno.readTextFile(file);
    });
    const manifest = readManifest(text);
    if (!manifest) problems.push("its manifest is damaged");
    return manifest;
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    problems.push(`its manifest cannot be read: ${error.message}`);
  }
}
