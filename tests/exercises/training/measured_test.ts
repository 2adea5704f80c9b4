import { assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  accuracyOf,
  checkComparison,
  checkEnhancement,
  checkVariantAccuracy,
  trainingSamples,
} from "../../../lib/exercises/training/measured.ts";
import { fingerprint } from "../../../lib/exercises/training/fingerprint.ts";
import { Linear } from "../../../lib/nn/linear.ts";
import { Module } from "../../../lib/nn/module.ts";
import { Random } from "../../../lib/random.ts";
import { printed } from "../printed.ts";
import { fails, passes } from "../verdict.ts";

const size = 600;
const labels = Array.from({ length: size }, (_, index) => index % 2);

/** Images that hold their index; the class is whether it is even. */
const measurement = {
  validation: {
    size,
    labels,
    batch: (indices: ArrayLike<number>) => ({
      images: tf.reshape(tf.tensor1d(Array.from(indices)), [-1, 1, 1, 1]) as tf.Tensor4D,
      labels: tf.tensor1d(Array.from(indices, (index) => labels[index]), "int32"),
    }),
  },
  transform: <T>(batch: T) => batch,
};

/** A model that has the first so many images right; in training mode none. */
class Knows extends Module {
  constructor(readonly count: number) {
    super();
  }
  forward(images: tf.Tensor): tf.Tensor {
    const index = tf.reshape(images, [-1]);
    const right = tf.mod(index, 2);
    const wrong = tf.greaterEqual(index, this.training ? 0 : this.count);
    const said = tf.mod(tf.add(right, tf.cast(wrong, "float32")), 2);
    return tf.cast(tf.oneHot(tf.cast(said, "int32"), 2), "float32");
  }
}

const log = (...examples: number[]) => examples.map((each) => ({ train: { examples: each } }));
const trained = (accuracy: number, examples = [100, 100]) => ({
  model: new Knows(Math.round(accuracy * size)),
  log: log(...examples),
});

Deno.test("accuracyOf measures all images in evaluation mode, and leaves the mode alone", () => {
  const model = new Knows(450);
  model.setTraining(true);
  const before = tf.memory().numTensors;
  assertEquals(accuracyOf(model, measurement), 0.75);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(model.training, true);
});

Deno.test("trainingSamples sums over epochs", () => {
  assertEquals(trainingSamples(log(9_984, 9_984, 5)), 19_973);
});

Deno.test("checkVariantAccuracy accepts ten points less, and tells of the bonus point", async () => {
  const check = (v2: number, v3: number) => () =>
    checkVariantAccuracy(trained(0.7), { v2: trained(v2), v3: trained(v3) }, {
      ...measurement,
      points: 1,
    });
  const line = await passes(check(0.6, 0.72));
  assertStringIncludes(line, "validation accuracy 70.0 %, v2 60.0 %, v3 72.0 %");
  assertStringIncludes(line, "one bonus point: v3 is higher");
  assertEquals((await passes(check(0.65, 0.7))).includes("bonus"), false);
  await fails(
    check(0.7, 0.59),
    "v3 has a validation accuracy of 59.0 %, more than 10 points below",
  );
});

Deno.test("checkVariantAccuracy refuses longer training, and one network for two", async () => {
  const first = trained(0.7);
  await fails(
    () => checkVariantAccuracy(first, { v2: trained(0.9, [100, 100, 100]) }, measurement),
    "v2 saw 300 training images, but the first 200",
    "same number of training samples",
  );
  await fails(
    () => checkVariantAccuracy(first, { v2: { ...first } }, measurement),
    "v2 is the same network as the first",
  );
  await fails(
    () => checkVariantAccuracy(first, { v2: { ...trained(0.7), log: [] } }, measurement),
    "v2 has no log of a training",
  );
  await fails(
    () => checkVariantAccuracy(first, { v2: undefined as never }, measurement),
    "v2 should be a trained network",
  );
});

Deno.test("checkEnhancement reports the effect, up or down", async () => {
  const baseline = { ...trained(0.5), settings: { batchSize: 128, rates: [1, 2], dropout: 0.1 } };
  const settings = { batchSize: 64, rates: [1, 2], dropout: 0.1, warmup: 2 };
  const line = await passes(() =>
    checkEnhancement(baseline, { ...trained(0.57, [100, 101]), settings }, {
      ...measurement,
      points: 2,
    })
  );
  assertStringIncludes(
    line,
    "changed batchSize 128 → 64, warmup undefined → 2; 201 training images",
  );
  assertStringIncludes(line, "50.0 % → 57.0 % (+7.0 points) (2 points)");
  const down = await passes(() =>
    checkEnhancement(baseline, { ...trained(0.4), settings }, measurement)
  );
  assertStringIncludes(down, "(−10.0 points)");
});

