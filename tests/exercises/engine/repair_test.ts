import { assert, assertEquals, assertMatch } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkAttention } from "../../../lib/exercises/attention/attention.ts";
import { checkAttentionHead } from "../../../lib/exercises/attention/attention_heads.ts";
import { checkRollout } from "../../../lib/exercises/attention/attention_reading.ts";
import { numberNames } from "../../../lib/exercises/engine/number_names.ts";
import { repairText } from "../../../lib/exercises/engine/repair.ts";
import { checkFeedForward } from "../../../lib/exercises/transformer/feed_forward.ts";
import { cell } from "../cells.ts";
import { fails } from "../verdict.ts";

const proved = "Changed so, all values are right.";

/** A feed-forward part whose `forward` has these lines. */
const feedForward = (lines: string) =>
  cell<never>(
    `class FeedForward extends Module {
  hidden: Linear; output: Linear; activation: Gelu; first: Dropout; second: Dropout;
  constructor({ width, hiddenWidth, dropout, random }) {
    super();
    this.hidden = new Linear(width, hiddenWidth, { random });
    this.activation = new Gelu();
    this.first = new Dropout(dropout, { random });
    this.output = new Linear(hiddenWidth, width, { random });
    this.second = new Dropout(dropout, { random });
  }
  forward(x) {
    ${lines}
  }
}`,
    "FeedForward",
  );

const layers: [lines: string, words: string][] = [
  [
    "return this.second.forward(this.output.forward(this.output.forward(this.first.forward(this.activation.forward(this.hidden.forward(x))))));",
    "is too much; what it gets goes on as it is",
  ],
  [
    "const hidden = this.activation.forward(this.activation.forward(x));\n" +
    "return this.second.forward(this.output.forward(this.first.forward(hidden)));",
    "`this.activation.forward(x)` stands where `this.hidden.forward` belongs",
  ],
  [
    "const hidden = this.activation.forward(this.hidden.forward(x));\n" +
    "return this.second.forward(this.output.forward(tf.sub(hidden, 1)));",
    "`tf.sub(hidden, 1)` is too much",
  ],
];

for (const [lines, words] of layers) {
  Deno.test(`a layer's mistake is named by mending it: ${words}`, async () => {
    await fails(async () => checkFeedForward(await feedForward(lines)), words, proved);
  });
}

/** An attention of several heads whose scores are computed so. */
const attention = (scores: string, weights = "tf.softmax(scores)") =>
  cell<never>(
    `class Attention extends Module {
  heads: number; qkv: Linear; output: Linear;
  constructor({ width, heads, random }) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  forward(x) {
    const [batch, tokens, width] = x.shape;
    const split = (part) =>
      tf.transpose(tf.reshape(part, [batch, tokens, this.heads, width / this.heads]), [0, 2, 1, 3]);
    const [query, key, value] = tf.split(this.qkv.forward(x), 3, -1).map(split);
    const scores = ${scores};
    const results = tf.matMul(${weights}, value);
    return this.output.forward(tf.reshape(tf.transpose(results, [0, 2, 1, 3]), [batch, tokens, width]));
  }
}`,
    "Attention",
  );

const right = "tf.div(tf.matMul(query, key, false, true), Math.sqrt(width / this.heads))";
const inAttention: [scores: string, weights: string | undefined, words: string][] = [
  [
    "tf.mul(tf.matMul(query, key, false, true), 3)",
    undefined,
    "multiplies by 3, but should by",
  ],
  [
    "tf.sub(tf.matMul(query, key, false, true), Math.sqrt(width / this.heads))",
    undefined,
    "stands where `tf.div` belongs",
  ],
  [right, "tf.softmax(tf.softmax(scores))", "`tf.softmax(tf.softmax(scores))` is too much"],
  [
    "tf.div(tf.matMul(query, key), Math.sqrt(width / this.heads))",
    undefined,
    "should transpose its second input",
  ],
];

for (const [scores, weights, words] of inAttention) {
  Deno.test(`an operation's mistake is named by mending it: ${words}`, async () => {
    const message = await fails(async () => checkAttention(await attention(scores, weights)));
    // Where a table or a shape names it, that is as good.
    assert(
      message.includes(words) || /what one gets|false, true/.test(message),
      message,
    );
    assert(message.split("\n").length <= 10, message);
  });
}

Deno.test("what a function leaves out is named, with what it should take", async () => {
  const rollout = await cell<never>(
    `const rollout = (weights) => weights
  .map((each) => tf.div(tf.mean(each, 1), 2))
  .reduce((before, flow) => tf.matMul(flow, before));`,
    "rollout",
  );
  await fails(
    () => checkRollout(rollout),
    "before `tf.div(tf.mean(each, 1), 2)`, `tf.add` with `tf.eye(4)` is missing",
    proved,
  );
});

Deno.test("a source that no line of the head uses is asked for: the value's layer", async () => {
  const Head = await cell<never>(
    `class AttentionHead extends Module {
  query: Linear; key: Linear; value: Linear;
  constructor({ width, headWidth, random }) {
    super();
    for (const name of ["query", "key", "value"]) this[name] = new Linear(width, headWidth, { random });
  }
  forward(x) {
    const query = this.query.forward(x);
    const key = this.key.forward(x);
    const value = this.query.forward(x);
    const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(query.shape[2]));
    return tf.matMul(tf.softmax(scores), value);
  }
}`,
    "AttentionHead",
  );
  await fails(
    () => checkAttentionHead(Head),
    "in AttentionHead.forward, `this.query.forward(x)` stands where `this.value.forward` belongs",
  );
});

Deno.test("mending tries what a computation does, and says nothing where nothing mends it", () => {
  const x = tf.linspace(-1, 2, 30).reshape([5, 6]);
  const right = () => tf.mean(tf.square(x), 1);
  const text = (ours: () => unknown) =>
    repairText({ ours, right: [right], given: [x], code: { function: ours } });
  assertMatch(
    text(() => tf.mean(tf.square(x), 0))!,
    /`tf.mean` goes over axis 0, but should go over axis 1\. Changed so/,
  );
  assertMatch(text(() => tf.sum(tf.square(x), 1))!, /`tf.sum` stands where `tf.mean` belongs/);
  assertEquals(text(() => tf.max(tf.sin(tf.sin(x)), 1)), undefined);
  assertEquals(text(() => tf.zeros([5])), undefined);
  x.dispose();
});

Deno.test("mending leaves no tensor behind, and none of what it changes changes anything", () => {
  const x = tf.linspace(-1, 2, 12).reshape([3, 4]);
  const before = tf.memory().numTensors;
  const ours = () => tf.softmax(tf.mul(x, 2));
  const located = { ours, right: [() => tf.softmax(x)], given: [x], code: { function: ours } };
  assertMatch(repairText(located)!, /`tf.mul` is too much/);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(tf.tidy(() => Array.from(tf.sum(ours()).dataSync())[0].toFixed(4)), "3.0000");
  x.dispose();
});

Deno.test("a number is called by the sizes where they give it in one way only", () => {
  const text = numberNames({ width: 12, heads: 3 });
  assertEquals(text(2), "2 = √(`width` / `heads`)");
  assertEquals(text(6), "6 = √(`width` · `heads`)");
  assertEquals(text(4), "4 = `width` / `heads`");
  assertEquals(text(5), "5");
  assertEquals(numberNames({ a: 4, b: 4 })(4), "4");
});
