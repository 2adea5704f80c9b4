import * as tf from "../../tensor/tf.ts";
import { attentionRollout } from "../../nn/attention_maps.ts";
import { attempt } from "../engine/attempt.ts";
import { type CheckOptions, checkRunner, describe, failure, shapeText } from "../engine/check.ts";
import { assertNotFreed, assertShape, assertTensor, expectClose } from "../engine/compare.ts";
import { departure } from "../engine/locate.ts";
import { findMistake } from "../engine/mistakes.ts";
import { functionFrame, ownWorkRule, watched } from "../engine/own_work.ts";
import { withRepair } from "../engine/repair.ts";
import { given } from "../engine/given.ts";
import { ramp, rampText } from "../engine/sample_call.ts";
import { sample } from "../engine/samples.ts";

const { runCheck } = checkRunner();

/** Softmaxed weights `[B, H, T, T]`, irregular. */
function someWeights(shape: [number, number, number, number], seed: number): tf.Tensor4D {
  return tf.softmax(sample(shape, { seed, low: -2, high: 2 })) as tf.Tensor4D;
}

const classMistakes = {
  columns:
    "with what each patch takes from the class token (a column). The class token's own row is asked for: row 0 of " +
    "each head",
  withoutLast: "with the first N tokens, the class token among them; the patches begin at place 1",
  fromLast: "when the last token's row is taken; the class token is the first, at place 0",
  fromFirstPatch: "when the first patch's row is taken (place 1); the class token's is at place 0",
  meanOfHeads: "with the mean of the heads in place of each; here each head is kept by itself",
  normalised: "with rows that are divided by their sum; leave the weights as they are",
  squared: "with weights to which a softmax was applied again",
} as const;

function classRow(weights: tf.Tensor4D, has: ReadonlySet<string>): tf.Tensor {
  const [batch, heads, tokens] = weights.shape;
  const patches = tokens - 1;
  if (has.has("columns")) {
    const column = tf.slice(weights, [0, 0, 1, 0], [batch, heads, patches, 1]);
    return tf.reshape(column, [batch, heads, patches]);
  }
  const row = has.has("fromLast") ? tokens - 1 : has.has("fromFirstPatch") ? 1 : 0;
  const start = has.has("withoutLast") ? 0 : 1;
  const source = has.has("squared")
    ? tf.softmax(weights) as tf.Tensor4D
    : has.has("meanOfHeads")
    ? tf.tile(tf.mean(weights, 1, true), [1, heads, 1, 1]) as tf.Tensor4D
    : weights;
  const taken = tf.reshape(
    tf.slice(source, [0, 0, row, start], [batch, heads, 1, patches]),
    [batch, heads, patches],
  );
  return has.has("normalised") ? tf.div(taken, tf.sum(taken, -1, true)) : taken;
}

/**
 * Checks a learner's function that takes the class token's attention to the patches out of a block's
 * weights, `[B, H, T, T] → [B, H, T − 1]`. Throws a `CheckError` that names the first thing wrong and its
 * likely cause.
 */
