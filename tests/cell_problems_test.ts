/** What `./tessera check NOTEBOOK` says of the mistakes that learners make. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { problemsIn, writeCellModules } from "../tools/cell_problems.ts";
import type { Cell } from "../tools/notebooks.ts";

const code = (source: string): Cell => ({ cell_type: "code", metadata: {}, outputs: [], source });
const text = (source: string): Cell => ({ cell_type: "markdown", metadata: {}, source });

/** What is said of a notebook `mine.ipynb` with these cells, one entry for each problem. */
async function problemsOf(...cells: Cell[]): Promise<string[]> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    const path = join(folder, "mine.ipynb");
    const notebook = { cells, metadata: {}, nbformat: 4, nbformat_minor: 4 };
    await Deno.writeTextFile(path, JSON.stringify(notebook));
    const said = await problemsIn(await writeCellModules([path], folder), folder);
    return said.split("\n\n").map((problem) => problem.replace(/^\S*mine\.ipynb, /, ""));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("problemsIn: cells that the kernel cannot read, each by itself, all at once", async () => {
  const said = await problemsOf(
    text("# Mistakes"),
    code("const fine: number = 1;"),
    code("%matplotlib inline"),
    code("\nimport numpy as np"),
    code("function half(x: number) {\n  return x / 2;\n"),
    code("}"), // closes nothing in its own cell
    code("const list = [1, 2;"),
    code("return fine;"),
  );
  const expected: [place: string, source: string, hint: string][] = [
    ["cell 3, line 1", "%matplotlib inline", "commands of Python's notebooks"],
    ["cell 4, line 2", "import numpy as np", "looks like Python"],
    ["cell 5, line 2", "return x / 2;", "not closed"],
    ["cell 6, line 1", "}", ""],
    ["cell 7, line 1", "const list = [1, 2;", ""],
    ["cell 8, line 1", "return fine;", "belongs into a function"],
  ];
  assertEquals(said.length, expected.length + 1, said.join("\n\n"));
  for (const [index, [place, source, hint]] of expected.entries()) {
    assert(said[index].startsWith(`${place}: the kernel cannot read this: `), said[index]);
    assertStringIncludes(said[index], source);
    assertStringIncludes(said[index], hint);
  }
  assertStringIncludes(said.at(-1)!, "types are checked once");
});

Deno.test("problemsIn: Python's habits, by what makes the cell readable", async () => {
  const cases: [source: string, hint: string][] = [
    ["const five = 5 # five", "begins with //"],
    ["if (1 and 2) 3;", "&&, ||"],
    ["const text = f'loss {five}';", "backticks"],
    ["const rest = [1, 2, 3][1:];", "xs.slice(1, 3)"],
    ["const most = Math.max(7 // 2, 1);", "Math.floor"],
    ["const same = lambda x: x;", "(x) =>"],
    ["raise ValueError('no')", "raise is throw"],
    ["assert 1 == 1", "assert x is if (!x)"],
    ["if (1 > 2) {} elif (true) {}", "elif is else if"],
    ["'abc'[-1:]", "xs.slice(1, 3)"],
    ["const two = [1, 2, 7 // 2];\nconst other = );", ""],
    ["const squares = {k: v for k, v in pairs};", "Object.fromEntries"],
    ["const product = a @ b;", "tf.matMul(a, b)"],
    ["try { f(); } except (e) { g(); }", "catch (error)"],
    ["try:\n  f()", "try { … } catch (error) { … }"],
    ["with tf.no_grad():\n  f()", "nothing to turn off"],
    ['with open("a") as f:\n  f', "Deno.readTextFile(path)"],
    ["global count", "needs no global or nonlocal"],
    ["tf.ones?", "Shift+Tab"],
  ];
  const said = await problemsOf(...cases.map(([source]) => code(source)));
  for (const [index, [source, hint]] of cases.entries()) {
    assert(said[index].startsWith(`cell ${index + 1}, `), said[index]);
    assertStringIncludes(said[index], hint, source);
  }
});

Deno.test("problemsIn: habits that the types tell", async () => {
  const said = await problemsOf(
    code(
      'import * as tf from "@tensorflow/tfjs";\nconst a = tf.ones([2]);\nconst b = tf.ones([2]);',
    ),
    code("const c = a * b;"),
    code("const d = a.data();\nfor (const x of d) x;"),
    code("d.map((x: number) => x);"),
    code("tf.sum(d);"),
    code("a.item();"),
    code("const e = a[0];"),
    code("[1].append(2);"),
  );
  const hints = [
    ...["for numbers", "for numbers", "await stands", "await stands", "await stands"],
    ...["(await x.data())[0]", "x.gather(i)", "xs.push(x)"],
  ];
  assertEquals(said.length, hints.length, said.join("\n\n"));
  for (const [index, hint] of hints.entries()) assertStringIncludes(said[index], hint);
});

