import {
  Adam,
  ConcatenatedHeads,
  SinusoidalPositions,
  VisionTransformer,
  warmupCosine,
} from "../lib/mod.ts";
import { unit2Settings } from "./cifar_cnn.ts";
import type { Recipe } from "./recipe.ts";

/**
 * Unit 2, task 13: a Vision Transformer (arXiv 2010.11929) of the parts that the unit builds: patches of
 * 4×4, sinusoidal positions and attention of concatenated heads (arXiv 1706.03762). Adam at 5e-4, one
 * epoch of warm-up, then a cosine to 0; 12 epochs. 802,826 parameters, 58 million multiplications an image.
 */
export const cifarVit: Recipe = {
  ...unit2Settings,
  summary: "Vision Transformer on CIFAR-10, 12 epochs",
  reference: "test 0.50",
  epochs: 12,
  model: (random) =>
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
      positionEncoding: SinusoidalPositions,
      attention: ConcatenatedHeads,
      random,
    }),
  optimizer: (model) => new Adam(model),
  schedule: (lengths) => warmupCosine({ learningRate: 5e-4, warmupEpochs: 1, ...lengths }),
};
