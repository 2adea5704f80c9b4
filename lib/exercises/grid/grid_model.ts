import * as tf from "../../tensor/tf.ts";
import type { Random } from "../../random.ts";
import {
  GridVisionTransformer,
  type GridVisionTransformerOptions,
} from "../../models/grid_vision_transformer.ts";
import { patchify, unpatchify } from "../../nn/functional.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { assertOwnAttention } from "../attention/own_attention.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import { close } from "../engine/compare.ts";
import { assertNormal, checkConstructor } from "../engine/construction.ts";
import { type Hint, withHints } from "../engine/hints.ts";
import { checkModule, isWholly } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { assertOwnModule, ownWorkRule } from "../engine/own_work.ts";
import { countedText } from "../engine/parameter_count.ts";
import { sample } from "../engine/samples.ts";
import { gridBlock } from "./grid_blocks.ts";
import { gridModel, gridModelMistakes } from "./grid_model_mistakes.ts";
import type { ImageToGrid } from "./grid_patches.ts";

const { runCheck } = checkRunner();

/** What a learner's Vision Transformer over a grid is made from. */
export interface GridModelOptions {
  /** Height and width of the images in pixels. */
  imageSize: number;
  /** Channels of the images, C. */
  channels: number;
  /** Height and width of a patch in pixels, p. */
  patchSize: number;
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer of each block's feed-forward part. */
  mlpWidth: number;
  heads: number;
  /** Blocks. */
  depth: number;
  classes: number;
  random: Random;
}

export interface GridConstructorOptions extends CheckOptions {
  /** The sizes of the model that is going to be trained; its parameters are counted. */
  sizes: Omit<GridModelOptions, "random">;
}

export interface GridModelCheckOptions extends CheckOptions {
  /** The learner's patches, so that a mistake in them counts once. */
  patches: ImageToGrid;
}

const name = "VisionTransformer";
const batch = 5;
const small = {
  imageSize: 12,
  channels: 2,
  patchSize: 3,
  width: 20,
  mlpWidth: 11,
  heads: 5,
  depth: 3,
  classes: 7,
};
/** All of them others, and none that of the model that is trained. */
const others = {
  ...{ imageSize: 10, channels: 4, patchSize: 5, width: 12, mlpWidth: 8, heads: 3 },
  ...{ depth: 2, classes: 5 },
};
const side = small.imageSize / small.patchSize;
/** Of the normal distribution of the first positions. */
const positionDeviation = 0.02;

const hints: readonly Hint[] = [
  [
    /yours +\[(?:1, )?16, 20\]/,
    "Likely cause: the positions stand in one row. Here there is one for each place of the grid: " +
    "[rows, columns, D].",
  ],
  [
    /yours +\[12, 12, 20\]/,
    "Likely cause: a position for each pixel. There is one for each patch: imageSize / patchSize rows.",
  ],
  [
    /these are missing: positions/,
    "The positions are a parameter of their own: `tf.variable(random.normal([rows, columns, width], 0, 0.02))`.",
  ],
];

/**
 * Checks how a learner's Vision Transformer is made, whatever its `forward` does: layers, their sizes, and
 * the first positions. Throws a `CheckError` that names the first thing wrong.
 */
export function checkGridModelConstructor(
  Model: Part<GridModelOptions>,
  { sizes, ...options }: GridConstructorOptions,
): Promise<void> {
  return runCheck("Constructor of VisionTransformer", options, () => {
    const check = () =>
      checkConstructor<GridModelOptions>({
        name,
        learner: Model,
        library: GridVisionTransformer,
        options: small,
        fields: { patchSize: small.patchSize },
        first: (module) => assertOwnModel(module),
        then: (_module, pairs) => {
          const positions = pairs.find(({ libraryPath }) => libraryPath === "positions")!;
          assertNormal(name, positions, positionDeviation);
        },
      });
    withHints(hints, check);
    const counted = countedText({ name, learner: Model, library: GridVisionTransformer, sizes });
    return `all layers have the right sizes; ${counted}`;
  });
}

