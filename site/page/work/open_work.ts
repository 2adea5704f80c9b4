/**
 * Opens a ZIP of saved work. All of it is looked at before anything is written; no file that somebody has
 * worked on is overwritten: of two that differ both are kept.
 */
import {
  BlobReader,
  configure,
  type Entry,
  type FileEntry,
  TextWriter,
  Uint8ArrayWriter,
  ZipReader,
} from "@zip.js/zip.js";
import { leadsOut } from "../../../marking/collecting/paths.ts";
import type { HomeFiles } from "../home_files.ts";
import { areSame, type OwnFiles } from "./own_files.ts";
import { type Note, noteName } from "./save_all.ts";

configure({ useWebWorkers: false });

/** A ZIP is not opened, and nothing was changed; the message says why. */
export class WorkError extends Error {
  override readonly name = "WorkError";
}

/** What became of a ZIP's files. */
export interface Opened {
  /** Written where they were. */
  written: string[];
  /** There already, and the same. */
  same: string[];
  /** Written beside those that are there, by the new name. */
  beside: { path: string; to: string }[];
  savedAt: string;
}

const mostFiles = 5000;
/** What one text in the browser's storage can hold. */
const mostBytesOfFile = 350e6;
/** JupyterLite keeps bytes as text, which takes a third more. */
const growth = 1.4;

interface Parts {
  files: HomeFiles;
  own: OwnFiles;
  /** Bytes that the browser still gives this site. */
  room: () => Promise<number>;
}

/** Writes a ZIP's files to the learner's own. Throws a {@link WorkError} where it cannot: nothing is changed then. */
export async function openWork(archive: Blob, { files, own, room }: Parts): Promise<Opened> {
  const reader = new ZipReader(new BlobReader(archive), { checkSignature: true });
  const { entries, note } = await entriesOf(reader);
  const bytes = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  const left = await room();
  if (bytes * growth > left) {
    throw new WorkError(
      `it needs ${megabytes(bytes * growth)} MB, and the browser has ${
        megabytes(left)
      } MB left for this site`,
    );
  }
  for (const entry of entries) await readThrough(entry);
  return await write(entries, note, { files, own });
}

async function entriesOf(
  reader: ZipReader<unknown>,
): Promise<{ entries: FileEntry[]; note: Note }> {
  const all: Entry[] = [];
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      all.push(entry);
      if (all.length > mostFiles) throw new WorkError(`it holds more than ${mostFiles} files`);
    }
  } catch (error) {
    if (error instanceof WorkError) throw error;
    throw new WorkError(`it is no ZIP, or did not arrive whole (${(error as Error).message})`);
  }
  const found = all.filter((entry): entry is FileEntry => !entry.directory);
  const said = found.find(({ filename }) => filename === noteName);
  const note = said && await noteIn(said);
  if (!note) {
    throw new WorkError(
      "it was not made by Save All Work: single files can be uploaded as they are",
    );
  }
  const entries = found.filter((entry) => entry !== said);
  const seen = new Set<string>();
  const names = new Set(entries.map(({ filename }) => filename));
  for (const { filename, encrypted, symlink, uncompressedSize } of entries) {
    if (leadsOut(filename)) throw new WorkError(`a path leads out of its folder: ${filename}`);
    if (encrypted) throw new WorkError("it is locked by a password");
    // JupyterLite would keep it where it lists nothing, or find it by no name (see `sure_contents.ts`).
    const isListed = filename.split("/").every((part) => part !== "" && part !== ".");
    // Its folder is a file of another entry.
    const isInFile = [...filename.matchAll(/\//g)].some(({ index }) =>
      names.has(filename.slice(0, index))
    );
    if (filename.includes("%")) throw new WorkError(`a name cannot hold the sign %: ${filename}`);
    if (symlink || seen.has(filename) || !isListed || isInFile) {
      throw new WorkError(`it holds ${filename} in a way of its own`);
    }
    if (uncompressedSize > mostBytesOfFile) {
      throw new WorkError(
        `${filename} has ${megabytes(uncompressedSize)} MB, more than a browser keeps`,
      );
    }
    seen.add(filename);
  }
  if (note.files !== entries.length) {
    throw new WorkError(`it was saved with ${note.files} files and holds ${entries.length}`);
  }
  return { entries, note };
}

