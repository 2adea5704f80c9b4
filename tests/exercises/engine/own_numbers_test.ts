import { assert } from "@std/assert";
import { checkAttention } from "../../../lib/exercises/attention/attention.ts";
import { checkAttentionHead } from "../../../lib/exercises/attention/attention_heads.ts";
import { checkFeedForward } from "../../../lib/exercises/transformer/feed_forward.ts";
import { checkTransformerBlock } from "../../../lib/exercises/transformer/transformer_block.ts";
import { checkPatches } from "../../../lib/exercises/vision_transformer/patches.ts";
import { cell } from "../cells.ts";
import { fails } from "../verdict.ts";

Deno.test("heads that are fixed inside a ready-made part are named with the option they should be", async () => {
  const Block = await cell<never>(
    `class Block extends Module {
  constructor({ width, mlpWidth, dropout, random }) {
    super();
    this.norm1 = new LayerNorm(width);
    this.attention = new MultiHeadAttention({ width, heads: 4, random });
    this.norm2 = new LayerNorm(width);
    this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
  }
  forward(x) {
    const y = tf.add(x, this.attention.forward(this.norm1.forward(x)));
    return tf.add(y, this.mlp.forward(this.norm2.forward(y)));
  }
}`,
    "Block",
  );
  await fails(
    () => checkTransformerBlock(Block),
    "`this.attention.heads` is 4, but should be 3, which is `heads` of the options",
    "Changed so, all values are right.",
  );
});

Deno.test("a layer that stands in two places is not said to be exchanged with a third", async () => {
  const Head = await cell<never>(
    `class Head extends Module {
  constructor({ width, headWidth, random }) {
    super();
    for (const name of ["query", "key", "value"]) {
      this[name] = new Linear(width, headWidth, { random });
    }
  }
  forward(x) {
    const [query, key, value] = [this.query.forward(x), this.query.forward(x), this.value.forward(x)];
    const scores = tf.matMul(query, key, false, true);
    return tf.matMul(tf.softmax(tf.div(scores, Math.sqrt(query.shape[2]))), value);
  }
}`,
    "Head",
  );
  const message = await fails(() => checkAttentionHead(Head), "`this.key.forward` belongs");
  assert(!message.includes("exchanged"));
});

const partOf = (constructor: string) =>
  cell<never>(
    `class FeedForward extends Module {
  constructor({ width, hiddenWidth, dropout, random }) {
    super();
    ${constructor}
  }
  forward(x) { return x; }
}`,
    "FeedForward",
  );

Deno.test("missing parameters are told in the learner's words, with the reason that hides them", async () => {
  const empty = await partOf(
    "this.layers = new Array(2).map(() => new Linear(width, hiddenWidth, { random }));",
  );
  const message = await fails(
    () => checkFeedForward(empty),
    "these are missing: the weight of a Linear",
    "`this.layers` is an array of 2 empty places",
    "`Array.from({ length: n }, () => …)`",
  );
  assert(!message.includes("output.weight"));
  const plain = await partOf("this.weight = random.normal([width, hiddenWidth]);");
  await fails(() => checkFeedForward(plain), "`this.weight` is a tensor that is not trained");
});

Deno.test("a part's situation is not glued into the call of its forward", async () => {
  const Attention = await cell<never>(
    `class Attention extends Module {
  constructor({ width, heads, random }) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  forward(x) { return this.output.forward(tf.split(this.qkv.forward(x), 3, -1)[0]); }
}`,
    "Attention",
  );
  await fails(
    () => checkAttention(Attention),
    "Attention.forward (with one head)",
    // So it is: a token that attends to itself alone gets the whole of its query. On WASM it was found, too.
    "queries and values exchanged, and when heads attend to each other within each token",
  );
});

Deno.test("a reshape that fails is told in shapes, not in TensorFlow's words", async () => {
  const patches = await cell<never>(
    "const patches = (images, size) => tf.reshape(images, [images.shape[0], -1, size * 1000 + 1]);",
    "patches",
  );
  const message = await fails(() => checkPatches(patches), "tf.reshape of a tensor of shape [");
  assert(!message.includes("TensorFlowError"));
});
