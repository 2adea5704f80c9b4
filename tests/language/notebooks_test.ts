/** No notebook of the course has a mark, neither what learners get nor what authors write. */
import { assert, assertEquals } from "@std/assert";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../tools/command.ts";
import { exercisesFolder } from "../../tools/homes.ts";
import { notebooksIn, readNotebook, sourceFolder } from "../../tools/notebooks.ts";
import { Client, codeOf, sent } from "./client.ts";
import { withHome } from "./home.ts";
import { rightCells } from "./right_cells.ts";

const undeclared = "undeclared_name";

/** What is marked in cells, each with its line. */
async function marksIn(client: Client, path: string, cells: readonly string[]): Promise<string[]> {
  const text = sent([...cells, undeclared]);
  const lines = text.split("\n");
  await client.open(path, text);
  const problems = await client.problems(path, undeclared);
  await client.close(path);
  return problems.map(({ message, range }) => `${path}: ${lines[range.start.line]}: ${message}`);
}

/** What is marked in the notebooks that a folder holds, by their paths in it. */
async function marksInAll(client: Client, folder: string, notebooks: readonly string[]) {
  const marks: string[] = [];
  for (const notebook of notebooks) {
    const cells = codeOf(await readNotebook(notebook));
    marks.push(...await marksIn(client, relative(folder, notebook), cells));
  }
  return marks;
}

async function inInstallation(test: Deno.TestContext): Promise<void> {
  await using client = await Client.start(root);
  await test.step("authors' notebooks lead to the library itself", async () => {
    const path = "notebooks/source/unit1/probe.ipynb";
    await client.open(path, sent(['import { Linear } from "tessera";']));
    const [{ uri }] = await client.ask("definition", path, { line: 0, character: 10 });
    assertEquals(fileURLToPath(uri), join(root, "lib", "nn", "linear.ts"));
    await client.close(path);
  });
  await test.step("no mark at unusual TypeScript that is right", async () => {
    assertEquals(await marksIn(client, "right.ipynb", rightCells), []);
  });
  await test.step("no mark in what authors write", async () => {
    const notebooks = notebooksIn(sourceFolder);
    assert(notebooks.length > 10);
    assertEquals(await marksInAll(client, root, notebooks), []);
  });
}

async function inHome(home: string): Promise<string[]> {
  const notebooks = notebooksIn(home);
  assertEquals(notebooks.length, notebooksIn(exercisesFolder).length);
  await using client = await Client.start(home);
  return await marksInAll(client, home, notebooks);
}

Deno.test("no mark in any notebook of the course, solved or not", async (test) => {
  await withHome(async (home) => {
    // Two services at once: each reads on one core.
    const [marks] = await Promise.all([inHome(home), inInstallation(test)]);
    assertEquals(marks, []);
  });
});
