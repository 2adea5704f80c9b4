import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkFeedForward } from "../../../lib/exercises/transformer/feed_forward.ts";
import { checkEncoder } from "../../../lib/exercises/transformer/encoder.ts";
import { checkPatches } from "../../../lib/exercises/vision_transformer/patches.ts";
import { checkRollout } from "../../../lib/exercises/attention/attention_reading.ts";
import { cell } from "../cells.ts";
import { fails, passes } from "../verdict.ts";

const constructor = `
  hidden: Linear;
  dropoutOne: Dropout;
  output: Linear;
  dropoutTwo: Dropout;
  constructor({ width, hiddenWidth, dropout, random }) {
    super();
    this.hidden = new Linear(width, hiddenWidth, { random });
    this.dropoutOne = new Dropout(dropout, { random });
    this.output = new Linear(hiddenWidth, width, { random });
    this.dropoutTwo = new Dropout(dropout, { random });
  }`;

/** A feed-forward part from a cell, with this body of \`forward\`. */
function feedForward(body: string): Promise<never> {
  return cell(
    `class FeedForward extends Module {${constructor}\n  forward(x) {\n${body}\n  }\n}`,
    "FeedForward",
  );
}

/** Bodies of a feed-forward part with a slip, and what the message must say. */
const slips: Record<string, [body: string, ...words: string[]]> = {
  "a module that is called": [
    "const hidden = gelu(this.hidden(x));\nreturn this.output.forward(hidden);",
    "`.forward` is missing",
    "`this.hidden.forward(…)`",
    "`const hidden = gelu(this.hidden(x));` in FeedForward.forward",
  ],
  "a lost this": [
    "const run = function (y) { return this.output.forward(y); };\n" +
    "return run(gelu(this.hidden.forward(x)));",
    "`this` is lost",
    "arrow function",
  ],
  "a forgotten return": [
    "this.output.forward(gelu(this.hidden.forward(x)));",
    "is a `return` missing?",
  ],
  "a forgotten return in a callback": [
    "const parts = [x, x].map((p) => { this.hidden.forward(p); });\nreturn tf.concat(parts, -1);",
    "a list with undefined in it",
    "needs a `return`",
  ],
  "a plus": [
    "return this.output.forward(gelu(this.hidden.forward(x))) + x;",
    "tensors have no `+`",
  ],
  "an equals sign": [
    "return this.output.forward(gelu(this.hidden.forward(x))) == x;",
    "false (`==` and `<` compare no values of tensors",
    "`tf.equal(a, b)`",
  ],
  "a plus on the way": [
    "return this.output.forward(tf.relu(this.hidden.forward(x) + x));",
    "`+` between tensors",
  ],
  "a product by a sign": [
    "const y = this.hidden.forward(x);\nreturn this.output.forward(tf.mul(y, y * 0.5));",
    "`*`",
    "`tf.mul(a, b)`",
  ],
  "a power by a sign": [
    "const y = this.hidden.forward(x);\nreturn this.output.forward(tf.add(y, y ** 2));",
    "makes NaN",
  ],
  "a split without axis": [
    "const [a] = tf.split(this.hidden.forward(x), 7);\nreturn this.output.forward(a);",
    "`tf.split` without an axis",
  ],
  "shapes that do not fit": [
    "return this.output.forward(tf.add(this.hidden.forward(x), x));",
    "tf.add got shapes [2, 5, 7] and [2, 5, 12], which do not fit each other",
    "`return this.output.forward(tf.add(this.hidden.forward(x), x));` in FeedForward.forward",
  ],
  "a method of PyTorch's": [
    "return this.output.forward(gelu(this.hidden.forward(x.view(-1, 12))));",
    "tensors have no `view` here; write `tf.reshape(x, [2, 3])`",
  ],
  "a method in PyTorch's spelling": [
    "return this.output.forward(x.matmul(x));",
    "tensors have no `matmul` here; write `tf.matMul(…)`",
  ],
  "a function of Python's TensorFlow": [
    "return this.output.forward(tf.expand_dims(x, 0));",
    "there is no `expand_dims` here; write `tf.expandDims(…)`",
  ],
  "a module of PyTorch's": [
    "return nn.functional.gelu(x);",
    "`nn` is Python's; here it is the library's layers",
  ],
  "values that are assigned": [
    "x.assign(tf.relu(x));\nreturn x;",
    "only a `tf.Variable` has `assign`",
  ],
  "a tensor that is indexed": [
    "const first = x[0];\nreturn this.output.forward(this.hidden.forward(first));",
    "`x[0]` is undefined; write `tf.gather(x, 0)`",
  ],
  "a method that is not called": [
    "return tf.add(x, this.output.forward);",
    "`tf.add` gets a function in place of what it gives",
  ],
  "indices for items": [
    "for (const layer in [this.hidden, this.output]) x = layer.forward(x);\nreturn x;",
    "write `for (const layer of …)`",
  ],
  "a field without this": [
    "const hidden = gelu(hidden.forward(x));\nreturn this.output.forward(hidden);",
    "A field's is written with `this.`",
  ],
  "a shape that is changed": [
    "x.shape.pop();\nreturn x;",
    "the `.shape` of the input is changed",
    "[...x.shape]",
  ],
};

