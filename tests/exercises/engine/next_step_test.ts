import { assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { nextStep } from "../../../lib/exercises/engine/next_step.ts";
import { fillModules } from "../../../lib/exercises/engine/norm_statistics.ts";
import { matchParameters } from "../../../lib/exercises/engine/parameters.ts";
import { sample } from "../../../lib/exercises/engine/samples.ts";
import { PlainCnn, type PlainCnnOptions } from "../../../lib/models/plain_cnn.ts";
import { Module } from "../../../lib/nn/module.ts";
import { SelfAttention2d } from "../../../lib/nn/self_attention_2d.ts";
import { Random } from "../../../lib/random.ts";
import { cell } from "../cells.ts";

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

/** What {@link nextStep} says of a part, beside the library's with the same weights. */
function said(learner: Part, library: Part, options: object, shape: number[]): string | undefined {
  const random = new Random(3);
  const [ours, theirs] = [learner, library].map((part) =>
    new part({ ...options, random } as never)
  );
  const input = sample(shape, { seed: 4, low: -2, high: 2 });
  for (const each of [ours, theirs]) each.setTraining(false);
  const checked = { ours, theirs, pairs: matchParameters("it", ours, theirs), input };
  fillModules(checked);
  return tf.tidy(() => nextStep(checked));
}
type Part = new (options: never) => Module;

class Library extends PlainCnn {
  constructor(options: PlainCnnOptions) {
    super({ ...options, normalised: true });
  }
}
const ofNetwork = (part: Part) =>
  said(part, Library, { imageSize: 12, channels: 2, width: 5, classes: 7 }, [2, 12, 12, 2]);

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
      "`hidden` gets a tensor of shape [2, 3, 3, 5], but should get […, 45]: a reshape is missing",
    ],
    [
      [first, second, last.replace("return ", "return this.output.forward(").replace(/;$/, ");")],
      "`output` at the end is one too many.",
    ],
  ];
  for (const [lines, words] of cases) {
    assertStringIncludes(ofNetwork(await network(lines.join("\n    "))) ?? "nothing", words);
  }
});

Deno.test("a layer's setting is told by the operation that has it", async () => {
  const Network = await network([first, second, last].join("\n    "), "new MaxPool2d(3)");
  assertEquals(ofNetwork(Network), "max-pooling has filterSize 3 here, which should be 2.");
});

/** The larger of two numbers and what is cut at zero may be taken in any order. */
const poolingFirst = [first, second].map((line) =>
  line.replace(/this\.pool\.forward\(tf\.relu\((.*)\)\);/, "tf.relu(this.pool.forward($1));")
);

Deno.test("an order of one's own that gives the same is right, and not blamed for another mistake", async () => {
  assertEquals(ofNetwork(await network([...poolingFirst, last].join("\n    "))), undefined);
  const noRelu = last.replace(
    "tf.relu(this.hidden.forward(x))",
    "this.norm2.forward(this.hidden.forward(x))",
  );
  assertEquals(
    ofNetwork(await network([...poolingFirst, noRelu].join("\n    "))),
    "`norm2` is applied once more, right after `hidden`, where ReLU comes.",
  );
});

Deno.test("values in another order than the right ones are not called a missing reshape", async () => {
  const lines = [
    first,
    second,
    last.replace("x = x.reshape([images.shape[0], -1])", "x = tf.reverse(x, 3)"),
  ];
  assertEquals(ofNetwork(await network(lines.join("\n    "))), undefined);
});

Deno.test("a layer that is applied twice, and throws, is named in every kind of module", async () => {
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
  assertEquals(
    said(Attention, SelfAttention2d, { width: 12, heads: 3 }, [2, 3, 5, 12]),
    "`qkv` is applied once more, right after `qkv`.",
  );
});
