/** JupyterLite's files, so that what is said to be saved is there, and what is not leaves all as it was. */
import { lettersOf } from "./large_file.ts";
import { makeRoom } from "./room.ts";
import type { Contents, FileModel } from "./jupyterlite.ts";
import { NewNames } from "./new_names.ts";

/** The browser gives this site no more room. */
export class StorageFull extends Error {
  override readonly name = "StorageFull";
  /** JupyterLab asks every error of a renaming for it. */
  readonly response = { status: 507 };

  constructor(what: string, bytes: number) {
    const megabytes = bytes > 0 ? ` (${(bytes / 1e6).toFixed(1)} MB)` : "";
    super(
      `${what}${megabytes} was not saved: the browser's storage for this site is full (quota). What was ` +
        "there before is unchanged. File → Save All Work makes a ZIP of everything; then delete what " +
        "needs room, such as folders in runs.",
    );
  }
}

/** A name that a file or folder cannot have; of 409, a file's that is there, JupyterLab asks whether to overwrite it. */
export class NameRefused extends Error {
  override readonly name = "NameRefused";
  readonly response: { status: number };

  constructor(message: string, status = 400) {
    super(message);
    this.response = { status };
  }
}

/**
 * Lets saving and renaming throw {@link StorageFull} where the browser has not stored what it was given, and
 * {@link NameRefused} where something would be lost by its new name; tells of a file's state by `hash`, which JupyterLab
 * compares before it overwrites one. `isGiven` says whether a file is as the site brings it, which gives way.
 */
export function makeSure(contents: Contents, isGiven: (path: string) => Promise<boolean>): void {
  const [get, save, rename] = [contents.get, contents.save, contents.rename]
    .map((each) => each.bind(contents)) as [Contents["get"], Contents["save"], Contents["rename"]];

  contents.get = async (path, options) => {
    const model = await get(path, options);
    if (model.content instanceof Blob && !options?.asBlob) {
      model.content = await lettersOf(model.content);
    }
    if (!options?.hash) return model;
    return { ...model, hash: model.last_modified, hash_algorithm: "time of saving" };
  };

  const { getDownloadUrl } = contents;
  contents.getDownloadUrl = async (path) => {
    const { content } = await get(path, { content: true }).catch(() => ({ content: null }));
    if (content instanceof Blob) return URL.createObjectURL(content);
    return await getDownloadUrl.call(contents, path);
  };

  const find = (path: string) => get(path, { content: false }).catch(() => undefined);

  const names = new NewNames();

  contents.save = async (path, model) => {
    refuseEscapes(path);
    return await names.write(path, (to) => store(to, to === path ? model : named(to, model)));
  };

  async function store(path: string, model: Model): Promise<FileModel> {
    const before = await find(path);
    const attempt = async () => {
      const saved = await save(path, model).catch((error) => asFull(error));
      const stored = await find(path);
      return { stored, saved: saved && stored?.last_modified === saved.last_modified && saved };
    };
    let { stored, saved } = await attempt();
    // The learner's work goes before what can be fetched again.
    if (!saved && await makeRoom()) ({ stored, saved } = await attempt());
    if (saved) return saved;
    // A new file is stored empty first.
    if (!before && stored) await contents.delete(path).catch(() => {});
    throw new StorageFull(path, sizeOf(model));
  }

  // JupyterLite writes the new name, whatever has it, and then removes the old one, whatever came of the new one.
  contents.rename = (from, to) => names.rename({ from, to }, () => renameNow(from, to));

  async function renameNow(from: string, to: string): Promise<FileModel> {
    const before = await get(from, { content: true });
    if (to === from) return before;
    refuseEscapes(to);
    if (to.startsWith(`${from}/`)) throw new NameRefused(`${from} cannot be moved into itself.`);
    const there = await find(to);
    if (there?.type === "directory" || there && before.type === "directory") {
      throw new NameRefused(`${to} is there already: give it another name, or remove it first.`);
    }
    if (there && !await isGiven(to).catch(() => false)) {
      throw new NameRefused(`${to} is there already.`, 409);
    }
    if (before.type === "directory") return await renameFolder(from, to, before.content);
    const renamed = await rename(from, to).catch((error) => asFull(error));
    if (renamed && await find(to)) return renamed;
    await save(from, before).catch(() => {});
    throw new StorageFull(to, before.size ?? 0);
  }

  /** One by one: what finds no room stays where it was. */
  async function renameFolder(
    from: string,
    to: string,
    inside: readonly FileModel[],
  ): Promise<FileModel> {
    const made = await store(to, named(to, { type: "directory" }));
    const moved = new Set<string>(); // what the site brings is there for ever
    for (let left = inside; left.length > 0;) {
      for (const { name } of left) {
        await renameNow(`${from}/${name}`, `${to}/${name}`);
        moved.add(name);
      }
      // What another tab has written into it meanwhile goes with it.
      const { content }: { content: FileModel[] } = await get(from, { content: true });
      left = content.filter(({ name }) => !moved.has(name));
    }
    await contents.delete(from);
    return made;
  }
}

type Model = Parameters<Contents["save"]>[1];

/** A file by its path. */
function named(path: string, model: Model): Model {
  return { ...model, path, name: path.slice(path.lastIndexOf("/") + 1) };
}

/** JupyterLite takes `%` for the beginning of a letter's code: it would keep such a file by one name and seek another. */
function refuseEscapes(path: string): void {
  if (!path.includes("%")) return;
  throw new NameRefused(`${path}: a name cannot hold the sign % here. Give it another one.`);
}

/** Nothing where the browser refuses for want of room; throws what is another error. */
function asFull(error: Error): undefined {
  if (/quota|space left|abort/i.test(`${error.name} ${error.message}`)) return undefined;
  throw error;
}

function sizeOf({ content, size }: Partial<FileModel>): number {
  if (size) return size;
  if (content instanceof Blob) return content.size;
  return typeof content === "string" ? content.length : JSON.stringify(content ?? "").length;
}
