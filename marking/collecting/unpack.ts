/** Puts an accepted hand-in where grading finds it. */
import { dirname, join } from "node:path";
import { exists, readTextIfThere } from "../../lib/platform/files.ts";
import { CommandError } from "../../tools/command.ts";
import { dateName } from "../../tools/learner/dated_copy.ts";
import { withTemporaryFolder } from "../../tools/temporary_folder.ts";
import { checksum, type Manifest } from "../handing_in/manifest.ts";
import { setPdf } from "../handing_in/pdf.ts";
import { gradingFolder, submittedFolder } from "../result.ts";
import { ArchiveError } from "./open_archive.ts";
import { isNotebook } from "./find_hand_ins.ts";
import type { Inspected } from "./inspect.ts";

export type Outcome = "new" | "unchanged" | "replaced" | "there" | "older";

/**
 * Unpacks a hand-in for each of its learners. One of other content that is there already stays, unless
 * `update` is set and it is not the newer one; then it goes to `grading/earlier`. A PDF that is missing is made.
 * Throws an `ArchiveError` where a file turns out to be damaged; nothing is changed then.
 */
export async function unpack(
  { found, owner, manifest, date, parts, remarks }: Inspected,
  unit: string,
  { learners, update }: { learners: readonly string[]; update: boolean },
): Promise<Outcome> {
  await Deno.mkdir(gradingFolder, { recursive: true });
  const collect = async (work: string): Promise<Outcome> => {
    const staged = join(work, "parts");
    await Deno.mkdir(staged);
    for (const part of parts) await part.writeTo(join(staged, part.path));
    const outcomes: Outcome[] = [];
    const targets = learners.map((learner) => submittedFolder(learner, unit));
    const isSame = await Promise.all(targets.map((target) => holdsAll(target, staged)));
    if (isSame.every(Boolean)) return "unchanged";
    const others = targets.filter((target, index) => exists(target) && !isSame[index]);
    if (others.some((target) => arrivalOf(target) > date)) return "older";
    if (others.length > 0 && !update) return "there";

    const changed = await changedSince(manifest, staged);
    if (changed.length > 0) {
      remarks.push(`changed after ./tessera hand-in had made it: ${changed.join(", ")}`);
    }
    const names = parts.map(({ path }) => path);
    if (!names.some((name) => /\.pdf$/i.test(name))) {
      const notebooks = names.filter(isNotebook).sort();
      try {
        const pdf = join(staged, `${owner!.id}.pdf`);
        const paths = notebooks.map((name) => join(staged, name));
        await setPdf(paths, pdf, { folder: staged, unit, owner: owner! });
        remarks.push("its PDF was made here");
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        remarks.push(error.message);
      }
    }
    await Deno.writeTextFile(join(staged, "timestamp.txt"), `${date.toISOString()}\n`);
    for (const [index, target] of targets.entries()) {
      if (isSame[index]) continue;
      const whole = join(work, `${index}`);
      await Deno.mkdir(whole);
      for (const { name } of Deno.readDirSync(staged)) {
        await Deno.copyFile(join(staged, name), join(whole, name));
      }
      await Deno.chmod(whole, 0o755);
      outcomes.push(await moveIn(whole, target, { learner: learners[index], unit }));
    }
    return outcomes.includes("replaced") ? "replaced" : "new";
  };
  try {
    return await withTemporaryFolder("collecting", collect, { inside: gradingFolder });
  } catch (error) {
    if (error instanceof ArchiveError) error.message = `${found.name}: ${error.message}`;
    throw error;
  }
}

/** When a hand-in that was collected came; long ago where that is not known. */
function arrivalOf(target: string): Date {
  const date = new Date(readTextIfThere(join(target, "timestamp.txt"))?.trim() ?? 0);
  return isNaN(date.getTime()) ? new Date(0) : date;
}

/** Files that are not as the manifest has them. */
async function changedSince(manifest: Manifest | undefined, staged: string): Promise<string[]> {
  const changed: string[] = [];
  for (const [name, entry] of Object.entries(manifest?.files ?? {})) {
    const file = join(staged, name);
    if (exists(file) && await checksum(file) !== entry?.sha256) changed.push(name);
  }
  return changed;
}

/** Whether a folder holds all files of another one, as they are there. */
async function holdsAll(target: string, staged: string): Promise<boolean> {
  for (const { name } of Deno.readDirSync(staged)) {
    const there = join(target, name);
    if (!exists(there) || await checksum(there) !== await checksum(join(staged, name))) {
      return false;
    }
  }
  return true;
}

async function moveIn(
  whole: string,
  target: string,
  { learner, unit }: { learner: string; unit: string },
): Promise<Outcome> {
  await Deno.mkdir(dirname(target), { recursive: true });
  if (!exists(target)) {
    await Deno.rename(whole, target);
    return "new";
  }
  const earlier = join(gradingFolder, "earlier", unit, learner, dateName(new Date()));
  await Deno.mkdir(dirname(earlier), { recursive: true });
  await Deno.rename(target, earlier);
  await Deno.rename(whole, target);
  return "replaced";
}
