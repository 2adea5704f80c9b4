import {
  Adam,
  compose,
  constant,
  kaimingUniform,
  multiStep,
  noDecayOnNormsAndBiases,
  perEpoch,
  randomCrop,
  randomHorizontalFlip,
  SGD,
  smallResNet,
  warmupCosine,
} from "../lib/mod.ts";
import { toPlusMinusOne } from "./cifar.ts";
import { unit2Settings } from "./cifar_cnn.ts";
import type { Recipe } from "./recipe.ts";

/**
 * Unit 2, task 6: the residual network of depth 8 for images of 32×32 (arXiv 1512.03385, section 4.2,
 * n = 1) with Adam at 5e-4 and weight decay 1e-4 (L2), 50 epochs. 75,290 parameters, 12.2 million
 * multiplications an image.
 *
 * Its first values are those of a learner's own network, PyTorch's default. The paper's (arXiv
 * 1502.01852) are about 2.4 times as large, and training goes more slowly from there: a step of Adam has
 * the same size whatever a weight's, and batch normalisation undoes the weights' common scale.
 *
 * The reference is of epoch 9, so this training paused there (`--epochs 9`) to be measured: 0.7345 of
 * the training images, 0.7205 of the test images; `train.log` beside the weights has both.
 */
export const cifarResNet8: Recipe = {
  ...unit2Settings,
  summary: "ResNet-8 on CIFAR-10, 50 epochs, constant learning rate",
  reference: "after 9 epochs: train 0.71, test 0.69",
  epochs: 50,
  model: (random) =>
    smallResNet({ depth: 8, classes: 10, weightInitializer: kaimingUniform, random }),
  optimizer: (model) => new Adam(model, { weightDecay: 1e-4 }),
  schedule: () => constant(5e-4),
};

/**
 * Unit 2, task 7: {@link cifarResNet8} with the learning rate divided by 10 after three fifths and after
 * five sixths of the epochs (epochs 30 and 42 of 50). Up to the first drop both trainings are one: this
 * one went on from the other's checkpoint of epoch 30.
 */
export const cifarResNet8Decay: Recipe = {
  ...cifarResNet8,
  summary: "ResNet-8 on CIFAR-10, 50 epochs, learning rate divided by 10 twice",
  reference: "test 0.80",
  schedule: ({ epochs, stepsPerEpoch }) => {
    const milestones = [3 / 5, 5 / 6].map((share) => Math.round(share * epochs));
    return perEpoch(multiStep({ learningRate: 5e-4, milestones }), stepsPerEpoch);
  },
};

/**
 * The residual network of depth 20 (arXiv 1512.03385, section 4.2, n = 3), with the paper's
 * augmentation (crop with 4 pixels of padding, flip), batches of 128 and SGD with momentum 0.9. Where
 * the paper takes 164 epochs of a stepwise learning rate and weight decay 1e-4, this takes 50 of a
 * cosine and 5e-4 (not on norms and biases). 269,722 parameters, 40.6 million multiplications an
 * image; the paper reports 91.25 % test accuracy.
 */
export const cifarResNet20: Recipe = {
  ...unit2Settings,
  summary: "ResNet-20 on CIFAR-10, 50 epochs",
  reference: "test 0.90; 0.9125 in arXiv 1512.03385 (164 epochs)",
  epochs: 50,
  batchSize: 128,
  transforms: {
    train: compose(randomCrop({ padding: 4 }), randomHorizontalFlip(), toPlusMinusOne),
    evaluation: toPlusMinusOne,
  },
  model: (random) => smallResNet({ depth: 20, classes: 10, random }),
  optimizer: (model) =>
    new SGD(model, { momentum: 0.9, weightDecay: 5e-4, groups: [noDecayOnNormsAndBiases] }),
  schedule: (lengths) => warmupCosine({ learningRate: 0.1, warmupEpochs: 1, ...lengths }),
};
