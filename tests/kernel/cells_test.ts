/** Every cell of the course is read, so that Stop reaches what it awaits; and what one imports is its own. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { cell, drive, textOf, valueOf } from "./driver.ts";

const check = `
import json, sys
from pathlib import Path
from tessera_kernel.cells import parse, rewrite
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
