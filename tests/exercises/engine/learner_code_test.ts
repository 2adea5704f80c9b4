/** What checks show of a learner's code stands there as it was written. */
import { assertEquals } from "@std/assert";
import {
  asWritten,
  type CodePart,
  LearnerCode,
} from "../../../lib/exercises/engine/learner_code.ts";
import { stackOf as stackHere } from "../../../lib/platform/stack.ts";
import type { Script } from "../../../lib/platform/browser/script_places.ts";
import { stackOf } from "../../../lib/platform/browser/stack.ts";

Deno.test("Lines of a cell are shown without the calls that the kernel has put into them", async () => {
  // As the kernel runs it; `place` gives the stack of its call.
  const cell = `const __tessera = Object.assign((value) => value, { thrown: (value) => value });
    const place = (..._) => new Error("").stack;
    function refuse(x) {
      throw __tessera.thrown(place(x, ")"));
    }
    const load = async (x) => {
      return await __tessera(place([x]));
    };
    ({ refuse, load });
    //# sourceURL=cell:1`;
  const { refuse, load } = (0, eval)(`{${cell}\n}`) as Record<string, CodePart>;
  const stacks: string[] = [stackHere({ stack: await load(3) })];
  try {
    refuse(3);
  } catch (stack) {
    stacks.push(stackHere({ stack }));
  }
  const code = new LearnerCode([refuse, load], stacks);
  assertEquals(stacks.map((stack) => code.describe(stack)), [
    "`return await place([x]);` in load",
    '`throw place(x, ")");` in refuse',
  ]);
  assertEquals(stacks.map((stack) => code.callOf(stack)), ["place([x])", 'place(x, ")")']);
});

Deno.test("A text is shown as it was written, also where it is cut off, or holds several such calls", () => {
  const texts = {
    "const [a] = await __tessera(all(['(', f(`)`)]));": "const [a] = await all(['(', f(`)`)]);",
    "for await (const x of __tessera.each(await __tessera(xs()))) {":
      "for await (const x of await xs()) {",
    "await __tessera(__tessera.own().load(import('./a.ts')))": "await import('./a.ts')",
    "throw __tessera.thrown(f({ a: 1": "throw f({ a: 1",
    "for (const x of xs) {;if(--__tessera.turns<0)__tessera.ask();sum = f({ x });}":
      "for (const x of xs) sum = f({ x });",
    "while (a) {if(--__tessera.turns<0)__tessera.ask();": "while (a) {",
    "return flows.reduce(f) ;": "return flows.reduce(f);",
    "tf.matMul(a, b)": "tf.matMul(a, b)",
  };
  assertEquals(Object.keys(texts).map(asWritten), Object.values(texts));
});

Deno.test("A function within a method is no method, where the engine tells classes", () => {
  const cell = `class Block {
    forward(x) {
      const attend = (q) => place(q);
      return attend(x);
    }
  }
  const place = (..._) => new Error("").stack;
  Block;
  //# sourceURL=cell:1`;
  const Block = (0, eval)(`{${cell}\n}`);
  const stack = stackHere({ stack: new Block().forward(3) });
  const code = new LearnerCode([Block], [stack]);
  assertEquals(code.describe(stack), "`const attend = (q) => place(q);` in attend");
});

Deno.test("Lines of a cell are found by stacks of Firefox's, which tell no classes", () => {
  const cell = `;Norm=class Norm {
  forward(x) {
    return tf.matMul(x, x);
  }
};
;Block=class Block {
  constructor(norm) {
    this.norm = norm;
    this.scale = (x) => tf.matMul(x, x);
  }
  forward(x) {
    const [y] = [x].map((each) => this.norm.forward(each));
    return this.scale(x) + this.#last(x) + y;
  }
  #last(x) { return tf.matMul(x, 3); }
};
;half=(x) => matMul(x, 2);`;
  const parts: CodePart[] = new Function(
    `let Norm, Block, half;${cell};return [Norm, Block, half];`,
  )();
  const address = "https://course.example.org/lib.js";
  const { tesseraScripts } = globalThis as unknown as { tesseraScripts: Record<string, Script> };
  tesseraScripts[address] = { files: ["@tensorflow/tfjs-core"], begins: [[0, 0, 0]], classes: [] };
  // As Firefox 153 gave them, but for the host's name.
  const library = `matMul_@${address}:4:33\nf2@${address}:3:92\n`;
  const stacks = [
    "forward@cell:1:3:15\n@cell:1:12:45\nforward@cell:1:12:21\n@cell:1:20:21\n",
    "Block/this.scale@cell:1:9:28\nforward@cell:1:13:17\n@cell:1:20:21\n",
    "#last@cell:1:15:24\nforward@cell:1:13:38\n@cell:1:20:21\n",
    "half@cell:1:17:20\n@cell:1:22:14\n",
  ].map((stack) => stackOf({ name: "Error", stack: library + stack }));
  delete tesseraScripts[address];
  const code = new LearnerCode(parts, stacks);
  assertEquals(stacks.map((stack) => code.describe(stack)), [
    "`return tf.matMul(x, x);` in Norm.forward",
    "`this.scale = (x) => tf.matMul(x, x);` in Block.scale",
    "`#last(x) { return tf.matMul(x, 3); }` in #last",
    "`(x) => matMul(x, 2)` in half",
  ]);
  assertEquals(stacks.map((stack) => code.callOf(stack)), [
    "tf.matMul(x, x)",
    "tf.matMul(x, x)",
    "tf.matMul(x, 3)",
    "matMul(x, 2)",
  ]);
});

Deno.test("A place of Firefox's at which no call stands is not taken for another line's call", () => {
  const part: CodePart = new Function(`return class Block {
  forward(x) {
    x.shape = 3;
    for (const each of x) each();
    const y = gelu(x);
    const z = x.parts.left;
    x.shape.pop();
    return plain(y);
  }
};`)();
  const describe = (message: string, stack: string) => {
    const text = stackOf(Object.assign(new TypeError(message), { stack }));
    return new LearnerCode([part], [text]).describe(text);
  };
  const unknown = "forward, in a cell of the notebook";
  assertEquals(describe('"shape" is read-only', "forward@cell:1:5:5\n@cell:1:20:21\n"), unknown);
  assertEquals(
    describe(`can't access property "left", x.parts is undefined`, "forward@cell:1:8:15\n"),
    unknown,
  );
  assertEquals(
    describe("plain is not a function", "forward@cell:1:10:12\n"),
    "`return plain(y);` in Block.forward",
  );
  // Of `pop` it has no frame.
  assertEquals(
    describe("property 2 is non-configurable and can't be deleted", "forward@cell:1:9:13\n"),
    "`x.shape.pop();` in Block.forward",
  );
  // What a layer's call was asked for is noted by a stack without words.
  const asked = stackOf({ name: "Error", stack: "forward@cell:1:10:12\nf@cell:1:20:21\n" });
  assertEquals(
    new LearnerCode([part], [asked]).describe(asked),
    "`return plain(y);` in Block.forward",
  );
});
