/** A cell means the same on Deno's kernel and on the site's. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { program, root } from "../../tools/command.ts";
import { cell, drive, valueOf } from "../kernel/driver.ts";
import { stackOf } from "../../lib/platform/browser/stack.ts";
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

/** What `site/run_cells.ts` writes for each cell. */
interface Ran {
  printed: string;
  value?: string;
  failure?: { ename: string; evalue: string; traceback: string[] };
}

/** A program of its own, since the packages of the site's kernel have a lock of their own. */
async function runBySite(codes: readonly string[]): Promise<Ran[]> {
  const child = new Deno.Command(program("deno"), {
    args: [
      ...["run", "--quiet", "--allow-all", "--no-check", "--frozen"],
      ...["--config", join(root, "site", "deno.json"), join(root, "site", "run_cells.ts")],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(codes)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("cells show on the site's kernel what they show on Deno's", async () => {
  const found = (await runBySite(cells.map(([code]) => code)))
    .map(({ printed, value, failure }) => showing(printed, value, failure));
  assertEquals(wrongOnes(found), []);
});

Deno.test("an error on the site's kernel shows the cells' own lines", async () => {
  const [, , { failure }] = await runBySite([
    "function inner() {\n  throw new RangeError('here');\n}",
    "1",
    "function outer() {\n  inner();\n}\n\nouter();",
  ]);
  assertEquals(failure?.traceback, [
    "RangeError: here",
    "cell [1], line 2, in inner",
    "    1 | function inner() {",
    "  → 2 |   throw new RangeError('here');",
    "    3 | }",
    "cell [3], line 2, in outer",
    "    1 | function outer() {",
    "  → 2 |   inner();",
    "    3 | }",
    "cell [3], line 5",
    "    4 |",
    "  → 5 | outer();",
  ]);
});

Deno.test("an error's stack in another browser has its message and its places as Chromium's", () => {
  const error = Object.assign(new TypeError("no function"), {
    stack: "inner@cell:1:2:9\n@cell:2:1:1\n@\nrun@https://course.example.org/worker.js:1:2",
  });
  assertEquals(stackOf(error).split("\n"), [
    "TypeError: no function",
    "    at inner (cell:1:2:9)",
    "    at cell:2:1:1",
    "    at run (https://course.example.org/worker.js:1:2)",
  ]);
  const full = Object.assign(new Error("full"), {
    name: "FileError",
    stack: "FileError@https://course.example.org/tessera.js:6:7\n@cell:2:1:1\n",
  });
  assertEquals(stackOf(full).split("\n"), [
    "FileError: full",
    "    at FileError (https://course.example.org/tessera.js:6:7)",
    "    at cell:2:1:1",
  ]);
  const told = Object.assign(new Error("told"), { stack: "✘ Patches: wrong.\n  As told." });
  assertEquals(stackOf(told), told.stack);
  const chromiums = new TypeError("no function");
  assertEquals(stackOf(chromiums), chromiums.stack);
});
