/**
 * Files that commands make, such as executed notebooks and PDFs. What was made is noted down, so that a
 * file which a person has changed since, or put in its place, is kept before a new one takes its name.
 */
import { dirname, join, relative } from "node:path";
import { dateName, writeBeside } from "./learner/dated_copy.ts";
import { bytesOf } from "./learner/pattern.ts";
import { writeTextAtomically } from "../lib/platform/files.ts";

/** The files that are made below one folder. */
export class MadeFiles {
  /** Files lie below `folder`; `notes` is where it is noted down what was made. */
  constructor(readonly folder: string, readonly notes: string) {}

  /** Whether a file is there that was not made, or is no longer as it was made. */
  async isPersons(path: string): Promise<boolean> {
    const bytes = await bytesOf(path);
    return bytes !== undefined && await checksum(bytes) !== await this.#noted(path);
  }

  /**
   * Makes room for a file that is about to be made: a person's is copied, to a name with the date, beside
   * it or beside `copy`. Gives the path of the copy, undefined where there was nothing to keep.
   */
  async makeRoom(path: string, copy = path): Promise<string | undefined> {
    if (!await this.isPersons(path)) return undefined;
    await Deno.mkdir(dirname(copy), { recursive: true });
    return await writeBeside(copy, dateName(new Date()), await Deno.readFile(path));
  }

  /** Notes down that a file was made as it is now; nothing where it is not there. */
  async note(path: string): Promise<void> {
    const bytes = await bytesOf(path);
    if (bytes) await writeTextAtomically(this.#noteOf(path), await checksum(bytes));
  }

  async #noted(path: string): Promise<string | undefined> {
    const bytes = await bytesOf(this.#noteOf(path));
    return bytes && new TextDecoder().decode(bytes);
  }

  #noteOf(path: string): string {
    return join(this.notes, `${relative(this.folder, path)}.sha256`);
  }
}

async function checksum(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
