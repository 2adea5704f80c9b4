import {
  AdamW,
  compose,
  constant,
  imageFolder,
  noDecayOnNormsAndBiases,
  normalize,
  type Part,
  randomCrop,
  randomHorizontalFlip,
  ResidualBlock,
  type ResidualBlockOptions,
  ResNet,
  split,
  TransformerBlock,
  type TransformerBlockOptions,
  VisionTransformer,
  warmupCosine,
  writeCifar10Folder,
} from "../lib/mod.ts";
import {
  ResidualBlockV2,
  ResidualBlockV3,
  TransformerBlockV2,
  TransformerBlockV3,
} from "./folder_blocks.ts";
import type { Recipe } from "./recipe.ts";

const toPlusMinusOne = normalize(0.5, 0.5);

/**
 * What unit 4's trainings share: a folder of pictures, here CIFAR-10's (1,000 of each class), crop with 4
 * pixels of padding, flip, batches of 128, AdamW with a constant learning rate of 5e-4 and no weight
 * decay, 20 epochs. Of the folder's validation pictures one half chooses the epoch, the other half tests.
 */
export const unit4Settings = {
  unit: "unit4",
  seed: 42,
  epochs: 20,
  batchSize: 128,
  async load({ seed, limit }) {
    const limitPerClass = limit && Math.ceil(limit / 10);
    const folder = await writeCifar10Folder();
    const { train, validation: all } = await imageFolder(folder, { size: 32, limitPerClass });
    const [validation, test] = split(all, [0.5, 0.5], seed);
    return { train, validation, test };
  },
  transforms: {
    train: compose(randomCrop({ padding: 4 }), randomHorizontalFlip(), toPlusMinusOne),
    evaluation: toPlusMinusOne,
  },
  optimizer: (model) => new AdamW(model, { weightDecay: 0 }),
  schedule: () => constant(5e-4),
} satisfies Partial<Recipe>;

function resNet(summary: string, block: Part<ResidualBlockOptions>): Recipe {
  return {
    ...unit4Settings,
    summary: `${summary} on a folder of pictures, 20 epochs`,
    model: (random) =>
      new ResNet({
        classes: 10,
        stem: "small",
        widths: [32, 64, 128],
        blocks: [1, 1, 1],
        block,
        random,
      }),
  };
}

/**
 * Unit 4, task 2: a residual network of three basic blocks (arXiv 1512.03385) of 32, 64 and 128 channels.
 * 308,650 parameters, 49 million multiplications an image.
 */
export const folderResNet = resNet("Small ResNet", ResidualBlock);

/** Unit 4, task 4: {@link folderResNet} with ReLU before batch normalisation and none after the sum. */
export const folderResNetV2 = resNet("Small ResNet, ReLU before the norms,", ResidualBlockV2);

/** Unit 4, task 4: {@link folderResNet} with the second batch normalisation after the sum. */
export const folderResNetV3 = resNet("Small ResNet, norm after the sum,", ResidualBlockV3);

const vitSizes = {
  imageSize: 32,
  channels: 3,
  classes: 10,
  patchSize: 4,
  width: 96,
  mlpWidth: 192,
  heads: 4,
  depth: 6,
  dropout: 0.1,
};

function vit(summary: string, block: Part<TransformerBlockOptions>): Recipe {
  return {
    ...unit4Settings,
    summary: `${summary} on a folder of pictures, 20 epochs`,
    model: (random) => new VisionTransformer({ ...vitSizes, block, random }),
  };
}

/**
 * Unit 4, task 5: a Vision Transformer (arXiv 2010.11929) of six blocks of width 96, with patches of 4×4.
 * 460,906 parameters, 34 million multiplications an image.
 */
export const folderVit = vit("Vision Transformer", TransformerBlock);

/** Unit 4, task 6: {@link folderVit} with LayerNorm after each sum. */
export const folderVitV2 = vit("Vision Transformer, norm after the sums,", TransformerBlockV2);

/** Unit 4, task 6: {@link folderVit} with LayerNorm between each part and its sum. */
export const folderVitV3 = vit("Vision Transformer, norm before the sums,", TransformerBlockV3);

/**
 * Unit 4, task 7: {@link folderVit} with other settings for as many training samples: batches of 64, two
 * epochs of warm-up, then a cosine from 1e-3 to 0, and weight decay 0.05.
 */
export const folderVitTuned: Recipe = {
  ...vit("Vision Transformer, better settings,", TransformerBlock),
  batchSize: 64,
  optimizer: (model) => new AdamW(model, { weightDecay: 0.05, groups: [noDecayOnNormsAndBiases] }),
  schedule: (lengths) => warmupCosine({ learningRate: 1e-3, warmupEpochs: 2, ...lengths }),
};
