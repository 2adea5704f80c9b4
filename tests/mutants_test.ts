import { assert, assertEquals, assertMatch } from "@std/assert";
import { judge } from "../tools/mutation/judge.ts";
import { allOperators, mutantsOf } from "../tools/mutation/operators.ts";
import { plantedMistakes } from "../tools/mutation/planted.ts";
import { runCheck, tasks } from "../tools/mutation/tasks.ts";
import { table, times, type Trial, tryOut } from "../tools/mutants.ts";

const cell = `class Part extends Module {
  first: Linear;
  second: Linear;
  constructor({ width, random }) {
    super();
    // BEGIN SOLUTION
    this.first = new Linear(width, 3 * width, { random }); // [D, 3 D]
    // END SOLUTION
  }
  forward(x: tf.Tensor) {
    // BEGIN SOLUTION
    const y = tf.sub(x, this.first.forward(x)); // y = x - first(x)
    const z = tf.softmax(y, -1);
    return tf.add(z, this.second.forward(y));
    // END SOLUTION
  }
}`;

Deno.test("mutants change the learner's lines alone, and no comment", () => {
  const lines = (operator: (typeof allOperators)[number]) =>
    mutantsOf(cell, operator).map(({ line }) => line);
  assert(lines("drop").includes("const y = tf.sub(x, x); // y = x - first(x)"));
  assert(lines("swap").includes("const y = tf.sub(this.first.forward(x), x); // y = x - first(x)"));
  assert(lines("axis").includes("const z = tf.softmax(y, -2);"));
  assert(lines("sign").includes("return tf.sub(z, this.second.forward(y));"));
  assert(lines("size").some((line) => line.includes("new Linear(3 * width, 3 * width")));
  for (const operator of allOperators) {
    for (const mutant of mutantsOf(cell, operator)) {
      assert(mutant.cell !== cell, operator);
      assert(mutant.cell.includes("// y = x - first(x)"), mutant.cell);
    }
  }
});

Deno.test("judge tells a named mistake, a place, and a place before the change", () => {
  const [mutant] = mutantsOf(cell, "axis");
  const said = (message: string) => judge(mutant, new Error(message));
  assertEquals(judge(mutant, undefined), "passed");
  assertEquals(said("Your output is what one gets without the scale."), "named");
  assertEquals(
    said("those of `const z = tf.softmax(y, -2);` in Part.forward, of shape [2]"),
    "located",
  );
  assertEquals(
    said("those of `const y = tf.sub(x, this.first.forward(x));` in Part.forward, of shape [2]"),
    "misled",
  );
  assertEquals(said("Largest difference 1."), "caught");
});

Deno.test("checks catch planted mistakes, mislead nobody and refuse no right variant", async () => {
  const some = await tasks((name) => /^unit1 checkFeedForward|^unit5 checkRollout/.test(name));
  assertEquals(some.map(({ name }) => name), ["unit1 checkFeedForward", "unit5 checkRollout"]);
  const trials: Trial[] = [];
  for (const task of some) trials.push(...await tryOut(task, { seed: 3, count: 1 }));
  assert(trials.length > 8);
  for (const { task, operator, verdict, line, message } of trials) {
    const what = `${task}, ${operator}: ${line}\n${message}`;
    assertEquals(verdict === "passed", operator === "rewrite", what);
    assert(verdict !== "misled", what);
  }
  const counted = table(trials, new Map([["checkRollout", 11], ["checkTrainer", 5]]));
  assertMatch(counted, /\| \*\*all, seed 3\*\* +\| +16 \|/);
  assertMatch(counted, /\| unit5 checkRollout +\| +11 \|/);
  assertMatch(counted, /\| checkTrainer +\| +5 \| +– \|/);
  assertMatch(times(trials), /of right solutions: \d\.\d\d s in the median, \d\.\d\d s at most/);
  assert(await runCheck(some[0], "class FeedForward {}") instanceof Error);
});

Deno.test("the mistakes that tests plant by hand are counted by their names", async () => {
  const planted = await plantedMistakes();
  assert(planted.get("checkPatches")! > 10);
  assert(planted.get("checkRollout")! > 5);
});
