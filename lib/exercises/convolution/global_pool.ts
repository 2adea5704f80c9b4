import * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import type { Part } from "../../nn/part.ts";
import { GlobalAveragePool } from "../../nn/pooling.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import { checkModule } from "../engine/module_check.ts";
import { sample } from "../engine/samples.ts";

const { runCheck } = checkRunner();

const [batch, height, width, channels] = [2, 3, 5, 4];

const mistakes = {
  sum: "with the sum over all places in place of the mean",
  largest: "with the largest value of each channel in place of the mean",
  overHeight: "with the mean over the height alone",
  dividedByBatch: "with a mean that is divided by the size of the batch once more",
} as const;

function pool(x: tf.Tensor, has: ReadonlySet<string>): tf.Tensor {
  if (has.has("sum")) return tf.sum(x, [1, 2]);
  if (has.has("largest")) return tf.max(x, [1, 2]);
  if (has.has("overHeight")) return tf.mean(x, 1);
  const mean = tf.mean(x, [1, 2]);
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
    const input = sample([batch, height, width, channels], { seed: 12 });
    checkModule<{ random: Random }>({
      name: "the pooling",
      learner: Pool,
      library: GlobalAveragePool,
      options: {},
      input,
      axes: ["B", "C"],
      shapeMistakes: [
        {
          shape: [batch, 1, 1, channels],
          explanation: "height and width are still axes of size 1; leave out `keepDims`.",
        },
        {
          shape: [batch, height],
          explanation:
            "the mean runs over the last two axes, as it would for PyTorch's [B, C, height, width]; " +
            "here height and width are the axes 1 and 2.",
        },
        {
          shape: [batch, height, width],
          explanation:
            "the mean runs over the channels; it runs over height and width, the axes 1 and 2.",
        },
        {
          shape: [height, width, channels],
          explanation: "the mean runs over the batch; each image has a mean of its own.",
        },
        {
          shape: [channels],
          explanation: "the mean runs over the batch too; each image has its own.",
        },
        { shape: [], explanation: "the mean runs over all values; name the axes: `[1, 2]`." },
        { shape: [batch], explanation: "the mean runs over the channels too; each has its own." },
      ],
      mistakes,
      compute: (x, _weights, has) => pool(x, has),
    });
    return "values and gradient are right";
  });
}
