/**
 * What was left in a clone when everything was kept in one folder: notebooks that a learner has changed in
 * `notebooks/exercises`, trainings, pictures, JupyterLab's settings. It is copied into the home; the old
 * copies stay where they are.
 */
import { dirname, join } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { root } from "./command.ts";
import { handedOutFolder, oldWorkFolder } from "./learner/pattern.ts";

/** Something found, where it belongs in a home, and the line that says so. */
interface Found {
  from: string;
  to: string;
  line: string;
}

const places = [
  ["runs", "runs", "your trainings"],
  ["data/pictures", "data/pictures", "your pictures"],
  [".jupyter/config", ".jupyter/config", "JupyterLab's settings"],
  [".jupyter/data", ".jupyter/data", "what JupyterLab has kept"],
];

/** What there is from before in this clone. */
export function foundFromBefore(): Found[] {
  const found: Found[] = changedExercises().map((file) => ({
    from: join("notebooks/exercises", file),
    to: file,
    line: `notebooks/exercises/${file} is changed: it was copied as it is.`,
  }));
  for (const [from, to, what] of places) {
    if (!holdsFiles(join(root, from))) continue;
    found.push({ from, to, line: `${from} (${what}) was copied too; the old one may be deleted.` });
  }
  return found;
}

/** Copies what was found into a home. */
export function keepFromBefore(found: readonly Found[], home: string): void {
  for (const { from, to } of found) {
    copyMissing(join(root, from), join(home, to));
    if (from.startsWith("notebooks/exercises/")) noteOldWork(from, to, home);
  }
}

/** What was handed out was the version that git has, and the one in its place is a learner's. */
function noteOldWork(from: string, to: string, home: string): void {
  copyMissing(join(root, from), join(oldWorkFolder(home), to));
  const handedOut = join(handedOutFolder(home), to);
  Deno.removeSync(handedOut);
  const { success, stdout } = new Deno.Command("git", {
    args: ["-C", root, "show", `HEAD:./${from}`],
    stderr: "null",
  }).outputSync();
  if (success) Deno.writeFileSync(handedOut, stdout);
}

/** Copies a file, or a folder with all that is in it; what is there already stays. */
export function copyMissing(from: string, to: string): void {
  const { isDirectory, isFile } = Deno.statSync(from);
  if (isFile && !isTaken(to)) {
    Deno.mkdirSync(dirname(to), { recursive: true });
    Deno.copyFileSync(from, to);
    Deno.chmodSync(to, 0o644); // the installation's may be read-only
  }
  if (!isDirectory) return;
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) {
    if (name !== ".ipynb_checkpoints") copyMissing(join(from, name), join(to, name));
  }
}

/** Whether there is something under this name, were it a link to nothing. */
function isTaken(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** Files of `notebooks/exercises` that git knows otherwise or not at all, as paths from there. */
function changedExercises(): string[] {
  const folder = "notebooks/exercises/";
  try {
    const { success, stdout } = new Deno.Command("git", {
      args: ["-C", root, "status", "--porcelain", "-z", "--untracked-files=all", "--", folder],
      stderr: "null",
    }).outputSync();
    if (!success) return [];
    return new TextDecoder().decode(stdout).split("\0")
      .map((line) => line.slice(3)).filter((path) => path.startsWith(folder))
      .map((path) => path.slice(folder.length)).filter((file) =>
        exists(join(root, folder, file)) && !file.includes(".ipynb_checkpoints/")
      );
  } catch {
    return []; // no git: all was copied anyway
  }
}

function holdsFiles(folder: string): boolean {
  if (!exists(folder)) return false;
  return [...Deno.readDirSync(folder)].some(({ name, isDirectory }) =>
    isDirectory ? holdsFiles(join(folder, name)) : name !== "migrated"
  );
}
