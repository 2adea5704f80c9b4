/** Cells that are typed in JupyterLab, and what is to be seen of each: that, and nothing else. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import type { Lab } from "../lab.ts";
import { above, type TypedCell } from "./learners_cells.ts";
import { Typist } from "./typist.ts";

const [first, typed, last] = [0, 1, 2];

/** Opens a notebook with the cell above, one to type in, and one below, and waits for the language server. */
export async function openForTyping(
  lab: Lab,
  hasServer = true,
  name = "unit1/typed.ipynb",
): Promise<Typist> {
  const cells = [above, "", ""].map((source, index) => ({
    ...{ cell_type: "code", id: `cell${index}`, metadata: {}, source },
    ...{ outputs: [], execution_count: null },
  }));
  const kernelspec = { name: "deno", display_name: "Deno", language: "typescript" };
  const notebook = { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
  await Deno.writeTextFile(join(lab.home, name), JSON.stringify(notebook));
  await lab.openNotebook(name);
  await lab.command("notebook:enter-edit-mode");
  const typist = new Typist(lab);
  if (hasServer) await untilConnected(lab);
  // What is typed before JupyterLab has told the server of the notebook starts nothing, so type on.
  for (let attempt = 0; hasServer && attempt < 30; attempt++) {
    await typist.goTo(typed);
    await typist.type(`${attempt}`);
    if (await typist.untilRead(last, "undeclared_name", 8).then(() => true, () => false)) break;
  }
  return typist;
}

/** Waits until JupyterLab has greeted the language server, and was answered. */
async function untilConnected(lab: Lab, seconds = 120): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const { sessions } = await lab.browser.evaluate(
      `fetch("/lsp/status").then((answer) => answer.json())`,
    );
    type Session = { handler_count: number; last_server_message_at: string | null };
    const all = Object.values(sessions as Record<string, Session>);
    if (all.some((each) => each.handler_count > 0 && each.last_server_message_at)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("JupyterLab does not find the language server");
}

let count = 0;

/** Types a cell and looks at all that comes of it. */
export async function typeAndLook(typist: Typist, each: TypedCell): Promise<void> {
  const { cell, wrong = [], hover, offers, signature } = each;
  const say = (what: unknown) => `${cell}\n→ ${JSON.stringify(what)}`;
  if (offers) {
    await typist.goTo(typed);
    await typist.type(cell.slice(0, cell.indexOf(offers.behind) + offers.behind.length));
    const names = await typist.offered();
    assertEquals(names.slice(0, offers.first.length), offers.first, say(names.slice(0, 20)));
    for (const not of offers.not ?? []) assert(!names.includes(not), say(not));
    await typist.press("Escape");
  }
  if (signature) {
    await typist.goTo(typed);
    await typist.type(cell.slice(0, cell.indexOf(signature[0]) + signature[0].length));
    await typist.lab.until(
      `document.querySelector(".lsp-signature-help")?.textContent.includes(${
        JSON.stringify(signature[1])
      })`,
      60,
    );
    await typist.press("Escape");
    const mode = await typist.lab.browser.evaluate("panel.content.mode");
    assertEquals(mode, "edit", "Escape closes the box alone, and letters are no commands");
  }
  await typist.goTo(typed);
  await typist.type(cell);
  // Nothing is lost of what was typed, and nothing was put in its place.
  assertEquals(await typist.textOf(typed), cell);
  await typist.untilRead(last, `undeclared_name_${++count}`);
  const wanted = wrong.map(([text]) => text.split("\n")[0]);
  const marks = await typist.underlinedInTime(typed, wanted);
  assertEquals(marks, wanted, say(marks));
  assertEquals(await typist.underlined(first), [], cell);
  if (hover) {
    const shown = await typist.pointAt(typed, hover[0]);
    assert(shown.includes(hover[1]), say(shown));
  }
}
