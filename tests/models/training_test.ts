import { assert, assertEquals } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { compile } from "../../lib/tensor/compile.ts";
import {
  adamUpdate,
  crossEntropy,
  momentumUpdate,
  valueAndGradients,
} from "../../lib/tensor/ops.ts";
import { Random } from "../../lib/random.ts";
import type { Module } from "../../lib/nn/module.ts";
import { CrossViT } from "../../lib/models/cross_vit.ts";
import { PlainCnn } from "../../lib/models/plain_cnn.ts";
import { smallResNet } from "../../lib/models/resnet.ts";
import { VisionTransformer } from "../../lib/models/vision_transformer.ts";
import { seedFrom } from "../seeds.ts";

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
      width: 16,
      normalised: true,
      halving: "stride",
      head: "mean",
      random,
    }),
  smallResNet: (random) => smallResNet({ depth: 8, classes: 4, random }),
};

type Update = (parameter: tf.Variable, gradient: tf.Tensor) => void;

/** With momentum: two runs that differ by rounding stay near each other for some steps. */
function momentum(parameters: readonly tf.Variable[]): Update {
  const velocities = zerosFor(parameters);
  const settings = { learningRate: tf.scalar(0.05), momentum: 0.9, nesterov: false };
  return (parameter, gradient) =>
    momentumUpdate(parameter, velocities.get(parameter)!, gradient, settings);
}

/** Adam: it comes down to a small loss from any seed, where momentum swings up again now and then. */
function adam(parameters: readonly tf.Variable[]): Update {
  const [first, second] = [zerosFor(parameters), zerosFor(parameters)];
  const settings = {
    learningRate: tf.scalar(0.003),
    // Those of a step long after the first one.
    firstCorrection: tf.scalar(1),
    secondCorrection: tf.scalar(1),
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0,
  };
  return (parameter, gradient) =>
    adamUpdate(parameter, first.get(parameter)!, second.get(parameter)!, gradient, settings);
}

function zerosFor(parameters: readonly tf.Variable[]): Map<tf.Variable, tf.Variable> {
  return new Map(parameters.map((each) => [each, tf.variable(tf.zerosLike(each), false)]));
}

/** The losses of `steps` training steps on one batch. */
async function train(
  make: (random: Random) => Module,
  optimizer: (parameters: readonly tf.Variable[]) => Update,
  steps: number,
  enabled: boolean,
) {
  const random = new Random(seedFrom(12));
  const model = make(random);
  model.setTraining(true);
  const parameters = [...model.namedParameters().values()];
  const update = optimizer(parameters);
  const step = compile((images: tf.Tensor, labels: tf.Tensor) => {
    const { value, gradients } = valueAndGradients(() => {
      const logits = model.forward(images) as tf.Tensor2D;
      return tf.mean(crossEntropy(logits, labels as tf.Tensor1D)) as tf.Scalar;
    }, parameters);
    parameters.forEach((parameter, index) => update(parameter, gradients[index]));
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
    const { losses, report } = await train(make, adam, 250, true);
    if (tf.getBackend() === "tensorflow") assertEquals(report.mode, "compiled", report.reason);
    assert(losses.at(-1)! < 0.1, `loss went from ${losses[0]} to ${losses.at(-1)}`);
  });

  Deno.test(`${name} trains the same compiled and eagerly, dropout and statistics included`, async () => {
    const compiled = await train(make, momentum, 4, true);
    const eager = await train(make, momentum, 4, false);
    const close = (a: number, b: number) => Math.abs(a - b) <= 2e-3 * Math.max(1, Math.abs(b));
    compiled.losses.forEach((loss, index) => {
      assert(close(loss, eager.losses[index]), `${compiled.losses} and ${eager.losses}`);
    });
    assertEquals(compiled.buffers.length, eager.buffers.length);
    assert(compiled.buffers.every((value, index) => close(value, eager.buffers[index])));
  });
}
