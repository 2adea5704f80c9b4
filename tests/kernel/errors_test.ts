/** Errors are whole, in the cell's own lines, and end what waits behind their cell. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { cell, type CellResult, drive, textOf, valueOf } from "./driver.ts";

const traceOf = ({ reply }: CellResult) => reply.traceback!.join("\n");

/** The reply says what the one error among the outputs says. */
function assertFailed(result: CellResult, ename: string, evalue: string | RegExp): string {
  const errors = result.outputs.filter(({ type }) => type === "error");
  assertEquals(errors.length, 1, JSON.stringify(result.outputs));
  for (const each of [errors[0], result.reply]) {
    assertEquals(each.ename, ename);
    if (typeof evalue === "string") assertEquals(each.evalue, evalue);
    else assertMatch(each.evalue!, evalue);
  }
  assertEquals(result.reply.traceback, errors[0].traceback);
  assertEquals(result.reply.status, "error");
  return traceOf(result);
}

Deno.test("An error names the cell and its line as on the screen, types and comments or not", async () => {
  const thrower = `interface Shape { width: number; height?: number }

// A comment, which
/* takes
   lines */
type Pair<T> = [T, T];
function area<T extends Shape>(
  shape: T,
  more?: Pair<number>,
): number {
  const { width, height = 1 } = shape as Shape;
  if (width < 0) throw new RangeError(\`width \${width}\`);
  return width! * height;
}`;
  const { results } = await drive([
    cell(thrower),
    cell("const a: number = area({ width: 2 });\n\n\narea({\n  width: -1,\n} satisfies Shape);"),
    cell(
      "async function later(): Promise<void> {\n  await new Promise((r) => setTimeout(r, 5));\n" +
        "  throw new TypeError('late');\n}\n\nawait later();",
    ),
    cell("throw 'only a text';"),
    cell("const down = (n: number): number => 1 + down(n + 1);\ndown(0);"),
    cell(
      "class Own extends Error { override name = 'Own'; }\n\nthrow new Own('mine', { cause: 1 });",
    ),
  ]);
  const [, wrong, later, text, deep, own] = results.map(({ cells }) => cells[0]);
  const trace = assertFailed(wrong, "RangeError", "width -1");
  assertStringIncludes(trace, "cell [1], line 12, in area");
  assertStringIncludes(trace, "→ 12 |   if (width < 0) throw");
  assertStringIncludes(trace, "cell [2], line 4\n");
  assertEquals(/anonymous|tessera|file:/.test(trace), false, trace);
  const awaited = assertFailed(later, "TypeError", "late");
  assertStringIncludes(awaited, "cell [3], line 3, in later");
  assertStringIncludes(awaited, "cell [3], line 6\n");
  assertFailed(text, "Uncaught", "only a text");
  const recursion = assertFailed(deep, "RangeError", /call stack/);
  assert(recursion.split("\n").length < 60 && recursion.includes("more places"), recursion);
  assertStringIncludes(assertFailed(own, "Own", "mine"), "cell [6], line 3");
});

Deno.test("An error of syntax comes once, with its name and the cell's own line", async () => {
  const { results } = await drive([
    cell("const fine = 1;\nconst a = = 3;"),
    cell("{ a: 1,\n  b: }"),
    cell("let twice = 1;\nlet twice = 2;"),
    cell("await (async () => {\n  const x: = 3;\n})();"),
    cell("fine"),
  ]);
  const [equals, object, twice, type, state] = results.map(({ cells }) => cells[0]);
  const trace = assertFailed(equals, "SyntaxError", "Expression expected (line 2)");
  assertStringIncludes(trace, "→ 2 | const a = = 3;\n      |           ^");
  assertFailed(object, "SyntaxError", /line 2/);
  assertStringIncludes(
    assertFailed(twice, "SyntaxError", /'twice' has already/),
    "→ 2 | let twice = 2;",
  );
  assertFailed(type, "SyntaxError", /line 2/);
  // Nothing of a cell with such an error ran.
  assertStringIncludes(
    assertFailed(state, "ReferenceError", "fine is not defined"),
    "If another cell makes fine, run that one first",
  );
});

