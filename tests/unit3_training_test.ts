/** The trained weights of unit 3 come from a recipe: the notebook must train alike, and on the same images. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { AdamW, GridVisionTransformer, ImageDataset, Random } from "../lib/mod.ts";
import {
  loadData,
  makeTrainer,
  schedule,
  settings,
  sizes,
  transforms,
} from "../notebooks/source/unit3/training.ts";
import { recipes } from "../recipes/mod.ts";

const recipe = recipes["cifar-grid-vit"];
const size = 3 * settings.batchSize;
const dataset = new ImageDataset({
  images: Uint8Array.from({ length: size * 32 * 32 * 3 }, (_, index) => index * 7919 % 256),
  imageShape: [32, 32, 3],
  labels: new Uint8Array(size),
  classNames: ["a"],
});

Deno.test("unit 3's training transforms images as its recipe does", () => {
  const batch = dataset.batch([0, 5, 11, 3]);
  for (const part of ["train", "evaluation"] as const) {
    const [own, given] = [transforms, recipe.transforms].map((each) =>
      each[part](batch, new Random(3)).images
    );
    assertEquals(own.shape, [4, 32, 32, 3]);
    assertEquals(tf.max(tf.abs(tf.sub(own, given))).dataSync()[0], 0, part);
  }
});

Deno.test("unit 3's training has the schedule of its recipe", () => {
  for (const epochs of [1, recipe.epochs]) {
    const lengths = { epochs, stepsPerEpoch: 7 };
    const [own, given] = [schedule(lengths), recipe.schedule(lengths)];
    for (let step = 0; step < epochs * 7; step++) {
      assertAlmostEquals(own(step), given(step), 1e-12, `step ${step} of ${epochs} epochs`);
    }
  }
});

Deno.test("unit 3's training has the model and the settings of its recipe", () => {
  const { seed, epochs, batchSize, maximumGradientNorm } = recipe;
  const model = new GridVisionTransformer({ ...sizes, random: new Random(seed) });
  const theirs = recipe.model(new Random(seed));
  const values = [model, theirs].map((each) =>
    [...each.namedParameters()].map(([path, { shape }]) => [path, shape])
  );
  assertEquals(values[0], values[1]);
  const data = { train: dataset, validation: dataset };
  const trainer = makeTrainer(model, data, { epochs: settings.epochs, folder: "unused" });
  const { options } = trainer;
  assertEquals(
    [options.seed, options.epochs, options.batchSize, options.maximumGradientNorm],
    [seed, epochs, batchSize, maximumGradientNorm],
  );
  const given = recipe.optimizer(theirs);
  assertEquals(options.optimizer.constructor, AdamW);
  for (const path of model.namedParameters().keys()) {
    assertEquals(options.optimizer.weightDecayOf(path), given.weightDecayOf(path), path);
  }
  trainer.dispose();
});

Deno.test("unit 3's notebook measures on images that its recipe does not train on", async () => {
  const own = await loadData({ quick: false });
  const given = await recipe.load({ seed: recipe.seed });
  for (const part of ["train", "validation"] as const) {
    assertEquals(own[part].size, given[part].size);
    const places = Array.from({ length: 300 }, (_, index) => 13 * index);
    const [first, second] = [own[part], given[part]].map((each) =>
      each.batch(Int32Array.from(places))
    );
    assertEquals(first.labels.dataSync(), second.labels.dataSync(), part);
    assertEquals(tf.max(tf.abs(tf.sub(first.images, second.images))).dataSync()[0], 0, part);
  }
});