async function noteIn(entry: FileEntry): Promise<Note | undefined> {
  if (entry.uncompressedSize > 1e5) return undefined;
  try {
    const note: Note = JSON.parse(await entry.getData(new TextWriter()));
    return note.format === 1 ? note : undefined;
  } catch {
    return undefined;
  }
}

/** Throws where a file is damaged, or larger than it says. */
async function readThrough(entry: FileEntry): Promise<void> {
  let read = 0;
  const counting = new WritableStream<Uint8Array>({
    write({ length }) {
      read += length;
      if (read > entry.uncompressedSize) throw new Error("it is larger than it says");
    },
  });
  await entry.getData(counting).catch((error: Error) => {
    throw new WorkError(`${entry.filename} is damaged (${error.message})`);
  });
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

/** Writes all, or takes back what was written. */
async function write(
  entries: readonly FileEntry[],
  { savedAt }: Note,
  { files, own }: Pick<Parts, "files" | "own">,
): Promise<Opened> {
  const opened: Opened = { written: [], same: [], beside: [], savedAt };
  const made: string[] = [];
  try {
    for (const group of groupsOf(entries)) {
      const contents = new Map<string, Uint8Array>();
      const states = new Set<State>();
      for (const entry of group) {
        const bytes = await entry.getData(new Uint8ArrayWriter());
        contents.set(entry.filename, bytes);
        states.add(await stateOf(entry.filename, bytes, files, own));
      }
      if (states.size === 1 && states.has("same")) {
        opened.same.push(...contents.keys());
        continue;
      }
      const to = states.has("other")
        ? await freeName(group.map(({ filename }) => filename), files)
        : (path: string) => path;
      for (const [path, bytes] of contents) {
        made.push(...await files.makeFolders(to(path)));
        made.push(to(path));
        await files.write(to(path), bytes);
        if (to(path) === path) opened.written.push(path);
        else opened.beside.push({ path, to: to(path) });
      }
    }
    return opened;
  } catch (error) {
    for (const path of made.reverse()) await files.remove(path).catch(() => {});
    throw new WorkError((error as Error).message);
  }
}

/** What lies where a file is to lie: nothing that anybody has worked on, the same, or something else. */
type State = "free" | "same" | "other";

async function stateOf(
  path: string,
  bytes: Uint8Array,
  files: HomeFiles,
  own: OwnFiles,
): Promise<State> {
  if (!await files.exists(path)) return "free";
  const there = await files.read(path);
  if (areSame(path, there, bytes)) return "same";
  return await own.isGiven(path) ? "free" : "other";
}

/** A training's files belong together: its weights are of no use with another one's log. */
function groupsOf(entries: readonly FileEntry[]): FileEntry[][] {
  const groups = Map.groupBy(entries, ({ filename }) => {
    const isOfTraining = filename.startsWith("runs/");
    return isOfTraining ? filename.slice(0, filename.lastIndexOf("/")) : filename;
  });
  return [...groups.values()];
}

/** New names for files that belong together: another folder's, or the file's own with a number. */
async function freeName(
  paths: readonly string[],
  files: HomeFiles,
): Promise<(path: string) => string> {
  const [, folder, name, ending] = /^(.*\/)?([^/]*?)(\.[^/.]*)?$/.exec(paths[0])!;
  const isFolder = paths[0].startsWith("runs/") && folder !== "runs/";
  for (let number = 2;; number++) {
    if (isFolder) {
      const fresh = `${folder.slice(0, -1)}-${number}`;
      if (!await files.exists(fresh)) return (path) => `${fresh}/${path.slice(folder.length)}`;
    } else {
      const fresh = `${folder ?? ""}${name} (${number})${ending ?? ""}`;
      if (!await files.exists(fresh)) return () => fresh;
    }
  }
}
