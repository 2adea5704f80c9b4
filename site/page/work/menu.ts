/** The File menu's commands for the learner's work: save all of it, open it again, where it is kept. */
import type { Apputils, MainMenu } from "../../../jupyterlab/lab.ts";
import { type Dialogs, showLines } from "../../../jupyterlab/show_lines.ts";
import type { HomeFiles } from "../home_files.ts";
import type { App } from "../jupyterlite.ts";
import { room } from "../room.ts";
import { type Opened, openWork } from "./open_work.ts";
import type { OwnFiles } from "./own_files.ts";
import { saveAll } from "./save_all.ts";
import { whereWorkIsKept } from "./where.ts";

const [saving, opening, where] = ["save-all", "open-work", "where"]
  .map((name) => `tessera:${name}`);
/** Whether the learner was told where the work is kept. */
const toldKey = "tessera:told-where";

interface Parts extends Dialogs {
  files: HomeFiles;
  own: OwnFiles;
}

/** Adds the commands, and tells once where work is kept. */
export function addWorkCommands(app: App, menu: MainMenu, parts: Parts): void {
  const { apputils, files, own } = parts;
  const { Notification } = apputils;
  const add = (id: string, label: string, caption: string, run: () => Promise<void>) =>
    app.commands.addCommand(id, {
      ...{ label, caption, isEnabled: () => true },
      execute: () => run().catch((error: Error) => showLines(parts, label, [error.message]).then()),
    });
  add(saving, "Save All Work…", "Puts notebooks, trainings and your own files into one ZIP.", save);
  add(opening, "Open Saved Work…", "Opens a ZIP of Save All Work; nothing is overwritten.", open);
  add(where, "Where My Work Is Kept", "Says what is kept where, and how safe it is.", tell);
  menu.fileMenu.addGroup([saving, opening, where].map((command) => ({ command })), 31);
  if (!localStorage.getItem(toldKey)) {
    app.restored.then(() => {
      localStorage.setItem(toldKey, "told");
      Notification.emit(
        "Your work is kept by this browser, on this machine alone. Save it as a ZIP now and then.",
        "info",
        { autoClose: 20_000, actions: [{ label: "More", callback: () => void tell() }] },
      );
    });
  }

  async function save(): Promise<void> {
    await app.commands.execute("docmanager:save-all");
    const { archive, name, files: count } = await noticed(
      "Putting your work into a ZIP …",
      () => saveAll(files, own),
    );
    download(archive, name);
    const size = archive.size < 1e5
      ? `${Math.ceil(archive.size / 1e3)} kB`
      : `${(archive.size / 1e6).toFixed(1)} MB`;
    Notification.emit(
      `${count} file${
        count === 1 ? "" : "s"
      } of yours, ${size}, are in ${name}, among the browser's ` +
        "downloads.",
      "success",
      { autoClose: 20_000 },
    );
  }

  async function open(): Promise<void> {
    await app.commands.execute("docmanager:save-all");
    const archive = await chooseFile(parts);
    if (!archive) return;
    let opened: Opened;
    try {
      opened = await noticed(
        `Opening ${archive.name} …`,
        () => openWork(archive, { files, own, room }),
      );
    } catch (error) {
      const { message } = error as Error;
      await showLines(parts, "Nothing was changed", [`${archive.name}: ${message}`]);
      return;
    }
    await showLines(parts, `Opened ${archive.name}`, linesOf(opened));
  }

  async function tell(): Promise<void> {
    await showLines(parts, "Where your work is kept", await whereWorkIsKept());
  }

  /** A notice as long as something takes. */
  async function noticed<T>(message: string, work: () => Promise<T>): Promise<T> {
    const notice = Notification.emit(message, "in-progress", { autoClose: false });
    try {
      return await work();
    } finally {
      Notification.dismiss(notice);
    }
  }
}

function download(archive: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(archive);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function chooseFile(
  { apputils: { Dialog, showDialog }, Widget }: { apputils: Apputils } & Pick<Dialogs, "Widget">,
): Promise<File | undefined> {
  const body = new Widget();
  const label = document.createElement("label");
  label.textContent = "A ZIP that Save All Work has made. Files that are here stay: of two that " +
    "differ both are kept. ";
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept: ".zip,application/zip" });
  label.append(input);
  body.node.append(label);
  const buttons = [
    Dialog.cancelButton({ label: "Cancel" }),
    Dialog.okButton({ label: "Open" }),
  ];
  const { button } = await showDialog({ title: "Open saved work", body, buttons });
  return button.accept ? input.files?.[0] : undefined;
}

function linesOf({ written, same, beside, savedAt }: Opened): string[] {
  const files = (count: number) => `${count} file${count === 1 ? "" : "s"}`;
  return [
    `Saved ${new Date(savedAt).toLocaleString()}.`,
    `${files(written.length)} written${
      same.length ? `, ${files(same.length)} the same as here` : ""
    }.`,
    ...beside.length
      ? ["", "These were here already, and differ. Both are kept, the ZIP's as:"]
      : [],
    ...beside.map(({ path, to }) => `${path} → ${to}`),
  ];
}
