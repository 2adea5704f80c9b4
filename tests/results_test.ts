import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { resultsTable, withTable } from "../tools/results.ts";
import { recipes } from "../recipes/mod.ts";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));

Deno.test("the README's results are those of the checkpoints", async () => {
  assertEquals(readme, withTable(readme, await resultsTable()), "run: deno task results");
});

Deno.test("every kept checkpoint is of a recipe and has its log", async () => {
  const folder = new URL("../checkpoints/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    assertEquals(name in recipes, true, `checkpoints/${name} is of no recipe`);
    const log = await Deno.readTextFile(new URL(`${name}/train.log`, folder));
    assertStringIncludes(log, "epoch 1: train loss");
  }
});

Deno.test("withTable refuses a README without its marks", () => {
  assertThrows(() => withTable("# Tessera", "|"), Error, "README.md has no");
});