Deno.test("What V8 refuses although it parses names its line too, and nothing of it runs", async () => {
  const refused: [code: string, message: string, line: number][] = [
    ["ran++;\nfunction first() {\n  await 1;\n}", "await is only valid in async functions", 3],
    ["ran++;\nfunction f() {\n  for await (const x of []) {}\n}", "Unexpected reserved word", 3],
    ["type T = number;\n\nran++;\nreturn 5;", "Illegal return statement", 4],
    ["ran++;\nconst empty: number\nlet more", "Missing initializer", 2],
    ["ran++;\n/(/.test('')", "Unterminated group", 2],
    ["ran++;\nclass Two {\n  #a = 1;\n  #a = 2;\n}", "'#a' has already been declared", 4],
    ["import { join as ran } from 'node:path';", "'ran' has already been declared", 1],
  ];
  const { results } = await drive([
    cell("let ran = 0;"),
    ...refused.map(([code]) => cell(code)),
    cell("ran"),
  ]);
  refused.forEach(([code, message, line], index) => {
    const trace = assertFailed(
      results[index + 1].cells[0],
      "SyntaxError",
      RegExp(`line ${line}\\)$`),
    );
    assertStringIncludes(trace, message);
    assertStringIncludes(trace, `→ ${line} | ${code.split("\n")[line - 1]}`);
  });
  assertEquals(valueOf(results.at(-1)!.cells[0]), "0");
});

Deno.test("What is not closed is told at its beginning, and a cell that ends too soon at its end", async () => {
  const { results } = await drive([
    cell("let runs = 0;"),
    cell("runs++;\n/* ä never\nclosed"),
    cell("runs++;\nconst text = 'ä\n';"),
    cell("runs++;\nconst text = `ä\nb"),
    cell("runs++; [1,\n 2\n\n"),
    cell("/* closed */ runs // /* and this is none"),
  ]);
  const [, comment, text, template, early, fine] = results.map(({ cells }) => cells[0]);
  assertFailed(comment, "SyntaxError", "Unterminated comment: its */ is missing (line 2)");
  assertFailed(text, "SyntaxError", "Unterminated string constant (line 2)");
  assertStringIncludes(
    assertFailed(template, "SyntaxError", /^Unterminated template: .* \(line 2\)$/),
    "→ 2 | const text = `ä\n      |              ^",
  );
  assertStringIncludes(
    assertFailed(early, "SyntaxError", /got the end of the cell \(line 2\)$/),
    "→ 2 |  2\n      |   ^",
  );
  assertEquals(valueOf(fine), "0");
});

Deno.test("A sign that waits for a value at the end of a cell is told there", async () => {
  const cases: [code: string, line: string][] = [
    ["1 +", "→ 1 | 1 +\n      |    ^"],
    ["foo(  // of two", "→ 1 | foo(  // of two\n      |     ^"],
    ["const x =\n\n", "→ 1 | const x =\n      |          ^"],
    ["if (true /* so */ ", "→ 1 | if (true /* so */\n      |         ^"],
    ["const y = 1 +\n* 3", "→ 2 | * 3\n      | ^"],
  ];
  const { results } = await drive(cases.map(([code]) => cell(code)));
  for (const [index, [code, line]] of cases.entries()) {
    assertStringIncludes(traceOf(results[index].cells[0]), line, code);
  }
});

Deno.test("A name that its cell makes further down, or made in a cell that failed, is told so", async () => {
  const { results } = await drive([
    cell("console.log(late);\nconst late = 1;"),
    cell("function use() { return far; }\nuse();\n\nlet far = 2;"),
    cell("function inner() {\n  early;\n  const early = 1;\n}\ninner();"),
    cell("const broken = (() => { throw new Error('no'); })();"),
    cell("broken + 1"),
    cell("const shows = () => elsewhere;\nshows();"),
    cell("function here() {\n  const elsewhere = 1;\n}\nelsewhere;"),
  ]);
  const traces = results.map(({ cells }) => traceOf(cells[0]));
  assertStringIncludes(traces[0], "This cell makes late only in line 2: it has no value before");
  assertStringIncludes(traces[1], "This cell makes far only in line 4");
  assertStringIncludes(traces[2], "This cell makes early only in line 3");
  assertStringIncludes(traces[4], "Cell [4] makes broken, but ended with an error before that");
  assertStringIncludes(traces[5], "If another cell makes elsewhere, run that one first");
  assertEquals(traces[6].includes("This cell makes"), false, traces[6]);
});

