/**
 * `./tessera release [UNIT…]`: makes the learners' notebooks in `notebooks/exercises` from
 * `notebooks/source` with nbgrader: without solutions, hidden tests and outputs, checks locked. With
 * `--check` nothing is written; the files that are not as they would be made are listed.
 */
import { dirname, join, relative } from "node:path";
import { captured, CommandError, root, runCommand, shown, suggestion } from "./command.ts";
import { isWritable } from "../lib/platform/files.ts";
import { exercisesFolder } from "./homes.ts";
import { notebooksIn, readNotebook, sourceFolder, unitNames } from "./notebooks.ts";

/** A file of the learners' folder that is not as the source would make it. */
export interface Difference {
  /** Path from the exercises' folder, for example `unit1/vision_transformer.ipynb`. */
  file: string;
  problem: "missing" | "changed" | "left over";
}

export interface ReleaseOptions {
  /** Folder of the authors' units. */
  source?: string;
  /** Folder of the learners' units. */
  target?: string;
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
  { source = sourceFolder, target = exercisesFolder, write = true }: ReleaseOptions = {},
): Promise<Difference[]> {
  for (const notebook of units.flatMap((unit) => notebooksIn(join(source, unit)))) {
    const { cells } = await readNotebook(notebook);
    // nbgrader would make up another one each time.
    const index = cells.findIndex((cell) => cell.id === undefined);
    if (index >= 0) throw new CommandError(`${shown(notebook)}: cell ${index + 1} has no id.`);
  }
  const made = await Deno.makeTempDir({ prefix: "tessera-release-" });
  try {
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
    const differences: Difference[] = [];
    for (const unit of units) {
      const [fresh, present] = [filesIn(join(made, unit)), filesIn(join(target, unit))];
      for (const file of fresh) {
        const bytes = await Deno.readFile(join(made, unit, file));
        const path = join(target, unit, file);
        const problem = !present.includes(file)
          ? "missing"
          : equal(bytes, await Deno.readFile(path))
          ? undefined
          : "changed";
        if (!problem) continue;
        differences.push({ file: join(unit, file), problem });
        if (!write) continue;
        await Deno.mkdir(dirname(path), { recursive: true });
        await Deno.writeFile(path, bytes);
      }
      for (const file of present.filter((name) => !fresh.includes(name))) {
        differences.push({ file: join(unit, file), problem: "left over" });
        if (write) await Deno.remove(join(target, unit, file));
      }
    }
    return differences;
  } finally {
    await Deno.remove(made, { recursive: true });
  }
}

/** All files below a folder, as paths from it; hidden ones, such as Jupyter's copies, are not ours. */
function filesIn(folder: string): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    for (const entry of Deno.readDirSync(path)) {
      if (entry.name.startsWith(".")) continue;
      const inner = join(path, entry.name);
      if (entry.isDirectory) visit(inner);
      else found.push(relative(folder, inner));
    }
  };
  try {
    visit(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

async function main(args: string[]): Promise<number> {
  const check = args.includes("--check");
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
  for (const { file, problem } of differences) {
    const path = shown(join(exercisesFolder, file));
    console.error(check ? `${path}: ${problem}` : `${path}: ${actions[problem]}`);
  }
  if (differences.length === 0) {
    console.error(`The exercises of ${units.join(", ")} are up to date.`);
  }
  if (!check || differences.length === 0) return 0;
  console.error("tessera: ./tessera release makes them anew from notebooks/source.");
  return 1;
}

const actions = { missing: "written", changed: "rewritten", "left over": "deleted" };

if (import.meta.main) await runCommand(main);
