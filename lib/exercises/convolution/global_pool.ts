import * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import type { Part } from "../../nn/part.ts";
import { GlobalAveragePool } from "../../nn/pooling.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import type { ShapeOptions } from "../engine/compare.ts";
import { checkModule } from "../engine/module_check.ts";
import { functionFrame, ownWorkRule, watched } from "../engine/own_work.ts";
import { evaluate } from "../engine/run_module.ts";
import { sample } from "../engine/samples.ts";

const { runCheck } = checkRunner();

/** Maps of several images, and one of another size. All sizes of one differ. */
const shapes = [[2, 3, 5, 4], [1, 6, 4, 3]];
const name = "GlobalAveragePooling";

const mistakes = {
  sum: "with the sum over all places in place of the mean",
  largest: "with the largest value of each channel in place of the mean",
  smallest: "with the smallest value of each channel in place of the mean",
  firstPlace: "with the value of the first place in place of the mean",
  overHeight: "with the mean over the height alone",
  dividedByBatch: "with a mean that is divided by the size of the batch once more",
  dividedByHeight: "with the sum divided by the height alone; divide by height · width",
  dividedByWidth: "with the sum divided by the width alone; divide by height · width",
  dividedTwice: "with a mean that is divided by height · width once more",
} as const;

function pool(x: tf.Tensor, has: ReadonlySet<string>): tf.Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const sum = tf.sum(x, [1, 2]);
  if (has.has("sum")) return sum;
  if (has.has("largest")) return tf.max(x, [1, 2]);
  if (has.has("smallest")) return tf.min(x, [1, 2]);
  if (has.has("firstPlace")) {
    return tf.reshape(tf.slice(x, [0, 0, 0, 0], [batch, 1, 1, channels]), [batch, channels]);
  }
  if (has.has("overHeight")) return tf.mean(x, 1);
  if (has.has("dividedByHeight")) return tf.div(sum, height);
  if (has.has("dividedByWidth")) return tf.div(sum, width);
  const mean = tf.mean(x, [1, 2]);
  if (has.has("dividedTwice")) return tf.div(mean, height * width);
  return has.has("dividedByBatch") ? tf.div(mean, batch) : mean;
}

/**
 * Checks a learner's global average pooling, `[B, height, width, C] → [B, C]`. Throws a `CheckError` that
 * names the first thing wrong and its likely cause.
 */
export function checkGlobalAveragePool(
  Pool: Part<{ random: Random }>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Global average pooling", options, () => {
    for (const [index, shape] of shapes.entries()) {
      const input = sample([...shape], { seed: 12 + index, low: -3, high: 3 });
      checkModule<{ random: Random }>({
        name,
        learner: Pool,
        library: GlobalAveragePool,
        readyMade: [GlobalAveragePool],
        options: {},
        input,
        axes: ["B", "C"],
        shapeMistakes: shapeMistakes(shape),
        mistakes,
        compute: (x, _weights, has) => pool(x, has),
        then: ({ ours }) => {
          watched(() => evaluate(name, ours, input), {
            name,
            search: (stack) =>
              functionFrame("globalAveragePool", "nn/functional.ts").exec(stack)?.[1],
            rule: ownWorkRule,
          });
        },
      });
    }
    return "values and gradient are right, for several maps and for one";
  });
}

/** What is wrong with a mean over other axes than height and width, by the shape that it gives. */
const overOtherAxes: Readonly<Record<string, string>> = {
  "0": "the mean runs over the batch; each image has a mean of its own.",
  "1": "the mean runs over the height alone; it runs over height and width, the axes 1 and 2.",
  "2": "the mean runs over the width alone; it runs over height and width, the axes 1 and 2.",
  "3": "the mean runs over the channels; it runs over height and width, the axes 1 and 2.",
  "0,1": "the mean runs over batch and height; it runs over height and width, the axes 1 and 2.",
  "0,2": "the mean runs over batch and width; it runs over height and width, the axes 1 and 2.",
  "0,3": "the mean runs over batch and channels; it runs over height and width, the axes 1 and 2.",
  "1,3": "the mean runs over height and channels; it runs over height and width, the axes 1 and 2.",
  "2,3":
    "the mean runs over the last two axes, as it would for PyTorch's [B, C, height, width]; here height and " +
    "width are the axes 1 and 2.",
  "0,1,2": "the mean runs over the batch too; each image has its own.",
  "1,2,3": "the mean runs over the channels too; each has its own.",
  "0,1,2,3": "the mean runs over all values; name the axes: `[1, 2]`.",
};

function shapeMistakes(shape: readonly number[]): NonNullable<ShapeOptions["mistakes"]> {
  const [batch, , , channels] = shape;
  return [
    {
      shape: [batch, 1, 1, channels],
      explanation: "height and width are still axes of size 1; leave out `keepDims`.",
    },
    ...Object.entries(overOtherAxes).map(([axes, explanation]) => ({
      shape: shape.filter((_, axis) => !axes.includes(String(axis))),
      explanation,
    })),
  ];
}
