import { assert } from "@std/assert";
import { checkNormalisedCnn } from "../../../lib/exercises/convolution/cnn.ts";
import { checkSelfAttention2d } from "../../../lib/exercises/grid/self_attention.ts";
import { checkResidualBlock } from "../../../lib/exercises/residual/residual_block.ts";
import { cell } from "../cells.ts";
import { fails } from "../verdict.ts";

/** A network with the given lines for the forward pass, and its pooling. */
const network = (lines: string, pool = "new MaxPool2d(2)") =>
  cell<never>(
    `class Network extends Module {
  constructor({ imageSize, channels, width, classes, random }) {
    super();
    this.convolution1 = new Conv2d(channels, width, { padding: 1, bias: false, random });
    this.norm1 = new BatchNorm2d(width);
    this.convolution2 = new Conv2d(width, width, { padding: 1, bias: false, random });
    this.norm2 = new BatchNorm2d(width);
    this.pool = ${pool};
    this.hidden = new Linear(imageSize * imageSize * width / 16, width, { random });
    this.output = new Linear(width, classes, { random });
  }
  forward(images) {
    ${lines}
  }
}`,
    "Network",
  );
const first =
  "let x = this.pool.forward(tf.relu(this.norm1.forward(this.convolution1.forward(images))));";
const second = "x = this.pool.forward(tf.relu(this.norm2.forward(this.convolution2.forward(x))));";
const last = "x = x.reshape([images.shape[0], -1]);\n" +
  "    return this.output.forward(tf.relu(this.hidden.forward(x)));";

Deno.test("a forward pass that goes another way than the right one is told what belongs there", async () => {
  const cases: [lines: string[], words: string][] = [
    [
      [first, "x = tf.relu(this.norm2.forward(this.convolution2.forward(x)));", last],
      "max-pooling should come before `hidden`, right after ReLU.",
    ],
    [
      [first, "x = this.pool.forward(tf.relu(this.norm2.forward(this.norm1.forward(x))));", last],
      "`norm1` is applied once more, right after max-pooling, where `convolution2`",
    ],
    [
      [first.replace("this.convolution1.forward(images)", "images"), second, last],
      "`convolution1` should come before `norm1`, right at the input.",
    ],
    [
      [first, second, last.replace("this.hidden.forward(x)", "x")],
      "`hidden` should come before `output`, right after ReLU.",
    ],
    [
      [first, second, last.replace("x = x.reshape([images.shape[0], -1]);\n", "")],
      "`hidden` gets a tensor of shape [2, 3, 3, 5], but should get [2, 45]: a reshape is missing",
    ],
    [
      [first, second, last.replace("return ", "return this.output.forward(").replace(/;$/, ");")],
      "`output` at the end is one too many.",
    ],
  ];
  for (const [lines, words] of cases) {
    const Network = await network(lines.join("\n    "));
    const message = await fails(() => checkNormalisedCnn(Network), words);
    assert(message.split("\n").length <= 10, message);
  }
});

Deno.test("a layer's setting is told by the operation that has it", async () => {
  const Network = await network([first, second, last].join("\n    "), "new MaxPool2d(3)");
  await fails(
    () => checkNormalisedCnn(Network),
    "max-pooling has filterSize 3 here, which should be 2.",
  );
});

Deno.test("a network whose steps stand in another order that gives the same is right", async () => {
  // The larger of two numbers and what is cut at zero may be taken in any order.
  const Network = await network(
    [first, second].map((line) =>
      line.replace(/this\.pool\.forward\(tf\.relu\((.*)\)\);/, "tf.relu(this.pool.forward($1));")
    ).concat(last).join("\n    "),
  );
  await checkNormalisedCnn(Network);
});

Deno.test("an order of one's own is not blamed for another mistake", async () => {
  // As above, and then without the activation between the linear maps.
  const Network = await network(
    [first, second].map((line) =>
      line.replace(/this\.pool\.forward\(tf\.relu\((.*)\)\);/, "tf.relu(this.pool.forward($1));")
    ).concat(
      last.replace("tf.relu(this.hidden.forward(x))", "this.norm2.forward(this.hidden.forward(x))"),
    )
      .join("\n    "),
  );
  const message = await fails(
    () => checkNormalisedCnn(Network),
    "`norm2` is applied once more, right after `hidden`",
  );
  assert(!message.includes("max-pooling"), message);
});

Deno.test("a layer that is applied twice, and thrown at, is named in every kind of module", async () => {
  const Attention = await cell<never>(
    `class SelfAttention2d extends Module {
  constructor({ width, heads, random }) {
    super();
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.output = new Linear(width, width, { random });
  }
  forward(x) {
    return this.output.forward(this.qkv.forward(this.qkv.forward(x)));
  }
}`,
    "SelfAttention2d",
  );
  await fails(
    () => checkSelfAttention2d(Attention, { heads: "one" }),
    "`qkv` is applied once more, right after `qkv`",
  );
  const Block = await cell<never>(
    `class ResidualBlock extends Module {
  constructor({ inputs, outputs, stride, random }) {
    super();
    this.convolution1 = new Conv2d(inputs, outputs, { padding: 1, bias: false, random, stride });
    this.norm1 = new BatchNorm2d(outputs);
    this.convolution2 = new Conv2d(outputs, outputs, { padding: 1, bias: false, random });
    this.norm2 = new BatchNorm2d(outputs);
  }
  forward(x) {
    const y = this.norm2.forward(this.convolution2.forward(tf.relu(this.norm1.forward(this.convolution1.forward(x)))));
    return tf.relu(tf.add(this.norm2.forward(y), x));
  }
}`,
    "ResidualBlock",
  );
  await fails(
    () => checkResidualBlock(Block),
    "`norm2` is applied once more, right after `norm2`, where the sum comes.",
  );
});
