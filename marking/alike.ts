/** Compares the submissions of a unit, without what was handed out. */
import { join } from "node:path";
import { basename } from "node:path";
import { CommandError, lastingCommand, program, root } from "../tools/command.ts";
import { exercisesFolder } from "../tools/homes.ts";
import { type Notebook, notebooksIn, readNotebook, textOf } from "../tools/notebooks.ts";
import { taskOf } from "./handing_in/missing.ts";
import { manifestName, readManifest } from "./handing_in/manifest.ts";
import { learnersOf, submittedFolder } from "./result.ts";
import { readTextIfThere } from "../lib/platform/files.ts";
import type { AlikePair, Request } from "./similarity/main.ts";

export type { AlikePair };

/** The pairs of submissions that are most alike, ten at most. */
export async function alikeSubmissions(unit: string): Promise<AlikePair[]> {
  const submissions: Request["submissions"] = [];
  const groups = new Set<string>();
  for (const learner of learnersOf(unit)) {
    const folder = submittedFolder(learner, unit);
    const { group } = readManifest(readTextIfThere(join(folder, manifestName)) ?? "") ?? {};
    if (group !== undefined && groups.has(group)) continue; // the same submission once more
    if (group !== undefined) groups.add(group);
    submissions.push({ id: group ?? learner, ...await textsIn(folder) });
  }
  if (submissions.length < 2) return [];
  const handedOut = await textsIn(join(exercisesFolder, unit));
  return await compare({ submissions, handedOut, pairs: 10 });
}

/** What was written in a folder's notebooks: code beside the checks, and text that is no task's question. */
async function textsIn(folder: string): Promise<{ code: string; answers: string }> {
  const texts = { code: [] as string[], answers: [] as string[] };
  const paths = notebooksIn(folder).filter((path) => !basename(path).startsWith("."));
  for (const path of paths) {
    const notebook = await readNotebook(path).catch(() => undefined) as Notebook | undefined;
    for (const cell of notebook?.cells ?? []) {
      const task = cell?.metadata && taskOf(cell);
      if (task && task.grade && !task.solution) continue; // a check
      const text = cell?.source === undefined ? "" : textOf(cell);
      (cell?.cell_type === "code" ? texts.code : texts.answers).push(text);
    }
  }
  return { code: texts.code.join("\n\n"), answers: texts.answers.join("\n\n") };
}

async function compare(request: Request): Promise<AlikePair[]> {
  const folder = join(root, "marking", "similarity");
  const child = lastingCommand(program("deno"), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--frozen", "--allow-env", "--allow-read"],
      ...["--config", join(folder, "deno.json"), join(folder, "main.ts")],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(request))).catch(() => {});
  await writer.close().catch(() => {}); // its error stream says why it has ended
  const { success, stdout, stderr } = await child.output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  const said = new TextDecoder().decode(stderr).trim().split("\n")[0];
  throw new CommandError(`submissions could not be compared: ${said}`);
}
