/** Unusual TypeScript that is right: the kernel runs it, and `./tessera check` does not mark it; notebooks_test.ts types it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { problemsIn, writeCellModules } from "../../tools/cell_problems.ts";
import { root } from "../../tools/command.ts";
import { cell, drive } from "../kernel/driver.ts";
import { rightCells } from "./right_cells.ts";

const name = "right.ipynb";

Deno.test("right cells: the kernel runs each of them", async () => {
  assert(rightCells.length >= 40);
  const { results } = await drive(rightCells.map((each) => cell(each)));
  const failed = results.flatMap(({ cells: [{ reply }] }, index) =>
    reply.status === "ok" ? [] : [`${rightCells[index]}\n→ ${reply.ename}: ${reply.evalue}`]
  );
  assertEquals(failed, []);
});

Deno.test("right cells: ./tessera check finds what is wrong beside them, and nothing else", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-right-cells-" }));
  const path = join(folder, name);
  const wrong = "declare const given: number;\nexport const word: string = given;";
  const notebook = {
    cells: [...rightCells, wrong].map((source) => (
      { cell_type: "code", metadata: {}, outputs: [], source }
    )),
    ...{ metadata: {}, nbformat: 4, nbformat_minor: 4 },
  };
  try {
    await Deno.copyFile(join(root, "deno.json"), join(folder, "deno.json"));
    await Deno.writeTextFile(path, JSON.stringify(notebook));
    const said = await problemsIn(await writeCellModules([path], folder), folder);
    assertStringIncludes(said, `cell ${rightCells.length + 1}, line 2: Type 'number' is not`);
    assertEquals(said.split("\n\n").length, 1, said);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
