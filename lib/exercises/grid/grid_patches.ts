import { patchify } from "../../nn/functional.ts";
import * as tf from "../../tensor/tf.ts";
import { CheckError, type CheckOptions, describe, shapeText } from "../engine/check.ts";
import { assertShape } from "../engine/compare.ts";
import { given } from "../engine/given.ts";
import { withRepair } from "../engine/repair.ts";
import { evaluateFunction } from "../engine/run_module.ts";
import { sample } from "../engine/samples.ts";
import { checkPatchesInRows } from "../vision_transformer/patches.ts";

/** Cuts images into a grid of flat patches: `[B, height, width, C] → [B, rows, columns, p·p·C]`. */
export type ImageToGrid = (images: tf.Tensor4D, patchSize: number) => tf.Tensor;

/**
 * Checks a learner's patch splitting, whose patches stay in their grid, by shape, value and gradient.
 * Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export async function checkGridPatches(
  imageToPatches: ImageToGrid,
  options: CheckOptions = {},
): Promise<void> {
  try {
    tf.tidy(() => checkShapes(imageToPatches));
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    throw new CheckError(`✘ Patches: ${error.message}`, error.cause);
  }
  // Values and gradients are those of patches in a row, which is the grid read line by line.
  const inRows = (images: tf.Tensor4D, patchSize: number) => {
    const grid = imageToPatches(images, patchSize);
    const [batch, rows, columns, values] = grid.shape as [number, number, number, number];
    return tf.reshape(grid, [batch, rows * columns, values]);
  };
  await checkPatchesInRows(inRows, options, imageToPatches);
}

function checkShapes(imageToPatches: ImageToGrid): void {
  const name = "imageToPatches";
  if (typeof imageToPatches !== "function") {
    throw new CheckError(`${name} should be a function, but is ${describe(imageToPatches)}.`);
  }
  for (const [batch, rows, columns, size, channels] of [[2, 5, 7, 3, 4], [3, 2, 4, 5, 1]]) {
    const images = sample([batch, rows * size, columns * size, channels], {
      ...{ low: -3, high: 3 },
    }) as tf.Tensor4D;
    const call = `${name}(images of shape ${shapeText(images.shape)}, ${size})`;
    const located = () => ({
      ours: () => imageToPatches(given(images), size),
      right: [() => tf.reshape(patchify(images, size), [batch, rows, columns, -1])],
      given: [images],
      code: { function: imageToPatches },
    });
    const patches = withRepair(located, () =>
      evaluateFunction(
        {
          name,
          situation: `on images of shape ${shapeText(images.shape)} and patch size ${size}`,
          code: imageToPatches,
          of: call,
          sizesHint:
            "a size that is fixed, such as 32, 8 or 3, or computed wrongly. Take all from `images.shape` and " +
            "`patchSize`, so that images of any size work.",
        },
        images,
        (images) => imageToPatches(images, size),
      ));
    const values = size * size * channels;
    assertShape(patches, [batch, rows, columns, values], {
      name: call,
      axes: ["B", "rows", "columns", "patchSize · patchSize · C"],
      mistakes: [
        {
          shape: [batch, rows * columns, values],
          explanation:
            "the patches stand in one row; here they stay in their grid, [B, rows, columns, …].",
        },
        {
          shape: [batch, columns, rows, values],
          explanation: "rows and columns of the grid are exchanged; an image has its rows first.",
        },
        {
          shape: [batch, rows, columns, size, size, channels],
          explanation: "the last reshape is missing, which joins the last three axes to one.",
        },
        {
          shape: [batch, rows, size, columns, size, channels],
          explanation:
            "only the first reshape is there; a transpose and a second reshape must follow.",
        },
        {
          shape: [batch, size, size, rows * columns * channels],
          explanation: "the number of patches and the size of a patch are exchanged.",
        },
        {
          shape: [batch, rows, columns, size * size],
          explanation: "the channels got lost; a patch has patchSize · patchSize · C values.",
        },
      ],
    });
  }
}
