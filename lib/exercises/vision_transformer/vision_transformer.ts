import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import {
  VisionTransformer,
  type VisionTransformerOptions,
} from "../../models/vision_transformer.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { type CheckOptions, checkRunner, failure, shapeText } from "../engine/check.ts";
import { assertShape, number } from "../engine/compare.ts";
import { checkedRate, checkModule, isWholly } from "../engine/module_check.ts";
import { build, type CheckedModules, evaluate } from "../engine/run_module.ts";
import { countedText } from "../engine/parameter_count.ts";
import { moduleAt } from "../engine/parameters.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { sample } from "../engine/samples.ts";
import { block } from "../transformer/block_mistakes.ts";
import { blockOptions } from "../transformer/transformer_block.ts";
import { checkBlocksDrop } from "../transformer/encoder.ts";
import type { BlockOptions } from "../transformer/transformer_block.ts";
import { visionTransformer, visionTransformerMistakes } from "./vision_transformer_mistakes.ts";

const { runCheck } = checkRunner();

/** What a learner's Vision Transformer is made from; any image of at most `positions` patches fits. */
export interface ModelOptions {
  /** Channels of the images, C. */
  channels: number;
  /** Height and width of a patch in pixels. */
  patchSize: number;
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer of each block's feed-forward part. */
  mlpWidth: number;
  heads: number;
  /** Blocks. */
  depth: number;
  classes: number;
  /** Position slots for patches; the class token has one more. */
  positions: number;
  dropout: number;
  random: Random;
}

export interface VisionTransformerCheckOptions extends CheckOptions {
  /** The sizes of the model that is going to be trained; its parameters are counted. */
  sizes?: Omit<ModelOptions, "random">;
  /** Height and width of the images that go with `sizes`. Default: 28. */
  imageSize?: number;
  /** The learner's block, where the model takes a class of blocks as its second argument. */
  block?: new (options: BlockOptions) => Module;
}

const name = "ViT";
// Two rows of three patches; no two sizes are equal.
const [batch, height, width] = [2, 8, 12];
const small = {
  channels: 3,
  patchSize: 4,
  width: 20,
  heads: 5,
  mlpWidth: 11,
  depth: 3,
  classes: 8,
  positions: 9,
  dropout: checkedRate,
};

/**
 * Checks a learner's Vision Transformer against the library's. Throws a `CheckError` that names the
 * first thing wrong and its likely cause.
 */
export function checkVisionTransformer(
  Model: Part<ModelOptions>,
  { sizes, imageSize = 28, block: blockClass, ...options }: VisionTransformerCheckOptions = {},
): Promise<void> {
  return runCheck("Model", options, () => {
    const images = sample([batch, height, width, small.channels], {
      ...{ seed: 6, low: -2, high: 2 },
    }) as tf.Tensor4D;
    const found = checkModule<ModelOptions>({
      name,
      learner: Model,
      library: library([height, width]),
      options: small,
      input: images,
      // There may be fewer patches than positions.
      others: [tf.slice(images, [0, 0, 0, 0], [batch, height, small.patchSize, small.channels])],
      axes: ["B", "classes"],
      shapeMistakes,
      first: checkFirstValues,
      readyMade: [VisionTransformer],
      mistakes: visionTransformerMistakes,
      compute: (x, weights, has) => visionTransformer(x as tf.Tensor4D, weights, small, has),
      parts: Array.from({ length: small.depth }, (_, index) => ({
        path: `blocks.${index}`,
        name: "AttentionBlock",
        input: sample([batch, tokens, small.width], { seed: 8 }),
        options: blockOptions(small),
        forward: (x, weights) =>
          block(x, weights, { prefix: `blocks.${index}.`, heads: small.heads }, new Set()),
      })),
      then: (checked) => {
        checkEmbeddingDropout(checked);
        checkBlocksDrop(name, checked, small);
      },
    });
    const counted = sizes && countedText({
      name,
      learner: Model,
      library: library(imageSize),
      sizes,
      then: (model) => checkLogits(model, { imageSize, ...sizes }),
    });
    if (isWholly(found)) {
      checkOtherSizes<ModelOptions>({
        ...{ name, learner: Model, library: library([10, 15]), options: small },
        others: {
          ...{ channels: 2, patchSize: 5, width: 14, heads: 7, mlpWidth: 9 },
          ...{ depth: 2, classes: 6, positions: 13, dropout: 0.25 },
        },
        shape: [1, 10, 15, 2],
      });
    }
    if (blockClass) checkBlockArgument(Model, blockClass);
    return counted ? `${found}; ${counted}` : found;
  });
}

/** The model must be made of the blocks that it is given, as many as its depth. */
function checkBlockArgument(
  learner: Part<ModelOptions>,
  block: new (options: BlockOptions) => Module,
): void {
  let made = 0;
  const counted = new Proxy(block, {
    construct(target, inputs, newTarget) {
      made++;
      return Reflect.construct(target, inputs, newTarget);
    },
  });
  const random = new Random(4);
  const withBlock = learner as new (options: ModelOptions, Block: typeof counted) => Module;
  let model: Module | undefined;
  try {
    model = build(
      name,
      (options: ModelOptions) => new withBlock(options, counted),
      { ...small, random },
    );
  } finally {
    model?.dispose();
    random.dispose();
  }
  if (made === small.depth) return;
  throw failure(
    `${name} makes ${made} of its ${small.depth} blocks from the class that it gets as its second argument.`,
    "Write `new Block({ … })` in the constructor: other blocks take the place of yours later.",
  );
}

