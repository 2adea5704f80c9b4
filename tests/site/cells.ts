/**
 * Cells, run one after the other in one kernel, and what each shows: what it prints, its value, its error. It
 * is the same on Deno's kernel and in the browser.
 */
export const cells: [code: string, shows: string | RegExp][] = [
  // Names: looked up anew at each use, declared again, constant where they are declared so.
  ["const x = 1; const f = () => x; f()", "1"],
  ["const x = 2; f()", "2"],
  ["let a = 1; function g() { return a; }", ""],
  ["let a = 5; g()", "5"],
  ["a = 6; g()", "6"],
  ["x = 3", "TypeError: Assignment to constant variable."],
  ["const k = 1; k++", "TypeError: Assignment to constant variable."],
  ["const [kk] = [1]; [kk] = [2]", "TypeError: Assignment to constant variable."],
  ["k", "1"],
  ["misspelt = 3", "ReferenceError: misspelt is not defined"],
  ["(function () { misspelt = 1 })()", "ReferenceError: misspelt is not defined"],
  ["misspelt", "ReferenceError: misspelt is not defined"],
  ["typeof misspelt", '"undefined"'],
  ["const two = 1; const two = 2;", "SyntaxError: Identifier 'two' has already been declared"],
  ["const failed = misspelt.y;", "ReferenceError: misspelt is not defined"],
  ["failed", "ReferenceError: failed is not defined"],
  ["const failed = 3; failed", "3"],
  ["const failed = misspelt.y;", "ReferenceError: misspelt is not defined"],
  ["failed", "3"],
  ["early; let early = 1", "ReferenceError: early is not defined"],
  ["function late() { return later; }", ""],
  ["const later = 8; late()", "8"],
  ["called(); function called() { console.log('hoisted') }", "hoisted\n"],
  ["if (true) { var inside = 3; }", ""],
  ["inside", "3"],
  ["for (var turn = 0; turn < 3; turn++); turn", "3"],
  ["for (var last of [1, 2]) ; last", "2"],
  ["function outer() { var inner = 1; { let inner = 2; } return inner; } outer()", "1"],
  ["typeof inner", '"undefined"'],
  [
    "const { m = 3, n: [o, ...rest] } = { n: [4, 5, 6] }; console.log(m, o, rest)",
    "3 4 [ 5, 6 ]\n",
  ],
  ["let t = 1; [t] = [2]; ({ t } = { t: 3 }); t **= 2; t", "9"],
  ["const named = () => {}, alsoNamed = class {}; named.name + alsoNamed.name", '"namedalsoNamed"'],
  ["class Point { x = 1; static make() { return new Point(); } }; Point.make()", "Point { x: 1 }"],
  ["let name = 'shadowed'; name", '"shadowed"'],
  ["console.log(this === globalThis)", "true\n"],
  ["function own() { return this } own()", ""],
  ["arguments", "ReferenceError: arguments is not defined"],
  ["eval('var hidden = 3; hidden')", "3"],
  ["typeof hidden", '"undefined"'],
  ["const frozen = Object.freeze({ a: 1 }); frozen.a = 2", /read only property 'a'/],
  // The last value.
  ["5; let y = 3", "5"],
  ["{ a: 1 }", "{ a: 1 }"],
  ["{ const q = 1; q }", "1"],
  ["if (1) 5; else 6", "5"],
  ["for (const z of [1, 2]) z", "2"],
  ["let i = 0; while (i < 3) { i++; }", "2"],
  ["do { 4 } while (false)", "4"],
  ["try { 7 } finally { 8 }", "7"],
  ["switch (1) { case 1: 'one'; }", '"one"'],
  ["label: { break label; }", ""],
  ["x => x", "[Function (anonymous)]"],
  ["undefined", ""],
  ["null", "null"],
  ["'text'", '"text"'],
  ["[1, 'a', { b: [1, { c: { d: 1 } }] }].length", "3"],
  ["new Map([[1, 'a']])", 'Map(1) { 1 => "a" }'],
  ["new Float32Array(3)", "Float32Array(3) [ 0, 0, 0 ]"],
  ["// only a comment", ""],
  // TypeScript.
  ["type T = { a: number }; const typed: T = { a: 1 }; typed.a! satisfies number", "1"],
  ["interface I { a: string }\nlet un!: number; un", ""],
  ["enum Colour { Red, Green = 'g' }; Colour.Green + Colour.Red", '"g0"'],
  ["namespace N.M { export const y = 4; export function z() { return y; } }", ""],
  ["N.M.z()", "4"],
  ["abstract class Shape { abstract area(): number; constructor(readonly side = 3) {} }", ""],
  ["class Square extends Shape { area() { return this.side ** 2 } }\nnew Square().area()", "9"],
  ["function over(a: string): void; function over(a: unknown) { return a }\nover(3 as any)", "3"],
  ["declare const nowhere: number; 2", "2"],
  ["let any: any = <any> 3; any", "3"],
  // Modules.
  ["export const exported = 3; export function ex() { return exported }\nex()", "3"],
  ["export { ex as other }", ""],
  ["export default 4", "4"],
  ["export default function given() { return 5 }", ""],
  ["given()", "5"],
  ["import json from 'data:application/json,{\"a\":1}' with { type: 'json' }; json", "{ a: 1 }"],
  ["import * as path from 'node:path'; path.join('a', 'b')", '"a/b"'],
  ["import { basename, dirname as folderOf } from 'node:path';", ""],
  ["basename('/a/b') + folderOf('/a/b')", '"b/a"'],
  ["basename = 3", "TypeError: Assignment to constant variable."],
  ["import type { Nothing } from 'node:path'; 1", "1"],
  ["const { join } = await import('node:path'); join('a', '..', 'b')", '"b"'],
  ["import { nope } from 'node:path'", /exports no "nope"/],
  [
    "import { assertEquals } from '@std/assert'; assertEquals([1], [2])",
    /^AssertionError: Values are not equal/,
  ],
  // Time.
  ["await Promise.resolve(7)", "7"],
  ["for await (const z of [Promise.resolve(1)]) z", "1"],
  [
    "async function slow() { await null; throw new RangeError('slow') }\nawait slow()",
    "RangeError: slow",
  ],
  ["throw 3", "Uncaught: 3"],
  ["return 3", /^SyntaxError: /],
  ["let = 3 +", /^SyntaxError: /],
  ["with (Math) { floor(1.2) }", /^SyntaxError: /],
  ["let sum = 0; for (let j = 0; j < 1e6; j++) sum += j; sum", "499999500000"],
  ["console.log('%s is %d', 'a', 3, { a: 'b' }); console.error('err')", 'a is 3 { a: "b" }\nerr\n'],
];

/** What a cell has shown, as {@link cells} has it. */
export function showing(
  printed: string,
  value?: string,
  error?: { ename?: string; evalue?: string },
) {
  // deno-lint-ignore no-control-regex -- the colours of terminals
  const plain = `${printed}${value ?? ""}`.replace(/\x1b\[\d+m/g, "");
  return plain + (error ? `${error.ename}: ${error.evalue}` : "").replace(/ \(line \d+\)$/, "");
}

/** The cells that have shown something else than they should. */
export function wrongOnes(shown: readonly string[]): { code: string; shown: string }[] {
  return cells.map(([code, expected], index) => ({ code, expected, shown: shown[index] }))
    .filter(({ expected, shown }) =>
      typeof expected === "string" ? shown !== expected : !expected.test(shown)
    ).map(({ code, shown }) => ({ code, shown }));
}
