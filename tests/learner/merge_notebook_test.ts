import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { matchCells, nbgraderChecksum, wasEdited } from "../../tools/learner/match_cells.ts";
import { gradingOf, isLocked } from "../../tools/learner/match_cells.ts";
import { mergeNotebook } from "../../tools/learner/merge_notebook.ts";
import { compareText, mergeText } from "../../tools/learner/merge_text.ts";
import { type Cell, type Notebook, notebooksIn, readNotebook } from "../../tools/notebooks.ts";
import { textOf } from "../../tools/notebooks.ts";
import { Editor, numbersFrom } from "./edits.ts";

const markdown = (id: string, source: string): Cell => ({
  ...{ cell_type: "markdown", id, source, metadata: {} },
});

const code = (id: string, source: string, metadata: Record<string, unknown> = {}): Cell => ({
  ...{ cell_type: "code", id, source, metadata, outputs: [], execution_count: null },
});

const graded = (id: string, source: string, more: Record<string, unknown>): Cell =>
  code(id, source, {
    nbgrader: { schema_version: 3, grade_id: id, grade: false, locked: false, ...more },
    deletable: false,
  });

const task = (id: string, source: string) => graded(id, source, { solution: true });
const check = (id: string, source: string) =>
  graded(id, source, { grade: true, solution: false, locked: true, points: 2 });

const notebook = (...cells: Cell[]): Notebook => ({
  ...{ cells: structuredClone(cells), metadata: {}, nbformat: 4, nbformat_minor: 5 },
});

const stub = 'function f(x) {\n  // twice x\n\n  throw new Error("Not solved yet");\n}';
const given = notebook(
  markdown("title", "# A unit"),
  code("set-up", "const epochs = 10;\n\nconst size = 4;"),
  task("f", stub),
  check("check-f", "checkF(f);"),
  markdown("end", "Done."),
);

/** The notebook with some cells' texts replaced. */
function withTexts(version: Notebook, texts: Record<string, string>): Notebook {
  const cells = version.cells.map((cell) => ({ ...cell, source: texts[cell.id!] ?? cell.source }));
  return { ...version, cells };
}

const asText = (cell: Cell) => ({ ...cell, source: textOf(cell) });
const texts = (version: Notebook) =>
  Object.fromEntries(version.cells.map((cell) => [cell.id, textOf(cell)]));
const ids = (version: Notebook) => version.cells.map(({ id }) => id);

const solved = "function f(x) {\n  // twice x\n\n  return 2 * x;\n}";

Deno.test("mergeText takes changes of both sides, and mine on the same lines", () => {
  assertEquals(mergeText("a\nb\nc\nd", "a\nB\nc\nd", "a\nb\nc\nD").text, "a\nB\nc\nD");
  assertEquals(mergeText("a\nb\nc", "a\nmine\nc", "a\nhers\nc"), {
    text: "a\nmine\nc",
    conflicts: [{ mine: "mine", theirs: "hers" }],
  });
  assertEquals(mergeText("a", "b", "b").conflicts, [], "the same change twice is no conflict");
  assertEquals(
    compareText("a\nb", "a\nc").map(({ mark, text }) => mark + text),
    [" a", "-b", "+c"],
  );
});

Deno.test("mergeNotebook carries an answer, and what the learner has not touched follows the course", () => {
  const mine = withTexts(given, { f: solved, "set-up": "const epochs = 2;\n\nconst size = 4;" });
  const course = withTexts(given, {
    title: "# The unit",
    "set-up": "const epochs = 10;\n\nconst size = 8;",
    f: stub.replace("twice x", "two times x"),
    "check-f": "checkF(f, 3);",
  });
  course.cells.splice(4, 0, markdown("new", "New."));
  const { notebook: result, notices, counts } = mergeNotebook({ base: given, mine, course });
  assertEquals(ids(result), ["title", "set-up", "f", "check-f", "new", "end"]);
  assertEquals(texts(result), {
    title: "# The unit",
    "set-up": "const epochs = 2;\n\nconst size = 8;",
    f: solved.replace("twice x", "two times x"),
    "check-f": "checkF(f, 3);",
    new: "New.",
    end: "Done.",
  });
  assertEquals(notices, []);
  assertEquals(counts, { answers: 2, own: 0, changed: 4, added: 1, dropped: 0 });
});

Deno.test("mergeNotebook keeps the learner's lines where the course changed them too, and says so", () => {
  const mine = withTexts(given, { f: solved });
  const course = withTexts(given, { f: stub.replace("Not solved yet", "Your turn") });
  const { notebook: result, notices } = mergeNotebook({ base: given, mine, course });
  assertEquals(texts(result).f, solved);
  assertEquals(notices, [{
    ...{ what: "conflict", cell: 3, title: "function f(x) {" },
    text: '  throw new Error("Your turn");',
  }]);
});