for (const [name, [body, ...words]] of Object.entries(slips)) {
  Deno.test(`a slip has its true cause: ${name}`, async () => {
    const FeedForward = await feedForward(body);
    const message = await fails(() => checkFeedForward(FeedForward), ...words);
    assert(!message.includes("is not written yet"), message);
    assert((message.match(/Likely cause/g)?.length ?? 0) <= 1, message);
    assert(message.split("\n").length <= 10, message);
  });
}

const encoder = (forward: string) =>
  cell<never>(
    `class Encoder extends Module {
  blocks: Module[];
  constructor({ depth, ...options }) {
    super();
    this.blocks = Array.from({ length: depth }, () =>
      new TransformerBlock({ ...options, attention: ConcatenatedHeads }));
  }
  forward(x) {
    ${forward}
  }
}`,
    "Encoder",
  );

Deno.test("a slip has its true cause: one round too many", async () => {
  const Encoder = await encoder(
    "for (let i = 0; i <= this.blocks.length; i++) x = this.blocks[i].forward(x);\nreturn x;",
  );
  await fails(() => checkEncoder(Encoder), "`this.blocks` has no item i", "count from 0 to n − 1");
});

Deno.test("a slip has its true cause: items of a list that are called", async () => {
  const Encoder = await encoder("for (const block of this.blocks) x = block(x);\nreturn x;");
  await fails(() => checkEncoder(Encoder), "`.forward` is missing", "`block.forward(…)`");
});

Deno.test("state and randomness in forward are not called dropout", async () => {
  const turned = await encoder(
    "return this.blocks.reverse().reduce((y, block) => block.forward(y), x);",
  );
  const said = await fails(
    () => checkEncoder(turned),
    "turns the list `blocks` round",
    "toReversed",
  );
  assert(!said.includes("dropout"));
  const taken = await encoder(
    "const last = this.blocks.pop();\nthis.blocks.unshift(last);\n" +
      "return this.blocks.reduce((y, block) => block.forward(y), x);",
  );
  await fails(() => checkEncoder(taken), "the list `blocks`");
  const noisy = await encoder(
    "const y = this.blocks.reduce((y, block) => block.forward(y), x);\n" +
      "return tf.add(y, tf.randomNormal(y.shape));",
  );
  await fails(() => checkEncoder(noisy), "draws random numbers");
  const dropped = await encoder(
    "return tf.dropout(this.blocks.reduce((y, block) => block.forward(y), x), 0.5);",
  );
  await fails(() => checkEncoder(dropped), "dropout is active in evaluation");
});

Deno.test("a check's inputs are not the learner's to spoil", async () => {
  const patches = await cell<never>(
    `function imageToPatches(images: tf.Tensor4D, patchSize: number) {
      const [batch, height, width, channels] = images.shape;
      const [rows, columns] = [height / patchSize, width / patchSize];
      const cut = tf.reshape(images, [batch, rows, patchSize, columns, patchSize, channels]);
      images.dispose();
      return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4, 5]), [batch, rows * columns, -1]);
    }`,
    "imageToPatches",
  );
  await fails(() => checkPatches(patches), "frees its input");
  // Right values have no cause.
  const freed = await feedForward(
    "const hidden = this.dropoutOne.forward(gelu(this.hidden.forward(x)));\nx.dispose();\n" +
      "return this.dropoutTwo.forward(this.output.forward(hidden));",
  );
  const said = await fails(() => checkFeedForward(freed), "frees its input");
  assert(!said.includes("Likely cause"), said);
  // A list of its own may be turned round.
  await passes(() =>
    checkRollout((weights) =>
      weights.reverse().map((each) => tf.mul(tf.add(tf.mean(each, 1), tf.eye(each.shape[2])), 0.5))
        .reduce((before, flow) => tf.matMul(before, flow))
    )
  );
});

Deno.test("a list in place of a tensor has no cause in what it is made of", async () => {
  const said = await fails(
    () =>
      checkRollout((weights) =>
        weights.map((each) =>
          tf.mul(tf.add(tf.mean(each, 1), tf.eye(each.shape[2])), 0.5)
        ) as unknown as tf.Tensor
      ),
    "should be a tensor, but is an array",
  );
  assert(!said.includes("Likely cause"), said);
});

Deno.test("a forward pass that is async ends with a message alone", async () => {
  const part = await cell<never>(
    `class FeedForward extends Module {${constructor}
  async forward(x) {
    const hidden = await gelu(this.hidden.forward(x));
    return this.dropoutTwo.forward(this.output.forward(this.dropoutOne.forward(hidden)));
  }
}`,
    "FeedForward",
  );
  await fails(() => checkFeedForward(part), "a Promise (remove `async`");
});

Deno.test("a list of parts that is empty, or has none in it, is named", async () => {
  const made = (blocks: string) =>
    cell<never>(
      `class Encoder extends Module {
  blocks: Module[];
  constructor({ depth, ...options }) {
    super();
    this.blocks = ${blocks};
  }
  forward(x) {
    return this.blocks.reduce((y, block) => block.forward(y), x);
  }
}`,
      "Encoder",
    );
  const block = "new TransformerBlock({ ...options, attention: ConcatenatedHeads })";
  const none = await made(`Array.from({ length: depth }, () => { ${block}; })`);
  await fails(() => checkEncoder(none), "times undefined", "needs a `return`");
  const empty = await made(`Array.from(depth, () => ${block})`);
  await fails(() => checkEncoder(empty), "`this.blocks` is an empty array");
});
