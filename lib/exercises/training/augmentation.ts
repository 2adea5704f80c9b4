import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import { attempt } from "../engine/attempt.ts";
import { type CheckOptions, checkRunner, describe, failure } from "../engine/check.ts";
import { assertShape, assertTensor, close } from "../engine/compare.ts";
import { given } from "../engine/given.ts";
import { sample } from "../engine/samples.ts";

const { runCheck } = checkRunner();

interface Batch {
  images: tf.Tensor4D;
  labels: tf.Tensor1D | tf.Tensor2D;
}
type Transform = (batch: Batch, random: Random) => Batch;

export interface AugmentationExpectation extends CheckOptions {
  /** Of each channel, for images in 0…1. */
  mean: readonly number[];
  standardDeviation: readonly number[];
  /** Black pixels round the image before it is cropped. */
  padding: number;
  /** Height and width of the pipeline's images, which a crop may name. Default: others than any pipeline's. */
  imageSize?: number;
}

const count = 64;
const tolerance = 2e-3;
/** So many more batches are looked at where all images of one fare alike. */
const furtherDraws = 8;

/**
 * Checks a learner's transforms: both normalise; the one for training also crops at a random place after
 * padding with black, and flips half of the images. Throws a `CheckError` that names the first thing
 * wrong and its likely cause.
 */
export function checkAugmentation(
  { train, evaluation }: { train: Transform; evaluation: Transform },
  expected: AugmentationExpectation,
): Promise<void> {
  return runCheck("Augmentation", expected, () => {
    const { imageSize, mean } = expected;
    const [height, width] = imageSize === undefined ? [11, 10] : [imageSize, imageSize];
    const shape = [count, height, width, mean.length];
    const bytes = tf.round(sample(shape, { seed: 31, low: 0, high: 255 }));
    const random = new Random(5);
    try {
      const batch = {
        images: bytes as tf.Tensor4D,
        labels: tf.range(0, count, 1, "int32") as tf.Tensor1D,
      };
      const apply = (name: string, transform: Transform) => run(name, transform, batch, random);
      checkEvaluation(bytes, () => apply("evaluationTransform", evaluation), expected);
      checkTraining(bytes, () => apply("trainingTransform", train), expected);
    } finally {
      random.dispose();
    }
    const { padding } = expected;
    return `shifts of up to ${padding} pixels, flips of about half of the images, and normalisation`;
  });
}

/** The transformed images, whose labels and shape must be as they were. */
function run(name: string, transform: Transform, batch: Batch, random: Random): tf.Tensor {
  if (typeof transform !== "function") {
    throw failure(
      `${name} should be a transform, but is ${describe(transform)}.`,
      "`normalize(…)`, `randomCrop(…)` and `compose(…)` each make one.",
    );
  }
  const copies = { images: given(batch.images), labels: given(batch.labels) };
  const result = attempt(name, "on a batch of images", () => transform(copies, random), {
    code: transform,
  });
  const images: unknown = result?.images;
  assertTensor(images, `the images that ${name} gives`);
  const { shape } = batch.images;
  assertShape(images, shape, {
    name: `The images that ${name} gives`,
    axes: ["B", "height", "width", "C"],
    mistakes: [{
      shape: images.shape.length === 4 && images.shape[1]! > shape[1] ? images.shape : [],
      explanation: "the images are padded, but not cropped to their old size.",
    }],
  });
  if (!close(tf.cast(result.labels, "float32"), tf.cast(batch.labels, "float32"))) {
    throw failure(
      `${name} changes the labels. Crop, flip and normalisation leave them as they are.`,
    );
  }
  return images;
}

function normalised(
  bytes: tf.Tensor,
  { mean, standardDeviation }: AugmentationExpectation,
): tf.Tensor {
  return tf.div(tf.sub(tf.div(bytes, 255), [...mean]), [...standardDeviation]);
}

