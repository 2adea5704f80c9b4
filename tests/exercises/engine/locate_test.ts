import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkAttentionHead } from "../../../lib/exercises/attention/attention_heads.ts";
import { checkStandardize } from "../../../lib/exercises/tensors/standardize.ts";
import { checkTransformerBlock } from "../../../lib/exercises/transformer/transformer_block.ts";
import { checkVisionTransformer } from "../../../lib/exercises/vision_transformer/vision_transformer.ts";
import { cell } from "../cells.ts";
import { fails } from "../verdict.ts";

/** A head whose `forward` has these lines after queries, keys and values are there. */
const head = (lines: string, then = "return AttentionHead;") =>
  cell<never>(
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

  // A comment, which the kernel drops.
  forward(x: tf.Tensor): tf.Tensor {
    const [q, k, v]: tf.Tensor[] = [this.query, this.key, this.value].map((map) => map.forward(x));
    ${lines}
  }
}
const made = () => { ${then} };`,
    "made()",
  );

const scores =
  "const scores: tf.Tensor = tf.div(tf.matMul(q, k, false, true), Math.sqrt(q.shape[2]!));";

Deno.test("where no mistake of the list fits, the line is shown at which values depart", async () => {
  const cases: [lines: string, ...words: string[]][] = [
    [
      `${scores}\nconst weights = tf.mul(tf.softmax(scores), tf.sigmoid(scores));\nreturn tf.matMul(weights, tf.sin(v));`,
      "Up to `const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(q.shape[2]));` in AttentionHead.forward",
      "those of `const weights = tf.mul(tf.softmax(scores), tf.sigmoid(scores));` in AttentionHead.forward, of shape [3, 5, 5]",
    ],
    [
      `${scores}\nconst shares = tf.mul(tf.sigmoid(tf.cos(scores)), tf.sigmoid(scores));\nreturn tf.matMul(shares, tf.sin(v));`,
      "those of `const shares = tf.mul(tf.sigmoid(tf.cos(scores)), tf.sigmoid(scores));`",
    ],
    [
      `${scores}\nconst weights = tf.softmax(scores);\nreturn tf.mul(tf.add(tf.matMul(weights, v), tf.sin(v)), tf.cos(v));`,
      "Up to `const [q, k, v] =",
      "`return tf.mul(tf.add(tf.matMul(weights, v), tf.sin(v)), tf.cos(v));`",
    ],
  ];
  for (const [lines, ...words] of cases) {
    const Head = await head(lines);
    const message = await fails(() => checkAttentionHead(Head), ...words);
    assert(message.split("\n").length <= 10, message);
  }
});

Deno.test("another way to right values is no departure: the scale is taken earlier", async () => {
  const Head = await head(
    "const scaled = tf.mul(q, 1 / Math.sqrt(q.shape[2]));\n" +
      "const weights = tf.softmax(tf.abs(tf.matMul(scaled, k, false, true)));\nreturn tf.matMul(weights, v);",
  );
  const message = await fails(() => checkAttentionHead(Head), "tf.abs");
  assert(!message.includes("those of `const scaled"), message);
});

Deno.test("an operation that does something else with the right inputs is named", async () => {
  const Block = await cell<never>(
    `class Block extends TransformerBlock {
  forward(x: tf.Tensor): tf.Tensor {
    const y = tf.sub(x, this.attention.forward(this.attentionNorm.forward(x)));
    return tf.add(y, this.mlp.forward(this.mlpNorm.forward(y)));
  }
}`,
    "Block",
  );
  await fails(
    () => checkTransformerBlock(Block),
    "in Block.forward, `tf.sub(x, this.attention.forward(this.attentionNorm.forward(x)))` stands where `tf.add` belongs",
    "Changed so, all values are right.",
  );
});

Deno.test("the smallest input that shows it can be pasted into a cell", async () => {
  const lines =
    `${scores}\nreturn tf.matMul(tf.mul(tf.sigmoid(tf.cos(scores)), tf.sigmoid(scores)), tf.sin(v));`;
  const Head = await head(lines);
  const message = await fails(() => checkAttentionHead(Head), "To look at it: `new AttentionHead(");
  const call = /To look at it: `([^`]*)\.print\(\)`/.exec(message)![1];
  assertMatch(call, /reshape\(\[1, 1, 12\]\)/);
  const output = await head(lines, `return ${call};`) as tf.Tensor;
  assertEquals(output.shape, [1, 1, 4]);
});

Deno.test("a function's line is shown as a class's is", async () => {
  const standardize = await cell<never>(
    `function standardize(x: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  const centred: tf.Tensor = tf.sub(x, mean);
  return tf.mul(centred, tf.sqrt(variance));
}`,
    "standardize",
  );
  await fails(
    () => checkStandardize(standardize),
    "in standardize, `tf.mul(centred, tf.sqrt(variance))` stands where `tf.div` belongs",
  );
});

Deno.test("tokens in another order are located where they come from, not where they meet the positions", async () => {
  const Model = await cell<never>(
    `const columnByColumn = (images, size) => {
  const [batch, height, width, channels] = images.shape;
  const cut = tf.reshape(images, [batch, height / size, size, width / size, size, channels]);
  return tf.reshape(tf.transpose(cut, [0, 3, 1, 2, 4, 5]), [batch, -1, size * size * channels]);
};
class ViT extends Module {
  constructor({ channels, patchSize, width, mlpWidth, heads, depth, classes, positions, dropout, random }) {
    super();
    this.patchSize = patchSize;
    this.projection = new Linear(patchSize * patchSize * channels, width, { random });
    this.classToken = tf.variable(random.normal([1, 1, width]));
    this.positions = tf.variable(random.normal([1, positions + 1, width]));
    this.dropout = new Dropout(dropout, { random });
    this.blocks = Array.from({ length: depth }, () => new TransformerBlock({ width, mlpWidth, heads, dropout, random }));
    this.norm = new LayerNorm(width);
    this.head = new Linear(width, classes, { random });
  }
  forward(images) {
    const patches = this.projection.forward(columnByColumn(images, this.patchSize));
    const [batch, count, width] = patches.shape;
    const tokens = tf.concat([tf.mul(tf.ones([batch, 1, 1]), this.classToken), patches], 1);
    let x = this.dropout.forward(tf.add(tokens, tf.slice(this.positions, [0, 0, 0], [1, count + 1, width])));
    for (const block of this.blocks) x = block.forward(x);
    return this.head.forward(this.norm.forward(tf.gather(x, 0, 1)));
  }
}`,
    "ViT",
  );
  const said = await fails(() => checkVisionTransformer(Model), "right values in another order");
  assertStringIncludes(
    said.replace(/\s+/g, " "),
    "in another order, since `const patches = this.projection.forward(columnByColumn(",
  );
});
