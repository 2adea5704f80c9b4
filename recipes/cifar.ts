import {
  cifar10,
  cifar10Colors,
  compose,
  normalize,
  randomCrop,
  randomHorizontalFlip,
  split,
} from "../lib/mod.ts";
import type { Splits } from "./recipe.ts";

/** The part of CIFAR-10's training images that is not trained on: 5,000 of 50,000, as in arXiv 1512.03385. */
const validationShare = 5_000 / 50_000;

/** Unit 2 normalises all images alike, from 0…1 to −1…1. */
export const toPlusMinusOne = normalize(0.5, 0.5);

const standardized = normalize(cifar10Colors.mean, cifar10Colors.standardDeviation);

/** Units 3 and 5: crop with 4 pixels of padding, flip, each channel to mean 0 and standard deviation 1. */
export const toStandard = {
  train: compose(randomCrop({ padding: 4 }), randomHorizontalFlip(), standardized),
  evaluation: standardized,
};

/** CIFAR-10's 45,000 training, 5,000 validation and 10,000 test images. */
export async function loadCifar10(
  { seed, limit }: { seed: number; limit?: number },
): Promise<Splits> {
  const { train: all, test } = await cifar10({ limit });
  const validationSize = Math.round(all.size * validationShare);
  const [train, validation] = split(all, [all.size - validationSize, validationSize], seed);
  return { train, validation, test };
}
