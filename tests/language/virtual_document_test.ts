/** A notebook's text as a module: cells, imports, brackets, and places there and back. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ambientOf } from "../../language/ambient.ts";
import { begunImports } from "../../language/begun_import.ts";
import { cellsIn } from "../../language/borders.ts";
import { readCell } from "../../language/cell.ts";
import { isCode, readCode } from "../../language/code.ts";
import { importsOf, withoutExports } from "../../language/imports.ts";
import { VirtualDocument } from "../../language/virtual_document.ts";
import { sent } from "./client.ts";

const lines = (...all: string[]) => all.join("\n");
const cellTexts = (text: string) => {
  const all = text.split("\n");
  return cellsIn(all).map(({ first, end }) => all.slice(first, end).join("\n"));
};

/** The place of a word in a text, counted as the protocol does. */
function placeOf(text: string, word: string) {
  const before = text.slice(0, text.indexOf(word)).split("\n");
  return { line: before.length - 1, character: before.at(-1)!.length };
}

Deno.test("readCode: brackets in strings, comments, templates and regular expressions are none", () => {
  const whole = [
    "const a = '(' + \"[\" + `{`; // {\n/* ( */",
    "const b = `${a.map((x) => `<${x}>`).join(`(`)}`;",
    "const c = /[(/]\\)/.test(a) ? 1 / 2 / 3 : (4) / 5;",
    "return /(/;",
    'const d = "it\'s";',
    "const e = a[0] / b[0] + '/';",
    "const f = (a! / (b)) + (c! / (b)), g = (a++ / (b)) + (c-- / (b));",
    "const h = !/[(]/.test(a) && a !== (b / 2);",
  ];
  for (const text of whole) {
    const { open, stray } = readCode(text);
    assertEquals([open, stray], [[], []], text);
  }
  assertEquals(readCode("f([1, `a${b").open.map(({ opener }) => opener), ["(", "[", "`", "${"]);
  assertEquals(readCode("f(1)) }").stray, [4, 6]);
  assertEquals(readCode("f([1)").open, []); // the parser says what is missing
  assertEquals(readCode("a /* b").open, [{ opener: "/*", offset: 2 }]);
  assert(isCode(readCode("a 'b' c"), 6) && !isCode(readCode("a 'b' c"), 3));
});

Deno.test("importsOf, withoutExports: as the kernel reads them, at the start of a line or not", () => {
  const cell = '  import { a } from "./a.ts";\nif (a) {\n  import { b } from "./b.ts";\n}';
  assertEquals(importsOf(cell).map(({ text, offset }) => [text, offset]), [
    ['import { a } from "./a.ts";', 2],
  ]);
  assertEquals(begunImports("  import { a").map(({ text, offset }) => [text, offset]), [
    ["import { a", 2],
  ]);
  const exports: [cell: string, read: string][] = [
    ["export const a = 1;", "       const a = 1;"],
    ["  export function f() {}", "         function f() {}"],
    ["export default function f() {}", "               function f() {}"],
    ["export default class extends A {}", "void           class extends A {}"],
    ["export default { a: 1 };", "void           { a: 1 };"],
    ["a;\nexport { a, b as c };", "a;\n                     "],
    ["exported(1);", "exported(1);"],
    ['export * as path from "node:path";', " ".repeat(34)],
    ["export declare const a: 1;", "       declare const a: 1;"],
    // A namespace's exports are its own.
    ["namespace A {\nexport const b = 1;\n}", "namespace A {\nexport const b = 1;\n}"],
  ];
  for (const [cell, read] of exports) assertEquals(withoutExports(cell), read);
});

Deno.test("ambientOf: what belongs to a module's top level, whole and at the cell's", () => {
  const global = "declare global {\n  interface A {\n    b: 1;\n  }\n}";
  const module = 'declare module "tessera" {}';
  const cell = `const a = "{";\n${global}\n  ${module}\ndeclare const c: number;`;
  assertEquals(ambientOf(cell).map(({ text }) => text), [global, module]);
  for (
    const none of ["declare global {\n  interface A {", `/*\n${module}\n*/`, `{\n${module}\n}`]
  ) {
    assertEquals(ambientOf(none), [], none);
  }
});

Deno.test("cellsIn: cells end at two empty lines, but not within their brackets", () => {
  const cells = [
    "const a = 1;",
    "function f() {\n  const b = 1;\n\n\n  return b;\n}",
    "const text = `one\n\n\ntwo (`;",
    "/* one\n\n\ntwo */ const c = 1;",
    "const d = [1,",
    "const e = `begun",
    "/* begun",
    "/** Whole. */\nconst g = `x${1}`;",
  ];
  assertEquals(cellTexts(sent(cells)), cells);
  // Functions apart are two blocks, the later one in the earlier, which is as good.
  assertEquals(cellTexts(sent(["const a = 1;\n\n\nconst b = 2;"])), [
    "const a = 1;",
    "const b = 2;",
  ]);
  assertEquals(cellTexts(sent(["", "a;", "", "\n\nb;\n\n"])), ["a;", "b;"]);
  assertEquals(cellTexts(""), []);
});

