/**
 * `./tessera class-report UNIT`: what became of a class, as a page and as CSV in `grading/reports/`: who handed
 * in, what failed and why, points, their distribution, where most stumbled, cells beside the tasks, and which
 * submissions are alike.
 */
import { join } from "node:path";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { CommandError, runCommand, shown } from "../tools/command.ts";
import { MadeFiles } from "../tools/made_files.ts";
import { alikeSubmissions } from "./alike.ts";
import { Book } from "./book.ts";
import { readClassList } from "./class_list.ts";
import { commandLine, theUnit } from "./handing_in/command_line.ts";
import { classResults } from "./report/class_results.ts";
import { type Alike, classCsv, classPage } from "./report/page.ts";
import { gradingFolder } from "./result.ts";

/** Writes both, and gives where they are. */
export async function writeClassReport(unit: string): Promise<{ page: string; csv: string }> {
  await using book = new Book();
  const [scores, alike] = await Promise.all([book.scores(unit), compared(unit)]);
  const results = await classResults(unit, { list: readClassList(), scores });
  const [page, csv] = ["html", "csv"].map((ending) =>
    join(gradingFolder, "reports", `${unit}.${ending}`)
  );
  await writeMade(page, await classPage(results, alike, new Date()));
  await writeMade(csv, classCsv(results));
  return { page, csv };
}

/** Writes a file of the class anew; what a person wrote into the one before is kept beside it. */
async function writeMade(path: string, text: string): Promise<void> {
  const made = new MadeFiles(gradingFolder, join(gradingFolder, ".made"));
  const kept = await made.makeRoom(path);
  if (kept) console.error(`${shown(path)} had been changed: kept as ${shown(kept)}`);
  await writeTextAtomically(path, text);
  await made.note(path);
}

async function compared(unit: string): Promise<Alike> {
  try {
    return { pairs: await alikeSubmissions(unit) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { problem: error.message };
  }
}

async function main(args: string[]): Promise<void> {
  const { words } = commandLine("class-report", args, {});
  const { page, csv } = await writeClassReport(theUnit("class-report", words));
  console.error(`${shown(page)}\n${shown(csv)}`);
}

if (import.meta.main) await runCommand(main);
