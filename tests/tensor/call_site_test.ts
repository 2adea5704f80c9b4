import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CallSite, placeIn } from "../../lib/tensor/call_site.ts";
import { printed, runCells } from "../display/kernel.ts";

const project = new URL("../../", import.meta.url).href;
const tfjs = "file:///cache/npm/registry/@tensorflow/tfjs-core/4.22.0/dist/tf-core.node.js";

const stack = (...frames: string[]) =>
  ["Error", ...frames.map((each) => `    at ${each}`)].join("\n");
const inside = [
  `Recorder.read (${project}lib/tensor/recorder.ts:119:5)`,
  `Tensor.dataSync (${tfjs}:5:1)`,
];
const compiled = [`${tfjs}:4562:22`, `${project}lib/tensor/variant.ts:182:40`];

Deno.test("CallSite names the file and line that made the call", () => {
  assertMatch(new CallSite().toString(), /^tests\/tensor\/call_site_test\.ts:\d+$/);
});

const places: [what: string, stack: string, place: string][] = [
  [
    "the library's layer that a user's model calls",
    stack(...inside, `Linear.forward (${project}lib/nn/linear.ts:31:9)`, "step (<anonymous>:3:5)"),
    "lib/nn/linear.ts:31",
  ],
  ["a file elsewhere", stack(...inside, "f (file:///home/me/model.ts:7:3)"), "/home/me/model.ts:7"],
  [
    "a function in a cell",
    stack(...inside, "careless (<anonymous>:4:31)", ...compiled),
    "careless, in a cell of the notebook",
  ],
  [
    "a callback inside a method in a cell",
    stack(...inside, "<anonymous>:7:19", `${tfjs}:45:22`, "Mine.forward (<anonymous>:6:15)"),
    "Mine.forward, in a cell of the notebook",
  ],
  [
    "a method of an object",
    stack(...inside, "Object.step (<anonymous>:2:9)"),
    "step, in a cell of the notebook",
  ],
  [
    "a nameless step, whose caller has a name",
    stack(...inside, "<anonymous>:3:15", ...compiled, "trainAll (<anonymous>:9:3)"),
    "a cell of the notebook",
  ],
  [
    "a name that the engine has guessed",
    stack(...inside, "compile.name (<anonymous>:3:15)", ...compiled),
    "a cell of the notebook",
  ],
  [
    "a nameless step, awaited",
    stack(...inside, "<anonymous>:3:15", "async outer (<anonymous>:1:2)"),
    "a cell of the notebook",
  ],
  ["nothing but the library", stack(...inside, ...compiled), ""],
];
for (const [what, trace, place] of places) {
  Deno.test(`placeIn finds ${what}`, () => assertEquals(placeIn(trace), place));
}

Deno.test("a step that cannot be compiled is named as the notebook names it", async () => {
  const [, named, nameless] = await runCells([
    `import * as tf from "@tensorflow/tfjs";
     import { compile, Module } from "tessera";`,
    `class Careless extends Module {

       override forward(x: tf.Tensor): tf.Tensor {
         return tf.tidy(() => tf.div(x, x.dataSync()[0]));
       }
     }
     const model = new Careless();
     const step = compile((x: tf.Tensor) => model.forward(x), { name: "step" });
     console.log((await step(tf.ones([2]))).shape);`,
    `const other = compile((x: tf.Tensor) => tf.div(x, x.dataSync()[0]), { name: "other" });
     async function runIt() { await other(tf.ones([2])); }
     await runIt();`,
  ]);
  assertStringIncludes(printed(named), "(Careless.forward, in a cell of the notebook); return");
  assertStringIncludes(printed(nameless), "(a cell of the notebook); return");
});
