/** What other engines than V8 say of a mistake is read as what V8 says of it. */
import { assertEquals } from "@std/assert";
import { wordsOfError } from "../../lib/platform/browser/engine_words.ts";
import { failureOf } from "../../site/kernel/errors.ts";

/** Code that fails, and what Firefox 153 and WebKitGTK 2.50 say of it, where V8 says something else. */
const mistakes: [code: string, firefoxs: string, webKits: string][] = [
  ["nowhere(1)", "nowhere is not defined", "Can't find variable: nowhere"],
  [
    "nowhere = 3",
    "assignment to undeclared variable nowhere",
    "Can't find variable: nowhere",
  ],
  [
    "const x = {}; x.value.length",
    `can't access property "length", x.value is undefined`,
    "undefined is not an object (evaluating 'x.value.length')",
  ],
  [
    "const x = { y: {} }; x.y.norm.forward(x.y)",
    `can't access property "forward", x.y.norm is undefined`,
    "undefined is not an object (evaluating 'x.y.norm.forward')",
  ],
  [
    "let x; x[0].a",
    "can't access property 0, x is undefined",
    "undefined is not an object (evaluating 'x[0]')",
  ],
  [
    "null.shape",
    `can't access property "shape" of null`,
    "null is not an object (evaluating 'null.shape')",
  ],
  [
    "const [a] = undefined",
    "can't access property Symbol.iterator of undefined",
    "undefined is not an object (evaluating 'undefined')",
  ],
  [
    "for (const x of 3);",
    "3 is not iterable",
    "undefined is not a function (near '...x of 3...')",
  ],
  [
    "[...undefined]",
    "can't access property Symbol.iterator of undefined",
    "Spread syntax requires ...iterable not be null or undefined",
  ],
  [
    "const x = { a: {} }; x.a.foo(1)",
    "x.a.foo is not a function",
    "x.a.foo is not a function. (In 'x.a.foo(1)', 'x.a.foo' is undefined)",
  ],
  [
    "[1].map((x) => x).nope()",
    "[1].map(...).nope is not a function",
    "[1].map((x) => x).nope is not a function. (In '[1].map((x) => x).nope()', '[1].map((x) => x).nope' is undefined)",
  ],
  ["new 3", "3 is not a constructor", "3 is not a constructor (evaluating 'new 3')"],
  [
    "[].reduce((a, b) => a)",
    "reduce of empty array with no initial value",
    "reduce of empty array with no initial value",
  ],
  [
    "const deep = () => deep(); deep()",
    "too much recursion",
    "Maximum call stack size exceeded.",
  ],
  [
    "new Array(-1)",
    "invalid array length",
    "Array length must be a positive integer of safe magnitude.",
  ],
  [
    "class A {} class B extends A { constructor() { this.x = 1; } } new B()",
    "must call super constructor before using 'this' in derived class constructor",
    "'super()' must be called in derived constructor before accessing |this| or returning non-object.",
  ],
];

/** Firefox alone says what is meant. */
const firefoxsAlone: [code: string, says: string][] = [
  ["const k = 1; k = 2", "invalid assignment to const 'k'"],
  ["early; let early = 1", "can't access lexical declaration 'early' before initialization"],
];

function thrownBy(code: string): Error {
  try {
    new Function(`"use strict"; ${code}`)();
  } catch (error) {
    return error as Error;
  }
  throw new Error(`nothing is wrong with ${code}`);
}

Deno.test("mistakes are told in V8's words in every browser", () => {
  for (const [code, ...others] of mistakes) {
    const { message } = thrownBy(code);
    assertEquals(wordsOfError(new Error(message)), message);
    for (const said of others) assertEquals(wordsOfError(new Error(said)), message, said);
  }
  for (const [code, said] of firefoxsAlone) {
    assertEquals(wordsOfError(new Error(said)), thrownBy(code).message);
  }
  for (const own of ["x is read-only", "a is not a function (see the notebook)"]) {
    assertEquals(wordsOfError(new Error(own)), own);
  }
});

Deno.test("an assignment to a constant of an earlier cell is told as one in a script", () => {
  Object.defineProperty(globalThis, "settled", { value: 1, configurable: true });
  try {
    const told = (name: string) => {
      const error = new TypeError(`"${name}" is read-only`);
      error.stack = "@cell:1:1:1\n";
      return failureOf(error, new Map(), String);
    };
    assertEquals(told("settled").traceback[0], "TypeError: Assignment to constant variable.");
    assertEquals(told("other").evalue, "Cannot assign to read only property 'other' of an object");
  } finally {
    delete (globalThis as Record<string, unknown>).settled;
  }
});

Deno.test("a mistake is found in its cell by what WebKit says of it, whose stacks name no cell", () => {
  const cells = new Map([
    [1, { code: "function half(x: any) {\n  return x.value.length;\n}", count: 1 }],
    [2, { code: "// nothing\nhalf({})", count: 5 }],
  ]);
  const traceOf = (message: string, stack: string, line: number) =>
    failureOf(Object.assign(new TypeError(message), { stack, line }), cells, String).traceback;
  const message = "undefined is not an object (evaluating 'x.value.length')";
  const inside =
    "half@\neval code@\neval@[native code]\nrun@https://course.example.org/worker.js:6:6";
  assertEquals(traceOf(message, inside, 2), [
    "TypeError: Cannot read properties of undefined (reading 'length')",
    "cell [1], line 2, in half",
    "    1 | function half(x: any) {",
    "  → 2 |   return x.value.length;",
    "    3 | }",
  ]);
  assertEquals(traceOf("wrong", "eval code@\neval@[native code]", 2).slice(0, 2), [
    "TypeError: wrong",
    "cell [5], line 2",
  ]);
  // What the library throws has a line of the library's.
  assertEquals(traceOf("wrong", "read@https://course.example.org/tessera.js:2:3\nhalf@", 2), [
    "TypeError: wrong",
  ]);
});

Deno.test("a mistake in a callback, after an await, has its places in Firefox as in Chromium", () => {
  const cells = new Map([
    [1, { code: "half = (xs) => xs.map((x) => {\n  return x.value.length;\n});", count: 1 }],
    [2, { code: "await null;\nhalf([{}]);", count: 5 }],
  ]);
  const message = `can't access property "length", x.value is undefined`;
  const stack = `half/<@cell:1:2:10
half@cell:1:1:20
@cell:2:2:5
async*@cell:2:3:3
run@https://course.example.org/worker.js:6:6
`;
  const { traceback } = failureOf(
    Object.assign(new TypeError(message), { stack }),
    cells,
    String,
  );
  assertEquals(traceback.filter((line) => !line.includes(" | ")), [
    "TypeError: Cannot read properties of undefined (reading 'length')",
    "cell [1], line 2",
    "cell [1], line 1, in half",
    "cell [5], line 2",
  ]);
});
