/** No notebook of the course has a mark, neither what learners get nor what authors write. */
import { assert, assertEquals } from "@std/assert";
import { relative } from "node:path";
import { root } from "../../tools/command.ts";
import { exercisesFolder } from "../../tools/homes.ts";
import { notebooksIn, readNotebook, sourceFolder } from "../../tools/notebooks.ts";
import { Client, codeOf, sent } from "./client.ts";
import { withHome } from "./home.ts";

const undeclared = "undeclared_name";

/** What is marked in the notebooks that a folder holds, by their paths in it. */
async function marksIn(folder: string, notebooks: readonly string[]): Promise<string[]> {
  await using client = await Client.start(folder);
  const marks: string[] = [];
  for (const notebook of notebooks) {
    const path = relative(folder, notebook);
    const text = sent([...codeOf(await readNotebook(notebook)), undeclared]);
    await client.open(path, text);
    for (const { message, range } of await client.problems(path, undeclared)) {
      marks.push(`${path}: ${text.split("\n")[range.start.line]}: ${message}`);
    }
    await client.close(path);
  }
  return marks;
}

Deno.test("no mark in any notebook of the course, solved or not", async () => {
  const notebooks = notebooksIn(sourceFolder);
  assert(notebooks.length > 10);
  assertEquals(await marksIn(root, notebooks), []);
  await withHome(async (home) => {
    const exercises = notebooksIn(home);
    assertEquals(exercises.length, notebooksIn(exercisesFolder).length);
    assertEquals(await marksIn(home, exercises), []);
  });
});
