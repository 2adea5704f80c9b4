/** Homes: how they are made, what is never touched in them, and what a clone had before. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../tools/command.ts";
import { notebooksIn, unitNames } from "../../tools/notebooks.ts";
import { makeInstallation } from "./installation.ts";

const read = (...parts: string[]) => Deno.readTextFile(join(...parts));
const write = async (text: string, ...parts: string[]) => {
  await Deno.mkdir(join(...parts.slice(0, -1)), { recursive: true });
  await Deno.writeTextFile(join(...parts), text);
};
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("tessera home makes a folder with all units, its own ./tessera and a closed .jupyter", async () => {
  await using course = await makeInstallation();
  const { folder, homes, tessera } = course;
  const home = join(homes, "Ada's home, 100 %");
  const { code, said } = await tessera("home", ["Ada's home, 100 %"], { from: homes });
  assertEquals(code, 0, said);
  assertStringIncludes(said, "Ada's home, 100 % is your home now");
  assertEquals(names(home), [
    ...[".jupyter", ".tessera", ".vscode", "deno.json", "tessera"],
    ...unitNames(),
  ]);
  const pattern = join(folder, "notebooks", "exercises");
  for (const path of notebooksIn(pattern)) {
    assertEquals(await read(path.replace(pattern, home)), await read(path));
  }
  // Nobody else of the machine may look in.
  for (const closed of [home, join(home, ".jupyter")]) {
    assertEquals((await Deno.stat(closed)).mode! & 0o777, 0o700);
  }
  const { importMap, lock, imports } = JSON.parse(await read(home, "deno.json"));
  assertEquals(importMap, pathToFileURL(join(folder, "import_map.json")).href);
  assertEquals([lock, imports], [false, undefined]);
  // Its own command passes everything on, from wherever it is called.
  const command = new Deno.Command(join(home, "tessera"), { args: ["help"], cwd: "/" });
  assertStringIncludes(new TextDecoder().decode((await command.output()).stdout), "tessera home");

  const told = await tessera("home", [], { from: join(home, "unit1") });
  assertEquals(told.said, `Your home is ${home}; the installation is ${folder}.\n`);
});

Deno.test("a program in a home imports tessera, and its homePath is the home's", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  await tessera("home", ["ada"], { from: homes });
  const unit = join(homes, "ada", "unit1");
  await write(
    'import { homePath, projectPath } from "tessera";\n' +
      'console.log(homePath("runs"), projectPath("checkpoints"));\n',
    ...[unit, "own.ts"],
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "own.ts"],
    cwd: unit,
  }).output();
  const [printed, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(printed, `../runs ${join(folder, "checkpoints")}\n`, complaint);
  assertEquals(names(join(homes, "ada")).includes("deno.lock"), false);
});

Deno.test("tessera home again adds what is missing and changes nothing that a person wrote", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  const home = join(homes, "ada");
  await tessera("home", ["ada"], { from: homes });
  await Deno.remove(join(home, "unit3"), { recursive: true });
  const notebook = notebooksIn(join(home, "unit1"))[0];
  await write("a learner's", notebook);
  await write("a note", home, "unit1", "note.md");
  await write("#!/bin/sh\necho mine\n", home, "tessera");
  const editor = { mine: true, "deno.path": "/elsewhere/.venv/bin/deno" };
  await write(JSON.stringify(editor), home, ".vscode", "settings.json");
  const settings = (await read(home, "deno.json")).replace("{", "{ // mine");
  await write(settings.replace(/file:[^"]*/, "/elsewhere/import_map.json"), home, "deno.json");

  const { code, said } = await tessera("home", ["ada"], { from: homes });
  assertEquals(code, 0, said);
  assertStringIncludes(said, "ada is a home of this installation; unit3 came in addition.");
  assertEquals(await read(notebook), "a learner's");
  assertEquals(await read(home, "unit1", "note.md"), "a note");
  assertEquals(await read(home, "tessera"), "#!/bin/sh\necho mine\n");
  assertEquals(
    JSON.parse(await read(home, ".vscode", "settings.json")),
    { mine: true, "deno.path": join(folder, ".venv/bin/deno") },
    "the editor's settings follow the installation",
  );
  assertEquals(await read(home, "deno.json"), settings, "the installation has moved");
  assert(notebooksIn(join(home, "unit3")).length > 0);
  assertMatch(settings, new RegExp(pathToFileURL(folder).href));
});