/** The library's model for images of one size, made from a learner's options. */
function library(imageSize: VisionTransformerOptions["imageSize"]) {
  return class extends VisionTransformer {
    constructor(options: ModelOptions) {
      super({ ...options, imageSize });
    }
  };
}

const tokens = (height / small.patchSize) * (width / small.patchSize) + 1;
const shapeMistakes = [
  {
    shape: [batch, tokens, small.classes],
    explanation: "the head was applied to all tokens; take the class token, at place 0, first.",
  },
  {
    shape: [batch, tokens - 1, small.classes],
    explanation: "the head was applied to all patches, and there is no class token.",
  },
  {
    shape: [batch, 1, small.classes],
    explanation:
      "the axis of tokens is still there; remove it with `tf.squeeze(x, [1])` or `tf.reshape`.",
  },
  { shape: [batch, small.width], explanation: "the head, the last Linear layer, is missing." },
  {
    shape: [batch, tokens, small.width],
    explanation: "these are the tokens; the head is missing.",
  },
];

/** Class token and positions must start from a normal distribution. */
function checkFirstValues({ pairs }: CheckedModules): void {
  for (const { path, ours, libraryPath } of pairs) {
    if (!/positions$|token$/.test(libraryPath)) continue;
    const values = Array.from(ours.dataSync());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
    );
    const rule = "Draw them from a normal distribution: `tf.variable(random.normal(shape))`.";
    if (deviation < 1e-4) {
      throw failure(
        `${name}: the first values of \`${path}\` are all ${Number(values[0].toFixed(4))}.`,
        rule,
      );
    }
    if (deviation > 3 || Math.abs(mean) > 0.5 + deviation) {
      throw failure(
        `${name}: the first values of \`${path}\` have mean ${
          number(mean)
        } and standard deviation ${
          number(deviation)
        }; they should lie about 0, with a deviation of 1 at most.`,
        rule,
      );
    }
    const furthest = Math.max(...values.map((value) => Math.abs(value - mean)));
    // A uniform distribution ends at 1.73 standard deviations; this many normal values go beyond 1.9.
    if (values.length > 100 && furthest < 1.9 * deviation) {
      throw failure(`${name}: the first values of \`${path}\` are not normally distributed.`, rule);
    }
  }
}

/** The tokens that reach the first block must have been dropped, at the rate of the options. */
function checkEmbeddingDropout(checked: CheckedModules): void {
  const recorded = tokensBeforeBlocks(checked);
  if (!recorded) return; // blocks that are no modules of their own
  const [still, noisy] = recorded;
  if (still.every((value, i) => Math.abs(value - noisy[i]) < 1e-5)) {
    throw failure(
      `${name}: nothing is dropped from the tokens before the first block in training.`,
      "Likely cause: the dropout after the positions is missing.",
    );
  }
  const zeroShare = noisy.filter((value) => value === 0).length / noisy.length;
  const isScaled = still.every((value, i) =>
    noisy[i] === 0 ||
    Math.abs(noisy[i] - value / (1 - checkedRate)) < 1e-4 * (1 + Math.abs(noisy[i]))
  );
  if (isScaled && Math.abs(zeroShare - checkedRate) < 0.25) return;
  throw failure(
    `${name}: the tokens before the first block are not those of the embedding after a dropout of rate ` +
      `${checkedRate} in training.`,
    zeroShare === 0
      ? "Likely cause: the dropout stands before the class token or the positions; it comes after them."
      : "Likely cause: a fixed rate; use `dropout` of the options.",
  );
}

/** What the first block gets in evaluation and in training. */
function tokensBeforeBlocks(
  checked: CheckedModules,
): [still: Float32Array, noisy: Float32Array] | undefined {
  const { ours, input } = checked;
  const block = moduleAt("blocks.0", checked);
  if (!block) return undefined;
  const { forward } = block;
  const recorded: Float32Array[] = [];
  try {
    for (const training of [false, true]) {
      block.forward = (tokens) => {
        recorded[Number(training)] ??= tokens.dataSync() as Float32Array;
        return forward(tokens);
      };
      ours.setTraining(training);
      evaluate(name, ours, input);
    }
  } finally {
    ours.setTraining(false);
    block.forward = forward;
  }
  return recorded.length === 2 ? [recorded[0], recorded[1]] : undefined;
}

/** In the sizes of the training, too, there must be a row of logits for each image. */
function checkLogits(
  model: Module,
  { imageSize, channels, classes }: { imageSize: number; channels: number; classes: number },
): void {
  const images = tf.zeros([2, imageSize, imageSize, channels]);
  assertShape(evaluate(name, model, images), [2, classes], {
    name: `${name}.forward(images of shape ${shapeText(images.shape)})`,
    axes: ["B", "classes"],
  });
}
