import { assertEquals } from "@std/assert";
import { isAbsolute, join } from "node:path";
import { projectPath } from "../../lib/mod.ts";

Deno.test("projectPath: finds the project from any working directory, by a relative path", async () => {
  const from = Deno.cwd();
  const elsewhere = await Deno.makeTempDir();
  try {
    for (const folder of [from, join(import.meta.dirname!, "..", "exercises"), elsewhere]) {
      Deno.chdir(folder);
      const path = projectPath("lib", "mod.ts");
      assertEquals(isAbsolute(path), false);
      assertEquals((await Deno.stat(path)).isFile, true);
    }
  } finally {
    Deno.chdir(from);
    await Deno.remove(elsewhere);
  }
});