Deno.test("An error of Deno's that knows nothing of the cell is placed at the cell's await", async () => {
  const { results } = await drive([
    cell("import { readFile } from 'node:fs/promises';\n\nawait readFile('/nowhere/a');"),
    cell("const read = async () => {\n  await readFile('/nowhere/b');\n};\nawait read();"),
    cell("await 1;\nawait readFile('/nowhere/c');"),
  ]);
  const traces = results.map(({ cells }) => traceOf(cells[0]));
  assertStringIncludes(traces[0], "cell [1], line 3\n");
  assertStringIncludes(traces[0], "→ 3 | await readFile('/nowhere/a');");
  assertStringIncludes(traces[1], "→ 4 | await read();");
  assertStringIncludes(traces[2], "cell [3], at an await in line 1, 2");
  assertEquals(traces.some((trace) => trace.includes("ext:")), false, traces.join("\n"));
});

Deno.test("A misspelt import is an error in the cell; a type that is imported is none", async () => {
  const { results } = await drive([
    cell('import { Trainr } from "tessera";'),
    cell('import { Dataset, Linear } from "tessera";\ntypeof Linear'),
    cell(
      'import { type Dataset as Data, Random } from "tessera";\nlet data: Data | undefined; typeof Random',
    ),
    cell('import nothing from "node:path/posixx";'),
    cell('import there from "./nowhere.ts";'),
    cell(
      'import * as path from "node:path";\nimport { join, nothing } from "node:path";\njoin("a")',
    ),
  ]);
  const [misspelt, type, named, unknown, nowhere, star] = results.map(({ cells }) => cells[0]);
  const trace = assertFailed(
    misspelt,
    "SyntaxError",
    /"tessera" exports no "Trainr". Did you mean "Trainer"\?/,
  );
  assertStringIncludes(trace, "cell [1], line 1");
  assertStringIncludes(valueOf(type)!, "function");
  assertStringIncludes(valueOf(named)!, "function");
  assertEquals(unknown.reply.status, "error");
  assertStringIncludes(assertFailed(nowhere, "TypeError", /^Module not found/), "cell [5], line 1");
  assertFailed(star, "SyntaxError", /exports no "nothing"/);
});

Deno.test("TensorFlow's errors show the cell's line and nothing of the library's inside", async () => {
  const { results } = await drive([
    cell(
      'import * as tf from "@tensorflow/tfjs";\nimport { compile, Linear, Random } from "tessera";',
    ),
    cell(
      "const wide = tf.ones([2, 3]);\n\nfunction product(a: tf.Tensor2D) {\n  return tf.matMul(a, a);\n}\nproduct(wide as tf.Tensor2D);",
    ),
    cell(
      "const layer = new Linear(3, 2, { random: new Random(1) });\n\nlayer.forward(tf.ones([2, 5]));",
    ),
    cell(
      "const step = compile((a: tf.Tensor2D) =>\n  tf.gather(a, tf.tensor1d([7], 'int32')));\nawait step(tf.ones([2, 3]));",
    ),
  ]);
  const [, product, layer, step] = results.map(({ cells }) => cells[0]);
  assertEquals(product.reply.status, "error");
  assertStringIncludes(traceOf(product), "cell [2], line 4, in product");
  assertStringIncludes(traceOf(product), "cell [2], line 6");
  assertStringIncludes(traceOf(layer), "cell [3], line 3");
  assertStringIncludes(traceOf(step), "cell [4], line");
  for (const each of [product, layer, step]) {
    assertEquals(/\.deno|node_modules|lib\/|ext:/.test(traceOf(each)), false, traceOf(each));
  }
});

Deno.test("After an error the cells that wait are not run, unless their request says so", async () => {
  const cells = ["throw new Error('first');", "console.log('second');", "console.log('third');"];
  const { results } = await drive([
    { cells },
    cell("console.log('a new start');"),
    { cells, stop_on_error: false },
    { cells: ["await new Promise(() => {})", "1"], stops: [0.5] },
    cell("2"),
  ]);
  const statuses = results.map(({ cells }) => cells.map(({ reply }) => reply.status));
  assertEquals(statuses, [
    ["error", "aborted", "aborted"],
    ["ok"],
    ["error", "ok", "ok"],
    ["error", "aborted"],
    ["ok"],
  ]);
  assertEquals(results[0].cells.slice(1).map(textOf), ["", ""]);
  assertEquals(results[2].cells.slice(1).map(textOf), ["second\n", "third\n"]);
});

