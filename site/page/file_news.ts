/** What changes in the browser's files, in this tab and in others. */
import type { StoredFile } from "../kernel/messages.ts";
import type { Contents } from "./jupyterlite.ts";
import { ofSite } from "./site.ts";

/** A path in JupyterLite's files, and what is there now. */
export interface News {
  path: string;
  now: StoredFile | null;
}

export class FileNews {
  readonly #contents: Contents;
  readonly #otherTabs = new BroadcastChannel(ofSite("tessera-files"));
  readonly #listeners = new Set<(news: News) => void>();

  constructor(contents: Contents) {
    this.#contents = contents;
    contents.fileChanged.connect((_, { type, oldValue, newValue }) => {
      const gone = type === "rename" || type === "delete" ? oldValue?.path : undefined;
      for (const path of [gone, newValue?.path]) {
        if (path === undefined) continue;
        this.#otherTabs.postMessage(path);
        this.#tell(path);
      }
    });
    this.#otherTabs.onmessage = ({ data }: MessageEvent<string>) => this.#tell(data);
  }

  /** Calls back for every change, until the function that it gives is called. */
  listen(heard: (news: News) => void): () => void {
    this.#listeners.add(heard);
    return () => void this.#listeners.delete(heard);
  }

  /** Of what was removed the site may bring its own. */
  async #tell(path: string): Promise<void> {
    const found = await this.#contents.get(path, { content: false }).catch(() => null);
    const now = found && {
      ...{ path: `/home/${path}`, isDirectory: found.type === "directory", size: found.size ?? 0 },
      changed: Date.parse(found.last_modified) || 0,
    };
    for (const heard of this.#listeners) heard({ path, now });
  }
}
