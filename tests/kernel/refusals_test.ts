/** What a notebook's kernel does not do for a cell is an error in words, and the state stays. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { root } from "../../tools/command.ts";
import { cell, drive, textOf, valueOf } from "./driver.ts";

Deno.test("A cell that would end the kernel fails, in a notebook and in a run without a window", async () => {
  const codes: [code: string, call: string][] = [
    ["Deno.exit();\nconsole.log('not reached');", "Deno.exit"],
    ["process.exit(3)", "process.exit"],
    ["import { exit } from 'node:process'; exit();", "Deno.exit"],
    ["process.abort()", "process.abort"],
    ["close()", "close"],
    [
      "setTimeout(() => Deno.exit(1), 5); await new Promise((r) => setTimeout(r, 300));",
      "Deno.exit",
    ],
  ];
  const environments: Record<string, string>[] = [{ JPY_SESSION_NAME: "test.ipynb" }, {}];
  for (const environment of environments) {
    const { results } = await drive([
      cell("const kept = 41;"),
      ...codes.map(([code]) => cell(code)),
      cell("kept + 1"),
    ], environment);
    codes.forEach(([code, call], index) => {
      const [found] = results[1 + index].cells;
      assertEquals([found.reply.status, textOf(found)], ["error", ""], code);
      assertStringIncludes(found.reply.evalue!, `${call}() would end the kernel`, code);
      assertStringIncludes(found.reply.traceback!.join("\n"), `cell [${2 + index}], line 1`, code);
    });
    assertEquals(valueOf(results.at(-1)!.cells[0]), "42");
  }
});

Deno.test("A program of a learner's own ends when it says so", async () => {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", `import "${root}/lib/mod.ts"; Deno.exit(3);`],
    cwd: root,
  }).output();
  assertEquals(code, 3);
});

Deno.test("What would ask somebody at a keyboard is refused, and does not wait", async () => {
  const readline = (module: string) =>
    `import { createInterface } from "node:${module}";\n` +
    "const asked = createInterface({ input: process.stdin, output: process.stdout });\n" +
    "await new Promise((resolve) => asked.question('Name? ', resolve));";
  const codes: [code: string, line: number][] = [
    ["prompt('Name?')", 1],
    ["confirm('Sure?')", 1],
    ["alert('Done')", 1],
    [readline("readline"), 2],
    [readline("readline/promises"), 2],
    ["for await (const line of process.stdin) console.log(line);", 1],
    ["process.stdin.on('data', () => {});", 1],
    ["import { stdin } from 'node:process';\nstdin.pipe(process.stdout);", 2],
    ["await Deno.stdin.read(new Uint8Array(9))", 1],
    ["Deno.stdin.readSync(new Uint8Array(9))", 1],
    ["for await (const line of Deno.stdin.readable) console.log(line);", 1],
  ];
  const { results } = await drive([
    ...codes.map(([code]) => cell(code)),
    cell("[Deno.stdin.isTerminal(), process.stdin.on('end', () => {}) === process.stdin].join()"),
  ]);
  codes.forEach(([code, line], index) => {
    const [{ reply }] = results[index].cells;
    assertEquals(reply.status, "error", code);
    assertMatch(reply.evalue!, /(reads no keyboard|opens no window)/, code);
    assertStringIncludes(reply.traceback!.join("\n"), `cell [${1 + index}], line ${line}`, code);
  });
  assertEquals(valueOf(results.at(-1)!.cells[0]), '"false,true"');
});
