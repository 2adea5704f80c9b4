/** What is marked while one types, and in which words; and what is right, and is not: by one service. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Client, sent } from "./client.ts";
import { withHome } from "./home.ts";

/** Cells, and what their marks say; nothing where there is to be none. */
type Marked = [cell: string, said: string];

const unreadable: Marked[] = [
  ["const part = [1, 2, 3][1:];", "xs.slice(1, 3)"],
  ['const words = f"{1}";', "between backticks"],
  ["const both = true and false;", "&&, ||, !, ==="],
  ["const squares = [v * v for v in [1]];", "xs.map((x) => f(x))"],
  ["import numpy as np", "TypeScript writes import"],
];
// What packages there are, and that a return stands alone, is said only where all cells can be read.
const readable: Marked[] = [
  ["return 5;", "return belongs into a function"],
  ['import { Foo } from "torch";', '"npm:NAME"'],
  ['import { no } from "./nothing.ts";', "Cannot find module 'nothing.ts'.\nNo such file"],
  ["[1].map((each) => each).join(axis=0);", "{ axis: … }"],
  ["later;", "A cell further down makes it"],
  ["const later = 1;", ""],
  ['  import { Random } from "tessera";', ""],
  ["new Random(1);", ""],
  ["export default 3;", ""],
  ["const half = 2;", ""],
  ["export { half };", ""],
  ["(half! / (2)) + (half! / (2));", ""],
];

async function saysWhatToWrite(client: Client): Promise<void> {
  const name = "unit 1 ä/mine ü.ipynb";
  await client.open(name, sent(["1;"]));
  let count = 0;
  for (const cells of [unreadable, readable]) {
    const sources = cells.map(([cell]) => cell);
    const lines = sent(sources).split("\n");
    let wrong: string[] = [];
    // Packages are marked a moment after the types.
    for (let attempt = 0; attempt < 20; attempt++) {
      const undeclared = `undeclared_${++count}_`;
      await client.change(name, sent([...sources, `${undeclared};`]));
      const found = await client.problems(name, undeclared);
      wrong = cells.flatMap(([cell, wanted]) => {
        const line = lines.indexOf(cell);
        const said = found.filter(({ range }) => range.start.line === line)
          .map(({ message }) => message).join("\n");
        const isRight = wanted === "" ? said === "" : said.includes(wanted);
        return isRight && !/file:\/\/|deno add/.test(said) ? [] : [`${cell}\n→ ${said}`];
      });
      if (wrong.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assertEquals(wrong, []);
  }
}

async function refusesNames(client: Client): Promise<void> {
  const name = "unit1/renamed.ipynb";
  await client.open(name, sent(["const total = 1;", "total + 1;"]));
  const rename = (newName: string) =>
    client.ask("rename", name, { line: 0, character: 8 }, { newName });
  for (const newName of ["new name", "2nd", "class", ""]) {
    const error = await assertRejects(() => rename(newName), Error);
    assertStringIncludes(error.message, `"${newName}" is no name`);
  }
  const { changes: { [client.uri(name)]: edits } } = await rename("summe_ä2");
  assertEquals(edits.length, 2);
}

async function followsModules(client: Client, home: string): Promise<void> {
  const name = "unit 1 ä/beside.ipynb";
  await Deno.mkdir(join(home, "unit 1 ä"));
  const module = join(home, "unit 1 ä/own.ts");
  let count = 0;
  /** Until the marks are as they should be, which follow the file a moment later. */
  const marked = async (wanted: RegExp) => {
    let said = "";
    for (let attempt = 0; attempt < 20; attempt++) {
      const undeclared = `undeclared_${++count}_`;
      const cells = ['import { one, two } from "./own.ts";', "one + two;", `${undeclared};`];
      await client.change(name, sent(cells));
      said = (await client.problems(name, undeclared)).map((each) => each.message).join("\n");
      if (wanted.test(said)) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`${wanted} is not what is marked: ${said}`);
  };
  await Deno.writeTextFile(module, "export const one = 1;\n");
  await client.open(name, sent(["1;"]));
  await marked(/no exported member 'two'/);
  await Deno.writeTextFile(module, "export const one = 1;\nexport const two = 2;\n");
  await marked(/^$/);
  await Deno.remove(module);
  await marked(/Cannot find module 'own.ts'/);
  // As JupyterLab and other editors save: beside it, and then in its place.
  await Deno.writeTextFile(`${module}~`, "export const two = 2;\n");
  await Deno.rename(`${module}~`, module);
  await marked(/no exported member 'one'/);
}

Deno.test("marks while one types, and the mistakes that are none", async (test) => {
  await withHome(async (home) => {
    await using client = await Client.start(home);
    await test.step("marks say what TypeScript writes, in plain words, and leave alone what is right", () =>
      saysWhatToWrite(client));
    await test.step("a new name that is none is refused, and says what a name is", () =>
      refusesNames(client));
    await test.step("a module beside the notebook is read as it is saved, made and deleted", () =>
      followsModules(client, home));
  });
});
