import * as tf from "../tensor/tf.ts";

/** How much red, green and blue count in a grey value, as in torchvision. */
const GRAY_WEIGHTS = [0.2989, 0.587, 0.114];

/**
 * Images with each channel as one plane, `[B, height, width, C] → [B, C, pixels]`: arithmetic between
 * channels is twice as fast there.
 */
export function planesOf(images: tf.Tensor4D): tf.Tensor3D {
  const [batch, height, width, channels] = images.shape;
  const pixels = tf.reshape(images, [batch, height * width, channels]);
  return (channels === 1
    ? tf.reshape(pixels, [batch, 1, height * width])
    : tf.transpose(pixels, [0, 2, 1])) as tf.Tensor3D;
}

/** Images of this shape again, `[B, C, pixels] → [B, height, width, C]`. */
export function imagesOf(planes: tf.Tensor, shape: tf.Tensor4D["shape"]): tf.Tensor4D {
  return tf.reshape(shape[3] === 1 ? planes : tf.transpose(planes, [0, 2, 1]), shape);
}

/** The grey plane, `[B, C, pixels] → [B, 1, pixels]`; one channel stays as it is. */
export function gray(planes: tf.Tensor3D): tf.Tensor3D {
  if (planes.shape[1] === 1) return planes;
  const parts = threePlanes(planes).map((plane, index) => tf.mul(plane, GRAY_WEIGHTS[index]));
  return parts.reduce((sum, part) => tf.add(sum, part)) as tf.Tensor3D;
}

/** Each image's mean: `[B, C, pixels] → [B, 1, 1]`. */
export function meanOf(planes: tf.Tensor3D): tf.Tensor3D {
  return tf.mean(planes, [1, 2], true) as tf.Tensor3D;
}

/**
 * Goes from `other` towards the planes, or past them where the factor is above 1, within 0 and 255:
 * `factor · planes + (1 − factor) · other`. Factors are `[B, 1, 1]`.
 */
export function blend(
  planes: tf.Tensor3D,
  other: tf.Tensor | number,
  factor: tf.Tensor,
): tf.Tensor3D {
  const own = tf.mul(planes, factor);
  const mixed = other === 0 ? own : tf.add(own, tf.mul(other, tf.sub(1, factor)));
  return tf.clipByValue(mixed, 0, 255) as tf.Tensor3D;
}

/**
 * Turns every colour on the wheel by a share of it (−½ to ½, `[B, 1, 1]`), keeping saturation and value:
 * torchvision's `adjust_hue`. One channel has no hue and stays as it is.
 */
export function turnHue(planes: tf.Tensor3D, share: tf.Tensor): tf.Tensor3D {
  if (planes.shape[1] === 1) return planes;
  const [red, green, blue] = threePlanes(planes);
  const value = tf.maximum(tf.maximum(red, green), blue);
  const range = tf.sub(value, tf.minimum(tf.minimum(red, green), blue)); // saturation · value
  // How far each channel lies below the largest, as a share of the range. Grey has range 0 and no hue;
  // whatever comes out for it is multiplied by 0 below.
  const below = tf.div(tf.sub(value, planes), tf.maximum(range, 1e-6)) as tf.Tensor3D;
  const [belowRed, belowGreen, belowBlue] = threePlanes(below);
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
  const sum = tf.add(turned, tf.tensor3d([5, 3, 1], [1, 3, 1]));
  const place = tf.sub(sum, tf.mul(6, tf.floor(tf.div(sum, 6)))); // tf.mod takes ten times as long
  const missing = tf.clipByValue(tf.minimum(place, tf.sub(4, place)), 0, 1);
  return tf.sub(value, tf.mul(range, missing)) as tf.Tensor3D;
}

function threePlanes(planes: tf.Tensor3D): tf.Tensor3D[] {
  if (planes.shape[1] === 3) return tf.split(planes, 3, 1);
  throw new RangeError(`Colours need 1 or 3 channels, but these images have ${planes.shape[1]}`);
}