export function checkClassAttention(
  learner: (weights: tf.Tensor4D) => tf.Tensor,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Class token's attention", options, () => {
    const name = "classAttention";
    for (const [batch, heads, tokens] of [[2, 3, 7], [1, 4, 5]]) {
      const weights = someWeights([batch, heads, tokens, tokens], 27);
      const located = () => ({
        ours: () => learner(given(weights)),
        right: [() => classRow(weights, new Set())],
        given: [weights],
        code: { function: learner },
        call: {
          sizes: weights.shape,
          write: (sizes: readonly number[]) =>
            `${learner.name || name}(${rampText(sizes)}).print()`,
          ours: (sizes: readonly number[]) => learner(ramp(sizes) as tf.Tensor4D),
          right: (sizes: readonly number[]) => classRow(ramp(sizes) as tf.Tensor4D, new Set()),
        },
      });
      const result = withRepair(located, () => {
        const result = call(name, learner, weights);
        assertShape(result, [batch, heads, tokens - 1], {
          name: `${name}(weights of shape ${shapeText(weights.shape)})`,
          axes: ["B", "H", "patches"],
          mistakes: [
            {
              shape: [batch, heads, tokens],
              explanation:
                "the class token itself is still among the tokens; take the patches only.",
            },
            {
              shape: [batch, heads, 1, tokens - 1],
              explanation:
                "the axis of queries is still there; remove it with `tf.squeeze(x, [2])`.",
            },
            ...[[batch, tokens - 1], [batch, 1, tokens - 1]].map((shape) => ({
              shape,
              explanation: "the heads were averaged; keep each by itself here.",
            })),
            {
              shape: [batch, heads, tokens - 1, tokens - 1],
              explanation: "these are the patches' rows; the class token's row alone is asked for.",
            },
          ],
        });
        return result;
      });
      expectClose(result, classRow(weights, new Set()), {
        name,
        axes: ["image", "head", "patch"],
        explain: () =>
          findMistake(result, classMistakes, (has) => classRow(weights, has)) ??
            departure(located()),
      });
    }
    return "the class token's weights on the patches, head by head";
  });
}

const rolloutMistakes = {
  reversed:
    "when the product is taken the other way round: a later block's flow stands on the left",
  noIdentity: "without the identity, which stands for the residual connection",
  identityNotHalved: "when A + I is not divided by 2, so that rows sum to more than 1",
  sum: "when the blocks' flows are added; they are multiplied as matrices",
  mean: "when the blocks' flows are averaged; they are multiplied as matrices",
  elementwise: "when the flows are multiplied value by value; use `tf.matMul`",
  lastBlock: "with the last block only",
  firstBlock: "with the first block only",
  withoutFirst: "without the first block; its flow is the first factor",
  withoutLast: "without the last block; its flow is the last factor, on the left",
  transposed: "with the transposed rollout: row i tells where token i came from",
  largestHead: "with the largest of the heads in place of their mean",
  columnsNormalised:
    "when each column of A + I is divided by its sum; each row sums to 1, and a division by 2 does that",
  largestOfAll:
    "with A + I divided by its largest value; each row sums to 1, and a division by 2 does that",
  withoutHalf: "with half of A alone, and the whole identity; both are halved: (A + I) / 2",
  summedHeads: "with the sum of the heads in place of their mean",
} as const;

function rollout(weights: readonly tf.Tensor4D[], has: ReadonlySet<string>): tf.Tensor {
  const tokens = weights[0].shape[2];
  const flows = weights.map((each) => {
    const joined = has.has("largestHead")
      ? tf.max(each, 1)
      : has.has("summedHeads")
      ? tf.sum(each, 1)
      : tf.mean(each, 1);
    if (has.has("noIdentity")) return joined;
    if (has.has("withoutHalf")) return tf.add(tf.mul(joined, 0.5), tf.eye(tokens));
    const added = tf.add(joined, tf.eye(tokens));
    if (has.has("columnsNormalised")) return tf.div(added, tf.sum(added, 1, true));
    if (has.has("largestOfAll")) return tf.div(added, tf.max(added));
    return has.has("identityNotHalved") ? added : tf.mul(added, 0.5);
  });
  if (has.has("lastBlock")) return flows.at(-1)!;
  if (has.has("firstBlock")) return flows[0];
  const used = has.has("withoutFirst")
    ? flows.slice(1)
    : has.has("withoutLast")
    ? flows.slice(0, -1)
    : flows;
  const total = used.reduce((before, flow) =>
    has.has("sum") || has.has("mean")
      ? tf.add(before, flow)
      : has.has("elementwise")
      ? tf.mul(before, flow)
      : has.has("reversed")
      ? tf.matMul(before, flow)
      : tf.matMul(flow, before)
  );
  const result = has.has("mean") ? tf.div(total, flows.length) : total;
  return has.has("transposed") ? tf.transpose(result, [0, 2, 1]) : result;
}

/**
 * Checks a learner's attention rollout, `[B, H, T, T]` of each block `→ [B, T, T]`. Throws a `CheckError`
 * that names the first thing wrong and its likely cause.
 */
