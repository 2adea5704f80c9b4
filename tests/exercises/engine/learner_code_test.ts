/** What checks show of a learner's code stands there as it was written. */
import { assertEquals } from "@std/assert";
import {
  asWritten,
  type CodePart,
  LearnerCode,
} from "../../../lib/exercises/engine/learner_code.ts";

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
  const stacks: string[] = [await load(3)];
  try {
    refuse(3);
  } catch (stack) {
    stacks.push(stack as string);
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
