import { NotADirectory, NotFound, type OpenFile, openToRead } from "../platform/disk.ts";
import { writeFileAtomically } from "../platform/files.ts";

/**
 * A training's files, held open as they were saved last: what somebody moves or deletes while it trains can be
 * written anew.
 */
export class HeldFiles {
  readonly #files = new Map<string, OpenFile>();

  /** Holds a folder's file as it is now, if it is there, in place of what it was before. */
  async hold(folder: string, name: string): Promise<void> {
    this.#files.get(name)?.close();
    this.#files.delete(name);
    try {
      this.#files.set(name, await openToRead(`${folder}/${name}`));
    } catch (error) {
      if (!(error instanceof NotFound || error instanceof NotADirectory)) throw error;
    }
  }

  /** Writes all files into a folder; throws as {@link writeFileAtomically} does. */
  async writeTo(folder: string): Promise<void> {
    for (const [name, file] of this.#files) {
      await writeFileAtomically(`${folder}/${name}`, [await file.read()]);
    }
  }

  /** Lets go of all. */
  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }
}