function checkEvaluation(
  bytes: tf.Tensor,
  apply: () => tf.Tensor,
  expected: AugmentationExpectation,
): void {
  const [images, again] = [apply(), apply()];
  if (close(images, normalised(bytes, expected), tolerance)) return;
  const { mean, standardDeviation } = expected;
  const causes: [string, () => boolean][] = [
    [
      "it draws: the same images come out differently each time. Validation and test images are only normalised.",
      () => !close(images, again, 1e-6),
    ],
    ["the images are not changed at all.", () => close(images, bytes, tolerance)],
    [
      "the images are scaled to 0…1, but neither mean nor standard deviation is used.",
      () => close(images, tf.div(bytes, 255), tolerance),
    ],
    [
      "mean and standard deviation are exchanged.",
      () =>
        close(
          images,
          normalised(bytes, {
            ...expected,
            mean: standardDeviation,
            standardDeviation: mean,
          }),
          tolerance,
        ),
    ],
    [
      "the images are normalised with 0.5; each channel has its own mean and standard deviation.",
      () => close(images, tf.div(tf.sub(tf.div(bytes, 255), 0.5), 0.5), tolerance),
    ],
  ];
  const cause = causes.find(([, fits]) => fits())?.[0];
  throw failure(
    "evaluationTransform does not normalise the images as asked.",
    cause ? `Likely cause: ${cause}` : undefined,
    "Write `normalize(config.mean, config.standardDeviation)`.",
  );
}

/** How an image became another one: moved by whole pixels, mirrored or not. */
interface Move {
  down: number;
  right: number;
  flipped: boolean;
}

/** What else may have happened to an image, and what that means. */
interface Variant {
  values: tf.Tensor;
  border: number | "mirrored";
  upsideDown?: boolean;
}

function checkTraining(
  bytes: tf.Tensor,
  draw: () => tf.Tensor,
  expected: AugmentationExpectation,
): void {
  const { padding } = expected;
  const first = draw();
  const values = normalised(bytes, expected);
  const black = normalised(tf.zerosLike(bytes), expected);
  const movesIn = (images: tf.Tensor) =>
    movesOf(images, { values, border: 0 }, { padding, blackOf: black });
  const found = movesIn(first);
  if (!found) throw failureOf(bytes, first, expected);
  const fewest = 12;
  const flips = found.filter(({ flipped }) => flipped).length;
  // Where all images of a batch fare alike, other batches tell a draw for the whole batch from none.
  const others: tf.Tensor[] = [];
  const draws = () => {
    while (others.length < furtherDraws) others.push(draw());
    return others;
  };
  const again = draw();
  if (close(first, again, 1e-6) && draws().every((other) => close(first, other, 1e-6))) {
    throw failure(
      "trainingTransform does the same each time.",
      close(first, values, tolerance)
        ? "It only normalises: the crop and the flip are missing."
        : "Likely cause: it does not draw from the `random` that it is given.",
    );
  }
  const placesOf = (moves: readonly Move[]) =>
    new Set(moves.map(({ down, right }) => `${down},${right}`));
  const sidesOf = (moves: readonly Move[]) => new Set(moves.map((move) => move.flipped));
  const differs = (of: (moves: readonly Move[]) => Set<unknown>) =>
    new Set(draws().flatMap((images) => [...of(movesIn(images) ?? found)])).size > 1;
  const forEach =
    "One draw is used for the whole batch; each image needs its own, so draw `[B]` values.";
  const places = placesOf(found);
  if (places.size === 1) {
    if (differs(placesOf)) {
      throw failure("trainingTransform moves all images of a batch alike.", forEach);
    }
    throw failure(
      places.has("0,0")
        ? "trainingTransform moves no image: the crop is missing."
        : "trainingTransform moves every image to the same place each time.",
      `Write \`randomCrop({ padding: ${padding} })\`.`,
    );
  }
  for (const axis of ["down", "right"] as const) {
    const furthest = Math.max(...found.map((move) => Math.abs(move[axis])));
    if (furthest === padding) continue;
    throw failure(
      `trainingTransform moves images by ${furthest} pixels at most, but should by up to ${padding}.`,
      `Likely cause: the crop's padding is ${furthest}.`,
    );
  }
  if ((flips === 0 || flips === count) && differs(sidesOf)) {
    throw failure("trainingTransform flips all images of a batch, or none.", forEach);
  }
  if (flips < fewest) {
    throw failure("trainingTransform flips (nearly) no image: the flip is missing.");
  }
  if (flips > count - fewest) {
    throw failure(
      "trainingTransform flips (nearly) every image.",
      "Half of them should be flipped; that is the default of `randomHorizontalFlip()`.",
    );
  }
}

