/**
 * Finds hand-ins in what staff got: archives of learners, a learning platform's archive of such archives, and
 * folders of either. Each is called with its files; what cannot be opened is told.
 */
import { basename, join, relative } from "node:path";
import { shown } from "../../tools/command.ts";
import { withTemporaryFolder } from "../../tools/temporary_folder.ts";
import { ownerOf } from "../handing_in/owner.ts";
import { ArchiveError, handInLimits, type Part, withArchive } from "./open_archive.ts";

/** One learner's hand-in, as it was found. */
export interface Found {
  /** Where, as staff would look for it. */
  place: string;
  /** The archive's or folder's own name, without an ending. */
  name: string;
  /** When it came, where that is known: an archive's file may have been copied since. */
  arrived?: Date;
  parts: Part[];
}

export interface Unreadable {
  place: string;
  problem: string;
}

/** An archive of archives is as large as a class. */
const outerLimits = { entries: 20_000, bytes: 60e9 };

/** What systems put into archives and folders by themselves. */
const litter =
  /(^|\/)(__MACOSX|\.DS_Store|Thumbs\.db|desktop\.ini|\.ipynb_checkpoints|\._[^/]*)(\/|$)/;

/**
 * Calls `take` for each hand-in of a path, whose files may be read until it returns. Gives what could not be
 * read; nothing of that has been unpacked.
 */
export async function findHandIns(
  path: string,
  take: (found: Found) => Promise<void>,
): Promise<Unreadable[]> {
  const { isDirectory } = await Deno.stat(path);
  if (isDirectory) return await inFolder(path, path, take);
  return await readable(shown(path), () => inArchive(path, shown(path), nameOf(path), take));
}

async function inFolder(
  folder: string,
  top: string,
  take: (found: Found) => Promise<void>,
): Promise<Unreadable[]> {
  const entries = [...Deno.readDirSync(folder)].filter(({ name }) => !litter.test(name))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const problems: Unreadable[] = [];
  const files: Part[] = [];
  for (const { name, isDirectory, isFile } of entries) {
    const path = join(folder, name);
    if (isDirectory) problems.push(...await inFolder(path, top, take));
    else if (isFile && isArchive(name)) {
      problems.push(
        ...await readable(shown(path), () => inArchive(path, shown(path), nameOf(path), take)),
      );
    } else if (isFile) {
      const { size: bytes, mtime } = await Deno.stat(path);
      const modified = mtime ?? new Date();
      const writeTo = (copy: string) => Deno.copyFile(path, copy);
      files.push({ path: relative(folder, path), bytes, modified, writeTo });
    }
  }
  if (files.some(({ path }) => isNotebook(path))) {
    await take({ place: shown(folder), name: basename(folder), parts: files });
  } else if (files.length > 0 && files.length === entries.length) {
    problems.push(noHandIn(shown(folder), files));
  } else {
    const named = files.filter(({ path }) => isMeantAsHandIn(path));
    problems.push(...named.map((file) => noHandIn(shown(join(folder, file.path)), [file])));
  }
  return problems;
}

async function inArchive(
  path: string,
  place: string,
  name: string,
  take: (found: Found) => Promise<void>,
  arrived?: Date,
): Promise<Unreadable[]> {
  const problems: Unreadable[] = [];
  // Whether it is an archive of archives shows in its names; what that may hold is the more.
  const isOuter = await withArchive(
    path,
    (parts) => Promise.resolve(parts.some((part) => isArchive(part.path))),
    outerLimits,
  );
  const limits = isOuter ? outerLimits : handInLimits;
  await withArchive(path, async (all) => {
    const parts = all.filter((part) => !litter.test(part.path));
    const inner = parts.filter((part) => isArchive(part.path));
    if (inner.length === 0) return await take({ place, name, arrived, parts: withoutTop(parts) });
    for (const part of inner) {
      const within = `${place} › ${part.path}`;
      problems.push(
        ...await readable(within, () => inInnerArchive(part, within, arrived === undefined, take)),
      );
    }
    // A learner may have put loose notebooks there in place of an archive.
    const loose = new Map<string, Part[]>();
    for (const part of parts.filter((each) => !isArchive(each.path))) {
      const folder = part.path.split("/").slice(0, -1).join("/");
      const path = part.path.slice(folder.length).replace(/^\//, "");
      loose.set(folder, [...loose.get(folder) ?? [], { ...part, path }]);
    }
    const known = new Set(inner.map(({ path }) => personIn(path)));
    for (const [folder, files] of loose) {
      if (files.some(({ path }) => isNotebook(path))) known.add(personIn(`${folder}/`));
    }
    for (const [folder, files] of loose) {
      if (!files.some(({ path }) => isNotebook(path))) {
        if (folder === "") {
          problems.push(...files.map((file) => noHandIn(`${place} › ${file.path}`, [file])));
        } else if (!known.has(personIn(`${folder}/`))) {
          problems.push(noHandIn(`${place} › ${folder}/`, files));
        }
        continue;
      }
      const arrived = new Date(Math.max(...files.map(({ modified }) => modified.getTime())));
      await take({ place: `${place} › ${folder}/`, name: basename(folder), arrived, parts: files });
    }
  }, limits);
  return problems;
}

/** An archive in an archive is a learner's; one in that is nobody's. */
async function inInnerArchive(
  part: Part,
  place: string,
  mayNest: boolean,
  take: (found: Found) => Promise<void>,
): Promise<Unreadable[]> {
  if (!mayNest) throw new ArchiveError("an archive in an archive in an archive");
  if (part.bytes > handInLimits.bytes) throw new ArchiveError("it is too large");
  return await withTemporaryFolder("collect", async (folder) => {
    const copy = join(folder, "inner.zip");
    await part.writeTo(copy);
    return await inArchive(copy, place, nameOf(part.path), take, part.modified);
  });
}

async function readable(
  place: string,
  body: () => Promise<Unreadable[]>,
): Promise<Unreadable[]> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return [{ place, problem: error.message }];
  }
}

const isArchive = (path: string) => /\.zip$/i.test(path);

/** Whether a file is called a notebook, as systems write that. */
export const isNotebook = (path: string) => /\.ipynb$/i.test(path);

/** Whether somebody took a file for a hand-in: another kind of archive, or one under an owner's name. */
const isMeantAsHandIn = (path: string) =>
  /\.(rar|7z|tar|tgz|gz|xz|bz2)$/i.test(path) || ownerOf(path.replace(/\.\w+$/, "")) !== undefined;

/** Nobody is passed over in silence. */
function noHandIn(place: string, files: readonly Part[]): Unreadable {
  const names = files.slice(0, 3).map(({ path }) => basename(path)).join(", ");
  return { place, problem: `there is neither a ZIP archive nor a notebook: ${names}` };
}

/** Whose folder a path of a learning platform's archive leads to: Moodle makes one for each kind of hand-in. */
const personIn = (path: string) =>
  path.split("/").slice(0, -1).join("/").split("_assignsubmission_")[0];

/** A name without its ending and without what a browser adds to a second download. */
const nameOf = (path: string) => basename(path).replace(/\.zip$/i, "").replace(/ ?\(\d+\)$/, "");

/** The same files without a folder that all of them lie in. */
function withoutTop(parts: Part[]): Part[] {
  const [top, ...others] = new Set(parts.map(({ path }) => path.split("/")[0]));
  if (others.length > 0 || parts.some(({ path }) => path === top)) return parts;
  return parts.map((part) => ({ ...part, path: part.path.slice(top.length + 1) }));
}