Deno.test("checkEnhancement does not count the batch that another batch size drops", async () => {
  const fast = { epochs: 20, learningRate: 5e-4 };
  const epochsOf = (batchSize: number, epochs = 20) =>
    Array<number>(epochs).fill(Math.floor(10_000 / batchSize) * batchSize);
  const run = (batchSize: number, epochs?: number) => ({
    ...trained(0.5, epochsOf(batchSize, epochs)),
    settings: { ...fast, batchSize },
  });
  for (const batchSize of [16, 32, 64, 256, 500, 512, 768, 1_024]) {
    const line = await passes(() => checkEnhancement(run(128), run(batchSize), measurement));
    assertStringIncludes(line, `changed batchSize 128 → ${batchSize}`);
  }
  await fails(
    () => checkEnhancement(run(128), run(512, 22), measurement),
    "It was trained for 22 epochs, the first for 20",
    "More epochs are no better settings",
  );
  const morePictures = { ...trained(0.5, Array(20).fill(12_800)), settings: { batchSize: 64 } };
  await fails(
    () => checkEnhancement(run(128), morePictures, measurement),
    "an epoch had another number of images. Train both on the same pictures",
  );
});

Deno.test("checkEnhancement refuses unchanged settings and other numbers of samples", async () => {
  const settings = { batchSize: 128 };
  const baseline = { ...trained(0.5), settings };
  await fails(
    () => checkEnhancement(baseline, { ...trained(0.6), settings: { ...settings } }, measurement),
    "No setting was changed",
  );
  const longer = { ...trained(0.9, [100, 103]), settings: { batchSize: 64 } };
  await fails(
    () => checkEnhancement(baseline, longer, measurement),
    "The second training saw 203 training images, but the first 200",
  );
  await fails(
    () => checkEnhancement(baseline, { ...baseline, settings: { batchSize: 64 } }, measurement),
    "the same network; train a new one",
  );
});

Deno.test("checkComparison reports networks that saw the same number of images", async () => {
  const line = await passes(() =>
    checkComparison({ ResNet: trained(0.7), ViT: trained(0.5) }, { ...measurement, points: 1 })
  );
  assertStringIncludes(
    line,
    "200 training images each; validation accuracy ResNet 70.0 %, ViT 50.0 %",
  );
  await fails(
    () => checkComparison({ ResNet: trained(0.7), ViT: trained(0.5, [400]) }, measurement),
    "ViT saw 400 training images, but the first 200",
  );
  const resNet = trained(0.7);
  await fails(
    () => checkComparison({ ResNet: resNet, ViT: { ...resNet } }, measurement),
    "one and the same",
  );
});

Deno.test("checkComparison wants the same settings, the run's name, and a network that begins anew", async () => {
  const random = () => new Random(3);
  const fresh = () => new Linear(2, 3, { random: random() });
  /** Knows how many it has right, and has parameters besides. */
  class Network extends Knows {
    layer = fresh();
  }
  const network = () => new Network(300);
  const outcome = (model: Module, changes: object = {}) => ({
    ...{ model, log: log(200), name: "vit", start: fingerprint(model) },
    ...{ settings: { batchSize: 8, learningRate: 0.1 }, ...changes },
  });
  const resNet = outcome(network());
  const check = (vit: ReturnType<typeof outcome>) => () =>
    checkComparison({ ResNet: resNet, ViT: vit }, {
      ...measurement,
      expected: { ViT: { name: "vit", fresh: network } },
    });
  assertEquals((await printed(check(outcome(network())))).length, 1);
  const settings = { batchSize: 4, learningRate: 0.1 };
  await fails(
    check(outcome(network(), { settings })),
    "ViT was trained with `batchSize` 4, the first with 8",
  );
  await fails(
    check(outcome(network(), { name: "resnet" })),
    'The training of ViT is called "resnet", but should be called "vit"',
  );
  const trainedBefore = network();
  trainedBefore.layer.weight.assign(tf.mul(trainedBefore.layer.weight, 1.01));
  await fails(
    check(outcome(trainedBefore)),
    "ViT did not begin with the first values of a new network",
    "it was trained before or got other weights",
  );
  const turned = network();
  turned.layer.bias!.assign(tf.reverse(turned.layer.bias!));
  await fails(check(outcome(turned)), "did not begin with the first values");
});
