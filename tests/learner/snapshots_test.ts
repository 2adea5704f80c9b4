import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import {
  changesAsText,
  changesInShort,
  compareNotebooks,
} from "../../tools/learner/compare_notebooks.ts";
import {
  limits,
  notebooksWithHistory,
  readSnapshot,
  type Reason,
  snapshotsOf,
  takeSnapshot,
} from "../../tools/learner/snapshots.ts";
import { type Notebook, notebookText, textOf } from "../../tools/notebooks.ts";

const notebookOf = (...texts: string[]): Notebook => ({
  cells: texts.map((source, index) => ({
    ...{ cell_type: "code", id: `cell-${index}`, source, metadata: {}, execution_count: 3 },
    outputs: [{ output_type: "stream", name: "stdout", text: "an output" }],
  })),
  ...{ metadata: {}, nbformat: 4, nbformat_minor: 5 },
});

const start = Date.UTC(2026, 10, 26, 9);
const minute = (count: number) => new Date(start + count * 60_000);

/** A home in which `take(minutes, text, reason)` takes a snapshot of a notebook of one cell. */
async function inHome(
  body: (
    home: string,
    take: (minutes: number, text: string, reason?: Reason, notebook?: string) => Promise<boolean>,
  ) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "tessera-snapshots-test-" });
  try {
    await body(home, async (minutes, source, reason = "save", notebook = "unit1/a.ipynb") => {
      const [text, now] = [notebookText(notebookOf(source)), minute(minutes)];
      const state = { notebook, text, reason, date: now };
      return await takeSnapshot(home, state, { now }) !== undefined;
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("takeSnapshot keeps cells without outputs, one in ten minutes, and what changed only", async () => {
  await inHome(async (home, take) => {
    assertEquals(await take(0, "one"), true);
    assertEquals(await take(9, "two"), false, "too early");
    assertEquals(await take(9.5, "two", "run-all"), true, "Run All is kept at once");
    assertEquals(await take(19, "three"), false, "ten minutes count from there");
    assertEquals(await take(20, "two"), false, "nothing has changed");
    assertEquals(await take(20, "two", "hand-in"), false);
    assertEquals(await take(20, "three"), true);
    const all = snapshotsOf(home, "unit1/a.ipynb");
    assertEquals(all.map(({ reason, date }) => [reason, date]), [
      ["save", minute(20)],
      ["run-all", minute(9.5)],
      ["save", minute(0)],
    ]);
    const { cells } = await readSnapshot(all[1]);
    assertEquals(cells.map(textOf), ["two"]);
    assertEquals(cells.map(({ outputs, execution_count }) => [outputs, execution_count]), [[
      [],
      null,
    ]]);
  });
});

Deno.test("takeSnapshot keeps the last thirty of a notebook", async () => {
  await inHome(async (home, take) => {
    for (let count = 0; count < 33; count++) await take(count, `text ${count}`, "run-all");
    await take(0, "another", "run-all", "unit1/b.ipynb");
    const texts = await Promise.all(
      snapshotsOf(home, "unit1/a.ipynb").map(async (snapshot) =>
        textOf((await readSnapshot(snapshot)).cells[0])
      ),
    );
    assertEquals(texts.length, 30);
    assertEquals([texts[0], texts[29]], ["text 32", "text 3"]);
    assertEquals(notebooksWithHistory(home), ["unit1/a.ipynb", "unit1/b.ipynb"]);
  });
});

Deno.test("takeSnapshot keeps no more bytes than a home may have, each notebook's newest longest", async () => {
  await inHome(async (home) => {
    const allowed = { ...limits, bytes: 20_000 };
    const take = (minutes: number, notebook: string, letters: number) => {
      const text = notebookText(notebookOf(`${minutes}`.repeat(letters)));
      const state = { notebook, text, reason: "run-all", date: minute(minutes) } as const;
      return takeSnapshot(home, state, { now: minute(minutes), allowed });
    };
    await take(0, "old.ipynb", 3000);
    for (let count = 1; count < 9; count++) await take(count, "a.ipynb", 4000);
    const sizes = notebooksWithHistory(home).flatMap((name) => snapshotsOf(home, name));
    assert(sizes.reduce((sum, { bytes }) => sum + bytes, 0) <= 20_000);
    assertEquals(sizes.map(({ notebook, date }) => [notebook, date]), [
      ...[8, 7, 6].map((count) => ["a.ipynb", minute(count)]),
      ["old.ipynb", minute(0)],
    ]);
    assertEquals(await take(9, "a.ipynb", 30_000), undefined, "one too large is not taken");
    assertEquals(snapshotsOf(home, "a.ipynb").length, 3);
  });
});

Deno.test("takeSnapshot stays in order where a clock goes back, and leaves what is no notebook", async () => {
  await inHome(async (home, take) => {
    await take(60, "one", "run-all");
    await take(0, "two", "run-all");
    await take(0, "three", "run-all");
    const all = snapshotsOf(home, "unit1/a.ipynb");
    const texts = await Promise.all(
      all.map(async (each) => textOf((await readSnapshot(each)).cells[0])),
    );
    assertEquals(texts, ["three", "two", "one"]);
    const state = { text: "<<<<<<< HEAD", reason: "run-all" } as const;
    assertEquals(await takeSnapshot(home, { ...state, notebook: "a.ipynb" }), undefined);
    const text = notebookText(notebookOf("one"));
    for (const notebook of ["../a.ipynb", join(home, "..", "a.ipynb"), "unit1/.hidden/a.ipynb"]) {
      assertEquals(await takeSnapshot(home, { ...state, text, notebook }), undefined, notebook);
    }
    // A damaged snapshot is none to compare with, and no reason to fail.
    await Deno.writeTextFile(all[0].path, "{");
    assertEquals(await take(90, "three"), true);
  });
});

Deno.test("compareNotebooks tells changed, added, removed and moved cells with their lines", () => {
  const before = notebookOf("a\nb\nc\nd\ne\nf", "second", "third", "fourth", "fifth");
  const after = notebookOf("a\nb\nc\nd\nE\nf", "second", "third", "fourth", "fifth");
  const [first, second, third, fourth, fifth] = after.cells;
  after.cells = [first, { ...third, id: "new", source: "new\nlines" }, fourth, fifth, second];
  const changes = compareNotebooks(before, after);
  assertEquals(
    changesAsText(changes),
    `cell 1 changed: a
    c
    d
  - e
  + E
    f

cell 2 added: new
  + new
  + lines

cell 3 removed: third
  - third

cell 5 moved: second`,
  );
  assertEquals(changesInShort(changes), "1 cell changed, 1 added, 1 removed, 1 moved");
  assertEquals(changesInShort(changes.slice(1, 2)), "1 cell added");
  assertEquals(changesInShort([]), "no cell changed");
  assertEquals(compareNotebooks(before, before), []);
});
