import * as tf from "../tensor/tf.ts";

/** How much red, green and blue count in a grey value, as in torchvision. */
const GRAY_WEIGHTS = [0.2989, 0.587, 0.114];

/** The grey picture, `[B, height, width, C] → [B, height, width, 1]`; one channel stays as it is. */
export function gray(images: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  if (channels === 1) return images;
  checkChannels(images);
  const weights = tf.tensor2d(GRAY_WEIGHTS, [3, 1]);
  const values = tf.matMul(tf.reshape(images, [-1, 3]), weights);
  return tf.reshape(values, [batch, height, width, 1]);
}

/** Each image's mean: `[B, height, width, C] → [B, 1, 1, 1]`. */
export function meanOf(images: tf.Tensor4D): tf.Tensor4D {
  return tf.mean(images, [1, 2, 3], true) as tf.Tensor4D;
}

/**
 * Goes from `other` towards the image, or past it where the factor is above 1, within 0 and 255:
 * `factor · image + (1 − factor) · other`. Factors are `[B, 1, 1, 1]`.
 */
export function blend(images: tf.Tensor, other: tf.Tensor | number, factor: tf.Tensor): tf.Tensor {
  const own = tf.mul(images, factor);
  const mixed = other === 0 ? own : tf.add(own, tf.mul(other, tf.sub(1, factor)));
  return tf.clipByValue(mixed, 0, 255);
}

/**
 * Turns every colour on the wheel by a share of it (−½ to ½, `[B, 1, 1, 1]`), keeping saturation and
 * value: torchvision's `adjust_hue`. One channel has no hue and stays as it is.
 */
export function turnHue(images: tf.Tensor4D, share: tf.Tensor): tf.Tensor4D {
  if (images.shape[3] === 1) return images;
  checkChannels(images);
  const value = tf.max(images, 3, true);
  const range = tf.sub(value, tf.min(images, 3, true)); // saturation · value
  const [red, green] = tf.split(images, 3, 3);
  // How far each channel lies below the largest, as a share of the range; grey divides by 1.
  const below = tf.div(
    tf.sub(value, images),
    tf.add(range, tf.cast(tf.equal(range, 0), "float32")),
  );
  const [belowRed, belowGreen, belowBlue] = tf.split(below, 3, 3);
  const sixths = tf.where(
    tf.equal(red, value),
    tf.sub(belowBlue, belowGreen),
    tf.where(
      tf.equal(green, value),
      tf.add(2, tf.sub(belowRed, belowBlue)),
      tf.add(4, tf.sub(belowGreen, belowRed)),
    ),
  );
  // Back to colours: channel n is value − range · clip(min(k, 4 − k), 0, 1), k = (n + hue) mod 6.
  const turned = tf.add(sixths, tf.mul(share, 6));
  const place = tf.mod(tf.add(turned, tf.tensor1d([5, 3, 1])), 6);
  const share3 = tf.clipByValue(tf.minimum(place, tf.sub(4, place)), 0, 1);
  return tf.sub(value, tf.mul(range, share3)) as tf.Tensor4D;
}

function checkChannels(images: tf.Tensor4D): void {
  if (images.shape[3] === 3) return;
  throw new RangeError(`Colours need 1 or 3 channels, but these images have ${images.shape[3]}`);
}
