import {
  Adam,
  compose,
  constant,
  PlainCnn,
  type PlainCnnOptions,
  randomAffine,
  randomHorizontalFlip,
} from "../lib/mod.ts";
import { loadCifar10, toPlusMinusOne } from "./cifar.ts";
import type { Recipe } from "./recipe.ts";

/**
 * What the trainings with unit 2's settings share: shifts of up to a tenth of the image, scaling by
 * 0.9 to 1.1, the horizontal flip, and batches of 64.
 */
export const unit2Settings = {
  unit: "unit2",
  seed: 42,
  batchSize: 64,
  load: loadCifar10,
  transforms: {
    train: compose(
      randomAffine({ translate: [0.1, 0.1], scale: [0.9, 1.1] }),
      randomHorizontalFlip(),
      toPlusMinusOne,
    ),
    evaluation: toPlusMinusOne,
  },
} satisfies Partial<Recipe>;

/** A network of unit 2's first notebook: 20 epochs of Adam (arXiv 1412.6980), learning rate 5e-4. */
function cnn(summary: string, options: Omit<PlainCnnOptions, "classes" | "random">): Recipe {
  return {
    ...unit2Settings,
    summary: `${summary} on CIFAR-10, 20 epochs`,
    epochs: 20,
    model: (random) => new PlainCnn({ ...options, classes: 10, random }),
    optimizer: (model) => new Adam(model),
    schedule: () => constant(5e-4),
  };
}

/**
 * Unit 2, task 2: two 3×3 convolutions of 64 channels with ReLU and max-pooling, then two linear
 * maps. 301,578 parameters, 11.5 million multiplications an image.
 */
export const cifarPlainCnn = cnn("Plain CNN", {});

/**
 * Unit 2, task 3: {@link cifarPlainCnn} with batch normalisation (arXiv 1502.03167) before each ReLU
 * of a convolution. 301,706 parameters, 11.5 million multiplications an image.
 */
export const cifarNormalisedCnn = cnn("CNN with batch normalisation", { normalised: true });

/**
 * Unit 2, task 4: {@link cifarNormalisedCnn} with convolutions of stride 2 in place of pooling ("Striving
 * for Simplicity", arXiv 1412.6806). 301,706 parameters, 3.1 million multiplications an image.
 */
export const cifarStridedCnn = cnn("Strided CNN", { normalised: true, halving: "stride" });

/**
 * Unit 2, task 5: three strided convolutions, global average pooling ("Network in Network", arXiv
 * 1312.4400) and one linear map. 76,490 parameters, 3.4 million multiplications an image.
 */
export const cifarPooledCnn = cnn("CNN with global average pooling", {
  normalised: true,
  halving: "stride",
  head: "mean",
});
