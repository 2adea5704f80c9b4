/** Every command writes where `tools/places.json` says and nowhere else, and keeps what persons wrote. */
import { assert, assertEquals } from "@std/assert";
import { join, relative } from "node:path";
import { commands, places, placesFile, placesPage } from "../../tools/places.ts";
import { root } from "../../tools/command.ts";
import { type Installation, makeInstallation } from "./installation.ts";

/** A way to call each command that does its work, or shows that it starts, within seconds. */
const trials: Record<string, string[][]> = {
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
  regrade: [["unit0", "--discard"]],
  answers: [["--help"]], // a server, which tests of its own hold
  "class-report": [["unit0"]],
  "give-back": [["--help"]], // it needs a class, which tests of its own make
  release: [["unit0"], ["--to", "mine/course.zip"]],
  train: [["mnist-vit", "--quick"]],
  data: [[], ["mnist"]],
  playground: [[], ["--output", "mine/page.html"]],
  tensorboard: [["--version_tb"]],
  doctor: [["--report"]],
  bundle: [["--help"]],
  specs: [["data", "TextLineDataset"]],
  kernel: [["--sequences", "1"]], // whose verdict tests of its own hold
  bench: [["--help"]],
  mutants: [["checkMomentum", "--seed", "1", "--count", "1"]],
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
const persons: Record<"home" | "installation", Record<string, string>> = {
  home: {
    "unit0/note.md": "a note",
    "unit1/helper.ts": "export const mine = 1;",
    "mine/mine.ipynb": notebook,
    "mine/page.html": "a page of mine",
    "runs/mine/notes.txt": "what I tried",
    "out/mine/mine.ipynb": "what I wrote into an executed copy",
    "out/mine/mine.pdf": "a PDF with my remarks",
    "out/playground.html": "a page that I changed",
    "out/quick/mnist-vit/notes.txt": "what I saw",
    "data/pictures/train/cat/1.jpg": "my cat",
    "data/list.txt": "my list",
    ".jupyter/config/custom/custom.css": "body { color: green }",
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
async function textsIn(folder: string): Promise<Map<string, string>> {
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
const lies = (path: string, { paths }: { paths: readonly string[] }) =>
  paths.some((each) => each.endsWith("/") ? path.startsWith(each) : path === each);

/** Paths that a command wrote although none of its places has them. */
function strays(command: string, where: "home" | "installation", written: string[]): string[] {
  const allowed = commands[command].writes.map((name) => places[name]);
  // A notebook is a person's, wherever it lies in the home.
  const notebooks = commands[command].writes.includes("notebooks");
  const here = commands[command].writes.includes("here");
  return written.filter((path) =>
    !allowed.some((place) => place.in === where && lies(path, place)) &&
    !(where === "home" && (notebooks || here) && !/^(runs|out|data|\.\w+)\//.test(path))
  );
}

async function makeCourse(): Promise<{ course: Installation; home: string }> {
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
  for (const folder of ["tfjs_specs", "kernel"]) {
    await Deno.symlink(join(root, "tests", folder), join(course.folder, "tests", folder));
  }
  await Deno.writeTextFile(
    join(course.folder, "tests", "places_trial_test.ts"),
    'Deno.test("nothing", () => {});\n',
  );
  return { course, home };
}

Deno.test("places.json has the commands that ./tessera has and its help tells of", async () => {
  const known = Object.keys(commands).sort();
  const script = await Deno.readTextFile(join(root, "tessera"));
  assertEquals(/^commands='(.*)'$/m.exec(script)![1].split(" ").sort(), known);
  const help = await Deno.readTextFile(join(root, "tools", "help.txt"));
  const told = [...help.matchAll(/^ {2}\.\/tessera (\w[\w-]*)/gm)].map(([, name]) => name);
  assertEquals([...new Set(told)].sort(), known);
  const unknown = Object.values(commands).flatMap(({ writes }) => writes)
    .filter((place) => !(place in places));
  assertEquals(unknown, []);
  assertEquals(Object.keys(trials).sort(), known, "a command has no trial");
});

Deno.test("docs/places.md is made from places.json", async () => {
  const plain = (text: string) => text.replace(/[ \n]+/g, " ").replace(/-+/g, "-");
  assertEquals(plain(await Deno.readTextFile(placesFile)), plain(placesPage()));
});

Deno.test("every place where a command writes has a person's file in it", () => {
  for (const [name, { in: where, paths }] of Object.entries(places)) {
    if (where === "elsewhere" || name === "environment") continue;
    const covered = Object.keys(persons[where]).some((path) => lies(path, { paths }));
    assert(covered, `nobody's file lies in ${name}`);
  }
});

Deno.test("no command loses a person's file, and each writes only where places.json says", async () => {
  const { course, home } = await makeCourse();
  const folders = { home, installation: course.folder };
  const env = { TESSERA_QUICK: "1", ...dataFolder() };
  try {
    for (const [command, calls] of Object.entries(trials)) {
      for (const args of calls) {
        const before = {
          home: await textsIn(home),
          installation: await textsIn(course.folder),
        };
        const { code, said } = await course.tessera(command, args, { from: home, env });
        if (command !== "kernel") assertEquals(code, 0, `${command} ${args.join(" ")}: ${said}`);
        for (const where of ["home", "installation"] as const) {
          const after = await textsIn(folders[where]);
          const written = [...after].filter(([path, text]) => before[where].get(path) !== text)
            .map(([path]) => path);
          assertEquals(strays(command, where, written), [], `${command} ${args.join(" ")} wrote`);
          const kept = new Set(after.values());
          for (const [path, text] of Object.entries(persons[where])) {
            assert(kept.has(text), `${command} ${args.join(" ")} lost ${path}\n${said}`);
          }
        }
      }
    }
  } finally {
    await course[Symbol.asyncDispose]();
  }
});

/** Where the machine keeps its data sets, so that nothing is fetched anew for a test. */
function dataFolder(): Record<string, string> {
  const folder = Deno.env.get("TESSERA_DATA") ?? join(root, "data");
  return { TESSERA_DATA: folder };
}
