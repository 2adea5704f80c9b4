/** What a check may cost, counted in tensors of tfjs: 80,000 of them take about three seconds on one thread. */
import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import { Effort } from "../../../lib/exercises/engine/effort.ts";
import { runCheck, tasks } from "../../../tools/mutation/tasks.ts";

Deno.test("an effort is spent after so many tensors, and with the one that it is a part of", () => {
  tf.tidy(() => {
    const [whole, large] = [new Effort(6), new Effort(100)];
    const part = new Effort(100, whole);
    assert(!whole.isSpent && !part.isSpent && !large.isSpent);
    for (let index = 0; index < 6; index++) tf.scalar(index);
    assert(whole.isSpent && part.isSpent && !large.isSpent);
  });
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