Deno.test("a home's command stays as a person has made it: changed, a link or a folder", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  for (const name of ["changed", "linked", "folder"]) {
    await tessera("home", [name], { from: homes });
  }
  const commandOf = (name: string) => join(homes, name, "tessera");
  const made = await read(commandOf("linked"));
  await write(made.replace("export", "cd unit1 # mine\nexport"), commandOf("changed"));
  const [other, inside] = [join(homes, "other command"), join(commandOf("folder"), "note.md")];
  await write(made, other);
  for (const each of ["linked", "folder"]) await Deno.remove(commandOf(each));
  await Deno.symlink(other, commandOf("linked"));
  await Deno.mkdir(commandOf("folder"));
  await write("a note", inside);

  const moved = `${folder} moved`;
  await Deno.rename(folder, moved);
  for (const name of ["changed", "linked", "folder"]) {
    const { code, said } = await tessera("home", [name], { from: homes, installation: moved });
    assertEquals(code, 0, said);
  }
  const changed = await read(commandOf("changed"));
  assertStringIncludes(changed, "cd unit1 # mine");
  assertStringIncludes(changed, `installation='${moved}'`);
  assertEquals([await read(other), await read(inside)], [made, "a note"]);
});

Deno.test("~ is a person's own folder also where no shell has seen it", async () => {
  await using course = await makeInstallation();
  const { homes, tessera } = course;
  const env = { HOME: homes };
  const { said } = await tessera("home", ["~/ada"], { from: homes, env });
  assertStringIncludes(said, "ada is your home now");
  assertEquals(names(homes).includes("~"), false);
});

Deno.test("tessera home refuses the installation's folders and another project's", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  const inside = await tessera("home", ["notebooks"], { from: folder });
  assertEquals(inside.code, 2);
  assertStringIncludes(
    inside.said,
    "notebooks belongs to the installation, where the only home is",
  );
  await write('{ "imports": {} }', homes, "other", "deno.json");
  const other = await tessera("home", ["other"], { from: homes });
  assertEquals(other.code, 2);
  assertStringIncludes(other.said, "other has a deno.json of another project");
  assertEquals(names(join(homes, "other")), ["deno.json"]);
  await write("a file", homes, "file");
  const file = await tessera("home", ["file"], { from: homes });
  assertEquals(file.code, 1);
  assertMatch(file.said, /^tessera: file cannot be a home: .*\n$/);
});

Deno.test("tessera home refuses the installation by another path, what holds it, and a home's folders", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  await tessera("home", ["ada"], { from: homes });
  await Deno.symlink(folder, join(homes, "link"));
  await Deno.symlink(join(homes, "gone"), join(homes, "nowhere"));
  for (
    const [name, words] of [
      ["nowhere", `nowhere is a link to ${join(homes, "gone")}, which is not there`],
      ["link/mine", "link/mine belongs to the installation"],
      ["..", ".. holds the installation"],
      ["/", "/ holds the installation"],
      ["ada/unit1", `ada/unit1 lies in the home ${join(homes, "ada")}`],
    ]
  ) {
    const { code, said } = await tessera("home", [name], { from: homes });
    assertEquals(code, 2, name);
    assertStringIncludes(said, words);
  }
  assertEquals(names(folder).includes("mine"), false);
  assertEquals(names(join(homes, "ada", "unit1")).includes("deno.json"), false);
});

Deno.test("a home follows an installation that was moved or copied, and says so", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  const env = { TESSERA_DATA: homes };
  const moved = `${folder} moved`;
  await tessera("home", ["ada"], { from: homes });
  await tessera("home", ["work"], { from: folder });
  await Deno.remove(join(homes, "ada", "unit3"), { recursive: true });
  await Deno.rename(folder, moved);
  for (const home of [join(homes, "ada"), join(moved, "work")]) {
    const options = { from: home, env, installation: moved };
    const { code, said } = await tessera("update", ["unit0"], options);
    assertEquals(code, 0, said);
    assertStringIncludes(said, `${home} was a home of ${folder}, and is one of ${moved} now.`);
    const { importMap } = JSON.parse(await read(home, "deno.json"));
    assertEquals(importMap, pathToFileURL(join(moved, "import_map.json")).href);
    assertStringIncludes(await read(home, ".vscode", "settings.json"), `${moved}/.venv`);
    assertStringIncludes(await read(home, "tessera"), `'${moved}'`);
    assertEquals((await tessera("update", ["unit0"], options)).said.includes("was a home"), false);
  }
  assertEquals(names(join(homes, "ada")).includes("unit3"), false, "removed by the learner");

  // Where the other installation is still there, only a clone's own folder follows.
  for (const path of [join(homes, "ada"), join(moved, "work")]) {
    const text = await read(path, "deno.json");
    const other = text.replace(pathToFileURL(moved).href, pathToFileURL(root).href);
    await write(other, path, "deno.json");
    await tessera("update", ["unit0"], { from: path, env, installation: moved });
    assertEquals(await read(path, "deno.json") === other, path === join(homes, "ada"));
  }
});

