/**
 * `./tessera hand-in UNIT --as SURNAME-NUMBER | --group NAME`: makes the archive that a learner hands in, and
 * says what is missing in it as grading will say it. Notebooks that were not run are run, in copies.
 */
import { basename, join } from "node:path";
import { takenHints } from "../lib/exercises/engine/hint_ladder.ts";
import { exists, readTextIfThere, writeTextAtomically } from "../lib/platform/files.ts";
import { exitCodeOf } from "../lib/platform/signals.ts";
import { writeArchive } from "../tools/archive.ts";
import { CommandError, runCommand, shown } from "../tools/command.ts";
import { execute } from "../tools/execution.ts";
import { exercisesFolder, home, madeIn, useHome } from "../tools/homes.ts";
import { keepSnapshot, recordsFolder } from "../tools/learner/snapshots.ts";
import { type Notebook, notebooksIn, readNotebook } from "../tools/notebooks.ts";
import { withTemporaryFolder } from "../tools/temporary_folder.ts";
import { commandLine, theUnit } from "./handing_in/command_line.ts";
import { courseVersion } from "./handing_in/course_version.ts";
import { describeFiles, hintsIn, type Manifest, manifestName } from "./handing_in/manifest.ts";
import {
  foreignOutputs,
  howMuchIsMissing,
  isWholeRun,
  lineOf,
  missingIn,
  pointsInWords,
} from "./handing_in/missing.ts";
import { type Owner, ownerFrom, reportName } from "./handing_in/owner.ts";
import { setPdf } from "./handing_in/pdf.ts";
import { wantsWeights, weightsName } from "./handing_in/wanted_weights.ts";
import { ownWeights } from "./handing_in/weights.ts";

export interface HandIn {
  unit: string;
  owner: Owner;
  /** The PDF's name without its ending; the owner's where none is wanted. */
  report?: string;
  /** Runs the notebooks anew, even where they were run. */
  run?: boolean;
}

export interface Made {
  archive: string;
  /** What is missing, a line or more each; nothing where all is there. */
  missing: string[];
  /** Sums of the points of checks, in words. */
  points: string;
}

/** Makes the archive in the home's `out/hand-in`, and gives where it is and what is missing in it. */
export async function makeHandIn(
  folder: string,
  { unit, owner, report = owner.id, run = false }: HandIn,
): Promise<Made> {
  return await withTemporaryFolder("hand-in", async (work) => {
    const missing: string[] = [];
    const executed: { path: string; notebook: Notebook; handedOut: Notebook }[] = [];
    for (const given of notebooksIn(join(exercisesFolder, unit))) {
      const handedOut = await readNotebook(given);
      const own = join(folder, unit, basename(given));
      if (!exists(own)) {
        missing.push(`${basename(own)} is missing: ./tessera home puts it there anew.`);
        continue;
      }
      await keepSnapshot(own, "hand-in");
      const path = join(work, basename(own));
      const notebook = await runWhereNeeded(own, path, run, missing);
      const foreign = foreignOutputs(notebook);
      if (foreign) missing.push(`${basename(own)}: ${foreign}`);
      missing.push(...missingIn(notebook, handedOut).map((each) => lineOf(own, each)));
      executed.push({ path, notebook, handedOut });
    }
    if (executed.length === 0) {
      throw new CommandError(`there is no notebook of ${unit} in ${shown(join(folder, unit))}.`);
    }
    const files = executed.map(({ path }) => path);
    const pdf = join(work, `${report}.pdf`);
    try {
      await setPdf(files, pdf, { folder: join(folder, unit), unit, owner });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      missing.push(error.message);
    }
    const weights = wantsWeights(executed.map(({ handedOut }) => handedOut))
      ? await ownWeights(folder, unit)
      : undefined;
    if (weights) await Deno.copyFile(weights, join(work, weightsName));
    const all = [
      ...files,
      ...exists(pdf) ? [pdf] : [],
      ...weights ? [join(work, weightsName)] : [],
    ];
    const manifest: Manifest = {
      ...{ format: 1, unit, owner: owner.id, madeAt: new Date().toISOString() },
      ...owner.kind === "group" ? { group: owner.id } : {},
      course: await courseVersion(),
      notebooks: files.map((path) => basename(path)),
      ...exists(pdf) ? { pdf: basename(pdf) } : {},
      files: await describeFiles(all),
      hints: hintsIn(takenHints(), executed.map(({ notebook }) => notebook)),
      missing,
    };
    const archive = join(folder, "out", "hand-in", unit, `${owner.id}.zip`);
    const made = madeIn(folder);
    const kept = await made.makeRoom(archive);
    if (kept) console.error(`  the one before had been changed: kept as ${shown(kept)}`);
    await writeArchive(archive, [
      ...all.map((file) => ({ name: basename(file), content: { file } })),
      { name: manifestName, content: `${JSON.stringify(manifest, null, 2)}\n` },
    ]);
    await made.note(archive);
    return { archive, missing, points: pointsInWords(executed) };
  });
}

