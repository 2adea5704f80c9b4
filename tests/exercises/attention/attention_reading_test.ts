import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  checkClassAttention,
  checkRollout,
} from "../../../lib/exercises/attention/attention_reading.ts";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import { printed } from "../printed.ts";
import { mistakes } from "../verdict.ts";

type ClassAttention = (weights: tf.Tensor4D) => tf.Tensor;

const classAttention: ClassAttention = (weights) => {
  const [batch, heads, tokens] = weights.shape;
  return tf.squeeze(tf.slice(weights, [0, 0, 0, 1], [batch, heads, 1, tokens - 1]), [2]);
};

Deno.test("checkClassAttention accepts the solution", async () => {
  const before = tf.memory().numTensors;
  const lines = await printed(() => checkClassAttention(classAttention, { points: 1 }));
  assertEquals(lines, [
    "✔ Class token's attention: the class token's weights on the patches, head by head (1 point)",
  ]);
  assertEquals(tf.memory().numTensors, before);
});

const wrongReadings: Record<string, [ClassAttention, string[]]> = {
  "the unsolved stub": [
    () => {
      throw new Error("Not solved yet: slice");
    },
    ["classAttention is not written yet"],
  ],
  "a class token among the patches": [
    (weights) => tf.squeeze(tf.slice(weights, [0, 0, 0, 0], [-1, -1, 1, -1]), [2]),
    ["wrong shape", "the class token itself is still among"],
  ],
  "the axis of queries": [
    (weights) => tf.slice(weights, [0, 0, 0, 1], [-1, -1, 1, -1]),
    ["wrong shape", "`tf.squeeze(x, [2])`"],
  ],
  "a column": [
    (weights) => tf.squeeze(tf.slice(weights, [0, 0, 1, 0], [-1, -1, -1, 1]), [3]),
    ["a column", "row 0"],
  ],
  "the first patch's row": [
    (weights) => tf.squeeze(tf.slice(weights, [0, 0, 1, 1], [-1, -1, 1, -1]), [2]),
    ["the first patch's row"],
  ],
  "averaged heads": [(weights) => tf.mean(classAttention(weights), 1), ["the heads were averaged"]],
  "no tensor": [(() => [1, 2]) as unknown as ClassAttention, [
    "should be a tensor, but is an array",
  ]],
};

mistakes("checkClassAttention explains", wrongReadings, checkClassAttention);

type Rollout = (weights: tf.Tensor4D[]) => tf.Tensor;

const flowOf = (weights: tf.Tensor4D): tf.Tensor =>
  tf.div(tf.add(tf.mean(weights, 1), tf.eye(weights.shape[2])), 2);
const multiplied = (flows: tf.Tensor[]) => flows.reduce((before, flow) => tf.matMul(flow, before));

Deno.test("checkRollout accepts the solution", async () => {
  const right = (weights: tf.Tensor4D[]) => multiplied(weights.map(flowOf));
  const before = tf.memory().numTensors;
  const lines = await printed(() => checkRollout(right, { points: 1 }));
  assertEquals(lines, [
    "✔ Attention rollout: right for one block and for several; every row sums to 1 (1 point)",
  ]);
  assertEquals(tf.memory().numTensors, before);
});

const wrongRollouts: Record<string, [Rollout, string[]]> = {
  "no identity": [
    (weights) => multiplied(weights.map((each) => tf.mean(each, 1))),
    ["weights of 1 block", "without the identity"],
  ],
  "an identity that is not halved": [
    (weights) => multiplied(weights.map((each) => tf.add(tf.mean(each, 1), tf.eye(each.shape[2])))),
    ["A + I is not divided by 2"],
  ],
  "the product the other way round": [
    (weights) => weights.map(flowOf).reduce((before, flow) => tf.matMul(before, flow)),
    ["weights of 3 blocks", "the other way round"],
  ],
  "a product value by value": [
    (weights) => weights.map(flowOf).reduce((before, flow) => tf.mul(before, flow)),
    ["use `tf.matMul`"],
  ],
  "the last block only": [
    (weights) => flowOf(weights.at(-1)!),
    ["with the last block only"],
  ],
  "heads that stay": [
    (weights) => tf.div(tf.add(weights[0], tf.eye(weights[0].shape[2])), 2),
    ["the heads are still there"],
  ],
};

mistakes("checkRollout explains", wrongRollouts, checkRollout);

Deno.test("checkRollout compares with the weights as they were, whatever is done to their list", async () => {
  const reversed = (weights: tf.Tensor4D[]) => weights.reverse().map(flowOf);
  await printed(() =>
    checkRollout((weights) => reversed(weights).reduce((all, flow) => tf.matMul(all, flow)))
  );
  const { message } = await assertRejects(
    () => checkRollout((weights) => multiplied(reversed(weights))),
    CheckError,
  );
  assertStringIncludes(message, "the other way round");
  await printed(() =>
    checkRollout((weights) => {
      let all = flowOf(weights.shift()!);
      while (weights.length > 0) all = tf.matMul(flowOf(weights.shift()!), all);
      return all;
    })
  );
});

Deno.test("checkClassAttention and checkRollout say that weights were freed", async () => {
  const freeing = [
    () =>
      checkClassAttention((weights) => {
        const row = classAttention(weights);
        weights.dispose();
        return row;
      }),
    () =>
      checkRollout((weights) => {
        const all = multiplied(weights.map(flowOf));
        tf.dispose(weights);
        return all;
      }),
  ];
  for (const check of freeing) {
    const { message } = await assertRejects(check, CheckError);
    assertStringIncludes(message, "frees its input");
  }
});
