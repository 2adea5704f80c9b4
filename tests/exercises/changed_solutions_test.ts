/** Mistakes planted in the notebooks' own solutions: each is named, in at most ten lines. */
import { assert, assertEquals } from "@std/assert";
import { CheckError } from "../../lib/exercises/engine/check.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { runCheck, tasks } from "../../tools/mutation/tasks.ts";
import { type Change, change, changedSolutions } from "./changed_solutions.ts";

const onWasm = tf.getBackend() === "wasm";
const proved = "Changed so, all values are right.";

const threeMaps = (width: string) =>
  ["query", "key", "value"].map((name) =>
    `    this.${name} = new Linear(width, ${width}, { random });\n`
  ).join("");

const changes: Record<string, readonly Change[]> = {
  "unit1 checkVisionTransformer": [
    change(
      "tokens left out of the sum with the positions",
      "tf.add(tokens, positions)",
      "positions",
      "`tf.concat([classTokens, patches], 1)` must be added",
      proved,
    ),
    change(
      "a class token that no variable makes",
      "tf.mul(tf.ones([batch, 1, 1]), this.classToken)",
      "tf.ones([batch, 1, width])",
      "`this.classToken` must be multiplied on its first input",
      proved,
    ),
    change(
      "ones in place of the class token",
      "tf.mul(tf.ones([batch, 1, 1]), this.classToken)",
      "tf.ones([batch, 1, 1])",
      "`this.classToken` must be multiplied on its first input",
      proved,
    ),
    change(
      "a position too few",
      "[1, count + 1, width]",
      "[1, count, width]",
      "takes places 0 to 5 of axis 1, but should take places 0 to 6",
      proved,
    ),
    change(
      "a class token that is not repeated",
      "tf.concat([classTokens, patches], 1)",
      "tf.concat([this.classToken, patches], 1)",
      "its first input must be repeated for each image",
      proved,
    ),
    change(
      "the head before the norm",
      "this.head.forward(this.norm.forward(classToken))",
      "this.norm.forward(this.head.forward(classToken))",
      "stand in the wrong order",
      proved,
    ),
    change(
      "a block too few",
      "{ length: depth }",
      "{ length: depth - 1 }",
      "`blocks` has 2 items, but should have 3, which is `depth` of the options",
    ),
    change(
      "an axis that is not there",
      "tf.concat([classTokens, patches], 1)",
      "tf.concat([classTokens, patches], 3)",
      "an axis that does not exist",
    ),
    change(
      "the largest value of all tokens",
      "tf.squeeze(tf.slice(x, [0, 0, 0], [batch, 1, width]), [1])",
      "tf.max(x, 1)",
      "when the head reads the largest value over all tokens",
    ),
  ],
  "unit1 checkPatches": [
    change(
      "a number of rows that is used twice",
      "height / patchSize,",
      "height * patchSize,",
      "reshapes to [2, 45, 3, 7, 3, 4], but should to [2, 5, 3, 7, 3, 4]; and",
      proved,
    ),
    change(
      "an axis that is forgotten",
      "patchSize, columns, patchSize, channels]);",
      "patchSize, columns, patchSize]);",
      "but should to [2, 5, 3, 7, 3, 4]",
      proved,
    ),
  ],
  "unit1 checkTransformerBlock": [
    change(
      "one norm in both places",
      "this.mlpNorm = new LayerNorm(width);",
      "this.mlpNorm = this.attentionNorm;",
      "one and the same parameter",
    ),
  ],
  "unit1 checkFeedForward": [
    change(
      "a layer without bias",
      "new Linear(width, hiddenWidth, { random })",
      "new Linear(width, hiddenWidth, { random, bias: false })",
      "is made without its bias",
    ),
    change(
      "a layer of tfjs",
      "this.hidden = new Linear(width, hiddenWidth, { random });",
      "this.hidden = tf.layers.dense({ units: hiddenWidth });",
      "`this.hidden` is a layer of `tf.layers`",
    ),
  ],
  "unit2 checkNormalisedCnn": [
    change(
      "a window that is too large",
      "new MaxPool2d(2)",
      "new MaxPool2d(3)",
      "`this.pool.size` is 3, but should be 2.",
      proved,
    ),
    change(
      "a pooling that comes late",
      "    x = this.pool.forward(x); // [B, 16, 16, 64]\n" +
        "    x = tf.relu(this.norm2.forward(this.convolution2.forward(x)));\n",
      "    x = tf.relu(this.norm2.forward(this.convolution2.forward(x)));\n" +
        "    x = this.pool.forward(x);\n",
      "`this.pool.forward(x)` should come before `this.convolution2.forward(x)`",
      proved,
    ),
  ],
  "unit2 checkPositionEncoding": [
    change(
      "tokens to which nothing is added",
      "tf.add(tokens, tf.slice(this.table, [0, 0], [count, -1]))",
      "tf.slice(this.table, [0, 0], [count, -1])",
      "`tokens` must be added",
      proved,
    ),
  ],
  "unit2 checkSinusoidalPositions": [
    change(
      "angles that are not divided",
      "tf.div(tf.expandDims(tf.range(0, positions), 1), wavelengths)",
      "tf.expandDims(tf.range(0, positions), 1)",
      /must be divided by `tf\.pow\((1e4|10_?000), exponents\)/, // as a compiler writes the number
      proved,
    ),
  ],
  "unit3 checkSelfAttention2d 2": [
    change(
      "a width of a head that is multiplied",
      "features / this.heads]",
      "features * this.heads]",
      "reshapes to [2, 15, 4, 96], but should to [2, 15, 4, 6]; and",
      "divides by 9.798, but should by 2.449",
      proved,
    ),
  ],
  "unit2 checkStridedCnn": [
    change(
      "maps that are not flattened",
      "    x = tf.reshape(x, [images.shape[0], -1]); // [B, 4096]\n",
      "",
      "before `this.hidden.forward(x)`, `tf.reshape` to shape [2, 45] is missing",
      proved,
    ),
    change(
      "a reshape that comes early",
      "    x = tf.relu(this.norm2.forward(this.convolution2.forward(x))); // [B, 8, 8, 64]\n" +
        "    x = tf.reshape(x, [images.shape[0], -1]); // [B, 4096]\n",
      "    x = tf.reshape(x, [images.shape[0], -1]);\n" +
        "    x = tf.relu(this.norm2.forward(this.convolution2.forward(x)));\n",
      "`tf.reshape(x, [images.shape[0], -1])` is too much",
      "before `this.hidden.forward(x)`, `tf.reshape` to shape [2, 45] is missing",
      proved,
    ),
  ],
  "unit2 checkAttentionHead": [
    change(
      "one map in place of three",
      threeMaps("headWidth"),
      "    this.qkv = new Linear(width, 3 * headWidth, { random });\n",
      "`qkv` is one layer in place of 3",
    ),
  ],
  "unit3 checkGridPatches": [
    change(
      "a number of rows that is used twice",
      "height / patchSize,",
      "height * patchSize,",
      "but should to [2, 5, 3, 7, 3, 4]; and",
      proved,
    ),
    change(
      "values of its own",
      "tf.transpose(split, [0, 1, 3, 2, 4, 5])",
      "tf.sin(tf.square(tf.reverse(split, 1)))",
      "To look at it: `imageToPatches",
      "(tf.linspace(-1, 1, 9).reshape([1, 3, 3, 1]), 3).print()`",
    ),
  ],
  "unit0 checkStandardize": [
    change(
      "values of its own",
      "tf.div(tf.sub(x, mean), tf.sqrt(variance))",
      "tf.sin(tf.square(tf.sub(x, tf.tanh(tf.mul(mean, variance)))))",
      "(tf.linspace(-1, 1, 2).reshape([1, 2])).print()`",
    ),
  ],
  "unit4 checkAttention": [
    change(
      "three maps in place of one",
      "    this.qkv = new Linear(width, 3 * width, { random });\n",
      threeMaps("width"),
      "`query`, `key` and `value` are 3 layers in place of one",
      "from 12 to 36 features",
    ),
    change(
      "a split into two",
      "3, -1).map",
      "2, -1).map",
      "makes 2 parts, but should make 3",
      proved,
    ),
    change(
      "an operation that TensorFlow refuses",
      "this.output.forward(joined)",
      'this.output.forward(tf.unsortedSegmentSum(joined, tf.tensor1d([0, 1, 2], "int32"), 1))',
      // WASM has other words than TensorFlow for what it refuses.
      onWasm
        ? "threw an error on an input of shape [2, 5, 12]"
        : "fails on a tensor of shape [2, 5, 12] and a tensor of shape [3]. TensorFlow says:",
      "is too much; its first input goes on as it is",
    ),
  ],
  "unit5 checkMomentum": [
    change(
      "a parameter that stays",
      "tf.sub(parameter, tf.mul(learningRate, next))",
      "parameter",
      "when the parameter stays as it was",
    ),
  ],
  "unit5 checkRollout": [
    change(
      "weights that are not used",
      "tf.add(tf.mean(each, 1), tf.eye(tokens))",
      "tf.eye(tokens)",
      "no block's weights reach the result",
    ),
  ],
  "unit5 checkFusion": [
    change(
      "the other branch's class token in place of the own one",
      "this.there.forward(tf.slice(own, [0, 0, 0], [-1, 1, -1]))",
      "tf.slice(other, [0, 0, 0], [-1, 1, -1])",
      "with the other branch's class token in place of the own one",
    ),
  ],
};

changedSolutions(changes);

Deno.test("a search for what mends a mistake ends by a count, with the same message each time", async () => {
  const [task] = await tasks((name) => name === "unit1 checkVisionTransformer", { areSure: true });
  const cell = task.cell.replace(
    "tf.concat([classTokens, patches], 1)",
    "tf.add(tf.pad(patches, [[0, 0], [1, 0], [0, 0]]), this.classToken)",
  );
  const [one, other] = [await runCheck(task, cell), await runCheck(task, cell)];
  if (!(one instanceof CheckError)) throw one ?? new Error("it passed");
  assert(!one.hasCause, one.message);
  assertEquals(other?.message, one.message);
});
