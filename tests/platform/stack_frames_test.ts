/** Stacks that Firefox 153 and WebKitGTK 2.50 gave, but for the host's name. */
import { assertEquals } from "@std/assert";
import { stackOf } from "../../lib/platform/browser/stack.ts";
import { framesOf } from "../../lib/platform/browser/stack_frames.ts";

const page = "https://course.example.org/x";
const library = "https://course.example.org/lib.js";

/** Frames in short: `async forward at cell:1:5:23`. */
const inShort = (stack: string) =>
  framesOf(stack)?.map(({ name, goesInto, isAwaited, place }) =>
    [
      isAwaited ? "async" : "",
      name || (goesInto && `(${goesInto})`) || "-",
      place ? `at ${place.address}:${place.line}:${place.column}` : "",
    ].filter((each) => each).join(" ")
  );

Deno.test("framesOf reads Firefox's methods, callbacks, constructors and awaited calls", () => {
  const callback = `look@${library}:2:26
matMul_/<@${library}:4:44
tidy@${library}:5:27
f2@${library}:3:92
mapped/<@cell:1:17:40
mapped@cell:1:17:26
@cell:1:38:161
`;
  assertEquals(inShort(callback), [
    `look at ${library}:2:26`,
    `- at ${library}:4:44`,
    `tidy at ${library}:5:27`,
    `f2 at ${library}:3:92`,
    "- at cell:1:17:40",
    "mapped at cell:1:17:26",
    "- at cell:1:38:161",
  ]);
  const parts = `Attention/this.arrow@cell:1:3:86
#hidden@cell:1:18:26
get shape@${library}:8:79
Attention@cell:1:3:41
out.promise<@cell:1:47:78
Async*@cell:1:47:37
async*later@cell:1:49:3
`;
  assertEquals(inShort(parts), [
    "arrow at cell:1:3:86",
    "#hidden at cell:1:18:26",
    `get shape at ${library}:8:79`,
    "Attention at cell:1:3:41",
    "(out.promise) at cell:1:47:78",
    "async - at cell:1:47:37",
    "async later at cell:1:49:3",
  ]);
});

Deno.test("framesOf reads what Firefox says of code that was evaluated in a script", () => {
  const stack = `anonymous@${page} line 1 > eval line 45 > Function:3:11
@${page} line 1 > eval line 46 > eval:1:4
async*@cell:1:49:3
@${page}:1:83
`;
  assertEquals(inShort(stack), [
    "- at <anonymous>:3:11",
    "- at <anonymous>:1:4",
    "async - at cell:1:49:3",
    `- at ${page}:1:83`,
  ]);
});

Deno.test("framesOf reads WebKit's, of which what was evaluated has no place", () => {
  const stack = `look@${library}:2:35
map@[native code]
mapped@
@
eval code@
eval@[native code]
module code@${page}:3:1
Promise@[native code]`;
  assertEquals(inShort(stack), [
    `look at ${library}:2:35`,
    "map",
    "mapped",
    "-",
    "-",
    "eval",
    `- at ${page}:3:1`,
    "Promise",
  ]);
});

Deno.test("framesOf takes neither V8's stacks nor other texts for such", () => {
  const registry = "https://course.example.org/@tensorflow/tfjs.js";
  for (
    const text of [
      new Error("here").stack!,
      `    at ${registry}:1:2\n    at forward (${registry}:1:2)`,
      `Error: a@b:1:2\n    at ${registry}:1:2`,
      "✘ Patches: wrong.\n  As told.",
      "Stopped: The cell was stopped.",
      "write to me@course.example.org",
    ]
  ) assertEquals(framesOf(text), undefined, text);
  assertEquals(framesOf(""), []);
});

Deno.test("stackOf writes other engines' stacks as V8 does, with the error's words", () => {
  const stack = `forward@cell:1:5:23
mapped/<@cell:1:17:40
async*later@cell:1:38:161
map@[native code]
anonymous@${page} line 1 > eval line 45 > Function:3:11
`;
  const frames = `    at forward (cell:1:5:23)
    at cell:1:17:40
    at async later (cell:1:38:161)
    at <anonymous>:3:11`;
  const thrown = Object.assign(new TypeError("no\nfunction"), { stack });
  assertEquals(stackOf(thrown), `TypeError: no\nfunction\n${frames}`);
  assertEquals(stackOf(Object.assign(new Error(), { stack })), `Error\n${frames}`);
  const v8s = new Error("a@b");
  assertEquals(stackOf(v8s), v8s.stack);
  for (const each of [undefined, "text", { stack: 3 }]) assertEquals(stackOf(each), "");
});
