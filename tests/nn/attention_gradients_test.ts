import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { GridVisionTransformer } from "../../lib/models/grid_vision_transformer.ts";
import {
  VisionTransformer,
  type VisionTransformerOptions,
} from "../../lib/models/vision_transformer.ts";
import { type AttentionOptions, MultiHeadAttention } from "../../lib/nn/attention.ts";
import { attentionGradients, type ExplainedModel } from "../../lib/nn/attention_gradients.ts";
import { ConcatenatedHeads } from "../../lib/nn/attention_head.ts";
import { CrossAttention } from "../../lib/nn/cross_attention.ts";
import { TransformerEncoder } from "../../lib/nn/transformer_encoder.ts";

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

type Model = ExplainedModel & { forward(input: tf.Tensor): tf.Tensor };

/** Every part that hands probes on, as a model of at least five classes. */
const models: Record<string, () => { model: Model; input: tf.Tensor }> = {
  MultiHeadAttention: () => ({ model: tiny(MultiHeadAttention), input: images() }),
  ConcatenatedHeads: () => ({ model: tiny(ConcatenatedHeads), input: images() }),
  GridVisionTransformer: () => ({
    model: new GridVisionTransformer({
      ...{ imageSize: 4, patchSize: 2, classes: 5, width: 12, mlpWidth: 7, heads: 3, depth: 2 },
      random: new Random(3),
    }),
    input: new Random(4).normal([2, 4, 4, 3]),
  }),
  TransformerEncoder: () => {
    const sizes = { depth: 2, width: 12, mlpWidth: 7, heads: 3 };
    const encoder = new TransformerEncoder({ ...sizes, random: new Random(3) });
    const model: Model = {
      forward: (tokens) => tf.mean(encoder.forward(tokens), 1),
      forwardWithWeights(tokens, probes) {
        const { output, weights } = encoder.forwardWithWeights(tokens, probes);
        return { output: tf.mean(output, 1), weights };
      },
    };
    return { model, input: new Random(4).normal([2, 5, 12]) };
  },
  CrossAttention: () => {
    const attention = new CrossAttention({ width: 12, heads: 3, random: new Random(3) });
    const model: Model = {
      forward: (tokens) => tf.squeeze(attention.forward(tokens), [1]),
      forwardWithWeights(tokens, probes) {
        const { output, weights } = attention.forwardWithWeights(tokens, probes?.[0]);
        return { output: tf.squeeze(output, [1]), weights: [weights] };
      },
    };
    return { model, input: new Random(4).normal([2, 5, 12]) };
  },
};

for (const [name, make] of Object.entries(models)) {
  Deno.test(`attentionGradients of ${name} are the differences that a changed weight makes`, () => {
    const { model, input } = make();
    const classes = [4, 1];
    const { output, weights, gradients } = attentionGradients(model, input, classes);
    assertEquals(gradients.map(({ shape }) => shape), weights.map(({ shape }) => shape));
    assertEquals([...output.dataSync()], [...model.forward(input).dataSync()]);
    for (const [block, { shape: [, heads, queries, keys] }] of weights.entries()) {
      // One weight of image 1: in block 0 the last head's and query's, then the first ones'.
      const [head, query] = block === 0 ? [heads - 1, queries - 1] : [0, 0];
      const at = ((heads + head) * queries + query) * keys + keys - 2;
      const step = 0.05;
      const logit = (change: number) => {
        const probes = weights.map(({ shape, size }, index) => {
          const values = new Float32Array(size);
          if (index === block) values[at] = change;
          return tf.tensor(values, shape);
        });
        return model.forwardWithWeights(input, probes).output
          .dataSync()[output.shape[1]! + classes[1]];
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
