/** Cells of thousands of lines, or of megabytes, are run, stopped and their errors told as others are. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cell, measure, valueOf } from "./driver.ts";

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

/**
 * Of what takes more than a line's share of the time for each line, all these cells would need many minutes of a
 * processor. By the clock a busy machine may take as long for anything.
 */
const soonMs = 120_000;

Deno.test("Errors in cells of 5,000 lines have their lines, Stop ends them, and the kernel goes on", async () => {
  const alike = lines(5000, (index) => `total += Math.sqrt(${index}) as number; // ${index}`);
  const typed = lines(5000, (index) => `const value${index}: number = Math.sqrt(${index});`);
  const waiting = lines(5000, (index) => `await Promise.resolve(${index});`);
  const imports = lines(200, (index) => `import { join as join${index} } from "node:path";`);
  const broken = typed.replace("value2500: number =", "other2500: number = =");
  const python = lines(5000, (index) => `const odd${index} = if ${index} None or [:${index}]`);
  const { results, processor_ms } = await measure([
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
  assert(processor_ms < soonMs, `${processor_ms} ms`);
});

Deno.test("Cells of 2 MB run, and their errors have their lines", async () => {
  const numbers = lines(20_000, (index) => `${index},`.repeat(18));
  const { results, processor_ms } = await measure([
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
  assert(processor_ms < soonMs, `${processor_ms} ms`);
});

Deno.test("What is nested too deeply to be read is an error of the cell, and the kernel goes on", async () => {
  const nested = (open: string, close: string, depth: number) =>
    `${open.repeat(depth)}1${close.repeat(depth)}`;
  const refused: [code: string, message: RegExp][] = [
    [nested("(", ")", 20_000), /^More than 1,000 brackets .* \(line 1\)$/],
    [`1;\n\n${"{".repeat(50_000)}`, /^More than 1,000 brackets .* \(line 3\)$/],
    [Array(40_000).fill("1").join("+"), /^An expression or a statement here has more than 30,000/],
    [`"";\n""${".trim()".repeat(40_000)}`, /has more than 30,000 levels.* \(line 2\)$/],
    [`"";\n""${".trim()".repeat(8000)}`, /^Maximum call stack size exceeded$/],
  ];
  const read: [code: string, value: string][] = [
    [Array(20_000).fill("1").join("+"), "20000"],
    [nested("[", "]", 300) + ".length", "1"],
    [`JSON.parse('${nested("[", "]", 3000)}').length // ${"(".repeat(3000)}`, "1"],
    [`[${Array(100_000).fill("1.5").join(", ")}].length`, "100000"],
    [
      `${
        JSON.stringify(Array(60_000).fill({ id: 1, name: "an item", x: [-1 / 3, 2 / 3] }))
      }.length`,
      "60000",
    ],
  ];
  const { results, processor_ms } = await measure([
    cell("let ran = 1;"),
    ...refused.map(([code]) => cell(code)),
    ...read.map(([code]) => cell(code)),
    cell("ran"),
  ]);
  const cells = results.slice(1).map(({ cells }) => cells[0]);
  for (const [index, [code, message]] of refused.entries()) {
    assertMatch(cells[index].reply.evalue ?? "", message, code.slice(0, 20));
  }
  assert(processor_ms < soonMs, `${processor_ms} ms`);
  assertStringIncludes(cells[4].reply.traceback!.join("\n"), "nothing of it ran");
  assertEquals(cells.slice(refused.length).map(valueOf), [...read.map(([, value]) => value), "1"]);
});
