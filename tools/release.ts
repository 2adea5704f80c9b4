/**
 * `./tessera release [UNIT…]`: makes the learners' notebooks in `notebooks/exercises` from
 * `notebooks/source` with nbgrader: without solutions, hidden tests and outputs, checks locked. With
 * `--check` nothing is written; the files that are not as they would be made are listed. What somebody
 * has written there by hand is kept in `out/replaced`. `--to FOLDER` or `--to FILE.zip` makes the whole
 * course as learners get it there, in place of `notebooks/exercises`.
 */
import { rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  callerFolder,
  captured,
  CommandError,
  root,
  runCommand,
  shown,
  suggestion,
} from "./command.ts";
import { isWritable, writeFileAtomically } from "../lib/platform/files.ts";
import { exercisesFolder } from "./homes.ts";
import { handOut } from "./hand_out.ts";
import { dateName, nameBeside } from "./learner/dated_copy.ts";
import { bytesOf, filesIn, sameBytes } from "./learner/pattern.ts";
import { MadeFiles } from "./made_files.ts";
import { notebooksIn, readNotebook, sourceFolder, unitNames } from "./notebooks.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";

/** A file of the learners' folder that is not as the source would make it. */
export interface Difference {
  /** Path from the exercises' folder, for example `unit1/vision_transformer.ipynb`. */
  file: string;
  problem: "missing" | "changed" | "left over";
  /** Where it is kept, if it was written over or deleted and a person had made it. */
  kept?: string;
}

export interface ReleaseOptions {
  /** Folder of the authors' units. */
  source?: string;
  /** Folder of the learners' units. */
  target?: string;
  /** Folder for what persons have written in the learners' folder, and for notes of what was made. */
  out?: string;
  /** Writes and deletes files; otherwise differences are only reported. */
  write?: boolean;
}

/**
 * Generates units and returns in which files the learners' folder differed from them. The same source
 * gives the same bytes. Throws a `CommandError` with nbgrader's words where a notebook is not in
 * order, and then changes nothing.
 */
export async function release(
  units: readonly string[],
  {
    source = sourceFolder,
    target = exercisesFolder,
    out = join(root, "out"),
    write = true,
  }: ReleaseOptions = {},
): Promise<Difference[]> {
  for (const notebook of units.flatMap((unit) => notebooksIn(join(source, unit)))) {
    const { cells } = await readNotebook(notebook);
    // nbgrader would make up another one each time.
    const index = cells.findIndex((cell) => cell.id === undefined);
    if (index >= 0) throw new CommandError(`${shown(notebook)}: cell ${index + 1} has no id.`);
  }
  return await withTemporaryFolder("release", async (made) => {
    const { code, stderr } = await captured("python", [
      join(root, "tools", "release.py"),
      ...[join(root, "nbgrader_config.py"), source, made, ...units],
    ]);
    if (code !== 0) {
      const said = stderr.split("\n").filter((line) =>
        /^(?!Traceback|Please see|Removing)\S/.test(line)
      );
      throw new CommandError(`nbgrader cannot make the exercises:\n  ${said.join("\n  ")}`);
    }
    const differences = await compare(units, made, target);
    if (write) await replace(differences, { made, target, out });
    return differences;
  });
}

async function compare(
  units: readonly string[],
  made: string,
  target: string,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const unit of units) {
    const [fresh, present] = [made, target].map((folder) => filesIn(join(folder, unit)));
    for (const name of fresh) {
      const file = join(unit, name);
      if (!present.includes(name)) differences.push({ file, problem: "missing" });
      else if (!sameBytes(await bytesOf(join(made, file)), await bytesOf(join(target, file)))) {
        differences.push({ file, problem: "changed" });
      }
    }
    for (const name of present.filter((each) => !fresh.includes(each))) {
      differences.push({ file: join(unit, name), problem: "left over" });
    }
  }
  return differences;
}

/** Puts what was made in the place of what differs, and notes in the differences what was kept. */
async function replace(
  differences: Difference[],
  { made, target, out }: { made: string; target: string; out: string },
): Promise<void> {
  const released = new MadeFiles(target, join(out, "released"));
  const committed = await committedFiles(target);
  for (const difference of differences) {
    const { file, problem } = difference;
    const path = join(target, file);
    if (!committed.has(file)) {
      const copy = join(out, "replaced", file);
      const kept = await moveAside(path, copy) ?? await released.makeRoom(path, copy);
      if (kept) difference.kept = kept;
    }
    if (problem === "left over") {
      await Deno.remove(path).catch(() => {}); // a folder above it may have been moved
      await removeEmptied(dirname(path), target);
      continue;
    }
    await writeFileAtomically(path, [await Deno.readFile(join(made, file))]);
    await released.note(path);
  }
}

