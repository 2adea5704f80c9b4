import * as tf from "../tensor/tf.ts";
import { imageTransform, type Transform } from "./transform.ts";

/**
 * Scales bytes to 0…1, subtracts the mean and divides by the standard deviation, both given for
 * images in 0…1, as one number or one a channel: `[B, height, width, C] → [B, height, width, C]`.
 *
 * Throws a `RangeError` for a standard deviation that is not above 0.
 */
export function normalize(
  mean: number | readonly number[],
  standardDeviation: number | readonly number[],
): Transform {
  const means = [mean].flat();
  const deviations = [standardDeviation].flat();
  if (means.length !== deviations.length) {
    throw new RangeError(
      `normalize: ${means.length} means, but ${deviations.length} standard deviations`,
    );
  }
  for (const deviation of deviations) {
    if (!(deviation > 0)) {
      throw new RangeError(`normalize: standard deviation ${deviation} is not above 0`);
    }
  }
  // (x / 255 − mean) / deviation, as one multiplication and one addition.
  const scale = deviations.map((deviation) => 1 / (255 * deviation));
  const shift = means.map((each, channel) => -each / deviations[channel]);
  return imageTransform((images) => {
    const channels = images.shape[3];
    if (scale.length !== 1 && scale.length !== channels) {
      throw new RangeError(`normalize: ${scale.length} means for images of ${channels} channels`);
    }
    return tf.add(tf.mul(images, tf.tensor1d(scale)), tf.tensor1d(shift));
  });
}
