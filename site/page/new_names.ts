/** Files that are written while they, or a folder in which they lie, get another name: what is written goes with it. */

interface Renaming {
  from: string;
  to: string;
  /** Whether it has its new name; it is among those under way until then. */
  ended: Promise<boolean>;
}

export class NewNames {
  readonly #renaming = new Set<Renaming>();
  readonly #writing = new Map<Promise<unknown>, string>();

  /** Writes by the path that a file has once nothing that it lies in is being renamed. */
  async write<Written>(path: string, write: (path: string) => Promise<Written>): Promise<Written> {
    for (let under = this.#renamingOf(path); under; under = this.#renamingOf(path)) {
      if (await under.ended) path = `${under.to}${path.slice(under.from.length)}`;
    }
    const written = write(path);
    this.#writing.set(written, path);
    return await written.finally(() => this.#writing.delete(written));
  }

  /** Renames once what is being written there is stored; what is written from now on waits. */
  async rename<Renamed>(
    { from, to }: { from: string; to: string },
    rename: () => Promise<Renamed>,
  ): Promise<Renamed> {
    const before = [...this.#writing].filter(([, path]) => isIn(path, from));
    const renamed = Promise.allSettled(before.map(([written]) => written)).then(rename);
    const ended = renamed.then(() => true, () => false)
      .finally(() => this.#renaming.delete(renaming));
    const renaming = { from, to, ended };
    this.#renaming.add(renaming);
    return await renamed;
  }

  #renamingOf(path: string): Renaming | undefined {
    return [...this.#renaming].find(({ from }) => isIn(path, from));
  }
}

const isIn = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
