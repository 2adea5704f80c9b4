import { patchify } from "../../nn/functional.ts";
import * as tf from "../../tensor/tf.ts";
import { type CheckOptions, checkRunner, describe, failure, shapeText } from "../engine/check.ts";
import { assertShape, expectClose } from "../engine/compare.ts";
import { compareGradients } from "../engine/gradients.ts";
import { given } from "../engine/given.ts";
import type { CodePart } from "../engine/learner_code.ts";
import { departure } from "../engine/locate.ts";
import { findMistake, type Mistakes } from "../engine/mistakes.ts";
import { functionFrame, ownWorkRule, watched } from "../engine/own_work.ts";
import { withRepair } from "../engine/repair.ts";
import { evaluateFunction } from "../engine/run_module.ts";
import { ramp, rampText } from "../engine/sample_call.ts";
import { sample } from "../engine/samples.ts";

const { runCheck } = checkRunner();

/** Splits images into flat patches: `[B, height, width, C] → [B, N, patchSize · patchSize · C]`. */
export type ImageToPatches = (images: tf.Tensor4D, patchSize: number) => tf.Tensor;

/** The six axes between the two reshapes, before they are put in order. */
const axisNames = [
  "image",
  "patch row",
  "row in the patch",
  "patch column",
  "column in the patch",
  "channel",
];
const rightOrder = [0, 1, 3, 2, 4, 5];

const mistakes = {
  noTranspose:
    "by a reshape alone, without a transpose. It cuts each image into strips of consecutive pixels, not into " +
    "squares: the axes (patch row, row in the patch, patch column, column in the patch) must change places first",
  columnsFirst:
    "when the patches run down the columns of the image. Reading order goes along a row first, so the patch row " +
    "must come before the patch column",
  patchesTransposed:
    "when rows and columns are exchanged inside each patch: every patch is transposed. The row in the patch must " +
    "come before the column in the patch",
  imageTransposed:
    "when height and width are exchanged, for the patches and inside them: the image was transposed. An image is " +
    "[height, width, C], rows first",
  sidesExchanged:
    "when height and width are read from the wrong axes; images are [B, height, width, C]",
  onePixelApart:
    "when each patch begins one pixel after the last; patches lie side by side, so patch i begins at i · patchSize",
  channelsFirst:
    "when channels come first inside a patch, as in PyTorch. Here a pixel's channels stay together, so the " +
    "channel is the last axis",
} as const satisfies Mistakes<string>;

/** Normalised pixels have any values, and what limits them to some range is no part of the task. */
const pixels = { low: -3, high: 3 };

/** The order of the six axes with the given mistake. */
const orders: Record<string, number[]> = {
  noTranspose: [0, 1, 2, 3, 4, 5],
  columnsFirst: [0, 3, 1, 2, 4, 5],
  patchesTransposed: [0, 1, 3, 4, 2, 5],
  imageTransposed: [0, 3, 1, 4, 2, 5],
  channelsFirst: [0, 1, 3, 5, 2, 4],
};

/**
 * Checks a learner's patch splitting by shape, value and gradient, on images whose sizes all differ.
 * Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkPatches(
  imageToPatches: ImageToPatches,
  options: CheckOptions = {},
): Promise<void> {
  return checkPatchesInRows(imageToPatches, options, imageToPatches);
}

/** As {@link checkPatches}, where the patches are brought to rows from what the learner's function `code` gives. */
export function checkPatchesInRows(
  imageToPatches: ImageToPatches,
  options: CheckOptions,
  code: CodePart,
): Promise<void> {
  return runCheck("Patches", options, () => {
    const name = "imageToPatches";
    if (typeof imageToPatches !== "function") {
      throw failure(`${name} should be a function, but is ${describe(imageToPatches)}.`);
    }
    // A batch of one comes last: of one image much is right by chance.
    const cases = [[2, 5, 7, 3, 4], [3, 2, 4, 5, 1], [1, 3, 3, 2, 2]];
    for (const [batch, rows, columns, patchSize, channels] of cases) {
      checkCase({ imageToPatches, code }, { batch, rows, columns, patchSize, channels });
    }
    // Images as those whose values were checked: code may tell others by their size.
    watched(() => imageToPatches(sample([2, 15, 21, 4], pixels) as tf.Tensor4D, 3), {
      name,
      search: (stack) =>
        functionFrame("patchify", "nn/functional.ts").test(stack) ? "patchify" : undefined,
      rule: ownWorkRule,
    });
    return "shape, values and gradient are right, for square and other images";
  });
}

