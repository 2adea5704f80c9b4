/** JupyterLite's files, so that what is said to be saved is there, and what is not leaves all as it was. */
import { lettersOf } from "./large_file.ts";
import { makeRoom } from "./room.ts";
import type { Contents, FileModel } from "./jupyterlite.ts";

/** The browser gives this site no more room. */
export class StorageFull extends Error {
  override readonly name = "StorageFull";

  constructor(what: string, bytes: number) {
    const megabytes = bytes > 0 ? ` (${(bytes / 1e6).toFixed(1)} MB)` : "";
    super(
      `${what}${megabytes} was not saved: the browser's storage for this site is full (quota). What was ` +
        "there before is unchanged. File → Save All Work makes a ZIP of everything; then delete what " +
        "needs room, such as folders in runs.",
    );
  }
}

/**
 * Lets saving and renaming throw {@link StorageFull} where the browser has not stored what it was given, and
 * tells of a file's state by `hash`, which JupyterLab compares before it overwrites one.
 */
export function makeSure(contents: Contents): void {
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

  contents.save = async (path, model) => {
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
  };

  // JupyterLite writes the new name, and then removes the old one, whatever came of the new one.
  contents.rename = async (from, to) => {
    const before = await get(from, { content: true });
    if (before.type === "directory") return await rename(from, to);
    const renamed = await rename(from, to).catch((error) => asFull(error));
    if (renamed && await find(to)) return renamed;
    await save(from, before).catch(() => {});
    throw new StorageFull(to, before.size ?? 0);
  };
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
