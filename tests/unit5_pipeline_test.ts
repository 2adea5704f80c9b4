/** The trained weights of unit 5's transformers come from recipes: the notebooks must train alike. */
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  Checkpointing,
  type EpochReport,
  ImageDataset,
  Random,
  VisionTransformer,
} from "../lib/mod.ts";
import { trainOrLoad, transforms, warmupAndCosine } from "../notebooks/source/unit5/pipeline.ts";
import { recipes } from "../recipes/mod.ts";
import { printed } from "./exercises/printed.ts";

const names = ["cifar-vit-class", "cifar-vit-mean", "cifar-crossvit"];
const size = 12;
const train = new ImageDataset({
  images: Uint8Array.from({ length: size * 32 * 32 * 3 }, (_, index) => index * 7919 % 256),
  imageShape: [32, 32, 3],
  labels: new Uint8Array(size),
  classNames: ["a"],
});

for (const name of names) {
  const recipe = recipes[name];

  Deno.test(`unit 5's pipeline transforms images as the recipe ${name} does`, () => {
    const batch = train.batch([0, 5, 11, 3]);
    for (const part of ["train", "evaluation"] as const) {
      const [own, given] = [transforms, recipe.transforms].map((each) =>
        each[part](batch, new Random(3)).images
      );
      const apart = tf.max(tf.abs(tf.sub(own, given))).dataSync()[0];
      assertEquals(own.shape, [4, 32, 32, 3]);
      assertEquals(apart, 0, part);
    }
  });

  Deno.test(`unit 5's pipeline has the schedule of the recipe ${name}`, () => {
    const batchSize = 4;
    for (const epochs of [1, recipe.epochs]) {
      const own = warmupAndCosine({ data: { train }, epochs, batchSize, learningRate: 1e-3 });
      const given = recipe.schedule({ epochs, stepsPerEpoch: size / batchSize });
      for (let step = 0; step < epochs * size / batchSize; step++) {
        assertAlmostEquals(own(step), given(step), 1e-12, `step ${step} of ${epochs} epochs`);
      }
    }
  });
}

/** A model of other sizes than that whose weights the course has. */
const newModel = () =>
  new VisionTransformer({
    ...{ imageSize: 32, channels: 3, classes: 1, patchSize: 16 },
    ...{ width: 4, mlpWidth: 4, heads: 2, depth: 1, dropout: 0.1 },
    random: new Random(5),
  });

Deno.test("unit 5's pipeline trains a model that no weights fit, and goes on after a stop", async () => {
  const runFolder = await Deno.makeTempDir({ prefix: "unit5-pipeline-test-" });
  const run = async () => {
    let log: readonly EpochReport[] = [];
    const lines = await printed(async () => {
      const [model, twin] = [newModel(), newModel()];
      ({ log } = await trainOrLoad({
        ...{ name: "cifar-vit-class", model, twin, runFolder, retrain: false, seed: 42 },
        ...{ data: { train, validation: train, test: train }, epochs: 3, batchSize: 4 },
        ...{ learningRate: 1e-3, weightDecay: 0.05 },
      }));
    });
    return { log, said: lines.join("\n") };
  };
  const { onEpoch } = Checkpointing.prototype;
  try {
    Checkpointing.prototype.onEpoch = async function (report, trainer) {
      await onEpoch.call(this, report, trainer);
      trainer.stop("Stopped as you asked");
    };
    const stopped = await run();
    assertMatch(stopped.said, /cifar-vit-class do not fit your model: they are not used/);
    assertEquals(stopped.log.length, 1);
    Checkpointing.prototype.onEpoch = onEpoch;
    const whole = await run();
    assertMatch(whole.said, /Goes on after epoch 1 of 3/);
    assert(!whole.said.includes("not trained again"), whole.said);
    assertEquals(whole.log.map(({ epoch }) => epoch), [1, 2, 3]);
    assertEquals(whole.log[0].seconds, stopped.log[0].seconds);
    const again = await run();
    assertMatch(again.said, /the network is not trained again/);
    assertEquals(again.log[2].seconds, whole.log[2].seconds);
  } finally {
    Checkpointing.prototype.onEpoch = onEpoch;
    await Deno.remove(runFolder, { recursive: true });
  }
});
