/** Holds the learners' notebooks to their source, and the cells to what `check` needs. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join, relative } from "node:path";
import { moduleOf } from "../tools/cells.ts";
import { findNotebooks, type Notebook, notebooksIn, outputPath } from "../tools/notebooks.ts";
import { readNotebook, sourceFolder, textOf, unitNames } from "../tools/notebooks.ts";
import { release } from "../tools/release.ts";
import { root } from "../tools/command.ts";

Deno.test("the exercises are what a fresh release makes of the source", async () => {
  assertEquals(await release(unitNames(), { write: false }), []);
});

Deno.test("no exercise shows a solution, a hidden test or an output", async () => {
  for (const path of notebooksIn(join(root, "notebooks", "exercises"))) {
    for (const cell of (await readNotebook(path)).cells) {
      const hidden = /(BEGIN|END) (SOLUTION|HIDDEN TESTS)/.exec(textOf(cell));
      assertEquals(hidden, null, `${path}: ${hidden?.[0]}`);
      assertEquals(cell.outputs ?? [], [], `${path} has outputs`);
    }
  }
});

/** What a notebook's code must not name: the platform, and where something lies. */
const platform = /\bDeno\b|\bnode:|\bimport\.meta\b|\bprojectPath\b|["'`](\/|~|\.\.\/)/;

Deno.test("no notebook names Deno or a path: quick, homePath and the like come from tessera", async () => {
  const named: string[] = [];
  const look = (text: string, where: string) => {
    for (const line of text.split("\n")) if (platform.test(line)) named.push(`${where}: ${line}`);
  };
  for (const path of notebooksIn(sourceFolder)) {
    for (const cell of (await readNotebook(path)).cells) {
      if (cell.cell_type === "code") look(textOf(cell), path);
    }
  }
  for (const unit of unitNames()) {
    for (const { name } of Deno.readDirSync(join(sourceFolder, unit))) {
      const path = join(sourceFolder, unit, name);
      if (name.endsWith(".ts")) look(await Deno.readTextFile(path), path);
    }
  }
  assertEquals(named, []);
  for (const line of ['Deno.env.get("A")', 'import "node:path"', 'const own = "../../data";']) {
    assert(platform.test(line), line);
  }
});

Deno.test("the source notebooks have no outputs and run on Deno", async () => {
  const notebooks = notebooksIn(sourceFolder);
  assert(notebooks.length > 0, "there are no notebooks");
  for (const path of notebooks) {
    const notebook = await readNotebook(path);
    assertEquals((notebook.metadata.kernelspec as { name: string }).name, "deno", path);
    for (const cell of notebook.cells) assertEquals(cell.outputs ?? [], [], `${path} has outputs`);
  }
});

/** A notebook of the cells given. */
function notebookOf(...cells: [type: "code" | "markdown", source: string][]): Notebook {
  return {
    cells: cells.map(([cell_type, source]) => ({ cell_type, source, metadata: {} })),
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
}

Deno.test("moduleOf nests cells, joins their imports and knows where lines came from", () => {
  const notebook = notebookOf(
    ["markdown", "# Title"],
    ["code", 'import { a } from "x";\nconst first = a;'],
    ["code", ""],
    [
      "code",
      'import {\n  a,\n  b as c,\n} from "x";\nimport * as y from "./y.ts";\nawait c(first, y);',
    ],
  );
  const { text, places } = moduleOf(notebook, "/course/unit/notebook.ipynb");
  assertEquals(text.split("\n"), [
    'import { a } from "x";',
    'import { b as c } from "x";',
    'import * as y from "file:///course/unit/y.ts";',
    "{",
    "",
    "const first = a;",
    "{",
    ...["", "", "", "", ""],
    "await c(first, y);",
    "}}",
    "",
  ]);
  assertEquals(places[2], { cell: 4, line: 5 });
  assertEquals(places[5], { cell: 2, line: 2 });
  assertEquals(places[12], { cell: 4, line: 6 });
  assertEquals(places.length, 14);
});

Deno.test("findNotebooks takes a unit, a path with or without ending, and a folder", () => {
  const [first] = notebooksIn(sourceFolder);
  const [unit] = unitNames();
  assertEquals(findNotebooks(first, "solved"), [first]);
  assertEquals(findNotebooks(first.replace(".ipynb", ""), "solved"), [first]);
  assertEquals(findNotebooks(unit, "solved"), notebooksIn(join(sourceFolder, unit)));
  assertEquals(findNotebooks(join("notebooks", "source"), "solved"), notebooksIn(sourceFolder));
});

Deno.test("findNotebooks takes a unit from the home where a learner's is meant", async () => {
  const before = Deno.env.get("TESSERA_HOME");
  const home = join(await Deno.makeTempDir({ prefix: "notebooks test " }), "home");
  Deno.env.set("TESSERA_HOME", home);
  try {
    const [unit] = unitNames();
    assertEquals(findNotebooks(unit, "learner's"), notebooksIn(join(home, unit)));
    assertEquals(findNotebooks(unit, "solved"), notebooksIn(join(sourceFolder, unit)));
    const [path] = notebooksIn(join(home, unit));
    assertEquals(outputPath(path), join(home, "out", relative(home, path)));
  } finally {
    if (before === undefined) Deno.env.delete("TESSERA_HOME");
    else Deno.env.set("TESSERA_HOME", before);
    await Deno.remove(dirname(home), { recursive: true });
  }
});

Deno.test("outputPath keeps the copies of source, exercises and other notebooks apart", () => {
  const paths = ["notebooks/source/u/n.ipynb", "notebooks/exercises/u/n.ipynb", "mine/n.ipynb"];
  assertEquals(paths.map((path) => outputPath(join(root, path))), [
    join(root, "out/solved/u/n.solved.ipynb"),
    join(root, "out/solved/exercises/u/n.ipynb"),
    join(root, "out/solved/mine/n.ipynb"),
  ]);
});