Deno.test("problemsIn: each of Python's habits has its own hint, and no other problem follows from it", async () => {
  const above = code(
    'import * as tf from "@tensorflow/tfjs";\nconst x = tf.ones([2, 3]);\nconst xs = [3, 1];\n' +
      "const scores: Record<string, number> = { a: 1 };",
  );
  const cases: [source: string, hint: string][] = [
    ["x.mean(axis=0);", "in an object, { axis: … }"],
    ["a, b = 1;", "const [a, b] = …"],
    ["c = 5;", "const c = …;"],
    ["for (const each of scores) each;", "Object.entries(x)"],
    ["scores.items();", "Object.entries(x)"],
    ["x.size();", "without brackets"],
    ["x.shape();", "x.shape."],
    ["xs.size;", "an array x.length"],
    ['"a %d" % 3;', "Operators are for numbers"],
    ["[1] + [2];", "[...a, ...b]"],
    ["class A { constructor() { self.a = 1; } }", "this."],
    ["class B { f(self) {} }", "no self"],
    ["function f(a: int) {}", "type for it is number"],
    ["let all: list;", "number[]"],
    ["type(x);", "typeof x"],
    ["const type2 = input('name');", "reads no keyboard"],
    ["x.data() + 1;", "await stands"],
    ["tf.ones(2, 3);", "such as [2, 3]"],
    ["x.reshape(3, 2);", "one argument, an array"],
    ["const pair = (1, 2);", "an array here: [a, b]"],
    ["Math.max(xs);", "...xs"],
    ['const named = {};\nnamed["a"] = 1;', "Record<string, number>"],
    ["nothing.map((each) => each);", "const or let"],
    ["range(3);", "Cannot find name 'range'. (TS"],
    ["tf.cat([x, x]);", "tf.concat([a, b], axis)"],
    ["x.T;", "x.transpose()"],
    ["xs.pop(0);", "xs.shift()"],
    ['import { one } from "./nothing.ts";', "No such file"],
  ];
  const said = await problemsOf(above, ...cases.map(([source]) => code(source)));
  for (const [index, [source, hint]] of cases.entries()) {
    const own = said.filter((each) => each.startsWith(`cell ${index + 2}, `));
    assertStringIncludes(own[0] ?? "", hint, source);
  }
  assertEquals(said.filter((each) => each.includes("implicitly")).length, 2, said.join("\n\n"));
});

Deno.test("problemsIn: types and names that are wrong, with what to do", async () => {
  const said = await problemsOf(
    code("const zeros = tf.zeros([2]);\n\nconst layer = new Linear(2, 3);"),
    code("later(1);"),
    code("function later(a) {\n  return a;\n}"),
    code("count = 2;\nprint('now');"),
    code("const list = [1, 2];\nconst first: string = list[0];\nNone;"),
    code("function size(list: number[]): number {\n  list.length;\n}"),
  );
  const expected: [place: string, message: RegExp, hint: string][] = [
    ["cell 1, line 1", /name 'tf'/, 'import * as tf from "@tensorflow/tfjs";'],
    ["cell 1, line 3", /name 'Linear'/, 'import { Linear } from "tessera";'],
    ["cell 2, line 1", /name 'later'/, "Cell 3 makes it"],
    ["cell 3, line 1", /'a' implicitly/, "x: number"],
    ["cell 4, line 1", /name 'count'/, "const or let"],
    ["cell 4, line 2", /Expected 0 arguments/, "console.log"],
    ["cell 5, line 2", /'number' is not assignable to type 'string'/, ""],
    ["cell 5, line 3", /name 'None'/, "undefined"],
    ["cell 6, line 1", /must return a value/, ""],
  ];
  assertEquals(said.length, expected.length, said.join("\n\n"));
  for (const [index, [place, message, hint]] of expected.entries()) {
    assert(said[index].startsWith(`${place}: `), said[index]);
    assertMatch(said[index], message);
    assertStringIncludes(said[index], hint);
  }
});

Deno.test("problemsIn: what the kernel allows is no problem", async () => {
  const said = await problemsOf(
    code("const step = 1;\nexport const shared = step;"),
    code('  import { Random } from "tessera";\n  new Random(step);'),
    code("export default step;"),
    code("export { shared };\n  export const again = (shared! / (2)) + (step! / (2));"),
    code("const step = 'declared anew';\nawait Promise.resolve(step.length + shared);"),
    // An exercise that nobody has begun.
    code("function mine(x: number): number[] {\n  throw new Error(`not implemented: ${x}`);\n}"),
    code("mine(shared).map((each) => each + 1);"),
    text("const text: number = 'is not checked';"),
    code(""),
  );
  assertEquals(said, [""]);
});

Deno.test("problemsIn: imports of JSON are checked as the kernel reads them, in one line or several", async () => {
  const settings = new URL("../deno.json", import.meta.url).href;
  const fine = await problemsOf(
    code(
      `import settings from "${settings}" with { type: "json" };\nconst version: string = settings.version;`,
    ),
    code(
      `import again from\n  "${settings}" with {\n    type: "json",\n  };\nconsole.log(again.tasks);`,
    ),
  );
  assertEquals(fine, [""]);
  const wrong = await problemsOf(
    code(
      `import settings from "${settings}" with { type: "json" };\nconst version: number = settings.version;`,
    ),
  );
  assertEquals(wrong.length, 1);
  assertStringIncludes(wrong[0], "cell 1, line 2: Type 'string' is not assignable");
});

Deno.test("problemsIn: packages that a notebook imports are no business of the course's lock", async () => {
  const lock = new URL("../deno.lock", import.meta.url);
  const before = await Deno.readTextFile(lock);
  try {
    // One that the course has, asked for in another way, so that nothing is fetched.
    await problemsOf(
      code('import * as utilities from "npm:pngjs@^7.0.0";\nconsole.log(utilities);'),
    );
    assertEquals(await Deno.readTextFile(lock), before);
  } finally {
    if (await Deno.readTextFile(lock) !== before) await Deno.writeTextFile(lock, before);
  }
});

Deno.test("problemsIn: an operator between tensors says what to write", async () => {
  const said = await problemsOf(code(
    'import * as tf from "@tensorflow/tfjs";\n' +
      "const a = tf.ones([2]);\nconst b = a + tf.scalar(1);\nconst one = 1 + 1;",
  ));
  assertEquals(said.length, 1, said.join("\n\n"));
  assertStringIncludes(said[0], "Tensors have no operators: tf.add(a, b)");
});