Deno.test("Errors of timers, of promises that nothing awaits and of charts fail their cell", async () => {
  const { results } = await drive([
    cell(
      "setTimeout(() => {\n  throw new RangeError('timer');\n}, 20);\nawait new Promise((r) => setTimeout(r, 200));",
    ),
    cell("Promise.reject(new TypeError('promise'));\nawait new Promise((r) => setTimeout(r, 20));"),
    cell("({ [Symbol.for('Jupyter.display')]() {\n  throw new Error('no chart');\n} })"),
    cell("setTimeout(() => { throw new Error('afterwards'); }, 100); 1"),
    { wait: 0.8 },
    cell("2"),
  ]);
  const [timer, promise, chart, before, , after] = results.map(({ cells }) => cells?.[0]);
  assertStringIncludes(assertFailed(timer, "RangeError", "timer"), "cell [1], line 2");
  assertStringIncludes(
    assertFailed(promise, "TypeError", "promise"),
    "a promise that nothing awaits",
  );
  assertStringIncludes(assertFailed(chart, "Error", "no chart"), "cell [3], line 2");
  // The cell has ended: the error is shown under it, and the next one is not touched.
  assertEquals([before.reply.status, after.reply.status], ["ok", "ok"]);
  const [late] = results[4].late;
  assertEquals([late.type, late.evalue], ["error", "afterwards"]);
});

Deno.test("In a headless run an error between two cells is the next one's", async () => {
  const { results } = await drive([
    cell("setTimeout(() => { throw new Error('unseen'); }, 100); 1"),
    { wait: 0.8 },
    cell("console.log('not run')"),
    cell("console.log('run')"),
  ], { TESSERA_HEADLESS: "1" });
  assertFailed(results[2].cells[0], "Error", "unseen");
  assertEquals(textOf(results[2].cells[0]), "");
  assertEquals(textOf(results[3].cells[0]), "run\n");
});

Deno.test("What those who know Python write is told once, where the cell fails, and never else", async () => {
  const { results } = await drive([
    cell("print('hello');"),
    cell("const nothing = None;"),
    cell("def half(x):\n  return x / 2"),
    cell("class Point {}\nPoint();"),
    cell("missing + 1;"),
    cell(
      "const print = (text: string) => text.length; const range = 7 // 2\n;\nprint('a') + range;",
    ),
  ]);
  const [printed, none, defined, made, missing, right] = results.map(({ cells }) => cells[0]);
  const told = (result: CellResult, hint: string) =>
    assertEquals(traceOf(result).split(hint).length, 2, traceOf(result));
  told(printed, "Python's print is console.log here.");
  told(none, "TypeScript's word for it is undefined.");
  told(defined, "This looks like Python; TypeScript writes function name(x) { … }.");
  told(made, "Point is a class: new Point(…) makes one.");
  told(missing, "If another cell makes missing");
  assertEquals(right.reply.status, "ok");
});

