import { assert, assertEquals } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { compile } from "../../lib/tensor/compile.ts";
import { crossEntropy, momentumUpdate, valueAndGradients } from "../../lib/tensor/ops.ts";
import { Random } from "../../lib/random.ts";
import type { Module } from "../../lib/nn/module.ts";
import { CrossViT } from "../../lib/models/cross_vit.ts";
import { PlainCnn } from "../../lib/models/plain_cnn.ts";
import { smallResNet } from "../../lib/models/resnet.ts";
import { VisionTransformer } from "../../lib/models/vision_transformer.ts";

await tf.ready();

/** Small models for images of 8×8×3 and four classes. */
const models: Record<string, (random: Random) => Module> = {
  VisionTransformer: (random) =>
    new VisionTransformer({
      imageSize: 8,
      channels: 3,
      patchSize: 2,
      classes: 4,
      width: 16,
      heads: 2,
      depth: 2,
      dropout: 0.05,
      random,
    }),
  CrossViT: (random) =>
    new CrossViT({
      imageSize: 8,
      classes: 4,
      small: { patchSize: 2, width: 12, heads: 2, depth: 1 },
      large: { patchSize: 4, width: 16, heads: 4, depth: 1 },
      stages: 2,
      random,
    }),
  PlainCnn: (random) =>
    new PlainCnn({
      imageSize: 8,
      classes: 4,
      width: 8,
      normalised: true,
      halving: "stride",
      head: "mean",
      random,
    }),
  smallResNet: (random) => smallResNet({ depth: 8, classes: 4, random }),
};

/** A training step with momentum, and the losses of `steps` of them on one batch. */
async function train(make: (random: Random) => Module, steps: number, enabled: boolean) {
  const random = new Random(12);
  const model = make(random);
  model.setTraining(true);
  const parameters = [...model.namedParameters().values()];
  const velocities = parameters.map((parameter) => tf.variable(tf.zerosLike(parameter), false));
  const learningRate = tf.scalar(0.05);
  const step = compile((images: tf.Tensor, labels: tf.Tensor) => {
    const { value, gradients } = valueAndGradients(() => {
      const logits = model.forward(images) as tf.Tensor2D;
      return tf.mean(crossEntropy(logits, labels as tf.Tensor1D)) as tf.Scalar;
    }, parameters);
    parameters.forEach((parameter, index) =>
      momentumUpdate(parameter, velocities[index], gradients[index], {
        learningRate,
        momentum: 0.9,
        nesterov: false,
      })
    );
    return value;
  }, { enabled });
  const images = random.normal([12, 8, 8, 3]);
  const labels = random.integers([12], 0, 4);
  const losses: number[] = [];
  let tensors = 0;
  for (let index = 0; index < steps; index++) {
    const loss = await step(images, labels);
    losses.push(loss.dataSync()[0]);
    loss.dispose();
    if (index === 1) tensors = tf.memory().numTensors;
  }
  assertEquals(tf.memory().numTensors, tensors, "tensors left behind");
  const [report] = step.reports();
  const buffers = [...model.namedVariables()]
    .filter(([, variable]) => !variable.trainable)
    .flatMap(([, variable]) => [...variable.dataSync()]);
  return { losses, report, buffers };
}

for (const [name, make] of Object.entries(models)) {
  Deno.test(`${name} learns one batch by heart in a compiled step`, async () => {
    const { losses, report } = await train(make, 250, true);
    if (tf.getBackend() === "tensorflow") assertEquals(report.mode, "compiled", report.reason);
    assert(losses.at(-1)! < 0.1, `loss went from ${losses[0]} to ${losses.at(-1)}`);
  });

  Deno.test(`${name} trains the same compiled and eagerly, dropout and statistics included`, async () => {
    const compiled = await train(make, 4, true);
    const eager = await train(make, 4, false);
    const close = (a: number, b: number) => Math.abs(a - b) <= 2e-3 * Math.max(1, Math.abs(b));
    compiled.losses.forEach((loss, index) => {
      assert(close(loss, eager.losses[index]), `${compiled.losses} and ${eager.losses}`);
    });
    assertEquals(compiled.buffers.length, eager.buffers.length);
    assert(compiled.buffers.every((value, index) => close(value, eager.buffers[index])));
  });
}
