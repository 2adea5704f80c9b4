/** What learners type, through the program that jupyter-lsp starts: marks, types, names, calls. */
import { assert, assertEquals } from "@std/assert";
import { Client, sent } from "./client.ts";
import { withHome } from "./home.ts";
import { above, type TypedCell, typedCells } from "./learners_cells.ts";

/** In the cell below. */
const undeclared = "undeclared_name";

/** The place behind a text of a cell that stands below the one above. */
function behind(cell: string, text: string) {
  const lines = cell.slice(0, cell.indexOf(text) + text.length).split("\n");
  return { line: above.split("\n").length + 2 + lines.length - 1, character: lines.at(-1)!.length };
}

/** What is wrong, as the cell's text at that place. */
async function marks(client: Client, path: string, cell: string): Promise<[string, string][]> {
  const lines = sent([above, cell]).split("\n");
  const found = (await client.problems(path, undeclared)).toSorted((a, b) =>
    a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character
  );
  return found.map(({ range: { start, end }, message }) => [
    lines[start.line].slice(start.character, start.line === end.line ? end.character : undefined),
    message,
  ]);
}

/** The marks once they are as many as are meant; those of types and those of imports come one after the other. */
async function marksInTime(
  client: Client,
  path: string,
  { cell, wrong = [] }: TypedCell,
): Promise<[string, string][]> {
  for (let tries = 100;; tries--) {
    const found = await marks(client, path, cell);
    if (found.length === wrong.length || tries === 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function tryOut(client: Client, path: string, typed: TypedCell): Promise<void> {
  const { cell, wrong = [], hover, offers, signature } = typed;
  const say = (what: unknown) => `${cell}\n→ ${JSON.stringify(what)}`;
  await client.open(path, sent([above, cell, undeclared]));
  const found = await marksInTime(client, path, typed);
  assertEquals(found.map(([text]) => text), wrong.map(([text]) => text), say(found));
  found.forEach(([, said], index) =>
    assert(said.startsWith(wrong[index][1]) || said.includes(wrong[index][1]), say(said))
  );
  if (hover) {
    const { line, character } = behind(cell, hover[0]);
    const shown = await client.hover(path, { line, character: character - 1 });
    assert(shown.includes(hover[1]), say(shown));
  }
  if (offers) {
    const begun = cell.slice(0, cell.indexOf(offers.behind) + offers.behind.length);
    await client.change(path, sent([above, begun, undeclared]));
    const names = await client.names(path, behind(begun, offers.behind), begun.at(-1));
    assertEquals(names.slice(0, offers.first.length), offers.first, say(names.slice(0, 20)));
    for (const not of offers.not ?? []) assert(!names.includes(not), say(not));
  }
  if (signature) {
    const begun = cell.slice(0, cell.indexOf(signature[0]) + signature[0].length);
    await client.change(path, sent([above, begun, undeclared]));
    const help = await client.ask("signatureHelp", path, behind(begun, signature[0]));
    const label = help?.signatures[0].label ?? "";
    assert(label.includes(signature[1]), say(label));
  }
  await client.close(path);
}

Deno.test("fifty cells of learners: the marks, types and names that are meant, and no other", async () => {
  await withHome(async (home) => {
    await using client = await Client.start(home);
    const failed: string[] = [];
    for (const [index, typed] of typedCells.entries()) {
      await tryOut(client, `unit1/typed ${index}.ipynb`, typed).catch((error) =>
        failed.push(`${typed.cell}\n${(error as Error).message.slice(0, 1500)}`)
      );
    }
    assert(failed.length === 0, failed.join("\n\n"));
    assert(typedCells.length >= 50);
  }, "a learner's home");
});
