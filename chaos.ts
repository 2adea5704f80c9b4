import { assert, assertEquals } from "@std/assert";
import * as tf from "/opt/wt/processors/lib/tensor/tf.ts";
import { compile } from "/opt/wt/processors/lib/tensor/compile.ts";
import { crossEntropy, adamUpdate, valueAndGradients } from "/opt/wt/processors/lib/tensor/ops.ts";
import { Random } from "/opt/wt/processors/lib/random.ts";
import type { Module } from "/opt/wt/processors/lib/nn/module.ts";
import { CrossViT } from "/opt/wt/processors/lib/models/cross_vit.ts";
import { PlainCnn } from "/opt/wt/processors/lib/models/plain_cnn.ts";
import { smallResNet } from "/opt/wt/processors/lib/models/resnet.ts";
import { VisionTransformer } from "/opt/wt/processors/lib/models/vision_transformer.ts";

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
async function train(make: (random: Random) => Module, steps: number, enabled: boolean, seed=12, rate=0.05) {
  const random = new Random(seed);
  const model = make(random);
  model.setTraining(true);
  const parameters = [...model.namedParameters().values()];
  const velocities = parameters.map((parameter) => tf.variable(tf.zerosLike(parameter), false));
  const second = parameters.map((parameter) => tf.variable(tf.zerosLike(parameter), false)); const c1=tf.scalar(1), c2=tf.scalar(1);
  const learningRate = tf.scalar(rate);
  const step = compile((images: tf.Tensor, labels: tf.Tensor) => {
    const { value, gradients } = valueAndGradients(() => {
      const logits = model.forward(images) as tf.Tensor2D;
      return tf.mean(crossEntropy(logits, labels as tf.Tensor1D)) as tf.Scalar;
    }, parameters);
      parameters.forEach((parameter, index) => adamUpdate(parameter, velocities[index], second[index], gradients[index], {learningRate, firstCorrection: c1, secondCorrection: c2, beta1:0.9,beta2:0.99,epsilon:1e-8,weightDecay:0}));
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

for (const [name, make] of Object.entries(models)) for (const rate of [0.01,0.003]) {
  const r:string[]=[]; let worstTail=0, worst100=0;
  for (let seed=1;seed<=8;seed++){ const {losses}=await train(make,250,true,seed,rate); r.push(losses.at(-1)!.toFixed(3)); worstTail=Math.max(worstTail,...losses.slice(-50)); }
  console.log(name,rate,"worst of last 50:",worstTail.toFixed(3),r.join(" "));
}
