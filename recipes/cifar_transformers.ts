import {
  AdamW,
  CrossViT,
  type Module,
  noDecayOnNormsAndBiases,
  type Random,
  VisionTransformer,
  warmupCosine,
} from "../lib/mod.ts";
import { unit5Settings } from "./cifar_resnet18.ts";
import type { Recipe } from "./recipe.ts";

/**
 * One budget for the transformers that unit 5 compares: 20 epochs of AdamW (arXiv 1711.05101) with
 * weight decay 0.05, two epochs of warm-up, then a cosine from 1e-3 to 0; gradients of norm 1 at most.
 */
function transformer(summary: string, model: (random: Random) => Module): Recipe {
  return {
    ...unit5Settings,
    summary: `${summary} on CIFAR-10, 20 epochs`,
    epochs: 20,
    model,
    optimizer: (model) =>
      new AdamW(model, { weightDecay: 0.05, groups: [noDecayOnNormsAndBiases] }),
    schedule: (lengths) => warmupCosine({ learningRate: 1e-3, warmupEpochs: 2, ...lengths }),
    maximumGradientNorm: 1,
  };
}

const visionTransformer = (pool: "class" | "mean") => (random: Random) =>
  new VisionTransformer({
    imageSize: 32,
    channels: 3,
    classes: 10,
    patchSize: 4,
    width: 128,
    mlpWidth: 256,
    heads: 4,
    depth: 6,
    dropout: 0.1,
    pool,
    tokenStandardDeviation: 0.02,
    random,
  });

/**
 * Unit 5, task 3: a Vision Transformer (arXiv 2010.11929) that reads the class from its class token.
 * 811,146 parameters, 58 million multiplications an image.
 */
export const cifarVitClass = transformer(
  "Vision Transformer with class token",
  visionTransformer("class"),
);

/** As {@link cifarVitClass}, reading the class from the mean of all patches: 810,890 parameters. */
export const cifarVitMean = transformer(
  "Vision Transformer with mean pooling",
  visionTransformer("mean"),
);

/**
 * Unit 5, task 4: CrossViT (arXiv 2103.14899) with patches of 4 and of 8, three stages, logits added;
 * sized so that an image costs as much as in {@link cifarVitClass}. 2,846,036 parameters, 56 million
 * multiplications an image.
 */
export const cifarCrossVit = transformer("CrossViT", (random) =>
  new CrossViT({
    imageSize: 32,
    classes: 10,
    small: { patchSize: 4, width: 96, mlpWidth: 192, heads: 3, depth: 1 },
    large: { patchSize: 8, width: 192, mlpWidth: 384, heads: 6, depth: 2 },
    stages: 3,
    dropout: 0.1,
    combine: "sum",
    random,
  }));
