import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { countParameters, Random } from "../lib/mod.ts";
import { recipes } from "../recipes/mod.ts";

/** Worked out by hand; those of the residual networks are also PyTorch's for the same layers. */
const parameters: Record<string, number> = {
  "mnist-vit": 106_506,
  "cifar-plain-cnn": 301_578,
  "cifar-normalised-cnn": 301_706,
  "cifar-strided-cnn": 301_706,
  "cifar-pooled-cnn": 76_490,
  "cifar-resnet8": 75_290,
  "cifar-resnet8-decay": 75_290,
  "cifar-vit": 802_826,
  "cifar-resnet20": 269_722,
  "cifar-grid-vit": 810_890,
  "cifar-resnet18": 11_181_642,
  "cifar-vit-class": 811_146,
  "cifar-vit-mean": 810_890,
  "cifar-crossvit": 2_846_036,
  "folder-resnet": 308_650,
  "folder-vit": 460_906,
  "folder-resnet-v2": 308_650,
  "folder-resnet-v3": 308_650,
  "folder-vit-v2": 460_906,
  "folder-vit-v3": 460_906,
  "folder-vit-tuned": 460_906,
};

for (const [name, recipe] of Object.entries(recipes)) {
  Deno.test(`recipe ${name}: the model has its parameters and classifies into ten classes`, () => {
    const random = new Random(recipe.seed);
    const model = recipe.model(random);
    assertEquals(countParameters(model), parameters[name]);
    const shape = name.startsWith("mnist") ? [2, 28, 28, 1] : [2, 32, 32, 3];
    tf.tidy(() => assertEquals(model.forward(tf.zeros(shape)).shape, [2, 10]));
    model.dispose();
    random.dispose();
  });

  Deno.test(`recipe ${name}: the schedule gives a learning rate for every step`, () => {
    const stepsPerEpoch = 7;
    // A quick run has one epoch.
    for (const epochs of [1, recipe.epochs]) {
      const schedule = recipe.schedule({ epochs, stepsPerEpoch });
      for (let step = 0; step < epochs * stepsPerEpoch; step++) assert(schedule(step) > 0);
    }
  });
}

Deno.test("recipes belong to units, and those of a unit load its data alike", () => {
  for (const { unit } of Object.values(recipes)) assert(/^unit\d$/.test(unit), unit);
  for (const name of ["unit2", "unit4", "unit5"]) {
    const ofUnit = Object.values(recipes).filter(({ unit }) => unit === name);
    assertEquals(new Set(ofUnit.map(({ load }) => load)).size, 1);
    assertEquals(new Set(ofUnit.map(({ transforms }) => transforms.evaluation)).size, 1);
  }
});

Deno.test("recipe cifar-resnet8-decay divides the learning rate by 10 twice", () => {
  const { epochs, schedule } = recipes["cifar-resnet8-decay"];
  const rate = schedule({ epochs, stepsPerEpoch: 10 });
  const ofEpochs = Array.from({ length: epochs }, (_, epoch) => rate(10 * epoch + 9));
  const expected = ofEpochs.map((_, epoch) => 5e-4 / (epoch < 30 ? 1 : epoch < 42 ? 10 : 100));
  ofEpochs.forEach((each, epoch) => assertAlmostEquals(each, expected[epoch], 1e-10));
});