interface Sizes {
  batch: number;
  rows: number;
  columns: number;
  patchSize: number;
  channels: number;
}

function checkCase(
  { imageToPatches, code }: { imageToPatches: ImageToPatches; code: CodePart },
  sizes: Sizes,
): void {
  const { batch, rows, columns, patchSize, channels } = sizes;
  const shape: [number, number, number, number] = [
    batch,
    rows * patchSize,
    columns * patchSize,
    channels,
  ];
  const images = sample(shape, pixels) as tf.Tensor4D;
  const call = `imageToPatches(images of shape ${shapeText(shape)}, ${patchSize})`;
  const right = (images: tf.Tensor4D) => split(images, sizes, rightOrder);
  const located = () => ({
    ours: () => imageToPatches(given(images), patchSize),
    right: [() => right(images)],
    given: [images],
    code: { function: code },
    numbers: { patchSize, channels },
    call: {
      sizes: shape,
      units: [1, patchSize, patchSize, 1],
      write: (sizes: readonly number[]) =>
        `${code.name || "imageToPatches"}(${rampText(sizes)}, ${patchSize}).print()`,
      ours: (sizes: readonly number[]) => imageToPatches(ramp(sizes) as tf.Tensor4D, patchSize),
      right: (sizes: readonly number[]) => patchify(ramp(sizes), patchSize),
    },
  });
  const patches = withRepair(located, () => {
    const patches = evaluateFunction(
      {
        name: "imageToPatches",
        situation: `on images of shape ${shapeText(shape)} and patch size ${patchSize}`,
        code,
        of: call,
        sizesHint,
      },
      images,
      (images) => imageToPatches(images, patchSize),
    );

    const length = patchSize * patchSize * channels;
    assertShape(patches, [batch, rows * columns, length], {
      name: call,
      axes: ["B", "N", "patchSize · patchSize · C"],
      mistakes: [...mistakenShapes(sizes), ...otherCount(patches, sizes)],
    });
    return patches;
  });
  expectClose(patches, right(images), {
    name: call,
    axes: ["image", "patch", "value"],
    tolerance: 1e-6,
    explain: () =>
      explain(patches, images, sizes) ?? departure(located()) ?? otherPixels(patches, images),
  });
  compareGradients({
    name: "imageToPatches",
    inputs: { images },
    actual: ({ images }) => imageToPatches(images as tf.Tensor4D, patchSize),
    expected: ({ images }) => right(images as tf.Tensor4D),
  });
}

/** Splits images with the six axes in a given order; `rightOrder` is the solution. */
function split(images: tf.Tensor4D, sizes: Sizes, order: number[]): tf.Tensor3D {
  const { batch, rows, columns, patchSize, channels } = sizes;
  return tf.reshape(
    tf.transpose(tf.reshape(images, [batch, rows, patchSize, columns, patchSize, channels]), order),
    [batch, rows * columns, patchSize * patchSize * channels],
  );
}

/** Which wrong order of axes gives exactly the learner's values. */
function explain(patches: tf.Tensor, images: tf.Tensor4D, sizes: Sizes): string | undefined {
  const matches = (order: number[]) => {
    const candidate = split(images, sizes, order).dataSync();
    return patches.dataSync().every((value, i) => Math.abs(value - candidate[i]) < 1e-6);
  };
  const known = findMistake(patches, mistakes, (has) => {
    if (has.size > 1) throw new Error("one order at a time");
    if (has.has("onePixelApart")) return overlapping(images, sizes);
    const sides = has.has("sidesExchanged")
      ? { ...sizes, rows: sizes.columns, columns: sizes.rows }
      : sizes;
    return split(images, sides, orders[[...has][0]] ?? rightOrder);
  });
  if (known) return known;
  const isWithin = permutations([1, 2, 3, 4]).some((tail) => {
    const candidate = splitWithin(images, sizes, tail).dataSync();
    return patches.dataSync().every((value, i) => Math.abs(value - candidate[i]) < 1e-6);
  });
  if (isWithin) {
    return "Your output is what one gets when height and width are cut the other way round, as [p, rows, p, columns]. " +
      "A patch's pixels are neighbours, so its own axis comes after that of the patches: [B, rows, p, columns, p, C].";
  }
  const order = permutations([1, 2, 3, 4, 5]).map((tail) => [0, ...tail]).find(matches);
  if (order) {
    const names = (axes: number[]) => axes.map((axis) => axisNames[axis]).join(", ");
    return `Your values run through the axes as (${names(order)}); the right order is ` +
      `(${names(rightOrder)}).`;
  }
}

