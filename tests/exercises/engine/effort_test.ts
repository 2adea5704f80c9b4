/** What the search for a cause may cost, counted in operations: 80,000 tensors take some three seconds on one thread. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import { counted, Effort } from "../../../lib/exercises/engine/effort.ts";
import { runCheck, tasks } from "../../../tools/mutation/tasks.ts";

Deno.test("an effort is spent after so many operations, and with the one that it is a part of", () => {
  tf.tidy(() => {
    counted(() => {
      const [whole, large] = [new Effort(6), new Effort(100)];
      const part = new Effort(100, whole);
      for (let index = 0; index < 6; index++) {
        assert(!whole.isSpent && !part.isSpent && !large.isSpent);
        counted(() => tf.neg(index));
      }
      assert(whole.isSpent && part.isSpent && !large.isSpent);
    });
  });
});

Deno.test("an operation counts once, whatever it is made of, and only in a search", () => {
  // As Tessera's layers are, of other operations on each backend.
  const composed = tf.customGrad((x) => ({
    value: tf.tanh(tf.square(tf.exp(x as tf.Tensor))),
    gradFunc: (dy: tf.Tensor) => dy,
  }));
  const engine = tf.engine() as unknown as { runKernelFunc: unknown };
  const before = engine.runKernelFunc;
  tf.tidy(() => {
    const effort = counted(() => {
      const effort = new Effort(4);
      composed(composed(tf.scalar(1)));
      assertThrows(() => counted(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))));
      assert(!effort.isSpent);
      return effort;
    }); // three of four: what fails counts as well
    for (let index = 0; index < 5; index++) tf.neg(index);
    assert(!effort.isSpent);
    counted(() => tf.neg(1));
    assert(effort.isSpent);
  });
  assertEquals(engine.runKernelFunc, before);
});

const made = () => tf.tidy(() => tf.scalar(0).id);

const scrambled = (text: string) =>
  text.replaceAll(/this\.(\w+)\.embed\(images\)/g, "tf.sin(tf.square(this.$1.embed(images)))");
const ofTheFirst = (text: string) =>
  text.replace("this.small.encoders[round]", "this.small.encoders[0]")
    .replace("this.large.fusions[round]", "this.large.fusions[0]");

for (
  const [mistake, change] of Object.entries({
    "values of its own": scrambled,
    "the first parts of two kinds in every round": ofTheFirst,
  })
) {
  Deno.test(`checkCrossViT's search for a cause comes to its end, of ${mistake}`, async () => {
    const [task] = await tasks((name) => name === "unit5 checkCrossViT", { areSure: true });
    const before = made();
    const error = await runCheck(task, change(task.cell));
    assert(error instanceof CheckError, "it passed");
    const count = made() - before;
    assert(count < 80_000, `${count} tensors`);
  });
}
