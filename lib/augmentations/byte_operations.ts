import * as tf from "../tensor/tf.ts";

/**
 * The image with each inner pixel as the mean of its 3×3 neighbourhood, itself counted five times,
 * rounded: what torchvision's `adjust_sharpness` blends with. Border pixels stay.
 */
export function blur(images: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = images.shape;
  if (height < 3 || width < 3) return images;
  const inner = tf.avgPool(images, 3, 1, "valid"); // the plain mean of nine
  const center = tf.slice(images, [0, 1, 1, 0], [-1, height - 2, width - 2, -1]);
  const mean = tf.round(tf.div(tf.add(tf.mul(inner, 9), tf.mul(center, 4)), 13));
  const rows = [
    tf.slice(images, [0, 1, 0, 0], [-1, height - 2, 1, -1]),
    mean,
    tf.slice(images, [0, 1, width - 1, 0], [-1, height - 2, 1, -1]),
  ];
  return tf.concat([
    tf.slice(images, [0, 0, 0, 0], [-1, 1, -1, -1]),
    tf.concat(rows, 2),
    tf.slice(images, [0, height - 1, 0, 0], [-1, 1, -1, -1]),
  ], 1) as tf.Tensor4D;
}

/** Keeps the highest bits: multiples of `step` (8 − bits as a power of 2, `[B, 1, 1, 1]`). */
export function posterize(images: tf.Tensor, step: tf.Tensor): tf.Tensor {
  return tf.mul(tf.floor(tf.div(images, step)), step);
}

/** Inverts every value from the threshold (`[B, 1, 1, 1]`) on. */
export function solarize(images: tf.Tensor, threshold: tf.Tensor): tf.Tensor {
  return tf.where(tf.greaterEqual(images, threshold), tf.sub(255, images), images);
}

/** Stretches each channel of each image to 0…255; a channel of one value stays. */
export function autocontrast(images: tf.Tensor4D): tf.Tensor {
  const least = tf.min(images, [1, 2], true);
  const most = tf.max(images, [1, 2], true);
  const range = tf.sub(most, least);
  const flat = tf.cast(tf.equal(range, 0), "float32");
  const scale = tf.div(255, tf.add(range, tf.mul(flat, 255))); // 1 where flat
  const start = tf.mul(least, tf.sub(1, flat)); // 0 where flat
  return tf.clipByValue(tf.floor(tf.mul(tf.sub(images, start), scale)), 0, 255);
}

/**
 * Equalizes the histogram of each channel of each image, as Pillow and torchvision do: a value becomes
 * the number of pixels below it, in steps that spread all but the largest value over 0…255.
 */
export function equalize(images: tf.Tensor4D): tf.Tensor {
  const [batch, height, width, channels] = images.shape;
  const pixels = height * width;
  const histograms = batch * channels;
  // Which histogram, and which of its 256 bins, each value counts in.
  const firstBins = tf.range(0, histograms * 256, 256, "int32").reshape([batch, 1, channels]);
  const values = tf.reshape(tf.cast(images, "int32"), [batch, pixels, channels]);
  const bins = tf.reshape(tf.add(values, firstBins), [-1]) as tf.Tensor1D;
  const ones = tf.ones([bins.shape[0]]) as tf.Tensor1D;
  const counts = tf.unsortedSegmentSum(ones, bins, histograms * 256).reshape([histograms, 256]);
  const below = tf.cumsum(counts, 1, true);
  const most = tf.max(images, [1, 2], true);
  const largest = tf.sum(tf.cast(tf.equal(images, most), "float32"), [1, 2]); // [B, C]
  const step = tf.floor(tf.div(tf.sub(pixels, largest), 255)).reshape([histograms, 1]);
  const half = tf.floor(tf.div(step, 2));
  const table = tf.floor(tf.div(tf.add(below, half), tf.maximum(step, 1)));
  // Too few values to spread: every value stays.
  const same = tf.cast(tf.equal(step, 0), "float32");
  const chosen = tf.add(tf.mul(table, tf.sub(1, same)), tf.mul(tf.range(0, 256), same));
  const looked = tf.gather(tf.reshape(tf.clipByValue(chosen, 0, 255), [-1]), bins);
  return tf.reshape(looked, images.shape);
}