Deno.test("importsOf: statements at the start of a line, and not in comments or texts", () => {
  const cell = lines(
    'import * as tf from "@tensorflow/tfjs"; const x = 1;',
    "import {",
    "  Linear, // a layer",
    "  Trainer,",
    "} from 'tessera'",
    'import data from "./data.json" with { type: "json" };',
    "/*",
    'import { a } from "a";',
    "*/",
    'const text = `\nimport { b } from "b";\n`;',
    'const lazy = await import("c");',
  );
  assertEquals(importsOf(cell).map(({ from }) => from), [
    "@tensorflow/tfjs",
    "tessera",
    "./data.json",
  ]);
  assertEquals(importsOf('import { Vi\nimport * as tf from "tf";').map(({ clause }) => clause), [
    "* as tf",
  ]);
});

Deno.test("begunImports: what would make each of them whole", () => {
  const whole = (cell: string) => begunImports(cell).map(({ text, ending }) => text + ending);
  assertEquals(whole("import { Vi"), ['import { Vi } from "tessera";']);
  assertEquals(whole("const a = 1;\nimport {\n  Linear,\n  Tra\n\nf();"), [
    'import {\n  Linear,\n  Tra } from "tessera";',
  ]);
  assertEquals(whole("import * as tf"), ['import * as tf from "@tensorflow/tfjs";']);
  assertEquals(whole('import { Linear } from "tess'), ['import { Linear } from "tess";']);
  assertEquals(whole('import { Linear } from "tessera";\nimport("x");\nimport.meta;'), []);
});

Deno.test("VirtualDocument: cells are nested, and every place leads there and back", () => {
  const source = sent([
    'import * as tf from "@tensorflow/tfjs";\nexport const first = tf.scalar(1);',
    "class Net {}\n\nconst second = first;",
    'import {\n  Linear,\n} from "tessera";\nclass Net {}',
  ]);
  const document = new VirtualDocument(source);
  assertEquals(document.problems, []);
  assertEquals(readCode(document.text).open, []);
  for (
    const word of ["first", "second", "tf.scalar", "as tf", "Linear", "@tensorflow", "class Net"]
  ) {
    const place = placeOf(source, word);
    const there = document.toModule(place);
    assert(document.text.split("\n")[there.line].startsWith(word, there.character), word);
    assertEquals(document.toNotebook(there), place, word);
  }
  // A name that two cells declare lies in two blocks.
  const blocks = document.text.slice(0, document.text.lastIndexOf("class Net"));
  assertEquals(readCode(blocks).open.length, 3);
  // What is ours alone is nowhere in the notebook.
  assertEquals(document.toNotebook({ line: 0, character: 0 }), undefined);
  assertEquals(document.toNotebook({ line: 999, character: 0 }), undefined);
});

Deno.test("VirtualDocument: what is begun in a cell ends with it", () => {
  const begun: [cell: string, message: string][] = [
    ["const list = [1, 2;", "This [ is not closed in this cell: a ] is missing."],
    ["function f() {", "This { is not closed in this cell: a } is missing."],
    ["const s = `abc", "This text does not end in this cell: a ` is missing."],
    ["const s = `a ${f(", "This ( is not closed in this cell: a ) is missing."],
    ["/* a", "This comment does not end in this cell: a */ is missing."],
    ["f(1));", "No bracket is open here that ) could close."],
    ["import { Vi", "This import is not complete"],
  ];
  for (const [cell, message] of begun) {
    const document = new VirtualDocument(sent(["const a = 1; // (", cell, "const z = `x`;"]));
    const { open, stray } = readCode(document.text);
    assertEquals([open, stray], [[], []], cell);
    const said = document.problems.map((each) => each.message);
    assert(said.some((each) => each.startsWith(message)), `${cell}: ${said}`);
    assert(document.problems.every(({ range }) => range.start.line === 3), cell);
    assertStringIncludes(document.text, "const z = `x`;");
    // The last cell has nothing below it.
    assertEquals(readCode(new VirtualDocument(sent([cell])).text).open, [], cell);
  }
});

Deno.test("VirtualDocument: in a notebook of two hundred cells a key changes one cell alone", () => {
  const cell = "const x = f(`a${1}`, [1, 2], { b: /c/ });\n".repeat(8);
  const cells = Array.from({ length: 200 }, (_, index) => `${cell}const n = ${index};`);
  const before = new VirtualDocument(sent(cells));
  cells[100] += "\nconst y = [1;";
  const document = new VirtualDocument(sent(cells));
  assertEquals(document.cells.length, 200);
  assertEquals(document.problems.map(({ range }) => range.start.line), [
    document.cells[100].end - 1,
  ]);
  // What was read of the others is not read again.
  const readings = [document, before].map((each) => readCell(each.cells[199].text));
  assert(readings[0] === readings[1]);
  const place = { line: document.cells[199].first, character: 10 };
  assertEquals(document.toNotebook(document.toModule(place)), place);
});
