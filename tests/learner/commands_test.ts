/** `./tessera update` and `./tessera history`, as a learner calls them in a term. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { dateName } from "../../tools/learner/dated_copy.ts";
import { notebookText, readNotebook, textOf } from "../../tools/notebooks.ts";
import { makeInstallation } from "./installation.ts";

const notebook = join("unit1", "vision_transformer_mnist.ipynb");

/** Changes the texts of cells in a notebook's file. */
async function edit(path: string, texts: Record<string, (text: string) => string>): Promise<void> {
  const edited = await readNotebook(path);
  for (const cell of edited.cells) {
    if (cell.id! in texts) cell.source = texts[cell.id!](textOf(cell));
  }
  await Deno.writeTextFile(path, notebookText(edited));
}

const textIn = async (path: string, id: string) =>
  textOf((await readNotebook(path)).cells.find((cell) => cell.id === id)!);

const stub = /throw new Error\("Not solved yet[^\n]*/;

Deno.test("./tessera update and history carry a learner through a mended course", async () => {
  await using installation = await makeInstallation();
  const { folder, home, tessera } = installation;
  const mine = join(home, notebook);
  const course = join(folder, "notebooks", "exercises", notebook);

  // A day's work; a command takes a snapshot of it.
  await edit(mine, {
    patches: (text) => text.replace(stub, "return my.answer;"),
    "check-patches": () => "await checkPatches((x) => x);",
  });
  assertEquals((await tessera("pdf", "unit1")).code, 0);
  const work = await Deno.readTextFile(mine);
  assertMatch(
    (await tessera("history", "unit1")).said,
    /1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}before a command {2}2 cells changed/,
  );

  // The course is mended: a text, a check, and the line above the answer.
  await edit(course, {
    title: (text) => text.replace("# A Vision", "# The Vision"),
    "check-patches": (text) => `${text}\n// mended`,
    patches: (text) => text.replace("in reading order", "row by row"),
  });
  await Deno.remove(join(folder, "notebooks/exercises/unit2/training.ts"));
  const dry = await tessera("update", "--dry-run");
  assertEquals(dry.code, 0);
  assertStringIncludes(dry.said, "Nothing was written");
  assertEquals(await Deno.readTextFile(mine), work);

  const old = mine.replace(".ipynb", `.${dateName(new Date())}.ipynb`);
  const updated = await tessera("update");
  assertEquals(updated.code, 0, updated.said);
  assertStringIncludes(
    updated.said,
    `${notebook} is new (cells: 1 with your text, 2 mended); as it was: ${
      old.slice(home.length + 1)
    }`,
  );
  assertMatch(
    updated.said,
    /not carried over: cell \d+ of the old one, “await checkPatches\(\(x\)/,
  );
  assertMatch(updated.said, /training\.ts is no longer part of the course; it stays/);
  assertEquals(dry.said.split("\n").slice(0, 3), updated.said.split("\n").slice(0, 3));
  assertStringIncludes(
    await Deno.readTextFile(join(home, "out", "updates.txt")),
    "not carried over",
  );
  assertEquals(await Deno.readTextFile(old), work);
  assertStringIncludes(await textIn(mine, "title"), "# The Vision");
  assertStringIncludes(await textIn(mine, "check-patches"), "// mended");
  const answer = await textIn(mine, "patches");
  assertStringIncludes(answer, "row by row");
  assertStringIncludes(answer, "return my.answer;");
  assertMatch((await tessera("update")).said, /is up to date/);

  // The copy is no notebook of the unit; the history knows the way back, and overwrites nothing.
  const pdf = await tessera("pdf", "unit1");
  assertEquals(pdf.said.includes(dateName(new Date())), false, pdf.said);
  await edit(mine, { patches: () => "// all gone" });
  const compared = await tessera("history", "unit1", "--compare", "1");
  assertMatch(compared.said, /cell \d+ changed: \/\/ all gone/);
  assertStringIncludes(compared.said, "  -   return my.answer;");
  const restored = await tessera("history", "unit1", "--restore", "1");
  const path = join(home, restored.said.split(" is that version")[0]);
  assertStringIncludes(await textIn(path, "patches"), "return my.answer;");
  assertEquals(await textIn(mine, "patches"), "// all gone");
  assertEquals((await tessera("history", "unit1", "--restore", "1")).said, restored.said);
});

Deno.test("./tessera update and history say what is wrong with what they are asked", async () => {
  await using installation = await makeInstallation();
  const { home, tessera, folder } = installation;
  const refused: [string[], string][] = [
    [["update", "unit11"], 'no unit or file "unit11". Did you mean "unit1"?'],
    [["update", "--all"], 'no "--all"'],
    [["history", "unit1", "--restore"], "--restore needs a number"],
    [["history", "unit1", "--restore", "7"], "has no snapshots yet"],
    [["history", "unit2", "--compare", "1"], "--compare needs one notebook: unit2/1_"],
    [["history", "unit1", "--delete", "1"], "history takes a notebook or a unit"],
    [["history", "unit9"], 'no notebook or unit "unit9"'],
  ];
  const answers = await Promise.all(refused.map(([[name, ...args]]) => tessera(name, ...args)));
  answers.forEach(({ code, said }, index) => {
    assertEquals([code, said.trim().split("\n").length], [2, 1], said);
    assertStringIncludes(said, refused[index][1]);
  });
  assertStringIncludes((await tessera("history")).said, "no snapshot");

  // What cannot be read stays, is said, and does not stop the rest; one asked for comes back.
  await Deno.writeTextFile(join(home, notebook), "<<<<<<< HEAD");
  const other = join("unit0", "first_steps.ipynb");
  await Deno.remove(join(home, other));
  for (const name of [notebook, other]) {
    await edit(join(folder, "notebooks/exercises", name), { title: (text) => `${text}!` });
  }
  const { code, said } = await tessera("update");
  assertEquals(code, 1);
  assertMatch(said, /mnist\.ipynb stays as it is, because it cannot be read: it is not JSON/);
  assertMatch(said, /you have removed or renamed yours; \.\/tessera update unit0\//);
  assertEquals(await Deno.readTextFile(join(home, notebook)), "<<<<<<< HEAD");
  assertMatch((await tessera("update", "unit0")).said, /first_steps\.ipynb is new/);
  assert((await readNotebook(join(home, other))).cells.length > 5);
});
