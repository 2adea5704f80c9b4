import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import {
  VisionTransformer,
  type VisionTransformerOptions,
} from "../../lib/models/vision_transformer.ts";
import { type AttentionOptions, MultiHeadAttention } from "../../lib/nn/attention.ts";
import { attentionGradients } from "../../lib/nn/attention_gradients.ts";
import { ConcatenatedHeads } from "../../lib/nn/attention_head.ts";

await tf.ready();

function tiny(attention?: VisionTransformerOptions["attention"]): VisionTransformer {
  return new VisionTransformer({
    imageSize: [4, 6],
    channels: 2,
    patchSize: 2,
    classes: 5,
    width: 12,
    mlpWidth: 7,
    heads: 3,
    depth: 2,
    dropout: 0,
    attention,
    random: new Random(3),
  });
}

const images = () => new Random(4).normal([2, 4, 6, 2]);

for (const [name, attention] of Object.entries({ MultiHeadAttention, ConcatenatedHeads })) {
  Deno.test(`attentionGradients of ${name} are the differences that a changed weight makes`, () => {
    const model = tiny(attention);
    const input = images();
    const classes = [4, 1];
    const { output, weights, gradients } = attentionGradients(model, input, classes);
    assertEquals(gradients.map(({ shape }) => shape), weights.map(({ shape }) => shape));
    assertEquals([...output.dataSync()], [...model.forward(input).dataSync()]);
    // One weight of image 1: block 0, head 2, query 1, key 3 of 7 tokens.
    for (
      const [block, at] of [[0, ((1 * 3 + 2) * 7 + 1) * 7 + 3], [1, ((1 * 3 + 0) * 7 + 0) * 7 + 5]]
    ) {
      const step = 0.05;
      const logit = (change: number) => {
        const probes = weights.map(({ shape, size }, index) => {
          const values = new Float32Array(size);
          if (index === block) values[at] = change;
          return tf.tensor(values, shape);
        });
        return model.forwardWithWeights(input, probes).output.dataSync()[1 * 5 + classes[1]];
      };
      const difference = (logit(step) - logit(-step)) / (2 * step);
      assert(Math.abs(difference) > 1e-5, `the weight does nothing: ${difference}`);
      assertAlmostEquals(
        gradients[block].dataSync()[at],
        difference,
        2e-3 * Math.abs(difference) + 2e-5,
      );
    }
  });
}

Deno.test("attentionGradients asks for the predicted classes where none are given, and keeps no tensors", () => {
  const model = tiny();
  const input = images();
  const predicted = [...tf.argMax(model.forward(input), 1).dataSync()];
  const before = tf.memory().numTensors;
  const { gradients, ...others } = attentionGradients(model, input);
  assertEquals(tf.memory().numTensors, before + 1 + 2 + 2);
  const explicit = attentionGradients(model, input, predicted);
  assertEquals([...gradients[0].dataSync()], [...explicit.gradients[0].dataSync()]);
  tf.dispose([gradients, others, explicit]);
});

Deno.test("attentionGradients refuses an attention that adds no probe", () => {
  class Deaf extends MultiHeadAttention {
    override forwardWithWeights(x: tf.Tensor) {
      return super.forwardWithWeights(x);
    }
  }
  const model = tiny((options: AttentionOptions) => new Deaf(options));
  assertThrows(() => attentionGradients(model, images()), Error, "gradient");
});