/**
 * Checks the computation of a learner's Vision Transformer, `[B, height, width, C] → [B, classes]`. Where
 * a part with a check of its own is wrong, it is not counted again. Throws a `CheckError` that names the
 * first thing wrong and its likely cause.
 */
export function checkGridModel(
  Model: Part<GridModelOptions>,
  { patches, ...options }: GridModelCheckOptions,
): Promise<void> {
  return runCheck("Forward of VisionTransformer", options, () => {
    const { imageSize, channels, width, heads, depth } = small;
    const images = sample([batch, imageSize, imageSize, channels], {
      ...{ seed: 25, low: -2, high: 2 },
    }) as tf.Tensor4D;
    const wrongPatches = hasWrongPatches(patches, images);
    /** Images whose right patches are what the learner's function makes of the given ones. */
    const seen = (images: tf.Tensor) => wrongPatches ? rearranged(patches, images) : images;
    const found = withHints(hints, () =>
      checkModule<GridModelOptions>({
        name,
        learner: Model,
        library: class extends GridVisionTransformer {
          constructor(options: GridVisionTransformerOptions) {
            super(options);
          }
          override forward(images: tf.Tensor): tf.Tensor {
            return super.forward(seen(images));
          }
        },
        options: small,
        input: images,
        axes: ["B", "classes"],
        shapeMistakes,
        first: ({ ours }) => assertOwnModel(ours),
        mistakes: gridModelMistakes,
        compute: (_x, weights, has) => gridModel(seen(images), weights, small, has),
        parts: Array.from({ length: depth }, (_, index) => ({
          path: `blocks.${index}`,
          name: "TransformerBlock",
          input: sample([batch, side, side, width], { seed: 26 }),
          options: { width, mlpWidth: small.mlpWidth, heads },
          forward: (x, weights) =>
            gridBlock(x, weights, { prefix: `blocks.${index}.`, heads }, new Set()),
        })),
      }));
    if (!wrongPatches && isWholly(found)) {
      checkOtherSizes<GridModelOptions>({
        ...{ name, learner: Model, library: GridVisionTransformer, options: small, others },
        shape: [1, others.imageSize, others.imageSize, others.channels],
      });
    }
    return wrongPatches
      ? `${found}; your imageToPatches inside is wrong (its own check says why)`
      : found;
  });
}

/** Neither the model nor its attention may be the library's. */
function assertOwnModel(model: Module): void {
  assertOwnAttention(name, model);
  assertOwnModule(name, model, { kinds: [GridVisionTransformer], rule: ownWorkRule });
}

const shapeMistakes = [
  {
    shape: [batch, side, side, small.classes],
    explanation: "the head was applied to all tokens; take their mean over rows and columns first.",
  },
  {
    shape: [batch, side, small.classes],
    explanation: "the mean goes over one axis of the grid only; it goes over both: [1, 2].",
  },
  {
    shape: [batch, 1, 1, small.classes],
    explanation: "the two axes of the grid are still there; `tf.mean(x, [1, 2])` removes them.",
  },
  { shape: [batch, small.width], explanation: "the head, the last Linear layer, is missing." },
  {
    shape: [batch, side, side, small.width],
    explanation: "these are the tokens; the mean and the head are missing.",
  },
];

/** Whether the learner's patches have the right shape, but wrong values. */
function hasWrongPatches(patches: ImageToGrid, images: tf.Tensor4D): boolean {
  const { patchSize } = small;
  const right = tf.reshape(patchify(images, patchSize), [batch, side, side, -1]);
  try {
    const found = patches(images, patchSize);
    return found.shape.join() === right.shape.join() && !close(found, right, 1e-6);
  } catch {
    return false; // the model cannot use it either, and says so
  }
}

function rearranged(patches: ImageToGrid, images: tf.Tensor): tf.Tensor4D {
  const { patchSize, imageSize } = small;
  const grid = patches(images as tf.Tensor4D, patchSize);
  const row = tf.reshape(grid, [images.shape[0], side * side, -1]);
  return unpatchify(row, { patchSize, height: imageSize, width: imageSize });
}