Deno.test("mergeNotebook leaves a locked cell to the course, and lists what the learner wrote there", () => {
  const mine = withTexts(given, { "check-f": "checkF((x) => 2 * x);" });
  for (const course of [given, withTexts(given, { "check-f": "checkF(f, 3);" })]) {
    const { notebook: result, notices } = mergeNotebook({ base: given, mine, course });
    assertEquals(texts(result), texts(course));
    assertEquals(notices, [{ what: "replaced", cell: 4, title: "checkF((x) => 2 * x);" }]);
  }
});

Deno.test("mergeNotebook keeps own cells behind their neighbours, neither graded nor locked", () => {
  const copy = { ...structuredClone(given.cells[3]), id: "copy" };
  copy.metadata.editable = false;
  const mine = notebook(
    code("mine-0", "first"),
    given.cells[0],
    markdown("mine-1", "a note"),
    code("set-up", textOf(given.cells[1])),
    ...given.cells.slice(2, 4),
    copy,
    given.cells[4],
  );
  const course = notebook(...given.cells.slice(1), markdown("later", "Later."));
  course.cells.unshift(given.cells[2]); // the course has moved the task and dropped the title
  course.cells.splice(2, 1);
  const { notebook: result, notices, counts } = mergeNotebook({ base: given, mine, course });
  assertEquals(ids(result), [
    ...["mine-0", "mine-1", "f", "set-up", "check-f", "copy", "end", "later"],
  ]);
  assertEquals(result.cells[5].metadata, {});
  assertEquals(notices, [], "the course moved the cells, not the learner");
  assertEquals(counts, { answers: 0, own: 3, changed: 0, added: 1, dropped: 1 });
});

Deno.test("mergeNotebook keeps what was written into a cell that the course has dropped", () => {
  const mine = withTexts(given, { f: solved });
  const course = notebook(given.cells[0], given.cells[4]);
  const { notebook: result, notices, counts } = mergeNotebook({ base: given, mine, course });
  assertEquals(ids(result), ["title", "f", "end"]);
  assertEquals(result.cells[1].metadata, {});
  assertEquals(notices.map(({ what, cell }) => [what, cell]), [["removed", 3]]);
  assertEquals(counts.dropped, 2);
});

Deno.test("mergeNotebook leaves a deleted cell away, unless it is graded or has changed", () => {
  const mine = notebook(given.cells[2]);
  const course = withTexts(given, { title: "# Another title" });
  const { notebook: result, notices } = mergeNotebook({ base: given, mine, course });
  assertEquals(ids(result), ["title", "f", "check-f"]);
  assertEquals(notices.map(({ what }) => what), ["returned", "returned"]);
});

Deno.test("mergeNotebook puts moved cells in the course's order and says so", () => {
  const mine = notebook(...given.cells.slice(0, 1), given.cells[4], ...given.cells.slice(1, 4));
  const { notebook: result, notices } = mergeNotebook({ base: given, mine, course: given });
  assertEquals(ids(result), ids(given));
  assertEquals(notices.map(({ what }) => what), ["order"]);
});

Deno.test("mergeNotebook knows cells without ids, and cells that were cut and pasted", () => {
  const mine = withTexts(given, { f: solved });
  for (const cell of mine.cells) delete cell.id;
  const course = withTexts(given, { title: "# The unit", "check-f": "checkF(f, 3);" });
  const expected = { ...texts(course), f: solved };
  assertEquals(texts(mergeNotebook({ base: given, mine, course }).notebook), expected);
  for (const cell of mine.cells) cell.id = crypto.randomUUID().slice(0, 8);
  assertEquals(texts(mergeNotebook({ base: given, mine, course }).notebook), expected);
});

Deno.test("mergeNotebook keeps outputs under code that has not changed, and only there", () => {
  const mine = withTexts(given, { f: solved });
  for (const cell of mine.cells.filter(({ cell_type }) => cell_type === "code")) {
    Object.assign(cell, { outputs: ["an output"], execution_count: 3 });
    cell.metadata = { ...cell.metadata, collapsed: true };
  }
  const course = withTexts(given, { "check-f": "checkF(f, 3);" });
  const { cells } = mergeNotebook({ base: given, mine, course }).notebook;
  assertEquals(
    cells.slice(1, 4).map(({ outputs, execution_count, metadata }) => [
      ...[outputs?.length, execution_count, metadata.collapsed],
    ]),
    [[1, 3, true], [1, 3, true], [0, null, true]],
  );
});

