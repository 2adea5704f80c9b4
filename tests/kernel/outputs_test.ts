/** What cells print and show arrives whole, in order and within its cell, up to a limit. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cell, type CellResult, drive, textOf, valueOf } from "./driver.ts";

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
    cell(
      "await new Response('piped\\n').body!.pipeTo(Deno.stdout.writable, { preventClose: true });\n" +
        "const writer = Deno.stderr.writable.getWriter(); await writer.write(new TextEncoder().encode('written'));",
    ),
  ]);
  const [lines, next, text, displays, mixed, streams] = results.map(({ cells }) => cells[0]);
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
  assertEquals(
    streams.outputs.slice(1).map(({ name, text }) => [name, text]),
    [["stdout", "piped\n"], ["stderr", "written"]],
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
    /^… Cut: 280,000 more lines \(3\.\d MB of text\)\. A cell shows up to 20,000 lines/,
  );
  assertMatch(textOf(text).slice(-200), /… Cut: 2 more lines \(2\.0 MB of text\)/);
  assertStringIncludes(textOf(displays), "Cut: 1 more display.");
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

Deno.test("A line longer than the limit is shown up to it, in whole characters", async () => {
  const { results } = await drive([
    cell("console.log('x'.repeat(6_000_000)); console.log('no more');"),
    cell("console.log('a' + 'ä'.repeat(3_000_000));"),
    cell("console.log('x'.repeat(4_999_990)); console.log('longer than the rest of the room');"),
  ]);
  const [long, wide, short] = results.map(({ cells: [{ outputs }] }) =>
    outputs.slice(1).map(({ text }) => text!)
  );
  assertEquals(long[0], "x".repeat(5_000_000));
  assertMatch(long[1], /^… Cut: the end of a line and 1 more line \(1\.0 MB of text\)\. A cell/);
  assertEquals(wide[0], "a" + "ä".repeat(2_499_999));
  assertMatch(wide[1], /^… Cut: the end of a line \(1\.0 MB of text\)\. A cell/);
  assertEquals(short[0], "x".repeat(4_999_990) + "\n");
});

Deno.test("Half a character is shown as the sign for one, in values, texts, displays and errors", async () => {
  const { results } = await drive([
    cell("let ran = 0;"),
    cell("ran++; '\\ud800'"),
    cell("globalThis.half = 'a\\udc00'; // and a comment"),
    cell("ran++, ({ a: '\\ud800' })"),
    cell("console.log('a\\ud800b');"),
    cell("await Deno.jupyter.display({ 'text/plain': 'x\\ud800y' }, { raw: true });"),
    cell("throw new Error('bad \\ud800');"),
    cell("throw '\\ud800';"),
    cell("throw { a: '\\ud800' };"),
    cell("await Promise.reject(new RangeError('awaited \\ud800'));"),
    cell("ran++; if (true) '\\ud800';"),
    cell("'😀'"),
    cell("ran"),
  ]);
  const cells = results.map(({ cells }) => cells[0]);
  assertEquals(cells.slice(1, 4).map(valueOf), ['"�"', '"a�"', '{ a: "�" }']);
  assertEquals(textOf(cells[4]), "a�b\n");
  assertEquals(cells[5].outputs[1].data, { "text/plain": "x�y" });
  assertEquals(cells.slice(6, 10).map(({ reply }) => [reply.ename, reply.evalue]), [
    ["Error", "bad �"],
    ["Uncaught", "�"],
    ["Uncaught", '{ a: "�" }'],
    ["RangeError", "awaited �"],
  ]);
  assertStringIncludes(cells[6].reply.traceback!.join("\n"), "cell [7], line 1");
  // Deno loses it: no error of another cell is told in its place.
  assertStringIncludes(cells[10].reply.evalue!, "half a character");
  assertEquals(cells.slice(11).map(valueOf), ['"😀"', "3"]);
  // Nothing that a notebook could not be saved with.
  const shown = cells.map(({ outputs, reply }) => [outputs.slice(1), reply]);
  assertEquals(/(?<!\\)\\ud[89a-f]/.test(JSON.stringify(shown)), false);
});

Deno.test("In a run without a window what timers print between two cells is shown under the next", async () => {
  const { results } = await drive([
    cell("setTimeout(() => console.log('between'), 20);\nvoid 0;"),
    { wait: 0.4 },
    cell("console.log('mine');"),
    cell("console.log('next');"),
  ], { TESSERA_HEADLESS: "1" });
  assertEquals(textOf(results[2].cells[0]), "between\nmine\n");
  assertEquals(textOf(results[3].cells[0]), "next\n");
});
