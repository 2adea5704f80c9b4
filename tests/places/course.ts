/** A course with a home in which every place has a person's file, and a way to call each command in it. */
import { join, relative } from "node:path";
import { root } from "../../tools/command.ts";
import { type Installation, makeInstallation } from "./installation.ts";

/** A way to call each command that does its work, or shows that it starts, within seconds. */
export const trials: Record<string, string[][]> = {
  lab: [["--version"]],
  home: [["../ada"]],
  update: [[]],
  run: [["mine"]], // which takes a snapshot
  history: [["mine"], ["mine", "--restore", "1"]],
  test: [["places_trial"]],
  check: [["mine"]],
  pdf: [["mine"]],
  "hand-in": [["unit0", "--as", "Noether-1234567"]],
  collect: [["out/hand-in/unit0", "--unit", "unit0"]],
  grade: [["unit0", "--quick", "--unsafe"]],
  regrade: [["unit0", "--quick", "--unsafe"], ["unit0", "--discard"]],
  answers: [["--help"]], // a server, which tests of its own hold
  "class-report": [["unit0"]],
  "give-back": [["unit0", "--open"]],
  release: [["unit0"], ["--to", "mine/course.zip"]],
  train: [["mnist-vit", "--quick"]],
  data: [[], ["mnist"]],
  playground: [[], ["--output", "mine/page.html"]],
  site: [["--help"]], // it fetches JupyterLite; tests of its own make one
  docs: [[]],
  tensorboard: [["--version_tb"]],
  doctor: [["--report"]],
  uninstall: [[]], // which asks at a terminal
  bundle: [["--help"]],
  specs: [["data", "TextLineDataset"]],
  kernel: [["--sequences", "1"]], // whose verdict tests of its own hold
  bench: [["--help"]],
  mutants: [["checkMomentum", "--seed", "1", "--count", "1"]],
  faults: [["--help"]], // an hour of all the others
};

/** A person's notebook, with a text in which one sees that it is one. */
const notebook = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
  cells: [
    { cell_type: "code", id: "own", source: "1 + 1", metadata: {}, outputs: [] },
  ].map((cell) => ({ ...cell, execution_count: null })),
});

/** Files that a person put or changed in each place, by path from the home or the installation. */
export const persons: Record<"home" | "installation", Record<string, string>> = {
  home: {
    "unit0/note.md": "a note",
    "unit1/helper.ts": "export const mine = 1;",
    "mine/mine.ipynb": notebook,
    "mine/page.html": "a page of mine",
    "runs/mine/notes.txt": "what I tried",
    "out/mine/mine.ipynb": "what I wrote into an executed copy",
    "out/mine/mine.pdf": "a PDF with my remarks",
    "out/playground.html": "a page that I changed",
    "out/docs/index.html": "a page of my own",
    "out/quick/mnist-vit/notes.txt": "what I saw",
    "data/pictures/train/cat/1.jpg": "my cat",
    "data/list.txt": "my list",
    ".jupyter/config/custom/custom.css": "body { color: green }",
    ".kernels/mine.txt": "not a kernel",
    ".tessera/note.txt": "mine",
    ".vscode/settings.json": '{ "mine": true }',
  },
  installation: {
    "notebooks/exercises/unit0/solved.ipynb": notebook,
    "notebooks/exercises/unit0/first_steps.ipynb": notebook,
    "notebooks/source/unit0/note.txt": "an author's note",
    "checkpoints/mine/best.safetensors": "weights",
    "data/mine.txt": "a list",
    "out/mine.txt": "a draft",
    "grading/submitted/Euler-1/unit0/first_steps.ipynb": notebook,
    "docs/mine.md": "a draft",
  },
};

/** The texts of all files below a folder that are files of its own, by path. */
export async function textsIn(folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    for await (const { name, isDirectory, isFile } of Deno.readDir(path)) {
      const inner = join(path, name);
      if (isDirectory) await visit(inner);
      else if (isFile) {
        const bytes = await Deno.readFile(inner);
        texts.set(relative(folder, inner), new TextDecoder("latin1").decode(bytes));
      }
    }
  };
  await visit(folder);
  return texts;
}

/** A place's paths as they lie in one of the two folders; a folder ends with a slash. */
export const lies = (path: string, { paths }: { paths: readonly string[] }) =>
  paths.some((each) => each.endsWith("/") ? path.startsWith(each) : path === each);

export async function makeCourse(): Promise<{ course: Installation; home: string }> {
  const course = await makeInstallation([
    ...["notebooks", "docs", "bench", "nbgrader_config.py", "README.md"],
    ...["checkpoints/mnist-vit", "requirements.txt"],
  ]);
  const home = join(course.homes, "ada");
  await course.tessera("home", ["ada"], { from: course.homes });
  for (const [where, folder] of [["home", home], ["installation", course.folder]] as const) {
    for (const [path, text] of Object.entries(persons[where])) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
  }
  await Deno.mkdir(join(course.folder, "tests"), { recursive: true });
  for (const folder of ["tfjs_specs", "kernel", "exercises", "faults", "places", "tensor"]) {
    await Deno.symlink(join(root, "tests", folder), join(course.folder, "tests", folder));
  }
  await Deno.writeTextFile(
    join(course.folder, "tests", "places_trial_test.ts"),
    'Deno.test("nothing", () => {});\n',
  );
  return { course, home };
}

/** Where the machine keeps its data sets, so that nothing is fetched anew for a test. */
export function dataFolder(): Record<string, string> {
  const folder = Deno.env.get("TESSERA_DATA") ?? join(root, "data");
  return { TESSERA_DATA: folder };
}
