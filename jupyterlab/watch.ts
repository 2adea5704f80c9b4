/**
 * Watches over one open notebook: whether another window has it open too, and whether its file was
 * changed by someone else. JupyterLab itself looks at the file only when it is about to save, and then
 * lets one of two versions be thrown away; here both are in the history before that question comes.
 */
import type { Context, FileModel, Notifications } from "./lab.ts";

/** What a window says of a notebook: opened it, has it open as well, closed it. */
export interface Word {
  action: "opened" | "also" | "closed";
  path: string;
  window: string;
}

/** The way to other windows and to the history: by the server, or within the browser where there is none. */
export interface Windows {
  /** This window's name among the others. */
  readonly window: string;
  /** Where versions are kept that would be lost, in words. */
  readonly history: string;
  /** Tells the other windows. */
  say(action: Word["action"], path: string): Promise<void>;
  /** The same where the window is about to go, and would not see an ordinary request through. */
  sayLast(path: string): void;
  /** Calls back for what other windows say, and for the path of each file that is saved. */
  listen(heard: (word: Word) => void, saved: (path: string) => void): void;
  /** The notebook's file as it lies on disk now; undefined where it cannot be had. */
  file(path: string): Promise<FileModel | undefined>;
  /** Has a snapshot taken of what a window has, or of the file on disk. */
  snapshot(
    context: Context,
    reason: "run-all" | "window" | "reload",
    of?: "window" | "file",
  ): Promise<void>;
}

export class Watch {
  readonly #context: Context;
  readonly #windows: Windows;
  readonly #notifications: Notifications;
  readonly #others = new Set<string>();
  /** Those of them that have not answered. */
  #silent = new Set<string>();
  #path: string;
  #saving = false;
  #openElsewhere: string | undefined;
  #changed: { hash: string; notification: string } | undefined;
  /** What was written when this window last loaded or saved; JupyterLab's own mark counts views too. */
  #written = "";
  /** The pair of versions that went into the history last, or goes there now: an autosave comes back to it. */
  #kept: { pair: string; whole: Promise<void> } | undefined;

  constructor(context: Context, windows: Windows, notifications: Notifications) {
    this.#context = context;
    this.#windows = windows;
    this.#notifications = notifications;
    this.#path = context.path;
    this.#settle();
    windows.say("opened", this.#path);
    context.pathChanged.connect(() => {
      this.#leave();
      this.#path = context.path;
      windows.say("opened", this.#path);
    });
    context.disposed.connect(() => this.#leave());
    let saved = "";
    context.saveState.connect((_, state) => {
      this.#saving = state === "started";
      if (this.#saving) saved = textOf(context); // not what is written meanwhile
      else if (state !== "failed") this.#settle(saved);
    });
    context.model.stateChanged.connect((_, { name }) => {
      if (name === "dirty" && context.model.dirty) this.look();
    });
    this.#keepBothVersions();
  }

  /** Takes what another window says. */
  hear({ action, path, window }: Word): void {
    if (path !== this.#path) return;
    if (action === "closed") this.#others.delete(window);
    else this.#others.add(window);
    if (action === "opened") this.#windows.say("also", path);
    this.#silent.delete(window);
    this.#sayOthers();
  }

  /** Asks the other windows whether they are still there: one that broke off has said no goodbye. */
  async ask(): Promise<void> {
    if (this.#others.size === 0) return;
    this.#silent = new Set(this.#others);
    await this.#windows.say("opened", this.#path);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    for (const window of this.#silent) this.#others.delete(window);
    this.#sayOthers();
  }

  /** Warns of other windows, or takes the warning back. */
  #sayOthers(): void {
    if (this.#others.size > 0) {
      this.#openElsewhere ??= this.#warn(
        `“${nameOf(this.#path)}” is open in another window too: close it in one. ` +
          "What you write in one is not seen in the other.",
      );
    } else if (this.#openElsewhere) {
      this.#notifications.dismiss(this.#openElsewhere);
      this.#openElsewhere = undefined;
    }
  }

  /** Looks whether the file is still what this window has loaded or saved, and says so if it is not. */
  async look(): Promise<void> {
    const hash = await this.#foreignHash();
    if (!hash || this.#changed?.hash === hash) return;
    this.#forget();
    const unsaved = this.#hasUnsaved();
    if (unsaved) await this.#keepBoth(hash);
    const notification = this.#warn(
      `“${nameOf(this.#path)}” was saved elsewhere; here is an earlier state` +
        (unsaved ? ` that you have changed. Both are in ${this.#windows.history}.` : "."),
      { label: "Load what was saved", callback: () => this.#context.revert() },
    );
    this.#changed = { hash, notification };
  }

  /** Says goodbye where the whole window goes. */
  close(): void {
    this.#windows.sayLast(this.#path);
  }

  /** The hash of a file that this window has not seen; undefined where it has. */
  async #foreignHash(): Promise<string | undefined> {
    if (this.#saving || this.#context.isDisposed) return undefined;
    const file = await this.#windows.file(this.#path);
    const known = this.#context.contentsModel?.hash;
    // A save may have begun or ended meanwhile, whose hash is known when it is over.
    if (this.#saving || !file?.hash || !known || known === file.hash) return undefined;
    return file.hash;
  }

  /** Before JupyterLab asks which version to throw away, and before it throws this one away. */
  #keepBothVersions(): void {
    const context = this.#context;
    const [save, revert] = [context.save.bind(context), context.revert.bind(context)];
    context.save = async (...options) => {
      const hash = await this.#foreignHash();
      if (hash) await this.#keepBoth(hash);
      return await save(...options);
    };
    context.revert = async () => {
      if (this.#hasUnsaved()) await this.#windows.snapshot(context, "reload");
      await revert();
      this.#settle();
    };
  }

  async #keepBoth(hash: string): Promise<void> {
    const pair = hash + textOf(this.#context);
    if (this.#kept?.pair !== pair) this.#kept = { pair, whole: this.#keep() };
    await this.#kept.whole;
  }

  async #keep(): Promise<void> {
    await this.#windows.snapshot(this.#context, "window", "file");
    await this.#windows.snapshot(this.#context, "window");
  }

  #hasUnsaved(): boolean {
    return this.#context.model.dirty && textOf(this.#context) !== this.#written;
  }

  /** The window and the file agree. */
  #settle(written = textOf(this.#context)): void {
    this.#written = written;
    this.#forget();
  }

  #forget(): void {
    if (this.#changed) this.#notifications.dismiss(this.#changed.notification);
    this.#changed = undefined;
  }

  #leave(): void {
    this.#windows.say("closed", this.#path);
    this.#forget();
    if (this.#openElsewhere) this.#notifications.dismiss(this.#openElsewhere);
    this.#openElsewhere = undefined;
    this.#others.clear();
  }

  #warn(message: string, ...actions: { label: string; callback: () => void }[]): string {
    return this.#notifications.warning(message, { autoClose: false, actions });
  }
}

/** What people write in a notebook: its cells' kinds and texts. */
function textOf({ model }: Context): string {
  const { cells } = model.toJSON();
  return JSON.stringify(cells.map(({ cell_type, source }) => [cell_type, source]));
}

/** A notebook's name without its folders: JupyterLab cuts long messages off. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
