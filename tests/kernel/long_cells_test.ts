/** Cells of thousands of lines, or of megabytes, are run, stopped and their errors told as others are. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { cell, drive } from "./driver.ts";

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

/** Of what takes more than a line's share of the time for each line, these cells would need many minutes. */
const soonMs = 60_000;

Deno.test("Errors in cells of 5,000 lines have their lines, Stop ends them, and the kernel goes on", async () => {
  const alike = lines(5000, (index) => `total += Math.sqrt(${index}) as number; // ${index}`);
  const typed = lines(5000, (index) => `const value${index}: number = Math.sqrt(${index});`);
  const waiting = lines(5000, (index) => `await Promise.resolve(${index});`);
  const imports = lines(200, (index) => `import { join as join${index} } from "node:path";`);
  const broken = typed.replace("value2500: number =", "other2500: number = =");
  const python = lines(5000, (index) => `const odd${index} = if ${index} None or [:${index}]`);
  const { results } = await drive([
    cell("let total = 0;"),
    cell(`${alike}\nmissing();`),
    cell(`${typed}\nmissing(value0);`),
    cell(`${imports}\n${waiting}\nmissing();`),
    cell(broken),
    cell(python),
    { cells: [`${alike}\nwhile (true) { total += 1; }`], stops: [1.5] },
    cell("total > 0"),
  ]);
  const errors = results.map(({ cells: [each] }) => each.reply);
  const told = errors.map(({ traceback }) => traceback?.join("\n") ?? "");
  assertEquals(errors.map(({ ename }) => ename), [
    undefined,
    "ReferenceError",
    "ReferenceError",
    "ReferenceError",
    "SyntaxError",
    "SyntaxError",
    "Stopped",
    undefined,
  ]);
  assertStringIncludes(told[1], "→ 5001 | missing();");
  assertStringIncludes(told[2], "→ 5001 | missing(value0);");
  assertStringIncludes(told[3], "→ 5201 | missing();");
  assertStringIncludes(told[4], "→ 2501 | const other2500");
  assertStringIncludes(told[5], "→ 1 | const odd0");
  for (const { cells: [{ ms }] } of results) assert(ms < soonMs, `${ms} ms`);
});

Deno.test("Cells of 2 MB run, and their errors have their lines", async () => {
  const numbers = lines(20_000, (index) => `${index},`.repeat(18));
  const { results } = await drive([
    cell(`const data = [\n${numbers}\n];\nmissing();`),
    cell(`const text = "${"é".repeat(1_000_000)}"; missing();`),
    cell(`const more = [${numbers.replaceAll("\n", "")}]];`),
    cell("data.length + text.length"),
  ]);
  const errors = results.map(({ cells: [each] }) => each.reply);
  assertEquals(
    errors.map(({ ename }) => ename),
    ["ReferenceError", "ReferenceError", "SyntaxError", undefined],
  );
  assertStringIncludes(errors[0].traceback!.join("\n"), "→ 20003 | missing();");
  assertStringIncludes(errors[1].traceback![1], "line 1");
  // A line is not shown whole that nobody could read.
  for (const { traceback } of errors) assert(JSON.stringify(traceback ?? []).length < 2000);
  for (const { cells: [{ ms }] } of results) assert(ms < soonMs, `${ms} ms`);
});