Deno.test("a clone in somebody's home has its own work", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  const around = join(folder, "..");
  const settings = { importMap: pathToFileURL(join(root, "import_map.json")).href };
  await write(JSON.stringify(settings), around, "deno.json"); // of another installation
  const { said } = await tessera("home", [], { from: join(folder, "notebooks") });
  assertStringIncludes(said, "There is no home yet");
  assertEquals((await tessera("home", ["work"], { from: folder })).code, 0);
  const told = await tessera("home", [], { from: homes });
  assertStringIncludes(told.said, `Your home is ${around};`);
});

Deno.test("PDFs of notebooks that lie in no home do not take each other's names", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  await tessera("home", ["work"], { from: folder });
  const notebook = JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] });
  for (const name of ["ada", "bob"]) await write(notebook, homes, name, "x.ipynb");
  const { code, said } = await tessera("pdf", ["."], { from: homes });
  assertEquals(code, 0, said);
  for (const name of ["ada", "bob"]) {
    const pdf = join(folder, "work", "out", "elsewhere", homes, name, "x.pdf");
    assert((await Deno.stat(pdf)).isFile);
  }
});

Deno.test("a home's command says so where the installation has gone", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  await tessera("home", ["ada"], { from: homes });
  await Deno.rename(folder, `${folder} of last year`);
  const { code, stderr } = await new Deno.Command(join(homes, "ada", "tessera")).output();
  assertEquals(code, 1);
  assertEquals(
    new TextDecoder().decode(stderr),
    `tessera: the installation is not in ${folder} any more. ` +
      "Where it is now, ./tessera home with this folder mends that.\n",
  );
});

Deno.test("a home names the installation by the link that it was made through", async () => {
  await using course = await makeInstallation();
  const { homes, tessera, folder } = course;
  const link = join(homes, "course");
  await Deno.symlink(folder, link);
  await tessera("home", ["ada"], { from: homes, installation: link });
  const home = join(homes, "ada");
  const { importMap } = JSON.parse(await read(home, "deno.json"));
  assertEquals(importMap, pathToFileURL(join(link, "import_map.json")).href);
  assertStringIncludes(await read(home, "tessera"), `installation='${link}'\n`);
  // The command may be a link itself, as one on the search path.
  const own = join(homes, "tessera");
  await Deno.symlink(join(link, "tessera"), own);
  const { stdout } = await new Deno.Command(own, { args: ["help"] }).output();
  assertStringIncludes(new TextDecoder().decode(stdout), "tessera home");
});

Deno.test("work, a clone's home, takes along what the old layout had, and says so", async () => {
  await using course = await makeInstallation();
  const { folder, tessera } = course;
  const git = async (...args: string[]) => {
    const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@localhost"];
    const command = new Deno.Command("git", { args: ["-C", folder, ...identity, ...args] });
    const { success, stderr } = await command.output();
    assert(success, new TextDecoder().decode(stderr));
  };
  await git("init", "--quiet");
  await git("add", "notebooks");
  await git("commit", "--quiet", "--message", "The course");
  const old = join(folder, "notebooks", "exercises");
  const notebook = notebooksIn(join(old, "unit1"))[0].slice(old.length + 1);
  const handedOut = await read(old, notebook);
  await write(handedOut.replace("Your code here", "My code"), old, notebook);
  await write("a note", old, "unit1", "note.md");
  await write("weights", folder, "runs", "unit1", "best.safetensors");
  await write("a picture", folder, "data", "pictures", "train", "cat", "1.jpg");
  await write("{}", folder, ".jupyter", "config", "lab", "user-settings", "theme.json");
  await write("pid", folder, ".jupyter", "runtime", "kernel.json");

  const { code, said } = await tessera("home", ["work"], { from: folder });
  assertEquals(code, 0, said);
  const work = join(folder, "work");
  assertStringIncludes(await read(work, notebook), "My code");
  assertEquals(await read(work, "unit1", "note.md"), "a note");
  assertEquals(await read(work, "runs", "unit1", "best.safetensors"), "weights");
  assertEquals(await read(work, "data", "pictures", "train", "cat", "1.jpg"), "a picture");
  assertEquals(await read(work, ".jupyter", "config", "lab", "user-settings", "theme.json"), "{}");
  assertEquals(names(join(work, ".jupyter")), ["config"], "no running kernels");
  for (
    const found of [`notebooks/exercises/${notebook}`, "unit1/note.md", "runs", "data/pictures"]
  ) {
    assertStringIncludes(said, found);
  }
  assertEquals(said.trim().split("\n").length, 6, said);
  // The old files stay.
  assertStringIncludes(await read(old, notebook), "My code");
  assertEquals(await read(folder, "runs", "unit1", "best.safetensors"), "weights");
  // Asked again there is nothing to tell.
  const again = await tessera("home", ["work"], { from: folder });
  assertEquals(again.said, "work is a home of this installation.\n");
});

