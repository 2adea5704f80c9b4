import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { captured, CommandError, root } from "../tools/command.ts";
import { type Cell, readNotebook, textOf } from "../tools/notebooks.ts";
import { dateName } from "../tools/learner/dated_copy.ts";
import { release } from "../tools/release.ts";

const nbgrader = (name: string, settings: Record<string, unknown>) => ({
  nbgrader: {
    ...{ schema_version: 3, grade_id: name, task: false },
    ...{ grade: false, solution: false, locked: false },
    ...settings,
  },
});

const code = (id: string, source: string, metadata = {}): Cell => ({
  ...{ cell_type: "code", id, source, metadata, execution_count: 7 },
  outputs: [{ output_type: "stream", name: "stdout", text: "an old output" }],
});

const cells: Cell[] = [
  { cell_type: "markdown", id: "title", source: "# A unit", metadata: {} },
  code("set-up", 'import { offset } from "./offset.ts";', nbgrader("set-up", { locked: true })),
  code(
    "double",
    "function double(x: number): number {\n  // BEGIN SOLUTION\n  return 2 * x;\n  // END SOLUTION\n}",
    nbgrader("double", { solution: true }),
  ),
  code(
    "double-check",
    'if (double(offset) !== 2 * offset) throw new Error("wrong");\n// BEGIN HIDDEN TESTS\n' +
      "if (double(-1) !== -2) throw new Error();\n// END HIDDEN TESTS",
    nbgrader("double-check", { grade: true, locked: true, points: 2 }),
  ),
  {
    ...{ cell_type: "markdown", id: "why", source: "Because it is so." },
    metadata: nbgrader("why", { grade: true, solution: true, points: 1 }),
  },
];

