/** The trained weights of unit 5's transformers come from recipes: the notebooks must train alike. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { ImageDataset, Random } from "../lib/mod.ts";
import { transforms, warmupAndCosine } from "../notebooks/source/unit5/pipeline.ts";
import { recipes } from "../recipes/mod.ts";

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