/** Removes a folder that nothing is left in, and those above it up to `target`. */
async function removeEmptied(folder: string, target: string): Promise<void> {
  try {
    for (; folder !== target; folder = dirname(folder)) await rmdir(folder);
  } catch {
    // Something is in it, or a file has come in its place.
  }
}

/**
 * Moves a link, or a folder in a file's place, beside `copy` under a name with the date. Gives that name;
 * undefined where there is neither.
 */
async function moveAside(path: string, copy: string): Promise<string | undefined> {
  const { isSymlink, isDirectory } = await Deno.lstat(path).catch(() => ({}) as Deno.FileInfo);
  if (!isSymlink && !isDirectory) return undefined;
  await Deno.mkdir(dirname(copy), { recursive: true });
  const date = dateName(new Date());
  let kept = nameBeside(copy, date);
  for (let count = 2; await Deno.lstat(kept).catch(() => undefined); count++) {
    kept = nameBeside(copy, date, count);
  }
  await Deno.rename(path, kept);
  return kept;
}

/** The files of a folder that are as git has them; none where there is no git. */
async function committedFiles(folder: string): Promise<Set<string>> {
  const list = async (...args: string[]) => {
    const git = new Deno.Command("git", { args: ["-C", folder, ...args], stderr: "null" });
    const { success, stdout } = await git.output();
    return success ? new TextDecoder().decode(stdout).split("\0") : [];
  };
  try {
    const changed = new Set(await list("diff", "--name-only", "--relative", "-z", "HEAD"));
    return new Set((await list("ls-files", "-z")).filter((file) => !changed.has(file)));
  } catch {
    return new Set();
  }
}

async function main(args: string[]): Promise<number> {
  if (args.some((arg) => /^--to(=|$)/.test(arg))) return await handOutTo(args);
  const check = args.includes("--check");
  const option = args.find((arg) => arg.startsWith("-") && arg !== "--check");
  if (option) {
    throw new CommandError(
      "release takes units, --check, which shows what would change, and --to FOLDER, which makes the " +
        `learners' copy of the course there, no "${option}".`,
      2,
    );
  }
  const names = args.filter((arg) => arg !== "--check").map((name) => name.replace(/\/+$/, ""));
  const known = unitNames();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) {
    throw new CommandError(
      `there is no unit "${unknown}".${suggestion(unknown, known)} The units are: ${
        known.join(", ")
      }.`,
      2,
    );
  }
  const units = names.length > 0 ? names : known;
  if (units.length === 0) throw new CommandError(`there are no units in ${shown(sourceFolder)}.`);
  if (!check && !isWritable(exercisesFolder)) {
    throw new CommandError(
      `${shown(exercisesFolder)} belongs to someone else and cannot be written.`,
    );
  }
  const differences = await release(units, { write: !check });
  for (const { file, problem, kept } of differences) {
    const path = shown(join(exercisesFolder, file));
    const copy = kept ? `; somebody had written it by hand, and that is in ${shown(kept)}` : "";
    console.error(`${path}: ${check ? problem : actions[problem]}${copy}`);
  }
  if (differences.length === 0) {
    console.error(`The exercises of ${units.join(", ")} are up to date.`);
  }
  if (!check || differences.length === 0) return 0;
  console.error("tessera: ./tessera release makes them anew from notebooks/source.");
  return 1;
}

/** `--to FOLDER|FILE.zip`: the whole course as learners get it. */
async function handOutTo(args: string[]): Promise<number> {
  const [option, separate, ...more] = args;
  const name = option.startsWith("--to=") ? option.slice("--to=".length) : separate;
  const rest = option.startsWith("--to=") ? args.slice(1) : more;
  if (!option.startsWith("--to") || !name || rest.length > 0) {
    throw new CommandError(
      "release --to takes a new folder or a new file.zip and nothing more: it hands out all units.",
      2,
    );
  }
  const target = resolve(callerFolder, name);
  const files = await handOut(
    target,
    (folder) =>
      withTemporaryFolder("solved", async (out) => {
        const made = await release(unitNames(), { target: folder, out });
        return made.map(({ file }) => file);
      }),
  );
  console.error(`${shown(target)}: the course as learners get it, ${files} files.`);
  return 0;
}

const actions = { missing: "written", changed: "rewritten", "left over": "deleted" };

if (import.meta.main) await runCommand(main);
