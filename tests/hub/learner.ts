/** What a learner does on a hub, in their browser. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { readNotebook } from "../../tools/notebooks.ts";
import type { Lab } from "../lab.ts";
import { exists, until } from "../kernel/processes.ts";
import { solvedWith } from "../marking/made_class/course.ts";
import type { Account } from "./account.ts";

/** Puts the solutions into a user's notebook, whose owner stays theirs. */
async function solve(lab: Lab, unit: string, notebook: string): Promise<void> {
  const path = join(lab.home, unit, notebook);
  const source = await readNotebook(join(root, "notebooks", "source", unit, notebook));
  await Deno.writeTextFile(path, JSON.stringify(solvedWith(await readNotebook(path), source)));
}

/** Asks a user's server as their JupyterLab does; gives the status and the text. */
export async function ask(
  { browser }: Lab,
  path: string,
  method = "GET",
  body: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const form = method === "GET" ? "undefined" : `new URLSearchParams(${JSON.stringify(body)})`;
  return await browser.evaluate(`(async () => {
    const { baseUrl, token } = jupyterapp.serviceManager.serverSettings;
    const answer = await fetch(new URL(${JSON.stringify(path)}, baseUrl), {
      method: "${method}",
      headers: { authorization: "token " + token },
      body: ${form},
    });
    return { status: answer.status, text: await answer.text() };
  })()`);
}

/** What nbgrader's list of assignments shows, and does for a learner. */
export async function assignment(
  lab: Lab,
  action: "" | "submit" | "fetch_feedback",
  unit: string,
): Promise<string> {
  const body = { course_id: "tessera", assignment_id: unit };
  const { status, text } = action
    ? await ask(lab, `assignments/${action}`, "POST", body)
    : await ask(lab, "assignments?course_id=tessera");
  assertEquals(status, 200, text);
  assertEquals(JSON.parse(text).success, true, text);
  return text;
}

export async function runsThrough(lab: Lab, unit: string, notebook: string): Promise<void> {
  await solve(lab, unit, notebook);
  await lab.openAnotherNotebook(`${unit}/${notebook}`);
  await lab.runAll(240);
  const errors = await lab.browser.evaluate(
    `panel.content.widgets.flatMap(({ model }) => model.type === "code" ? model.outputs.toJSON() : [])
      .filter(({ output_type }) => output_type === "error").map(({ evalue }) => evalue)`,
  );
  assertEquals(errors, [], lab.home);
  await lab.command("docmanager:save");
  await lab.until("panel.context.model.dirty === false");
}

/** A notebook of a user's own, with nothing in it. */
const trial = "trial.ipynb";
const emptyNotebook = JSON.stringify({
  cells: [],
  metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
  nbformat: 4,
  nbformat_minor: 5,
});

/** Stop ends an endless cell, and the kernel goes on with what it had. */
export async function stops(lab: Lab, account: Account): Promise<void> {
  await account.shell(`echo '${emptyNotebook}' > ~/tessera/${trial}`);
  await lab.openAnotherNotebook(trial);
  const add = (source: string) =>
    lab.browser.evaluate(`{
      const { sharedModel } = panel.content.model;
      sharedModel.addCell({ cell_type: "code", source: ${JSON.stringify(source)} });
      panel.content.activeCellIndex = panel.content.widgets.length - 1;
    }`);
  await add("const kept = 41; console.log('runs'); while (true);");
  await lab.command("notebook:run-cell");
  const lastOutput = `panel.content.activeCell.model.outputs.toJSON()`;
  await lab.until(`JSON.stringify(${lastOutput}).includes("runs")`);
  await lab.command("notebook:interrupt-kernel");
  await lab.untilIdle();
  await add("console.log(kept + 1)");
  await lab.command("notebook:run-cell");
  await lab.until(`JSON.stringify(${lastOutput}).includes("42")`);
}

/** A cell goes on while its page is closed; who comes back finds it running, and what it has said. */
export async function survivesClosing(lab: Lab): Promise<void> {
  const cell = `const comes = async (name: string) => {
  while (!await Deno.stat(name).then(() => true, () => false)) await new Promise((go) => setTimeout(go, 50));
};
await comes("closed.txt");
await Deno.writeTextFile("went on.txt", "yes");
await comes("returned.txt");
console.log("what it said");`;
  await lab.browser.evaluate(`{
    panel.content.model.sharedModel.addCell({ cell_type: "code", source: ${JSON.stringify(cell)} });
    panel.content.activeCellIndex = panel.content.widgets.length - 1;
  }`);
  await lab.command("docmanager:save");
  await lab.until("panel.context.model.dirty === false");
  await lab.command("notebook:run-cell");
  await lab.until(`panel.sessionContext.kernelDisplayStatus === "busy"`);
  await lab.closeTab();
  await Deno.writeTextFile(join(lab.home, "closed.txt"), "");
  assert(await until(() => exists(join(lab.home, "went on.txt")), 180), "with its page closed");
  await lab.openNotebook(trial, "busy");
  await Deno.writeTextFile(join(lab.home, "returned.txt"), "");
  await lab.until(`panel.content.widgets.some(({ model }) =>
    model.type === "code" && JSON.stringify(model.outputs.toJSON()).includes("what it said"))`);
}

/** TensorBoard's frame shows the training, by way of the user's server. Gives its address. */
export async function seesTensorBoard(lab: Lab): Promise<URL> {
  const frame = `document.querySelector("iframe[title=TensorBoard]")`;
  await lab.until(frame);
  const address = new URL(await lab.browser.evaluate(`${frame}.src`));
  assertMatch(address.pathname, /^\/user\/[^/]+\/proxy\/\d+\/[\w-]{20,}\/$/);
  await lab.until(`fetch("${address}data/runs").then((answer) => answer.json())
    .then((runs) => runs.some((run) => run.endsWith("/train")))`);
  await lab.browser.evaluate(`${frame}.scrollIntoView()`);
  await lab.until(`${frame}.contentDocument.body.innerText.includes("loss") ||
    ${frame}.contentDocument.querySelector("tb-webapp")`);
  return address;
}
