/** What cells print and show arrives whole, in order and within its cell, up to a limit. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cell, type CellResult, drive, textOf } from "./driver.ts";

const typesOf = ({ outputs }: CellResult) => outputs.map(({ type }) => type).slice(1);

Deno.test("20,000 lines, 5 MB of text and 50 MB of displays arrive, in order", async () => {
  const { results } = await drive([
    cell("for (let i = 0; i < 20_000; i++) console.log(`line ${i}`);"),
    cell("console.log('next');"),
    cell("for (let i = 0; i < 5; i++) console.log('x'.repeat(999_999));"),
    cell(
      "for (let i = 0; i < 5; i++) {\n" +
        "  await Deno.jupyter.display({ 'text/plain': 'd' + i, 'text/html': 'y'.repeat(9_900_000) }, { raw: true });\n" +
        "  console.log('after', i);\n}",
    ),
    cell(
      "console.log('a'); console.error('b'); console.log('c'); await Deno.jupyter.display({ 'text/plain': 'd' }, { raw: true });\n" +
        "Deno.stdout.writeSync(new TextEncoder().encode('e\\n')); 'f'",
    ),
  ]);
  const [lines, next, text, displays, mixed] = results.map(({ cells }) => cells[0]);
  assertEquals(textOf(lines), Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join(""));
  assertEquals(textOf(next), "next\n");
  assertEquals(textOf(text).length, 5_000_000);
  const shown = displays.outputs.filter(({ type }) => type === "display_data");
  assertEquals(shown.map(({ data }) => data!["text/plain"]), ["d0", "d1", "d2", "d3", "d4"]);
  assert(shown.every(({ data }) => data!["text/html"].length === 9_900_000));
  assertEquals(typesOf(displays), Array(5).fill(["display_data", "stream"]).flat());
  assertEquals(
    mixed.outputs.slice(1).map(({ text, data }) => text ?? data!["text/plain"]),
    [
      "a\n",
      "b\n",
      "c\n",
      "d",
      "e\n",
      '"f"',
    ],
  );
  assertEquals(results.every(({ late }) => late.length === 0), true);
});

Deno.test("Beyond the limit one line says how much was cut, and later cells are whole", async () => {
  const { results } = await drive([
    cell("for (let i = 0; i < 300_000; i++) console.log(`line ${i}`);"),
    cell("for (let i = 0; i < 7; i++) console.log('x'.repeat(999_999));"),
    cell(
      "for (let i = 0; i < 6; i++) {\n" +
        "  await Deno.jupyter.display({ 'text/plain': 'd' + i, 'text/html': 'y'.repeat(9_900_000) }, { raw: true });\n}",
    ),
    cell("console.log('whole');"),
  ]);
  const [lines, text, displays, whole] = results.map(({ cells }) => cells[0]);
  const kept = textOf(lines).split("\n");
  assertEquals([kept[19_999], kept.length], ["line 19999", 20_002]);
  assertMatch(
    kept[20_000],
    /^… 280,000 more lines \(3\.\d MB\) of text were cut: a cell shows up to 20,000 lines/,
  );
  assertMatch(textOf(text).slice(-200), /… 2 more lines \(2\.0 MB\) of text were cut/);
  assertStringIncludes(textOf(displays), "1 more displays were cut");
  assertEquals(textOf(whole), "whole\n");
});

Deno.test("What a timer prints after its cell has ended is shown under that cell", async () => {
  const { results } = await drive([
    cell("setTimeout(() => console.log('late'), 300);"),
    cell("await new Promise((r) => setTimeout(r, 900)); console.log('mine');"),
  ]);
  assertEquals(textOf(results[1].cells[0]), "mine\n");
  assertEquals(results[1].late.map(({ text }) => text), ["late\n"]);
});
