import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  applyOperations,
  operationSettings,
  randAugment,
} from "../../lib/augmentations/rand_augment.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { decodeBase64, patternImages, reference } from "./reference.ts";

const { shape, cases } = reference.randAugment;

/** The reference's images: the second has few values in a narrow range. */
function images(): tf.Tensor4D {
  const [first, second] = tf.split(patternImages(shape), 2);
  return tf.concat([first, tf.add(tf.floor(tf.div(second, 5)), 40)]) as tf.Tensor4D;
}

const ourName = (name: string) =>
  name === "AutoContrast" ? "autocontrast" : name[0].toLowerCase() + name.slice(1);

Deno.test("applyOperations gives torchvision's bytes for each of the 14 operations", () => {
  for (const { magnitude, name, sign, pixels } of cases) {
    const settings = operationSettings(magnitude, shape);
    const index = settings.findIndex((each) => each.name === ourName(name)) + (sign < 0 ? 14 : 0);
    const chosen = tf.fill([2], index, "int32") as tf.Tensor1D;
    const result = tf.tidy(() => applyOperations(images(), chosen, { settings, fill: 0 }))
      .dataSync();
    const expected = decodeBase64(pixels);
    let different = 0;
    for (let i = 0; i < expected.length; i++) {
      const difference = result[i] - expected[i];
      // A mixture of two equal values is one less there, where float32 puts it just below.
      assert(
        difference === 0 || difference === 1,
        `${name} ${sign * magnitude}, ${i}: ${result[i]}, not ${expected[i]}`,
      );
      if (difference > 0) different++;
    }
    assert(different <= expected.length / 20, `${name}: ${different} of ${expected.length} differ`);
  }
});

Deno.test("applyOperations gives each image of a batch its own operation", () => {
  const settings = operationSettings(9, shape);
  const one = (index: number) => {
    const chosen = tf.fill([2], index, "int32") as tf.Tensor1D;
    return applyOperations(images(), chosen, { settings, fill: 0 }).arraySync();
  };
  const solarize = settings.findIndex((each) => each.name === "solarize");
  const rotate = settings.findIndex((each) => each.name === "rotate");
  const chosen = tf.tensor1d([solarize, rotate], "int32");
  const both = applyOperations(images(), chosen, { settings, fill: 0 }).arraySync();
  assertEquals(both, [one(solarize)[0], one(rotate)[1]]);
});

Deno.test("randAugment draws each of the operations equally often", () => {
  const size = 3000;
  const first = tf.slice(images(), [0, 0, 0, 0], [1, -1, -1, -1]) as tf.Tensor4D;
  const settings = operationSettings(9, shape);
  // What each operation makes of one image; some, like autocontrast here, change nothing.
  const outcomes = new Map<string, number>();
  for (let index = 0; index < settings.length; index++) {
    const chosen = tf.fill([1], index, "int32") as tf.Tensor1D;
    const key = applyOperations(first, chosen, { settings, fill: 0 }).dataSync().join();
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1 / settings.length);
  }
  assert(outcomes.size > 15);
  const batch = {
    images: tf.tile(first, [size, 1, 1, 1]) as tf.Tensor4D,
    labels: tf.zeros([size], "int32") as tf.Tensor1D,
  };
  const result = randAugment({ operations: 1 })(batch, new Random(3));
  const counts = new Map<string, number>();
  for (const image of tf.unstack(result.images)) {
    const key = image.dataSync().join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
    image.dispose();
  }
  for (const [key, share] of outcomes) {
    const limit = 4 * Math.sqrt(share * (1 - share) / size);
    assertAlmostEquals((counts.get(key) ?? 0) / size, share, limit);
    counts.delete(key);
  }
  assertEquals(counts.size, 0, "nothing else comes out");
  assertEquals(result.labels, batch.labels);
});

Deno.test("randAugment gives whole bytes for any images, of one channel too", () => {
  const batch = {
    images: tf.mul(patternImages([6, 9, 8, 1]), 0.997) as tf.Tensor4D,
    labels: tf.zeros([6], "int32") as tf.Tensor1D,
  };
  const values = randAugment({ magnitude: 15 })(batch, new Random(3)).images.dataSync();
  assert(values.every((value) => Number.isInteger(value) && value >= 0 && value <= 255));
});

Deno.test("randAugment refuses strengths and numbers that are none", () => {
  assertThrows(() => randAugment({ magnitude: 31 }), RangeError, "magnitude 31");
  assertThrows(() => randAugment({ operations: 0 }), RangeError, "0 operations");
});
