import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";
import {
  type Boxes,
  boxMask,
  checkProbability,
  checkRange,
  randomBoxes,
  type Range,
} from "./boxes.ts";
import { imageTransform, type Transform } from "./transform.ts";

/** How often and how large {@link randomErasing} erases. */
export interface ErasingOptions {
  /** The share of images that lose a box. Default: 0.5. */
  probability?: number;
  /** The box's share of the image's area, uniform. Default: 0.02 to 0.33. */
  scale?: Range;
  /** The box's height over its width, log-uniform. Default: 0.3 to 3.3. */
  aspect?: Range;
  /** What the box is filled with: a number, or normally distributed noise a value. Default: 0. */
  value?: number | "random";
}

/**
 * Overwrites a random box in each image with the given probability: torchvision's `RandomErasing`.
 * Meant to follow `normalize`, where 0 is the mean.
 *
 * Zhong et al., "Random Erasing Data Augmentation", arXiv 1708.04896.
 */
export function randomErasing(options: ErasingOptions = {}): Transform {
  const { probability = 0.5, scale = [0.02, 0.33], aspect = [0.3, 3.3], value = 0 } = options;
  checkProbability("randomErasing", probability);
  checkRange("randomErasing: scale", scale);
  checkRange("randomErasing: aspect", aspect);
  return imageTransform((images, random) => {
    const boxes = randomErasedBoxes(images.shape, random, { scale, aspect });
    const erased = random.bernoulli([images.shape[0]], probability);
    const height = tf.mul(boxes.height, erased) as tf.Tensor1D;
    const noise = value === "random" ? random.normal(images.shape) : value;
    return erase(images, { ...boxes, height }, noise);
  });
}

/** Draws `randomErasing`'s boxes for images `[B, height, width, …]`; an empty one where none fits. */
export function randomErasedBoxes(
  shape: readonly number[],
  random: Random,
  { scale, aspect }: { scale: Range; aspect: Range },
): Boxes {
  const [, height, width] = shape;
  return randomBoxes(shape, random, {
    scale,
    // A box's aspect is width over height here.
    aspect: [1 / aspect[1], 1 / aspect[0]],
    largest: [height - 1, width - 1],
    otherwise: [0, 0],
  });
}

/** Overwrites one box in each image. */
export function erase(images: tf.Tensor4D, boxes: Boxes, value: number | tf.Tensor): tf.Tensor4D {
  const [, height, width] = images.shape;
  const mask = boxMask(boxes, [height, width]);
  const kept = tf.mul(images, tf.sub(1, mask));
  return (value === 0 ? kept : tf.add(kept, tf.mul(mask, value))) as tf.Tensor4D;
}
