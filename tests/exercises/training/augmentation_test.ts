import { assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  checkAugmentation,
  compose,
  imageTransform,
  mixup,
  normalize,
  Random,
  randomCrop,
  randomHorizontalFlip,
  type Transform,
} from "../../../lib/mod.ts";
import { printed } from "../printed.ts";
import { fails } from "../verdict.ts";

const mean = [0.49, 0.48, 0.45];
const standardDeviation = [0.25, 0.24, 0.26];
const expected = { mean, standardDeviation, padding: 3, points: 1 };
const evaluation = normalize(mean, standardDeviation);
const crop = randomCrop({ padding: 3 });
const flip = randomHorizontalFlip();

Deno.test("checkAugmentation accepts crop and flip in both orders", async () => {
  for (const train of [compose(crop, flip, evaluation), compose(flip, crop, evaluation)]) {
    const before = tf.memory().numTensors;
    const lines = await printed(() => checkAugmentation({ train, evaluation }, expected));
    assertEquals(lines, [
      "✔ Augmentation: shifts of up to 3 pixels, flips of about half of the images, and normalisation " +
      "(1 point)",
    ]);
    assertEquals(tf.memory().numTensors, before);
  }
});

Deno.test("checkAugmentation accepts a crop that names the size of the pipeline's images", async () => {
  const padded = imageTransform((images, random) => {
    const { shape: [batch, height, width, channels] } = images;
    const around = tf.pad(images, [[0, 0], [3, 3], [3, 3], [0, 0]]);
    const corners = random.integers([batch, 2], 0, 7).arraySync() as number[][];
    return tf.concat(
      corners.map(([top, left], index) =>
        tf.slice(around, [index, top, left, 0], [1, height, width, channels])
      ),
    ) as tf.Tensor4D;
  });
  for (const size of [14, 32]) {
    const crops = [
      randomCrop({ size, padding: 3 }),
      randomCrop({ size: [size, size], padding: 3 }),
    ];
    for (const each of [...crops, crop, padded]) {
      const train = compose(each, flip, evaluation);
      const check = () =>
        checkAugmentation({ train, evaluation }, { ...expected, imageSize: size });
      assertStringIncludes((await printed(check))[0], "shifts of up to 3 pixels");
    }
  }
});

/** Draws once for a whole batch. */
const atOnce = (draw: (images: tf.Tensor4D, random: Random) => tf.Tensor) =>
  imageTransform((images, random) => draw(images, random) as tf.Tensor4D);
const cropAtOnce = atOnce((images, random) => {
  const [top, left] = random.integers([2], 0, 7).dataSync();
  const around = tf.pad(images, [[0, 0], [3, 3], [3, 3], [0, 0]]);
  return tf.slice(around, [0, top, left, 0], images.shape);
});
const flipAtOnce = atOnce((images, random) =>
  random.bernoulli([1], 0.5).dataSync()[0] > 0 ? tf.reverse(images, 2) : images
);

const upsideDown: Transform = imageTransform((images, random) => {
  const chosen = random.bernoulli([images.shape[0], 1, 1, 1], 0.5);
  return tf.add(
    tf.mul(tf.reverse(images, 1), chosen),
    tf.mul(images, tf.sub(1, chosen)),
  );
});

/** Draws the same again and again. */
const frozen = (transform: Transform): Transform => (batch) => {
  const random = new Random(8);
  const result = transform(batch, random);
  random.dispose();
  return result;
};

const wrongTraining: Record<string, [Transform, string[]]> = {
  "normalisation alone": [evaluation, ["does the same each time", "crop and the flip are missing"]],
  "a frozen draw": [
    frozen(compose(crop, flip, evaluation)),
    ["does the same each time", "from the `random` that it is given"],
  ],
  "a missing crop": [compose(flip, evaluation), ["moves no image: the crop is missing"]],
  "a missing flip": [compose(crop, evaluation), ["the flip is missing"]],
  "a flip of every image": [
    compose(crop, randomHorizontalFlip({ probability: 1 }), evaluation),
    ["flips (nearly) every image"],
  ],
  "one place for the whole batch": [
    compose(cropAtOnce, flip, evaluation),
    ["moves all images of a batch alike", "each image needs its own"],
  ],
  "one flip for the whole batch": [
    compose(crop, flipAtOnce, evaluation),
    ["flips all images of a batch, or none", "each image needs its own"],
  ],
  "one flip for the whole batch, and no crop": [
    compose(flipAtOnce, evaluation),
    ["moves no image: the crop is missing"],
  ],
  "too little padding": [
    compose(randomCrop({ padding: 2 }), flip, evaluation),
    ["by 2 pixels at most, but should by up to 3"],
  ],
  "too much padding": [
    compose(randomCrop({ padding: 5 }), flip, evaluation),
    ["moved by more than 3 pixels"],
  ],
  "padding after normalisation": [
    compose(evaluation, crop, flip),
    ["normalised before they are padded", "grey and not black"],
  ],
  "a mirrored border": [
    compose(randomCrop({ padding: 3, mode: "reflect" }), flip, evaluation),
    ["the border is the mirrored image"],
  ],
  "a vertical flip": [compose(crop, upsideDown, evaluation), ["flipped upside down"]],
  "no normalisation": [compose(crop, flip), ["not normalised; that comes last"]],
  "changed labels": [compose(crop, mixup({ classes: 64 }), evaluation), ["changes the labels"]],
  "a smaller size": [
    compose(randomCrop({ size: 9, padding: 0 }), flip, evaluation),
    ["wrong shape", "[64, 9, 9, 3]"],
  ],
};

for (const [mistake, [train, messages]] of Object.entries(wrongTraining)) {
  Deno.test(`checkAugmentation explains ${mistake} in training`, async () => {
    const check = () => checkAugmentation({ train, evaluation }, expected);
    await fails(check, ...messages);
  });
}

const wrongEvaluation: Record<string, [Transform, string[]]> = {
  "an augmentation": [compose(crop, flip, evaluation), ["come out differently each time"]],
  "nothing done": [(batch) => batch, ["not changed at all"]],
  "exchanged values": [normalize(standardDeviation, mean), ["are exchanged"]],
  "one half for all": [normalize(0.5, 0.5), ["each channel has its own"]],
  "no transform": [undefined as unknown as Transform, ["should be a transform, but is undefined"]],
};

for (const [mistake, [wrong, messages]] of Object.entries(wrongEvaluation)) {
  Deno.test(`checkAugmentation explains ${mistake} in evaluation`, async () => {
    const train = compose(crop, flip, evaluation);
    const check = () => checkAugmentation({ train, evaluation: wrong }, expected);
    await fails(check, ...messages);
  });
}
