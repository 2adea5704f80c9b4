/** File → Hand In This Unit…: asks whose it is, has it made, and says what is missing. */
import type { Application, MainMenu, NotebookTracker } from "./lab.ts";
import { type Dialogs, showLines } from "./show_lines.ts";

/** Who makes the archive: the server, or the page itself where there is none. */
export interface HandInMaker {
  /** What it does before that may take a while, as a sentence; empty where there is nothing. */
  readonly before: string;
  /** The unit that a notebook belongs to, and who handed in last. */
  handInOf(path: string): Promise<{ unit: string; last: string }>;
  /** Makes the hand-in of a notebook's unit; gives what was said, and the archive where there is one. */
  makeHandIn(
    path: string,
    owner: string,
  ): Promise<{ code: number; lines: string[]; archive: string | null }>;
}

const command = "tessera:hand-in";

/** Adds the command and its entry in the File menu. */
export function addHandIn(
  application: Application,
  tracker: NotebookTracker,
  menu: MainMenu,
  { maker, ...dialogs }: { maker: HandInMaker } & Dialogs,
): void {
  const { apputils } = dialogs;
  application.commands.addCommand(command, {
    label: "Hand In This Unit…",
    caption: "Makes the archive that you hand in, and says what is missing in it.",
    isEnabled: () => tracker.currentWidget !== null,
    execute: async () => {
      const path = tracker.currentWidget?.context.path;
      if (path === undefined) return;
      try {
        await handIn(path);
      } catch (error) {
        await showLines(dialogs, "Not handed in", [(error as Error).message]);
      }
    },
  });
  menu.fileMenu.addGroup([{ command }], 30);

  async function handIn(path: string): Promise<void> {
    const { unit, last } = await maker.handInOf(path);
    const { value: owner } = await apputils.InputDialog.getText({
      title: `Hand in ${unit}`,
      label: "Your surname and number, such as Noether-1234567, or your group, such as group 7",
      text: last,
      okLabel: "Make the archive",
    });
    if (!owner?.trim()) return;
    await application.commands.execute("docmanager:save-all");
    const notice = apputils.Notification.emit(
      `Making the hand-in of ${unit}. ${maker.before}`.trim(),
      "in-progress",
      { autoClose: false },
    );
    try {
      const { code, lines, archive } = await maker.makeHandIn(path, owner.trim());
      apputils.Notification.dismiss(notice);
      const label = archive ? "Download" : undefined;
      const title = code === 0 ? `Hand-in of ${unit}` : "Not handed in";
      const isWanted = await showLines(dialogs, title, lines, label);
      if (archive && isWanted) await download(archive);
    } finally {
      apputils.Notification.dismiss(notice);
    }
  }

  /** The browser's own download of a file. */
  async function download(path: string): Promise<void> {
    const link = document.createElement("a");
    link.href = await application.serviceManager.contents.getDownloadUrl(path);
    link.download = path.slice(path.lastIndexOf("/") + 1);
    link.click();
  }
}
