import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { randomAffine } from "../../lib/augmentations/affine.ts";
import { colorJitter } from "../../lib/augmentations/color_jitter.ts";
import { randomCrop } from "../../lib/augmentations/crop.ts";
import { randomErasing } from "../../lib/augmentations/erasing.ts";
import { randomHorizontalFlip } from "../../lib/augmentations/flip.ts";
import { cutmix, mixup } from "../../lib/augmentations/mixup.ts";
import { normalize } from "../../lib/augmentations/normalize.ts";
import { randAugment } from "../../lib/augmentations/rand_augment.ts";
import { randomResizedCrop } from "../../lib/augmentations/resized_crop.ts";
import { compose, type Transform } from "../../lib/augmentations/transform.ts";
import { Random } from "../../lib/random.ts";
import { compile } from "../../lib/tensor/compile.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { patternImages } from "./reference.ts";

const transforms: Record<string, Transform> = {
  randomHorizontalFlip: randomHorizontalFlip(),
  randomResizedCrop: randomResizedCrop({ scale: [0.3, 1] }),
  randomCrop: randomCrop({ mode: "reflect" }),
  randomAffine: randomAffine({ degrees: 20, translate: [0.2, 0.2], interpolation: "bilinear" }),
  colorJitter: colorJitter({ brightness: 0.5, contrast: 0.5, saturation: 0.5, hue: 0.2 }),
  randomErasing: randomErasing({ value: "random" }),
  randAugment: randAugment({ magnitude: 20 }),
  mixup: mixup({ classes: 5, alpha: 0.4 }),
  cutmix: cutmix({ classes: 5 }),
  compose: compose(
    randomResizedCrop(),
    randomHorizontalFlip(),
    normalize([0.5, 0.5, 0.5], [0.2, 0.2, 0.2]),
    cutmix({ classes: 5 }),
  ),
};

for (const [name, transform] of Object.entries(transforms)) {
  Deno.test(`${name} runs in a compiled step, draws anew each time, and leaves no tensors`, async () => {
    const draw = async (seed: number) => {
      const random = new Random(seed);
      const images = patternImages([6, 12, 10, 3]);
      const labels = tf.tensor1d([0, 1, 2, 3, 4, 0], "int32");
      const step = compile((images: tf.Tensor4D, labels: tf.Tensor1D) => {
        const batch = transform({ images, labels }, random);
        return { images: tf.clone(batch.images), labels: tf.clone(batch.labels) };
      });
      const results: string[] = [];
      let tensors = 0;
      for (let turn = 0; turn < 5; turn++) {
        const batch = await step(images, labels);
        assert(batch.images.dataSync().every(Number.isFinite));
        results.push(batch.images.dataSync().join());
        tf.dispose([batch.images, batch.labels]);
        if (turn > 1) assertEquals(tf.memory().numTensors, tensors, "no tensor is left behind");
        tensors = tf.memory().numTensors;
      }
      if (tf.getBackend() === "tensorflow") {
        assertEquals(step.reports().map((report) => [report.mode, report.reason]), [[
          "compiled",
          "",
        ]]);
      }
      step.dispose();
      random.dispose();
      tf.dispose([images, labels]);
      return results;
    };
    const results = await draw(21);
    assert(new Set(results).size > 3, "steps draw anew");
    assertEquals(await draw(21), results, "the same seed gives the same images");
    assertNotEquals(await draw(22), results);
  });
}
