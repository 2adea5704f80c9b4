import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { checkAttentionHead } from "../../../lib/exercises/attention/attention_heads.ts";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import { takenHints } from "../../../lib/exercises/engine/hint_ladder.ts";
import { cell } from "../cells.ts";

Deno.test("hints come one at a time, at most three, and how many were taken is kept in the home", async () => {
  const Head = await cell<never>(
    `class AttentionHead extends Module {
  query: Linear;
  key: Linear;
  value: Linear;
  constructor({ width, headWidth, random }) {
    super();
    this.query = new Linear(width, headWidth, { random });
    this.key = new Linear(width, headWidth, { random });
    this.value = new Linear(width, headWidth, { random });
  }
  forward(x) {
    const [q, k, v] = [this.query, this.key, this.value].map((map) => map.forward(x));
    const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(q.shape[2]));
    const weights = tf.sigmoid(scores);
    return tf.matMul(weights, v);
  }
}`,
    "AttentionHead",
  );
  const home = await Deno.makeTempDir();
  const before = Deno.env.get("TESSERA_HOME");
  Deno.env.set("TESSERA_HOME", home);
  try {
    const { message } = await assertRejects(() => checkAttentionHead(Head), CheckError);
    assertStringIncludes(
      message,
      "in AttentionHead.forward, `tf.sigmoid(scores)` stands where `tf.softmax` belongs",
    );
    assert(message.split("\n").length <= 10);
    assertEquals(takenHints(), {});
    const hint = async () =>
      (await assertRejects(() => checkAttentionHead(Head, { hint: true }), CheckError)).message;
    assertStringIncludes(await hint(), "Hint 1 of 3: Look at AttentionHead.forward");
    const second = await hint();
    assertStringIncludes(second, "Hint 2 of 3: What is needed there is");
    assertStringIncludes(second, "softmax");
    assertStringIncludes(await hint(), "Hint 3 of 3: The line is like");
    assertStringIncludes(await hint(), "Hint 3 of 3");
    assertEquals(takenHints(), { "Attention head": 3 });
    const path = join(home, "hints.json");
    assertStringIncludes(await Deno.readTextFile(path), '"Attention head": 3');
    // What somebody else has written there is no count.
    await Deno.writeTextFile(path, '{ "Encoder": 2, "Model": "many", "Fusion": -1 }');
    assertEquals(takenHints(), { Encoder: 2 });
    for (const spoilt of ["null", "{", '"text"', "[]"]) {
      await Deno.writeTextFile(path, spoilt);
      assertEquals(takenHints(), {});
    }
  } finally {
    if (before === undefined) Deno.env.delete("TESSERA_HOME");
    else Deno.env.set("TESSERA_HOME", before);
    await Deno.remove(home, { recursive: true });
  }
});
