/** Every cell of the course is read, so that Stop reaches what it awaits; and what one imports is its own. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { cell, drive, textOf, valueOf } from "./driver.ts";

const check = `
import json, sys
from pathlib import Path
from tessera_kernel.cells import rewrite
from tessera_kernel.syntax import parse
count, unread, moved = 0, [], []
for path in sorted(Path(sys.argv[1]).glob("notebooks/*/*/*.ipynb")):
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            code = "".join(cell["source"])
            count += 1
            if parse(code) is None: unread.append(code)
            made = rewrite(code, 1)
            if parse(made) is None or made.count("\\n") != code.count("\\n") + 1: moved.append(code)
print(json.dumps([count, unread, moved]))
`;

Deno.test("A cell that imports a package of its own leaves the course's lock as it is", async () => {
  const lock = join(root, "deno.lock");
  const before = await Deno.readTextFile(lock);
  try {
    // One that the course has, asked for in another way, so that nothing is fetched.
    const { results: [{ cells: [result] }] } = await drive([
      cell('import * as own from "npm:pngjs@^7.0.0"; typeof own'),
    ]);
    assertEquals(valueOf(result)?.includes("object"), true, textOf(result));
    assertEquals(await Deno.readTextFile(lock), before);
  } finally {
    if (await Deno.readTextFile(lock) !== before) await Deno.writeTextFile(lock, before);
  }
});

Deno.test("Every cell of the notebooks can be read and rewritten, line for line", async () => {
  const { code, stdout, stderr } = await new Deno.Command(`${root}/.venv/bin/python`, {
    args: ["-c", check, root],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const [count, unread, moved] = JSON.parse(new TextDecoder().decode(stdout));
  assert(count > 300, `${count} cells`);
  assertEquals([unread, moved], [[], []]);
});

Deno.test("A declaration in a cell's last line is no value, and the cell is stopped as others are", async () => {
  const last = [
    "namespace Shapes { export const size = 3; }",
    "using file = { [Symbol.dispose]() {} };",
    "using one = null, two = null;",
    "enum Colour { Red }",
  ];
  const { results } = await drive([
    cell("const seen: string[] = [];"),
    ...last.map((code) =>
      cell(`try { await new Promise(() => {}); } finally { seen.push("${code[0]}"); }\n${code}`, {
        stops: [0.4],
      })
    ),
    cell("seen.join()"),
    ...last.map((code) => cell(code)),
  ]);
  last.forEach((code, index) => {
    assertEquals(results[1 + index].cells[0].reply.ename, "Stopped", code);
    const [declared] = results[2 + last.length + index].cells;
    assertEquals([declared.reply.status, valueOf(declared)], ["ok", undefined], code);
  });
  assertEquals(valueOf(results[1 + last.length].cells[0]), '"n,u,u,e"');
});

Deno.test("Enums, namespaces and what is exported hold for later cells, constant enums too", async () => {
  const { results } = await drive([
    cell(
      "const enum Mode { Train, Test = 5 }\nenum Colour { Red = 2 }\nnamespace Shapes { export const size = 3; }",
    ),
    cell(
      "export const enum Level { Low = 'low' }\nexport interface Shape { width: number }\nexport type { Shape as Other };",
    ),
    cell(
      "const shape: Shape = { width: Shapes.size };\n[Mode.Test, Mode[0], Colour.Red, Level.Low, shape.width].join()",
    ),
    // As enums it can be made anew, and errors have its lines.
    cell("const enum Mode { Train = 8 }\n\nmissing(Mode.Train);"),
    cell("[Mode.Train, ((mode: Mode) => mode)(Mode.Train)].join()"),
    cell("let Mode = 1;"),
  ]);
  const [, , all, failed, again, other] = results.map(({ cells }) => cells[0]);
  assertEquals([valueOf(all), valueOf(again)], ['"5,Train,2,low,3"', '"8,8"']);
  assertStringIncludes(failed.reply.traceback!.join("\n"), "→ 3 | missing(Mode.Train);");
  assertStringIncludes(other.reply.traceback!.at(-1)!, "Cell [4] has made Mode with enum");
});
