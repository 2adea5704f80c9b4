/** Questions that the language server fails to answer; those of an editor are in answers_test.ts. */
import { assert, assertEquals } from "@std/assert";
import { askTwice } from "../../language/unanswered.ts";

/** A question that fails so many times, and how often it was asked. */
function failing(times: number) {
  const asked = { count: 0 };
  const ask = () =>
    ++asked.count <= times ? Promise.reject(new Error("Internal error")) : Promise.resolve("found");
  return { asked, ask };
}

Deno.test("askTwice: once more where that fails, and no answer where it fails again", async () => {
  const { error } = console;
  const lines: string[] = [];
  console.error = (line: string) => lines.push(line);
  try {
    for (const [times, count, found] of [[0, 1, "found"], [1, 2, "found"], [9, 2, null]] as const) {
      const { asked, ask } = failing(times);
      assertEquals(await askTwice("textDocument/probe", ask), found);
      assertEquals(asked.count, count);
    }
    // Nor where somebody has typed on.
    const { asked, ask } = failing(1);
    assertEquals(await askTwice("textDocument/probe", ask, () => false), null);
    assertEquals(asked.count, 1);
  } finally {
    console.error = error;
  }
  assertEquals(lines.length, 1, "said once");
  assert(lines[0].includes("textDocument/probe") && lines[0].includes("Internal error"), lines[0]);
});
