import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { checkAttentionHead } from "../../../lib/exercises/attention/attention_heads.ts";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import { takenHints } from "../../../lib/exercises/engine/hint_ladder.ts";
import { checkResidualBlock } from "../../../lib/exercises/residual/residual_block.ts";
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
  await inHome(async (home) => {
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
  });
});

Deno.test("a hint calls what is needed as the text does, and points to no right line", async () => {
  const block = (forward: string) =>
    cell<never>(
      `class ResidualBlock extends Module {
  constructor({ inputs, outputs, stride, random }) {
    super();
    Object.assign(this, { stride, missing: outputs - inputs });
    const settings = { padding: 1, bias: false, random };
    this.convolution1 = new Conv2d(inputs, outputs, { ...settings, stride });
    this.norm1 = new BatchNorm2d(outputs);
    this.convolution2 = new Conv2d(outputs, outputs, settings);
    this.norm2 = new BatchNorm2d(outputs);
  }
  forward(x) {
    const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
    const residual = this.norm2.forward(this.convolution2.forward(hidden));
    ${forward}
    return tf.relu(tf.add(residual, tf.pad(places, [[0, 0], [0, 0], [0, 0], [0, this.missing]])));
  }
}`,
      "ResidualBlock",
    );
  await inHome(async () => {
    const Cropped = await block(
      "const places = tf.slice(x, [0, 0, 0, 0], [-1, x.shape[1] / this.stride, x.shape[2] / this.stride, -1]);",
    );
    const hint = async () =>
      (await assertRejects(() => checkResidualBlock(Cropped, { hint: true }), CheckError)).message;
    const hints = [await hint(), await hint(), await hint()].join("\n");
    assertStringIncludes(hints, "`subsample`");
    assert(!hints.includes("avgPool"), hints);
  });
});

/** Calls with a new folder as the home. */
async function inHome(call: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir();
  const before = Deno.env.get("TESSERA_HOME");
  Deno.env.set("TESSERA_HOME", home);
  try {
    await call(home);
  } finally {
    if (before === undefined) Deno.env.delete("TESSERA_HOME");
    else Deno.env.set("TESSERA_HOME", before);
    await Deno.remove(home, { recursive: true });
  }
}
