/** A cell means the same on Deno's kernel and on the site's. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { program, root } from "../../tools/command.ts";
import { cell, drive, valueOf } from "../kernel/driver.ts";
import { cells, showing, wrongOnes } from "./cells.ts";

Deno.test("cells show on Deno's kernel what they should", async () => {
  const { results } = await drive(cells.map(([code]) => cell(code)));
  const found = results.map(({ cells: [result] }) =>
    showing(
      result.outputs.filter(({ type }) => type === "stream").map(({ text }) => text).join(""),
      valueOf(result),
      result.reply.status === "error" ? result.reply : undefined,
    )
  );
  assertEquals(wrongOnes(found), []);
});

Deno.test("cells show on the site's kernel what they show on Deno's", async () => {
  const { success, stdout, stderr } = await new Deno.Command(program("deno"), {
    args: [
      ...[
        "run",
        "--quiet",
        "--allow-all",
        "--no-check",
        "--frozen",
        "--config",
        join(root, "site/deno.json"),
      ],
      join(root, "tests", "site", "cells_in_worker.ts"),
    ],
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  assertEquals(wrongOnes(JSON.parse(new TextDecoder().decode(stdout))), []);
});
