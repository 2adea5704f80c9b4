/**
 * `./tessera update [UNIT|FILE…] [--dry-run]`: brings the home up to the installation's course. What a
 * learner wrote is carried into the new notebooks; the old ones stay beside them under their date.
 */
import { join, relative, resolve } from "node:path";
import { callerFolder, CommandError, root, runCommand, shown, suggestion } from "./command.ts";
import { exercisesFolder, findHome, home as findOrMakeHome } from "./homes.ts";
import type { Counts, Notice } from "./learner/merge_notebook.ts";
import { openNotebooks } from "./learner/open_notebooks.ts";
import { filesIn, handedOutFolder } from "./learner/pattern.ts";
import { applyUpdate, type FileUpdate, oldVersionOf, planUpdate } from "./learner/update_plan.ts";
import { unitNames } from "./notebooks.ts";

/** The course's files that a user means by a unit's name or a file's path. */
function filesOf(name: string, home: string): string[] {
  const known = [...new Set([...filesIn(exercisesFolder), ...filesIn(handedOutFolder(home))])];
  const inUnit = known.filter((file) => file.startsWith(`${name.replace(/\/+$/, "")}/`));
  if (inUnit.length > 0) return inUnit;
  for (const path of [resolve(callerFolder, name), resolve(home, name)]) {
    const file = relative(home, path);
    const found = known.filter((each) =>
      each === file || each === `${file}.ipynb` || each.startsWith(`${file}/`)
    );
    if (found.length > 0) return found;
  }
  const stem = known.find((file) => file.split("/").at(-1)!.replace(/\.\w+$/, "") === name);
  if (stem) return [stem];
  throw new CommandError(
    `the course has no unit or file "${name}".${suggestion(name, [...unitNames(), ...known])}`,
    2,
  );
}

/** What is said of a file, in one line and those of its notices; nothing where there is nothing to do. */
export function describe(update: FileUpdate, home: string, old: string | undefined): string[] {
  const { what, notices, counts, reason } = update;
  const name = shown(join(home, update.file));
  const beside = old ? `; as it was: ${shown(old)}` : "";
  const lines: Record<FileUpdate["what"], string | undefined> = {
    added: `${name} is new`,
    replaced: `${name} is the course's new one; you had not changed it`,
    merged: `${name} is new${inNumbers(counts)}${beside}`,
    kept: notices.length > 0 ? `${name} stays as it is` : undefined,
    missing: `${name} has changed, but you have removed or renamed yours; ` +
      `./tessera update ${update.file} brings the new one`,
    withdrawn: `${name} is no longer part of the course; it stays`,
    damaged: `${name} stays as it is, because it cannot be read: ${reason}. ` +
      `./tessera history ${update.file} lists earlier versions`,
    open: `${name} is open in JupyterLab: save and close it, then update again`,
    same: undefined,
  };
  const line = lines[what];
  return line === undefined ? [] : [line, ...notices.flatMap(explain).map((text) => `  ${text}`)];
}

function inNumbers(counts: Counts | undefined): string {
  if (!counts) return "";
  const { answers, own, changed, added, dropped } = counts;
  const parts = [
    [answers, "with your text"],
    [own, "of your own"],
    [changed, "mended"],
    [added, "added"],
    [dropped, "dropped"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`);
  return said.length > 0 ? ` (cells: ${said.join(", ")})` : "";
}

function explain({ what, cell, title, text }: Notice): string[] {
  const place = cell === undefined ? `“${title}”` : `cell ${cell} of the old one, “${title}”`;
  const lines: Record<Notice["what"], string> = {
    conflict: `look at ${place}: the course changed lines that you changed too. Yours stand` +
      (text ? "; the course's are" : ""),
    replaced: `not carried over: ${place}. It is the course's; your change is in the old one only`,
    unclear: `not carried over: ${place}. It is not known whether you changed it; ` +
      "it is in the old one only",
    removed: `${place}: the course has dropped this; your text stays as a cell of your own`,
    returned: `${place}: you had deleted this, and it is back`,
    order: `${place}: you had moved this; it stands in the course's order again`,
  };
  return [
    lines[what] + (text ? ":" : "."),
    ...(text?.split("\n").map((line) => `    ${line}`) ?? []),
  ];
}

async function main(args: string[]): Promise<number> {
  const dryRun = args.includes("--dry-run");
  const names = args.filter((arg) => arg !== "--dry-run");
  const unknown = names.find((arg) => arg.startsWith("-"));
  if (unknown) throw new CommandError(`update takes units and --dry-run, no "${unknown}".`, 2);
  const isNew = findHome() === undefined;
  if (isNew && dryRun) throw new CommandError("there is no home yet, so nothing to update.", 2);
  const home = findOrMakeHome();
  if (filesIn(exercisesFolder).length === 0) {
    throw new CommandError(`there is no course in ${shown(exercisesFolder)}.`);
  }
  const files = names.length > 0
    ? [...new Set(names.flatMap((name) => filesOf(name, home)))]
    : undefined;
  const open = await openNotebooks(home);
  const updates = await planUpdate({ home, pattern: exercisesFolder, files, open });

  const now = new Date();
  const said: string[] = [];
  let left = 0; // what was not done
  for (const update of updates) {
    const planned = update.what === "merged" ? oldVersionOf(home, update, now) : undefined;
    const { old, changedMeanwhile } = dryRun
      ? { old: planned }
      : await applyUpdate(home, update, now);
    const lines = changedMeanwhile
      ? [`${shown(join(home, update.file))} was saved just now, and stays: update again`]
      : describe(update, home, old);
    if (changedMeanwhile || ["damaged", "open"].includes(update.what)) left++;
    for (const line of lines) console.log(line);
    said.push(...lines);
  }
  if (said.length === 0) console.log(`${shown(home)} is up to date with the course in ${root}.`);
  else if (dryRun) console.log("Nothing was written (--dry-run).");
  else await keepReport(home, said, now);
  return left > 0 && !dryRun ? 1 : 0;
}

/** What an update said can be read again later. */
async function keepReport(home: string, lines: string[], now: Date): Promise<void> {
  const folder = join(home, "out");
  await Deno.mkdir(folder, { recursive: true });
  const text = [`Update of ${now.toLocaleString("sv")}`, ...lines, "", ""].join("\n");
  await Deno.writeTextFile(join(folder, "updates.txt"), text, { append: true });
  console.log(`This list is kept in ${shown(join(folder, "updates.txt"))}.`);
}

if (import.meta.main) await runCommand(main);