/** Patches that begin at the first pixels of the image, each one pixel after the last. */
function overlapping(images: tf.Tensor4D, { rows, columns, patchSize }: Sizes): tf.Tensor {
  const patches = Array.from({ length: rows * columns }, (_, index) => {
    const start = [0, Math.floor(index / columns), index % columns, 0] as const;
    return tf.reshape(tf.slice(images, [...start], [-1, patchSize, patchSize, -1]), [
      ...[images.shape[0], 1, -1],
    ]);
  });
  return tf.concat(patches, 1);
}

/** Splits images with the axes of patches inside those of their pixels, and these four axes in a given order. */
function splitWithin(images: tf.Tensor4D, sizes: Sizes, order: readonly number[]): tf.Tensor {
  const { batch, rows, columns, patchSize, channels } = sizes;
  return tf.transpose(
    tf.reshape(images, [batch, patchSize, rows, patchSize, columns, channels]),
    [0, ...order, 5],
  );
}

/** What is said of pixels that are all there, in an order that nothing explains. */
function otherPixels(patches: tf.Tensor, images: tf.Tensor4D): string | undefined {
  const sorted = (values: ArrayLike<number>) => Array.from(values).sort((a, b) => a - b);
  const [ours, theirs] = [sorted(patches.dataSync()), sorted(images.dataSync())];
  if (ours.every((value, i) => Math.abs(value - theirs[i]) < 1e-6)) {
    return "All pixels are there, but in another order. Look at small images of one channel, whose values count up: " +
      "which ones stand in your first patch?";
  }
  return undefined;
}

const sizesHint =
  "a size that is fixed, such as 28, 4 or 1, or computed wrongly. Take all from `images.shape` and `patchSize`, " +
  "so that images of any size work.";

function mistakenShapes(
  { batch, rows, columns, patchSize, channels }: Sizes,
): { shape: number[]; explanation: string }[] {
  const [count, length] = [rows * columns, patchSize * patchSize * channels];
  return [
    {
      shape: [batch, rows, columns, patchSize, patchSize, channels],
      explanation:
        "the last reshape is missing, which joins the two patch axes to N and the last three " +
        "to one.",
    },
    {
      shape: [batch, rows, patchSize, columns, patchSize, channels],
      explanation: "only the first reshape is there; a transpose and a second reshape must follow.",
    },
    {
      shape: [batch, count, patchSize, patchSize, channels],
      explanation: "each patch must be flattened to one axis.",
    },
    {
      shape: [batch, rows, columns, length],
      explanation: "patch rows and patch columns must be joined to one axis of N patches.",
    },
    {
      shape: [batch * count, length],
      explanation: "the batch must stay an axis of its own.",
    },
    {
      shape: [count, batch, length],
      explanation: "the batch must be the first axis.",
    },
    {
      shape: [batch, length, count],
      explanation: "the last two axes are exchanged: one row per patch.",
    },
    {
      shape: [batch, patchSize * patchSize, rows * columns * channels],
      explanation: "the number of patches and the size of a patch are exchanged.",
    },
    {
      shape: [batch, count, patchSize * patchSize],
      explanation: "the channels got lost; a patch has patchSize · patchSize · C values.",
    },
  ];
}

/** What is said of patches of another size, or of another number of them. */
function otherCount(
  { shape }: tf.Tensor,
  { rows, columns, patchSize, channels }: Sizes,
): { shape: number[]; explanation: string }[] {
  const [count, length] = [rows * columns, patchSize * patchSize * channels];
  const [, found, size] = shape;
  if (shape.length !== 3) return [];
  if (size !== length) {
    return [{
      shape: [...shape],
      explanation:
        `each image is cut into ${found} pieces of ${size} values, not into ${count} of ${length}. Along ` +
        "an axis there are `height / patchSize` and `width / patchSize` patches, each `patchSize` long.",
    }];
  }
  return [{
    shape: [...shape],
    explanation: found > count
      ? "the windows overlap, or some are there twice: from one patch to the next it is `patchSize` pixels."
      : "patches are left out: a loop runs up to the whole height and width.",
  }];
}

function permutations(items: number[]): number[][] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, i) =>
    permutations(items.filter((_, other) => other !== i)).map((rest) => [item, ...rest])
  );
}
