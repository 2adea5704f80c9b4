import * as tf from "../tensor/tf.ts";
import { checkProbability } from "./boxes.ts";
import { imageTransform, type Transform } from "./transform.ts";

/** How often {@link randomHorizontalFlip} flips. */
export interface FlipOptions {
  /** The share of images that are flipped. Default: 0.5. */
  probability?: number;
}

/** Mirrors each image left to right with the given probability, as torchvision's. */
export function randomHorizontalFlip({ probability = 0.5 }: FlipOptions = {}): Transform {
  checkProbability("randomHorizontalFlip", probability);
  return imageTransform((images, random) => {
    const flipped = random.bernoulli([images.shape[0], 1, 1, 1], probability);
    // Factors of 0 and 1 choose exactly, and faster than tf.where, which spreads its condition out.
    return tf.add(
      tf.mul(flipped, tf.reverse(images, 2)),
      tf.mul(tf.sub(1, flipped), images),
    );
  });
}
