/** Watches the folders in which the learner's own modules lie: they change beside the notebooks that import them. */
import { dirname, join } from "node:path";

/** A save is often several events. */
const pauseMs = 100;
const isModule = (path: string) => /\.(?:[cm]?[jt]s|[jt]sx|json)$/.test(path);
const relativeImport = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

export class OwnModules {
  readonly #hear: (paths: string[]) => void;
  readonly #watchers = new Map<string, Deno.FsWatcher>();
  readonly #changed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `hear` is told the modules that were saved, made or deleted. */
  constructor(hear: (paths: string[]) => void) {
    this.#hear = hear;
  }

  /** Watches where a file lies, and where what it imports by a path does. */
  watch(path: string, text: string): void {
    const folder = dirname(path);
    this.#watch(folder);
    for (const [, from] of text.matchAll(relativeImport)) this.#watch(dirname(join(folder, from)));
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = Deno.watchFs(folder, { recursive: false });
      this.#watchers.set(folder, watcher);
      this.#listen(watcher).catch(() => {}).finally(() => this.#watchers.delete(folder));
    } catch {
      // There is no such folder yet, or nothing can be watched here: the next start sees what was saved.
    }
  }

  async #listen(watcher: Deno.FsWatcher): Promise<void> {
    for await (const { kind, paths } of watcher) {
      const modules = kind === "access" ? [] : paths.filter(isModule);
      if (modules.length === 0) continue;
      for (const path of modules) this.#changed.add(path);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#hear([...this.#changed]);
        this.#changed.clear();
      }, pauseMs);
    }
  }
}
