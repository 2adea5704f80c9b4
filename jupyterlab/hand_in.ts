/** File → Hand In This Unit…: asks whose it is, has it made, and says what is missing. */
import type { Application, Apputils, MainMenu, NotebookTracker, WidgetClass } from "./lab.ts";
import type { Server } from "./server.ts";

const command = "tessera:hand-in";

/** Adds the command and its entry in the File menu. */
export function addHandIn(
  application: Application,
  tracker: NotebookTracker,
  menu: MainMenu,
  { server, apputils, Widget }: { server: Server; apputils: Apputils; Widget: WidgetClass },
): void {
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
        await say("Not handed in", [(error as Error).message]);
      }
    },
  });
  menu.fileMenu.addGroup([{ command }], 30);

  async function handIn(path: string): Promise<void> {
    const { unit, last } = await server.handInOf(path);
    const { value: owner } = await apputils.InputDialog.getText({
      title: `Hand in ${unit}`,
      label: "Your surname and number, such as Noether-1234567, or your group, such as group 7",
      text: last,
      okLabel: "Make the archive",
    });
    if (!owner?.trim()) return;
    await application.commands.execute("docmanager:save-all");
    const notice = apputils.Notification.emit(
      `Making the hand-in of ${unit}. What was not run is run first, which may take a while.`,
      "in-progress",
      { autoClose: false },
    );
    try {
      const { code, lines, archive } = await server.makeHandIn(path, owner.trim());
      apputils.Notification.dismiss(notice);
      const label = archive ? "Download" : undefined;
      const title = code === 0 ? `Hand-in of ${unit}` : "Not handed in";
      const isWanted = await say(title, lines, label);
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

  /** Shows lines; gives whether the button that goes on was pressed. */
  async function say(title: string, lines: readonly string[], label?: string): Promise<boolean> {
    const body = new Widget();
    const text = document.createElement("pre");
    text.className = "tessera-hand-in";
    text.textContent = lines.join("\n");
    body.node.append(text);
    const { Dialog } = apputils;
    const buttons = label
      ? [Dialog.cancelButton({ label: "Close" }), Dialog.okButton({ label })]
      : [Dialog.okButton({ label: "Close" })];
    const { button } = await apputils.showDialog({ title, body, buttons });
    return label !== undefined && button.accept;
  }
}