export function checkRollout(
  learner: (weights: tf.Tensor4D[]) => tf.Tensor,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Attention rollout", options, () => {
    const name = "rollout";
    // One block first, as it tells most; of one image much is right by chance, so that comes last.
    const cases = [
      { depth: 1, sizes: [2, 3, 4] },
      { depth: 3, sizes: [2, 3, 5] },
      { depth: 2, sizes: [1, 2, 6] },
    ];
    for (const { depth, sizes: [batch, heads, tokens] } of cases) {
      const weights = Array.from(
        { length: depth },
        (_, block) => someWeights([batch, heads, tokens, tokens], 28 + block),
      );
      const of = `${name}(weights of ${depth} ${depth === 1 ? "block" : "blocks"})`;
      const located = () => ({
        ours: () => learner(weights.map(given)),
        right: [() => attentionRollout(weights), () => rollout(weights, new Set())],
        given: weights,
        code: { function: learner },
        call: {
          sizes: weights[0].shape,
          write: (sizes: readonly number[]) => {
            const each = [rampText(sizes), `${rampText(sizes)}.square()`].slice(0, depth);
            return `${learner.name || name}([${each.join(", ")}]).print()`;
          },
          ours: (sizes: readonly number[]) => learner(twoBlocks(sizes).slice(0, depth)),
          right: (sizes: readonly number[]) => rollout(twoBlocks(sizes).slice(0, depth), new Set()),
        },
      });
      const result = withRepair(located, () => {
        const result = call(name, learner, weights);
        assertShape(result, [batch, tokens, tokens], {
          name: of,
          axes: ["B", "T", "T"],
          mistakes: [
            {
              shape: [batch, heads, tokens, tokens],
              explanation: "the heads are still there; take their mean, `tf.mean(x, 1)`.",
            },
            ...[[batch, 1, tokens, tokens], [batch, batch, tokens, tokens]].map((shape) => ({
              shape,
              explanation:
                "the axis of heads is still there, of size 1: `tf.mean(x, 1)` takes it away, `tf.mean(x, 1, true)` " +
                "keeps it.",
            })),
            {
              shape: [batch, tokens],
              explanation: "this is one row; the rollout of all tokens is asked for.",
            },
            {
              shape: [tokens, tokens],
              explanation: "there is no axis of images: no block's weights reach the result.",
            },
          ],
        });
        return result;
      });
      expectClose(result, attentionRollout(weights), {
        name: of,
        axes: ["image", "token", "source"],
        explain: () =>
          findMistake(result, rolloutMistakes, (has) => rollout(weights, has)) ??
            departure(located()),
      });
    }
    const weights = [28, 29].map((seed) => someWeights([2, 3, 5, 5], seed));
    watched(() => learner(weights), {
      name,
      search: (stack) =>
        functionFrame("attentionRollout", "nn/attention_maps.ts").test(stack)
          ? "attentionRollout"
          : undefined,
      rule: ownWorkRule,
    });
    return "right for one block and for several; every row sums to 1";
  });
}

/** What stands for the weights of two blocks where one looks at a call. */
const twoBlocks = (shape: readonly number[]) =>
  [ramp(shape), tf.square(ramp(shape))] as tf.Tensor4D[];

function call<Input extends tf.Tensor4D | tf.Tensor4D[]>(
  name: string,
  learner: (input: Input) => tf.Tensor,
  input: Input,
): tf.Tensor {
  if (typeof learner !== "function") {
    throw failure(`${name} should be a function, but is ${describe(learner)}.`);
  }
  // A list of its own: what the learner's code does to it, such as `reverse()`, changes no other.
  const copy = (Array.isArray(input) ? input.map(given) : given(input)) as Input;
  const copies = [copy].flat() as tf.Tensor4D[];
  const situation = `on weights of shape ${shapeText(copies[0].shape)}`;
  const result: unknown = attempt(name, situation, () => learner(copy), { code: learner });
  assertTensor(result, `the result of ${name}`);
  assertNotFreed(name, copies);
  return result;
}
