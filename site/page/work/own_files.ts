/** Which of JupyterLite's files are the learner's own: those that the site does not bring, or not as they are now. */
import type { CourseFacts } from "../../brought.ts";
import { type Notebook, textOf } from "../../../tools/notebook.ts";
import type { HomeFiles } from "../home_files.ts";

export interface OwnFile {
  path: string;
  changed: Date;
}

export class OwnFiles {
  readonly #files: HomeFiles;
  /** The address of the site's folder. */
  readonly #site: string;
  #facts: Promise<CourseFacts> | undefined;

  constructor(files: HomeFiles, site: string) {
    this.#files = files;
    this.#site = site;
  }

  /** What the site says of the course. */
  course(): Promise<CourseFacts> {
    return this.#facts ??= fetchWhole(`${this.#site}course/course.json`)
      .then((reply) => reply.json())
      .catch((error) => {
        this.#facts = undefined; // it may be had the next time
        throw error;
      });
  }

  /** All of the learner's own. */
  async all(): Promise<OwnFile[]> {
    const found: OwnFile[] = [];
    for (const { path: whole, isDirectory, changed } of await this.#files.all()) {
      const path = whole.slice("/home/".length);
      if (!isDirectory && !await this.isGiven(path)) {
        found.push({ path, changed: new Date(changed) });
      }
    }
    return found;
  }

  /** Whether a file is as the site brings it: nobody has worked on it. */
  async isGiven(path: string): Promise<boolean> {
    const given = await this.given(path);
    return given !== undefined && areSame(path, given, await this.#files.read(path));
  }

  /** A file as the site brings it; undefined where it brings none of this path. */
  async given(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!(await this.course()).files.includes(path)) return undefined;
    const reply = await fetchWhole(`${this.#site}files/${path}`);
    return new Uint8Array(await reply.arrayBuffer());
  }
}

async function fetchWhole(address: string): Promise<Response> {
  const reply = await fetch(address);
  if (!reply.ok) throw new Error(`The site's ${address} cannot be fetched: ${reply.status}`);
  return reply;
}

/** Whether two files say the same: of notebooks only what a person sees of their cells counts. */
export function areSame(path: string, one: Uint8Array, other: Uint8Array): boolean {
  if (one.length === other.length && one.every((byte, at) => byte === other[at])) return true;
  if (!path.endsWith(".ipynb")) return false;
  try {
    return seenOf(one) === seenOf(other);
  } catch {
    return false; // no notebook
  }
}

/** JupyterLab writes other blanks, and names of kernels, where a notebook was only looked at. */
function seenOf(bytes: Uint8Array): string {
  const { cells }: Notebook = JSON.parse(new TextDecoder().decode(bytes));
  return JSON.stringify(cells.map((cell) => [
    cell.cell_type,
    textOf(cell),
    cell.attachments,
    cell.execution_count,
    cell.outputs,
  ]));
}