/** A course in a folder of its own: `source/unit1` with a notebook of `cells` and one more file. */
async function inCourse(
  cells: Cell[],
  body: (folders: { source: string; target: string; out: string }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-release-test-" });
  try {
    const [source, target, out] = ["source", "exercises", "out"].map((name) => join(folder, name));
    await Deno.mkdir(join(source, "unit1"), { recursive: true });
    const notebook = {
      ...{ cells, nbformat: 4, nbformat_minor: 5 },
      metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
    };
    await Deno.writeTextFile(join(source, "unit1", "task.ipynb"), JSON.stringify(notebook));
    await Deno.writeTextFile(join(source, "unit1", "offset.ts"), "export const offset = 3;\n");
    await body({ source, target, out });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("release makes exercises that stop at the first unsolved cell, the same each time", async () => {
  await inCourse(cells, async ({ source, target, out }) => {
    const missing = ["unit1/offset.ts", "unit1/task.ipynb"]
      .map((file) => ({ file, problem: "missing" as const }));
    assertEquals(await release(["unit1"], { source, target, out, write: true }), missing);

    const path = join(target, "unit1", "task.ipynb");
    const exercise = await readNotebook(path);
    const [, setUp, double, check, why] = exercise.cells;
    assertEquals(exercise.cells.map((cell) => cell.id), cells.map((cell) => cell.id));
    assert(exercise.cells.every((cell) => (cell.outputs ?? []).length === 0), "no outputs");
    assert(!JSON.stringify(exercise).includes("2 * x"), "no solution");
    assertStringIncludes(textOf(double), 'throw new Error("Not solved yet: ');
    assertStringIncludes(textOf(check), "double(offset)");
    assert(!textOf(check).includes("-1"), "no hidden test");
    assertEquals(textOf(why), "*Your answer here.*");
    for (const cell of [setUp, check]) assertEquals(cell.metadata.editable, false);
    for (const cell of [double, why]) assertEquals(cell.metadata.editable, undefined);

    const executed = join(target, "unit1", "executed.ipynb");
    const { code } = await captured("python", [join(root, "tools", "execute.py"), path, executed]);
    assertEquals(code, 1);
    const outputs = (await readNotebook(executed)).cells.flatMap((cell) => cell.outputs ?? []);
    assertEquals(outputs.length, 1, "one cell fails, and the run ends there");
    assertStringIncludes(JSON.stringify(outputs), "Not solved yet: write your code");

    // Checking again finds what is not as it would be made, and leaves it.
    const bytes = await Deno.readTextFile(path);
    await Deno.writeTextFile(join(target, "unit1", "offset.ts"), "export const offset = 4;\n");
    assertEquals(await release(["unit1"], { source, target, write: false }), [
      { file: "unit1/offset.ts", problem: "changed" },
      { file: "unit1/executed.ipynb", problem: "left over" },
    ]);
    assertEquals(await Deno.readTextFile(path), bytes);
    assert((await Deno.stat(executed)).isFile);
  });
});

Deno.test("release keeps what somebody wrote into the learners' folder, and says where", async () => {
  await inCourse(cells, async ({ source, target, out }) => {
    await release(["unit1"], { source, target, out });
    const [task, note] = ["task.ipynb", "note.md"].map((name) => join(target, "unit1", name));
    const made = await Deno.readTextFile(task);
    await Deno.writeTextFile(task, made.replace("Your answer here", "My answer"));
    await Deno.writeTextFile(note, "a note");
    const kept = (name: string) => join(out, "replaced", "unit1", `${name}`);
    const differences = await release(["unit1"], { source, target, out });
    const date = dateName(new Date());
    assertEquals(differences, [
      { file: "unit1/task.ipynb", problem: "changed", kept: kept(`task.${date}.ipynb`) },
      { file: "unit1/note.md", problem: "left over", kept: kept(`note.${date}.md`) },
    ]);
    assertEquals(await Deno.readTextFile(task), made);
    assertStringIncludes(await Deno.readTextFile(differences[0].kept!), "My answer");
    assertEquals(await Deno.readTextFile(differences[1].kept!), "a note");
    // Nor is a folder kept that nothing is left in.
    const data = join(source, "unit1", "data", "small");
    await Deno.mkdir(data, { recursive: true });
    await Deno.writeTextFile(join(data, "values.txt"), "1 2 3");
    await release(["unit1"], { source, target, out });
    await Deno.remove(dirname(data), { recursive: true });
    assertEquals((await release(["unit1"], { source, target, out })).length, 1);
    assertEquals(
      [...Deno.readDirSync(join(target, "unit1"))].some(({ isDirectory }) => isDirectory),
      false,
    );
    // What release itself made is not kept when the source changes.
    await Deno.writeTextFile(join(source, "unit1", "offset.ts"), "export const offset = 5;\n");
    assertEquals(await release(["unit1"], { source, target, out }), [
      { file: "unit1/offset.ts", problem: "changed" },
    ]);
  });
});

Deno.test("release moves links, and folders in a file's place, out of the way whole", async () => {
  await inCourse(cells, async ({ source, target, out }) => {
    await release(["unit1"], { source, target, out });
    const [unit, elsewhere] = [join(target, "unit1"), join(out, "..", "elsewhere")];
    await Deno.mkdir(elsewhere);
    await Deno.writeTextFile(join(elsewhere, "mine.txt"), "mine");
    await Deno.symlink(elsewhere, join(unit, "to a folder"));
    await Deno.symlink("/nowhere", join(unit, "to nothing"));
    await Deno.remove(join(unit, "offset.ts"));
    await Deno.mkdir(join(unit, "offset.ts"));
    await Deno.writeTextFile(join(unit, "offset.ts", "tüte's\n2.md"), "a note");
    for (const again of [false, true]) {
      const differences = await release(["unit1"], { source, target, out });
      assertEquals(differences.length, again ? 0 : 4);
    }
    const date = dateName(new Date());
    const kept = (...parts: string[]) => join(out, "replaced", "unit1", ...parts);
    assertEquals(await Deno.readLink(kept(`to a folder.${date}`)), elsewhere);
    assertEquals(await Deno.readLink(kept(`to nothing.${date}`)), "/nowhere");
    assertEquals(await Deno.readTextFile(kept(`offset.${date}.ts`, "tüte's\n2.md")), "a note");
    assertEquals(await Deno.readTextFile(join(elsewhere, "mine.txt")), "mine");
    assertEquals([...Deno.readDirSync(unit)].length, 2);
  });
});

Deno.test("release passes on nbgrader's complaint and changes nothing", async () => {
  await inCourse([{ ...cells[2], metadata: {} }], async ({ source, target }) => {
    const error = await assertRejects(() => release(["unit1"], { source, target }), CommandError);
    assertStringIncludes(error.message, "Solution region detected in a non-solution cell");
    assert(!error.message.includes("Traceback"), error.message);
    await assertRejects(() => Deno.stat(target), Deno.errors.NotFound);
  });
});

Deno.test("release refuses a cell without an id, whose exercise would differ each time", async () => {
  const { id: _, ...nameless } = cells[0];
  await inCourse([nameless], async ({ source, target }) => {
    const error = await assertRejects(() => release(["unit1"], { source, target }), CommandError);
    assertStringIncludes(error.message, "cell 1 has no id");
  });
});