Deno.test("mergeNotebook without a base goes by nbgrader's checksums, and lists what is unclear", () => {
  const handedOut = structuredClone(given);
  for (const cell of handedOut.cells) {
    const grading = gradingOf(cell);
    if (grading.grade_id) grading.checksum = nbgraderChecksum(cell);
  }
  const course = withTexts(handedOut, { "check-f": "checkF(f, 3);", title: "# The unit" });
  course.cells[3] = structuredClone(course.cells[3]);
  const mine = withTexts(handedOut, { f: solved, "set-up": "const epochs = 1;" });
  const { notebook: result, notices } = mergeNotebook({ mine, course });
  assertEquals(texts(result), { ...texts(course), f: solved });
  assertEquals(notices.map(({ what, cell }) => [what, cell]), [["unclear", 1], ["unclear", 2]]);
});

const exercises = await Promise.all(
  notebooksIn(join(root, "notebooks", "exercises")).map(readNotebook),
);

Deno.test("nbgraderChecksum is nbgrader's, for every graded cell of the course", () => {
  const cells = exercises.flatMap(({ cells }) => cells).filter((cell) => gradingOf(cell).checksum);
  assert(cells.length > 50);
  assertEquals(cells.filter((cell) => wasEdited(cell) !== false).map(({ id }) => id), []);
  assertEquals(wasEdited({ ...cells[0], source: "changed" }), true);
});

Deno.test("no line of a learner's is lost in any update, and untouched cells follow the course", () => {
  for (let seed = 0; seed < 400; seed++) {
    const below = numbersFrom(seed);
    const base = exercises[seed % exercises.length];
    const learner = new Editor(base, "learner", below);
    const mine = learner.learn();
    const author = new Editor(base, "author", below);
    const course = author.mend();
    const hasBase = seed % 5 > 0;
    const before = structuredClone([base, mine, course]);
    const merged = mergeNotebook({ base: hasBase ? base : undefined, mine, course });
    assertEquals([base, mine, course], before, "the arguments stay as they are");

    const { notebook: result, notices } = merged;
    assertNothingLost(mine, result, notices.map(({ cell }) => cell), `seed ${seed}`);
    const resulting = new Map(result.cells.map((cell) => [cell.id, cell]));
    assertEquals(resulting.size, result.cells.length, `seed ${seed}: every id is there once`);

    const handedOut = base.cells.map(textOf);
    for (const cell of course.cells) {
      const now = resulting.get(cell.id);
      const follows = isLocked(cell) || !learner.touched.has(cell.id) &&
          !learner.deleted.has(cell.id) && !author.touched.has(cell.id);
      if (follows) assertEquals(now && textOf(now), textOf(cell), `seed ${seed}: ${cell.id}`);
      if (now) assertEquals(now.metadata.nbgrader, cell.metadata.nbgrader);
      // Only a deleted cell may stay away, and only where the course left it as it was.
      if (!now) assert(handedOut.includes(textOf(cell)), `seed ${seed}: ${cell.id}`);
    }
    const graded = result.cells.map((cell) => gradingOf(cell).grade_id).filter((id) => id);
    assertEquals(graded, course.cells.map((c) => gradingOf(c).grade_id).filter((id) => id));

    // Once more, as after the update and as after one that broke off before it was noted down.
    const again = mergeNotebook({ base: course, mine: result, course });
    assertEquals(again.notebook.cells.map(asText), result.cells.map(asText), `seed ${seed}`);
    assertEquals(again.notices, []);
    if (hasBase) {
      const late = mergeNotebook({ base, mine: result, course });
      assertNothingLost(
        result,
        late.notebook,
        late.notices.map(({ cell }) => cell),
        `seed ${seed}`,
      );
    }
  }
});

/** Every line that the learner wrote is in the new notebook, or its cell is on the list. */
function assertNothingLost(
  mine: Notebook,
  result: Notebook,
  listed: (number | undefined)[],
  message: string,
): void {
  const text = result.cells.map(textOf).join("\n");
  mine.cells.forEach((cell, index) => {
    const lost = textOf(cell).split("\n").filter((line) =>
      line.startsWith("learner") && !text.includes(line)
    );
    if (lost.length > 0) assert(listed.includes(index + 1), `${message}: ${lost[0]} is lost`);
  });
  // A list of everything would pass too.
  assert(listed.length < mine.cells.length, message);
}

Deno.test("matchCells matches no cell twice, and places for answers by their names only", () => {
  const [a, b] = [markdown("a", "Answer."), markdown("b", "Answer.")];
  a.metadata.nbgrader = { grade_id: "a", solution: true };
  assertEquals(matchCells([{ ...a, id: "x" }, { ...a, id: "y" }], [a, b]).size, 1);
  assertEquals(matchCells([markdown("z", "Answer.")], [a]).size, 0);
});