Deno.test("Python's habits are named by what mends the cell, or by the error that they led to", async () => {
  const cases: [code: string, hint: string][] = [
    ["const five = 5 # five", "A comment begins with // here."],
    ["if (1 and 2) 3;", "Python's and, or, not, is are &&, ||, !, === here."],
    ['const text = f"loss {five}";', "backticks: `loss ${loss}`."],
    ["const rest = [1, 2, 3][1:];", "an array has xs.slice(1, 3)"],
    ["Math.max(\n  7 // 2,\n  1)", "is Math.floor(a / b)."],
    ["const same = lambda x: x;", "Python's lambda x: … is (x) => … here."],
    ["[x * x for x in [1, 2]]", "xs.map((x) => f(x)) here."],
    ["const four = 3 if true else 4;", "is x ? a : b here."],
    ["for i in range(10):\n  i", "for (let i = 0; i < n; i++) { … }."],
    ["count = 5", "const count = …;"],
    ["first, second = [1, 2]", "Several new names at once are const [a, b] = …; here."],
    ["Math.max(1, key=2)", "in an object, { key: … }."],
    ["[1].append(2);", "An array has xs.push(x)."],
    ["const [x, y] = [1, 2];\nx @ y;", "The matrix product is tf.matMul(a, b)."],
    ["try { x; } except (e) { y; }", "Python's except is catch here"],
    ["try:\n  x", "try { … } catch (error) { … }"],
    ["const named = {k: v for k, v in x};", "Object.fromEntries"],
    ["global count", "needs no global or nonlocal"],
    ["[third, fourth] = [1, 2];", "Several new names at once are const [a, b] = …; here."],
    ["type(x);", "TypeScript's word for it is typeof x"],
    ["time.time();", "The time is performance.now()"],
    ['",".join([1]);', "The array comes first"],
    ["x?", "Shift+Tab shows"],
    ["const later = Promise.resolve([1]);\nlater.map((x) => x);", "later holds a promise"],
    ["(await later).append(1);", "An array has xs.push(x)."],
    ["new Float32Array(2).append(1);", "Typed arrays and tensors keep their size"],
    ["!ls", "commands of Python's notebooks"],
    ["!nvidia-smi", "commands of Python's notebooks"],
    ["raise ValueError('no')", "Python's raise is throw here"],
    ["if (five > 3) raise Wrong", "Python's raise is throw here"],
    ["assert five == 5, 'no'", "Python's assert x is if (!x)"],
    ["let one = 1; assert one", "Python's assert x is if (!x)"],
    ["del five", "Python's del is delete x.key"],
    ["if (1 > 2) {} elif (true) {}", "Python's elif is else if (…)"],
    ["if 1 > 2 {\n}", "if (x > 0) { … } else if"],
    ["'abc'[-1:]", "There are no slices here"],
    ["1 not in [1]", "Python's x not in xs is !xs.includes(x)"],
    ["'a' in 'abc'", "it is xs.includes(x)"],
    ["Math.max(*[1, 2])", "...xs and ...options here"],
    ["print 'a'", "Python's print is console.log(…) here."],
    ["type(1)", "typeof x"],
    ["map((x) => x, [1])", "xs.map(f) here"],
    ["throw ValueError('no')", "Errors are made by new Error"],
    ["const slow = async () => [1];\nslow().map((x) => x);", "slow(…) gives a promise"],
    ["for (const x of slow()) x;", "slow(…) gives a promise"],
    ["Math.max(...slow());", "slow(…) gives a promise"],
    ["slow()[0].toFixed(2);", "slow(…) gives a promise"],
    ["Deno.readTextFile('deno.json').split('');", "Deno.readTextFile(…) gives a promise"],
    ["fetch('data:,x').text();", "a promise, a value that comes later"],
    ["const response = () => fetch('data:,x');\n(await response()).text().trim();", "(await …)"],
  ];
  const { results } = await drive(cases.map(([code]) => cell(code)));
  for (const [index, [code, hint]] of cases.entries()) {
    const trace = traceOf(results[index].cells[0]);
    assertEquals(trace.split(hint).length, 2, `${code}\n${trace}`);
  }
});

Deno.test("No habit of Python's is blamed for an error that has another cause", async () => {
  const cells = [
    "const text = 'this and that, a[1:] and # more;",
    "const pair = [1, 2;",
    "const a = 1; // and 7 // 2\nconst b = );",
    "throw new TypeError('x.append');",
    "const later = Promise.resolve(1); null.x;",
    "await later.then((one) => one.gone(1));",
    "const all = await Promise.all([later]); undefined.x + later;",
    "time + 1;", // somebody's own, which is not made yet
    "throw new TypeError('x.items is not a function');",
    "class Mine { run() { throw new TypeError('x.items is not a function'); } }\nnew Mine().run();",
    "const made = TypeError('later.append is not a function');\nthrow made;",
    "await Promise.reject(new TypeError(\"got 'Promise'\"));",
    "throw new ReferenceError('print is not defined');",
    "input + 1;",
    "console.log(sum); const sum = 3;",
    "const slow = async () => 1; slow().then((x) => x); undefined.x;",
  ];
  const { results } = await drive(cells.map((code) => cell(code)));
  const hints =
    /Python|comment|backticks|slices|rounds down|array has|await stands|&&|pairs of|gives a|keyboard|tf\.sum|performance/;
  for (const { cells: [result] } of results) {
    const advice = result.reply.traceback!.filter((line) => !line.includes("|"));
    assertEquals(hints.test(advice.join("\n")), false, advice.join("\n"));
  }
});
