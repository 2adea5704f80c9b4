/** Whatever is thrown or printed is told in words, in the cells' own lines, and never breaks what tells it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { cell, type CellResult, drive, textOf, valueOf } from "./driver.ts";

const traceOf = ({ reply }: CellResult) => reply.traceback!.join("\n");

Deno.test("A stack that a cell prints or shows names cells and lines as tracebacks do", async () => {
  const printing = `import * as tf from "@tensorflow/tfjs";
try {
  bad(3);
} catch (error) {
  console.error(error);
  console.log((error as Error).stack);
  console.log({ error }, "and more");
}
try {
  tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]));
} catch (error) {
  console.log(error);
}
new TypeError("shown", { cause: new Error("behind") })`;
  const { results } = await drive([
    cell(
      "interface Unused { a: number }\n\nfunction bad(x: number): never {\n  throw new RangeError(`bad ${x}`);\n}",
    ),
    cell(printing),
    cell("for (let i = 0; i < 3; i++) console.log('cell:1:2:3 is no trace', i);"),
  ]);
  const text = textOf(results[1].cells[0]);
  const trace = (indent: string) =>
    `RangeError: bad 3\n${indent}at bad (cell [1], line 4)\n${indent}at cell [2], line 3`;
  assertEquals(text.split(trace("    ")).length, 3, text);
  assertStringIncludes(text, `{\n  error: ${trace("      ")}\n} and more`);
  // Of the library nothing is left but what a cell called.
  assertStringIncludes(text, "    at cell [2], line 10 {");
  assertEquals(/\.deno|node_modules|ext:|cell:\d/.test(text), false, text);
  const value = valueOf(results[1].cells[0])!;
  assertEquals(value.split("at cell [2], line 14").length, 3, value);
  assertEquals(
    textOf(results[2].cells[0]),
    [0, 1, 2].map((i) => `cell:1:2:3 is no trace ${i}\n`).join(""),
  );
});

Deno.test("Outputs that wait for a trace's lines stay in order, and a storm of traces arrives whole", async () => {
  const { results } = await drive([
    cell(
      "console.log('before');\nconsole.log(new Error('first'));\nconsole.error('after');\n" +
        "await Deno.jupyter.display({ 'text/plain': 'shown' }, { raw: true });\n" +
        "setTimeout(() => { throw new Error('of a timer'); });\nawait new Promise((r) => setTimeout(r, 300));",
    ),
    cell("for (let i = 0; i < 500; i++) console.log(i, new Error('again').stack);"),
    cell("console.log(new Error('x').stack);\nwhile (true) console.log('loops');", {
      stops: [0.6],
    }),
  ]);
  const [ordered, storm, looping] = results.map(({ cells }) => cells[0]);
  const shown = ordered.outputs.slice(1).map(({ text, data, evalue }) =>
    text ?? `${data?.["text/plain"] ?? evalue}\n`
  );
  assertEquals(
    shown.join(""),
    "before\nError: first\n    at cell [1], line 2\nafter\nshown\nof a timer\n",
  );
  assertEquals(textOf(storm).split("at cell [2], line 1\n").length, 501);
  assertStringIncludes(textOf(looping), "at cell [3], line 1\nloops");
  assertEquals(looping.reply.ename, "Stopped");
});

Deno.test("In a run without a window nothing that is printed at a cell's end is lost", async () => {
  const { results } = await drive([
    cell("console.log('a'); console.log(new Error('held').stack); console.log('b')"),
    cell("console.trace('tr'); console.log('last')"),
    cell("new Error('value')"),
    cell("try { JSON.parse('{') } catch (error) { console.error(error) }"),
    cell("for (let i = 0; i < 20000; i++) console.log(i);"),
  ], { TESSERA_HEADLESS: "1" });
  const [held, traced, value, caught, many] = results.map(({ cells }) => cells[0]);
  assertEquals(textOf(held), "a\nError: held\n    at cell [1], line 1\nb\n");
  assertEquals(textOf(traced).split("\n").at(-2), "last");
  assertStringIncludes(valueOf(value) ?? "", "Error: value");
  assertStringIncludes(textOf(caught), "SyntaxError: ");
  assertEquals(textOf(many).split("\n").length, 20001);
});

Deno.test("What is thrown and is no error is shown as Deno shows it, with its place", async () => {
  const thrown: [code: string, shown: string][] = [
    ["throw { code: 7, why: ['a'] };", '{ code: 7, why: [ "a" ] }'],
    ["throw null;", "null"],
    ["throw [1, 2];", "[ 1, 2 ]"],
    ["const problem = { code: 8 };\nthrow problem;", "{ code: 8 }"],
    ["class Odd { a = 1 }\nthrow new Odd();", "Odd { a: 1 }"],
    ["throw new Proxy({}, { get() { throw new Error('no'); } });", "{}"],
    ["throw 'only words';", "only words"],
  ];
  const { results } = await drive([
    ...thrown.map(([code]) => cell(code)),
    cell("await Promise.reject({ code: 9 });"),
    cell("Promise.reject({ code: 10 });\nawait new Promise((r) => setTimeout(r, 30));"),
    cell("throw Array.from({ length: 5000 }, (_, i) => ({ i }));"),
  ]);
  thrown.forEach(([code, shown], index) => {
    const { reply } = results[index].cells[0];
    assertEquals([reply.ename, reply.evalue], ["Uncaught", shown], code);
    const line = code.split("\n").length;
    assertStringIncludes(traceOf(results[index].cells[0]), `cell [${index + 1}], line ${line}`);
  });
  const [awaited, alone, long] = results.slice(thrown.length).map(({ cells }) => cells[0]);
  assertEquals(awaited.reply.evalue, "{ code: 9 }");
  assertEquals(alone.reply.evalue, "{ code: 10 }");
  assert(long.reply.evalue!.length < 3000 && long.reply.evalue!.endsWith("more items\n]"));
});

Deno.test("What caused an error, and the errors that it holds, are told in short", async () => {
  const { results } = await drive([
    cell(
      "function load() {\n  throw new TypeError('no digits\\nat all');\n}\n" +
        "try {\n  load();\n} catch (cause) {\n  throw new Error('unit 1', { cause });\n}",
    ),
    cell(
      "await Promise.any([1, 2, 3, 4, 5, 6, 7].map((n) =>\n  Promise.reject(new RangeError(`try ${n}`))));",
    ),
    cell("const loop = new Error('loop');\nloop.cause = { loop };\nthrow loop;"),
    cell("const own = new Error('own');\nown.cause = own;\nthrow own;"),
    cell(
      "setTimeout(() => { throw new Error('late', { cause: 'words' }); });\nawait new Promise((r) => setTimeout(r, 50));",
    ),
  ]);
  const [caused, held, round, itself, late] = results.map(({ cells }) => traceOf(cells[0]));
  assertStringIncludes(caused, "Error: unit 1\ncell [1], line 7");
  assertStringIncludes(caused, "\nCaused by TypeError: no digits … (cell [1], line 2)");
  assertStringIncludes(held, "AggregateError: All promises were rejected");
  assertStringIncludes(held, "\n  RangeError: try 1 (cell [2], line 2)");
  assertStringIncludes(held, "\n  … and 2 more");
  assertStringIncludes(round, "Caused by: <ref *1> { …");
  assertEquals(itself.includes("Caused by"), false);
  assertStringIncludes(late, "Caused by: words");
});

Deno.test("An error whose properties are of an odd kind, or throw, still has a name, words and a place", async () => {
  const odd: [code: string, ename: string, evalue: string][] = [
    ["error.stack = undefined;", "Error", "words"],
    [
      "Object.defineProperty(error, 'stack', { get() { throw new Error('got'); } });",
      "Error",
      "words",
    ],
    ["Object.defineProperty(error, 'message', { get() { throw 1; } });", "Error", "(no message)"],
    ["Object.defineProperty(error, 'cause', { get() { throw 1; } });", "Error", "words"],
    ["Object.freeze(error);", "Error", "words"],
    ["error.name = undefined as any;", "Error", "words"],
    ["error.name = '';", "Error", "words"],
    ["error.name = error.message = '';", "Error", "(no message)"],
    ["error.message = { a: 1 } as any;", "Error", "{ a: 1 }"],
    ["error.toString = () => { throw 1; };", "Error", "words"],
  ];
  const code = (change: string) =>
    `{\n  const error = new Error("words");\n  ${change}\n  throw error;\n};`;
  const { results } = await drive([
    ...odd.map(([change]) => cell(code(change))),
    ...odd.map(([change]) =>
      cell(code(change).replace("throw error", "Promise.reject(error)") + "\nawait 1;")
    ),
    cell("(await import('node:vm')).runInNewContext('throw new Error(\"of elsewhere\")');"),
    cell(
      "await import('data:text/javascript,throw Object.freeze(new Error(\"frozen\"))');",
    ),
    cell("1"),
  ]);
  for (const [index, { cells: [found] }] of results.slice(0, 2 * odd.length).entries()) {
    const [change, ename, evalue] = odd[index % odd.length];
    const error = found.outputs.find(({ type }) => type === "error");
    assertEquals([error?.ename, error?.evalue], [ename, evalue], change);
    assertEquals(error!.traceback!.includes("undefined"), false, change);
    const isPlaced = index < odd.length;
    if (isPlaced) assertStringIncludes(traceOf(found), `cell [${index + 1}], line`, change);
  }
  const [foreign, frozen, last] = results.slice(2 * odd.length).map(({ cells }) => cells[0]);
  assertStringIncludes(foreign.reply.evalue!, "of elsewhere");
  assertEquals([frozen.reply.ename, frozen.reply.evalue], ["Error", "frozen"]);
  assertEquals(last.reply.status, "ok");
});

Deno.test("A cell is told what stands in the way of a name that is made again, and what JSX is", async () => {
  const { results } = await drive([
    cell("let made = 1;"),
    cell("const made = 2;"),
    cell("const made = 3;"),
    cell("let made = 4;\nmade"),
    cell("function made() {}"),
    cell("class Kind {}\nconst fixed = 1;"),
    cell("class Kind { a = 1 }\nconst fixed = 2;\nfunction again() {}"),
    cell("function again() { return 1; }\nfixed"),
    cell("fixed = 3;"),
    cell("const page = <div>hello</div>;"),
    cell("<div>"),
    cell(
      "const same = <T>(x: T) => x;\nconst first = <T extends number>(x: T): T => x;\nsame(first(3))",
    ),
  ]);
  const cells = results.map(({ cells }) => cells[0]);
  const way =
    "Cell [1] has made made with let, and a cell can make it again only in the same way: " +
    "write made = … to change it, use let here, or choose another name.";
  assertStringIncludes(traceOf(cells[1]), way);
  assertStringIncludes(traceOf(cells[2]), way); // not the one that did not run
  assertEquals(valueOf(cells[3]), "4");
  assertStringIncludes(traceOf(cells[4]), "Cell [4] has made made with let");
  assertEquals(cells.slice(5, 8).map(({ reply }) => reply.status), ["ok", "ok", "ok"]);
  assertEquals(valueOf(cells[7]), "2");
  assertStringIncludes(traceOf(cells[8]), "make it with let where it is to change");
  for (const tag of cells.slice(9, 11)) {
    assertStringIncludes(traceOf(tag), "A tag like <div> is JSX");
    assertEquals(traceOf(tag).includes("another cell makes React"), false);
  }
  assertEquals(valueOf(cells[11]), "3");
});

Deno.test("No error speaks of the calls that the door has put into a cell", async () => {
  const cases: [code: string, message: string][] = [
    ["const five = async () => 5;", ""],
    ["(await five)`x`", "(intermediate value) is not a function"],
    ["for await (const x of 5) {}", "5 is not async iterable"],
    ["for await (const x of undefined) {}", "undefined is not async iterable"],
    ["for await (const x of {}) {}", "(intermediate value) is not async iterable"],
    ["const [one] = await five();", "(intermediate value) is not iterable"],
    ["for await (const x of [five(), 2]) console.log(x);", ""],
  ];
  const { results } = await drive(cases.map(([code]) => cell(code)));
  for (const [index, [code, message]] of cases.entries()) {
    assertEquals(results[index].cells[0].reply.evalue ?? "", message, code);
  }
});

Deno.test("What a learner makes in place of the language's own names takes nothing from the door", async () => {
  const names = ["Set", "Map", "Promise", "Error", "JSON", "Object", "Symbol", "String"];
  const { results } = await drive([
    cell("const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms, ms));"),
    cell(
      "const never = new Promise(() => {});\nasync function fail() {\n  throw { code: await 1 };\n}",
    ),
    cell(names.map((name) => `const ${name}: unknown = 0.5;`).join("\n")),
    cell("console.log('printed', await 1);\n[1, { a: [Set, JSON] }]"),
    cell("1;\nmissing"),
    cell("await fail()"),
    cell("let x = ;"),
    cell("await never", { stops: [0.3] }),
    cell("for (;;);", { stops: [0.3] }),
    cell("await Deno.jupyter.display({ 'text/plain': 'shown' }, { raw: true });"),
  ]);
  const [, , made, printing, missing, failing, unreadable, awaiting, looping, showing] = results
    .map(({ cells }) => cells[0]);
  assertEquals(made.reply.status, "ok");
  assertEquals([textOf(printing), valueOf(printing)], [
    "printed 1\n",
    "[ 1, { a: [ 0.5, 0.5 ] } ]",
  ]);
  assertStringIncludes(
    traceOf(missing),
    "ReferenceError: missing is not defined\ncell [5], line 2",
  );
  assertStringIncludes(traceOf(failing), "Uncaught: { code: 1 }\ncell [2], line 3, in fail");
  assertEquals(unreadable.reply.ename, "SyntaxError");
  assertEquals([awaiting.reply.ename, looping.reply.ename], ["Stopped", "Stopped"]);
  assertEquals(showing.outputs.at(-1)!.data, { "text/plain": "shown" });
});

Deno.test("console.trace, values that timers throw and errors of workers are told with what is known", async () => {
  const wait = "await new Promise((resolve) => setTimeout(resolve, 300));";
  const worker =
    "new Worker(new URL(\"data:text/javascript,throw new RangeError('inside')\"), { type: 'module' });";
  const { results } = await drive([
    cell("\nconsole.trace('here', { a: 1 });"),
    cell(`setTimeout(() => {\n  throw "text";\n});\n${wait}`),
    cell(`${worker}\nfor (let i = 0; i < 10; i++) ${wait}`),
  ]);
  const [traced, thrown, working] = results.map(({ cells }) => cells[0]);
  assertEquals(textOf(traced), "Trace: here { a: 1 }\n    at cell [1], line 2\n");
  assertStringIncludes(traceOf(thrown), "Uncaught: text\ncell [2], line 2");
  assertEquals(traceOf(working), "RangeError: inside\nThrown in a worker.");
});