/** Copies a notebook that was run, and runs a copy of one that was not. */
async function runWhereNeeded(
  own: string,
  copy: string,
  always: boolean,
  missing: string[],
): Promise<Notebook> {
  const notebook = await readNotebook(own);
  if (isWholeRun(notebook) && !always) {
    await Deno.copyFile(own, copy);
    return notebook;
  }
  console.error(`${shown(own)}: ${always ? "running it" : "not all of it was run: running it"} …`);
  const { failure, endedBy, refused, unwritten } = await execute(own, copy, {
    ...{ name: basename(own), goOn: true },
  });
  if (endedBy) throw new CommandError("stopped: nothing is made.", exitCodeOf(endedBy));
  if (refused) throw new CommandError(refused);
  if (unwritten || !exists(copy)) {
    throw new CommandError([unwritten, failure?.message].filter((each) => each).join("; "));
  }
  const executed = await readNotebook(copy);
  if (!isWholeRun(executed)) {
    missing.push(
      `${basename(own)} did not run to its end: ${failure?.message ?? "no reason known."}`,
    );
  }
  return executed;
}

/** Who handed in last from this home: the next hand-in is theirs too, where nobody else is named. */
const ownerFile = (folder: string) => join(recordsFolder(folder), "hand-in.json");

function lastOwner(folder: string): { as?: string; group?: string } {
  try {
    return JSON.parse(readTextIfThere(ownerFile(folder)) ?? "{}");
  } catch {
    return {}; // a spoilt file: it is asked for again
  }
}

async function main(args: string[]): Promise<number> {
  const { options, words } = commandLine("hand-in", args, {
    as: "SURNAME-NUMBER",
    group: "NAME",
    report: "NAME",
    run: undefined,
  });
  const unit = theUnit("hand-in", words);
  const folder = home();
  useHome();
  const named = options.as !== undefined || options.group !== undefined;
  const { as, group } = named ? options : lastOwner(folder);
  if (as === undefined && group === undefined) {
    throw new CommandError(
      "say whose it is: --as SURNAME-NUMBER, such as --as Noether-1234567, or --group 7.",
      2,
    );
  }
  const owner = ownerFrom({ as, group });
  const report = options.report === undefined ? undefined : reportName(options.report);
  await writeTextAtomically(ownerFile(folder), JSON.stringify({ as, group }));
  const { archive, missing, points } = await makeHandIn(folder, {
    ...{ unit, owner, report, run: options.run !== undefined },
  });
  for (const line of missing) console.error(`– ${line}`);
  console.error(howMuchIsMissing(missing));
  console.error(points);
  console.error(`To hand in, as ${owner.title}: ${shown(archive)}`);
  return 0;
}

if (import.meta.main) await runCommand(main);