Deno.test("a unit's name means the home's notebook for run too where there are no solutions", async () => {
  await using course = await makeInstallation();
  const { homes, tessera } = course;
  await tessera("home", ["ada"], { from: homes });
  const from = join(homes, "ada");
  const { code, said } = await tessera("run", ["unit0"], { from });
  assertEquals(code, 1);
  assertStringIncludes(said, `[1/1] ${join("unit0", "first_steps.ipynb")} …`);
  assertStringIncludes(said, "standardize is not written yet");
  assert(names(join(from, "out", "unit0")).includes("first_steps.ipynb"));
  const wrong = await tessera("run", ["unit99"], { from });
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.said, `The units are: ${unitNames().join(", ")}.`);
});

Deno.test("git ignores what lies at the top, and no folder of that name deeper", async () => {
  const ignored = async (path: string) => {
    const args = ["-C", root, "check-ignore", "--quiet", "--no-index", path];
    return (await new Deno.Command("git", { args }).output()).code === 0;
  };
  for (const name of ["data", "grading", "out", "runs", "work"]) {
    assert(await ignored(`${name}/a.ts`), name);
    assert(!await ignored(`lib/${name}/a.ts`), `lib/${name}`);
  }
});

/** Whether a program can be run here by somebody who may not write a folder of this user. */
async function canTryReadOnly(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  if (Deno.uid() !== 0) return true;
  const test = ["sh", "-c", 'test -x "$0" && test -r "$1"', Deno.execPath(), `${root}/lib/mod.ts`];
  const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", ...test];
  const command = new Deno.Command("setpriv", { args: nobody });
  return await command.output().then(({ success }) => success, () => false);
}

Deno.test({
  name: "a home that cannot be written, or whose .jupyter is no folder, is named in words",
  ignore: !await canTryReadOnly(),
  fn: async () => {
    const parent = await Deno.makeTempDir({ prefix: "read-only home " });
    try {
      await Deno.chmod(parent, 0o755);
      const home = join(parent, "home");
      await Deno.mkdir(home);
      await write("", home, ".jupyter");
      const program = `const { environmentOf } = await import("${root}/tools/homes.ts");
        try { environmentOf(${
        JSON.stringify(home)
      }); } catch (error) { console.log(error.message); }`;
      const nobody = Deno.uid() === 0
        ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        : [];
      const ask = async () => {
        const [first, ...args] = [
          ...[...nobody, Deno.execPath(), "eval", "--quiet", "--no-check", "--cached-only"],
          ...[`--config=${root}/deno.json`, program],
        ];
        const { stdout, stderr } = await new Deno.Command(first, {
          args,
          env: { TESSERA_CALLER: parent, DENO_DIR: join(root, ".deno"), HOME: parent },
        }).output();
        return new TextDecoder().decode(stdout) || new TextDecoder().decode(stderr);
      };
      await Deno.chmod(home, 0o777);
      assertMatch(await ask(), /^home\/\.jupyter is not yours or cannot be written: move it away/);
      await Deno.remove(join(home, ".jupyter"));
      await Deno.chmod(home, 0o555);
      assertMatch(await ask(), /^the home home cannot be written, or its disk is full/);
    } finally {
      await Deno.remove(parent, { recursive: true });
    }
  },
});
