/** The other tabs of the site, and what is kept when two of them have different versions of a notebook. */
import type { Context, FileModel } from "../../jupyterlab/lab.ts";
import type { Windows, Word } from "../../jupyterlab/watch.ts";
import type { FileNews } from "./file_news.ts";
import type { HomeFiles } from "./home_files.ts";
import type { Contents } from "./jupyterlite.ts";
import { ofSite } from "./site.ts";

export class BrowserWindows implements Windows {
  readonly window: string = crypto.randomUUID();
  readonly history = "the folder history";
  readonly #contents: Contents;
  readonly #files: HomeFiles;
  readonly #others = new BroadcastChannel(ofSite("tessera-notebooks"));
  readonly #news: FileNews;
  readonly #tell: (problem: string) => void;

  /** `tell` shows the learner what could not be kept. */
  constructor(
    { contents, files, news }: { contents: Contents; files: HomeFiles; news: FileNews },
    tell: (problem: string) => void,
  ) {
    this.#contents = contents;
    this.#files = files;
    this.#news = news;
    this.#tell = tell;
  }

  // deno-lint-ignore require-await -- as elsewhere
  async say(action: Word["action"], path: string): Promise<void> {
    this.#others.postMessage({ action, path, window: this.window } satisfies Word);
  }

  sayLast(path: string): void {
    this.say("closed", path);
  }

  listen(heard: (word: Word) => void, saved: (path: string) => void): void {
    this.#others.onmessage = ({ data }: MessageEvent<Word>) => heard(data);
    this.#news.listen(({ path, now }) => now && saved(path));
  }

  async file(path: string): Promise<FileModel | undefined> {
    return await this.#contents.get(path, { content: false, hash: true }).catch(() => undefined);
  }

  async snapshot(
    { path, model }: Context,
    reason: "run-all" | "window" | "reload",
    of: "window" | "file" = "window",
  ): Promise<void> {
    if (reason === "run-all") return; // no version is about to be lost
    try {
      const bytes = of === "file"
        ? await this.#files.read(path)
        : new TextEncoder().encode(JSON.stringify(model.toJSON()));
      const time = new Date().toLocaleString("sv").replaceAll(":", ".");
      const whose = of === "file" ? "as it was saved" : "in this tab";
      const copy = `history/${path.replace(/\.ipynb$/, "")}, ${whose}, ${time}.ipynb`;
      await this.#files.makeFolders(copy);
      await this.#files.write(copy, bytes);
    } catch (error) {
      this.#tell(`No copy of ${path} was kept: ${(error as Error).message}`);
    }
  }
}
