/** Lines in a dialog of JupyterLab's. */
import type { Apputils, WidgetClass } from "./lab.ts";

/** What JupyterLab makes dialogs of. */
export interface Dialogs {
  apputils: Apputils;
  Widget: WidgetClass;
}

/** Shows lines; gives whether the button that goes on was pressed. Without `label` there is none. */
export async function showLines(
  { apputils: { Dialog, showDialog }, Widget }: Dialogs,
  title: string,
  lines: readonly string[],
  label?: string,
): Promise<boolean> {
  const body = new Widget();
  const text = document.createElement("pre");
  text.className = "tessera-hand-in";
  text.textContent = lines.join("\n");
  body.node.append(text);
  const buttons = label
    ? [Dialog.cancelButton({ label: "Close" }), Dialog.okButton({ label })]
    : [Dialog.okButton({ label: "Close" })];
  const { button } = await showDialog({ title, body, buttons });
  return label !== undefined && button.accept;
}
