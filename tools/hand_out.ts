/**
 * What learners get of the course: all that they need, and nothing that solves it. Exercises are made
 * anew from the source, so that what was written into them by hand is not handed out.
 */
import { basename, dirname, join, relative } from "node:path";
import { writeArchive } from "./archive.ts";
import { CommandError, root, shown } from "./command.ts";
import { exists } from "../lib/platform/files.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";

/** Files and folders of the installation that learners get. */
const handedOut = [
  ...["tessera", "deno.json", "deno.lock", "import_map.json", ".gitignore", ".vscode"],
  ...[
    "requirements.txt",
    "requirements-gpu.txt",
    "requirements-fusion.txt",
    "requirements-hub.txt",
    "README.md",
    "docs",
    "checkpoints",
    "recipes",
  ],
  ...["lib", "language", "playground", "python", "jupyterlab", "tools", "marking", "hub"],
];

/** What in them is for those who write, test and grade the course. */
const kept = [
  /^docs\/(grading|apart|authoring|checks|testing|performance|gradients|learners|reading|hub)\.md$/,
  /^tools\/(release|mutants|mutation|hand_out|programs|specs|faults|bundle|site|tfjs_specs|gradient_table|test\w*|results)\b/,
  /^tools\/kernel\.ts$/,
  /^marking\/(?!hand_in\.ts$|handing_in\/)/,
  /(^|\/)(__pycache__|node_modules|\.ipynb_checkpoints|[^/]+\.egg-info)\//,
  /^checkpoints\/[^/]+\/(last\.safetensors|training\.lock)$/,
];

/** Commands whose programs are kept. */
const keptCommands = [
  ...["test", "release", "specs", "kernel", "bench", "mutants", "faults", "bundle", "site"],
  ...["collect", "grade", "regrade", "answers", "class-report", "alike", "give-back"],
];

/** Makes the exercises in an empty folder, and gives the paths of their files from there. */
export type MakeExercises = (folder: string) => Promise<readonly string[]>;

/**
 * Makes the learners' copy of the course at `target`, a folder, or an archive where its name ends with
 * `.zip`. Gives the number of its files. Throws a `CommandError` where something is there already.
 */
export async function handOut(target: string, makeExercises: MakeExercises): Promise<number> {
  if (!isFree(target)) {
    throw new CommandError(
      `${shown(target)} is there already: choose another name, or delete it first.`,
    );
  }
  if (target.endsWith(".zip")) {
    return await withTemporaryFolder("hand-out", async (folder) => {
      const files = await copyCourse(folder, makeExercises);
      const top = basename(target, ".zip");
      const parts = files.map((file) => ({
        name: `${top}/${file}`,
        content: { file: join(folder, file) },
      }));
      await writeArchive(target, parts);
      return files.length;
    });
  }
  try {
    return (await copyCourse(target, makeExercises)).length;
  } catch (error) {
    await Deno.remove(target, { recursive: true }).catch(() => {}); // a half one
    throw error;
  }
}

/** Whether nothing lies there but, maybe, an empty folder. */
function isFree(target: string): boolean {
  if (!exists(target)) return true;
  return Deno.statSync(target).isDirectory && [...Deno.readDirSync(target)].length === 0;
}

async function copyCourse(folder: string, makeExercises: MakeExercises): Promise<string[]> {
  const files = (await filesOfCourse()).filter((file) => !kept.some((each) => each.test(file)));
  for (const file of files) {
    const copy = join(folder, file);
    await Deno.mkdir(dirname(copy), { recursive: true });
    if (file === "README.md") await Deno.writeTextFile(copy, await learnersReadme());
    else if (file === "tools/help.txt") {
      await Deno.writeTextFile(copy, learnersHelp(await Deno.readTextFile(join(root, file))));
    } else await Deno.copyFile(join(root, file), copy); // with its mode
  }
  const exercises = join("notebooks", "exercises");
  const made = await makeExercises(join(folder, exercises));
  return [...files, ...made.map((file) => join(exercises, file))];
}

/** The installation's files by path: those that git knows, where it is a clone. */
async function filesOfCourse(): Promise<string[]> {
  const known = await filesOfGit();
  const found: string[] = [];
  const visit = (path: string): void => {
    const { isDirectory, isFile } = Deno.statSync(path);
    if (isDirectory) { for (const { name } of Deno.readDirSync(path)) visit(join(path, name)); }
    else if (isFile) found.push(relative(root, path));
  };
  handedOut.map((path) => join(root, path)).filter(exists).forEach(visit);
  return found.filter((file) => !known || known.has(file)).sort();
}

async function filesOfGit(): Promise<Set<string> | undefined> {
  if (!exists(join(root, ".git"))) return undefined;
  try {
    const git = new Deno.Command("git", { args: ["-C", root, "ls-files", "-z"], stderr: "null" });
    const { success, stdout } = await git.output();
    return success ? new Set(new TextDecoder().decode(stdout).split("\0")) : undefined;
  } catch {
    return undefined; // no git
  }
}

/** The page for learners, as the README at the top of their copy. */
async function learnersReadme(): Promise<string> {
  const text = await Deno.readTextFile(join(root, "docs", "learners.md"));
  return text.replace(/\]\((?=[\w-]+\.(md|png)\))/g, "](docs/");
}

/** The help without the commands that are not handed out, whose lines of explanation go with them. */
function learnersHelp(text: string): string {
  const isKept = new RegExp(
    `^ {2}\\./tessera (${keptCommands.join("|")})\\b[^\\n]*\\n( {10,}[^\\n]*\\n)*`,
    "gm",
  );
  return text.replace(isKept, "");
}
