/** Questions that the language server fails to answer: nobody who types hears an error. */
import { assert, assertEquals } from "@std/assert";
import type { CompletionItem } from "vscode-languageserver-types";
import { askTwice } from "../../language/unanswered.ts";
import { Client, sent } from "./client.ts";
import { withHome } from "./home.ts";

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

Deno.test("no request is answered by an error: not behind the text, nor of what is closed or unknown", async () => {
  await withHome(async (home) => {
    await using client = await Client.start(home);
    const name = "unit1/mine.ipynb";
    await client.open(name, sent(["const width = 28;", "width."]));
    await client.open("unit1/mine.ts", "export const half = 14;\n");
    const beyond = { line: 999, character: 3 };
    for (const path of [name, "unit1/mine.ts", "unit1/unknown.ipynb"]) {
      for (const method of ["hover", "completion", "signatureHelp"]) {
        assertEquals(await client.ask(method, path, beyond), null, `${method} of ${path}`);
      }
      assertEquals(await client.ask("definition", path, beyond) ?? [], [], path);
    }
    // A name that was offered in a notebook that is closed meanwhile stays as it was.
    const { items } = await client.ask("completion", name, { line: 3, character: 6 });
    const offered: CompletionItem = items[0];
    await client.close(name);
    assertEquals(
      await client.connection.sendRequest("completionItem/resolve", offered),
      offered,
    );
  });
});