/** How each image was moved and flipped, or `undefined` where one was changed in another way. */
function movesOf(
  images: tf.Tensor,
  { values, border, upsideDown = false }: Variant,
  { padding, blackOf }: { padding: number; blackOf?: tf.Tensor },
): Move[] | undefined {
  const [target, source] = [images.dataSync(), values.dataSync()];
  const black = blackOf?.dataSync();
  const [count, height, width, channels] = values.shape as [number, number, number, number];
  const size = height * width * channels;
  const moves = allMoves(padding);
  const inside = (at: number, length: number) => at >= 0 && at < length;
  const mirrored = (at: number, length: number) =>
    at < 0 ? -at : at >= length ? 2 * length - 2 - at : at;
  const fits = (image: number, { down, right, flipped }: Move) => {
    for (let y = 0; y < height; y++) {
      const row = (upsideDown && flipped ? height - 1 - y : y) + down;
      for (let x = 0; x < width; x++) {
        const column = (!upsideDown && flipped ? width - 1 - x : x) + right;
        for (let channel = 0; channel < channels; channel++) {
          const at = image * size + (y * width + x) * channels + channel;
          let value: number;
          if (inside(row, height) && inside(column, width)) {
            value = source[image * size + (row * width + column) * channels + channel];
          } else if (border === "mirrored") {
            const place = mirrored(row, height) * width + mirrored(column, width);
            value = source[image * size + place * channels + channel];
          } else value = black ? black[channel] : border;
          if (Math.abs(target[at] - value) > tolerance * (1 + Math.abs(value))) return false;
        }
      }
    }
    return true;
  };
  const found: Move[] = [];
  for (let image = 0; image < count; image++) {
    const move = moves.find((each) => fits(image, each));
    if (!move) return undefined;
    found.push(move);
  }
  return found;
}

/** All moves of up to `padding` pixels, the smallest first. */
function allMoves(padding: number): Move[] {
  const shifts = Array.from({ length: 2 * padding + 1 }, (_, index) => index - padding);
  return shifts.flatMap((down) =>
    shifts.flatMap((right) => [false, true].map((flipped) => ({ down, right, flipped })))
  );
}

/** The error for images that no crop with black pixels and horizontal flip explains. */
function failureOf(
  bytes: tf.Tensor,
  images: tf.Tensor,
  expected: AugmentationExpectation,
): Error {
  const { padding } = expected;
  const values = normalised(bytes, expected);
  const blackOf = normalised(tf.zerosLike(bytes), expected);
  const variants: [Variant, { padding: number; blackOf?: tf.Tensor }, string][] = [
    [
      { values: bytes, border: 0 },
      { padding },
      "the images are not normalised; that comes last.",
    ],
    [
      { values, border: 0 },
      { padding },
      "the images are normalised before they are padded, so that the border is grey and not black. Normalise last.",
    ],
    [
      { values, border: "mirrored" },
      { padding },
      "the border is the mirrored image; here it is black, the default of `randomCrop`.",
    ],
    [
      { values, border: 0, upsideDown: true },
      { padding, blackOf },
      "images are flipped upside down; a horizontal flip exchanges left and right.",
    ],
    [
      { values, border: 0 },
      { padding: 2 * padding, blackOf },
      `images are moved by more than ${padding} pixels: the crop's padding is too large.`,
    ],
  ];
  const cause = variants.find(([variant, options]) => movesOf(images, variant, options))?.[2];
  return failure(
    "trainingTransform gives images that a crop with black padding, a flip and the normalisation do not make.",
    cause ? `Likely cause: ${cause}` : undefined,
    "Crop, flip, then normalise: `compose(…, …, evaluationTransform)`.",
  );
}
