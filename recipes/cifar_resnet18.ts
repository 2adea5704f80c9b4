import { noDecayOnNormsAndBiases, resNet18, SGD, warmupCosine } from "../lib/mod.ts";
import { loadCifar10, toStandard } from "./cifar.ts";
import type { Recipe } from "./recipe.ts";

/** What unit 5's trainings share, its one pipeline: crop with 4 pixels of padding, flip, batches of 128. */
export const unit5Settings = {
  unit: "unit5",
  seed: 42,
  batchSize: 128,
  load: loadCifar10,
  transforms: toStandard,
} satisfies Partial<Recipe>;

/**
 * Unit 5: ResNet-18 (arXiv 1512.03385) in torchvision's layout, whose stem divides height and width by
 * 4, so that images of 32×32 come to the blocks as maps of 8×8. From scratch: crop with 4 pixels of
 * padding and flip, SGD with momentum 0.9 and weight decay 5e-4, batches of 128, one epoch of warm-up,
 * then a cosine from 0.1 to 0; 60 epochs. 11,181,642 parameters, 37 million multiplications an image.
 */
export const cifarResNet18: Recipe = {
  ...unit5Settings,
  summary: "ResNet-18 on CIFAR-10, 60 epochs",
  reference: "test 0.85",
  epochs: 60,
  model: (random) => resNet18({ classes: 10, random }),
  optimizer: (model) =>
    new SGD(model, { momentum: 0.9, weightDecay: 5e-4, groups: [noDecayOnNormsAndBiases] }),
  schedule: (lengths) => warmupCosine({ learningRate: 0.1, warmupEpochs: 1, ...lengths }),
};
