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

/** Keeps the highest bits: multiples of `step`, a power of 2 (`[B, 1, 1]`). */
export function posterize(planes: tf.Tensor, step: tf.Tensor): tf.Tensor {
  return tf.mul(tf.floor(tf.div(planes, step)), step);
}

/** Inverts every value from the threshold (`[B, 1, 1]`) on. */
export function solarize(planes: tf.Tensor, threshold: tf.Tensor): tf.Tensor3D {
  const inverted = tf.cast(tf.greaterEqual(planes, threshold), "float32");
  return choose(inverted, tf.sub(255, planes), planes);
}

/** Stretches each plane of `[B, C, pixels]` to 0…255; one of a single value stays. */
export function autocontrast(planes: tf.Tensor3D): tf.Tensor3D {
  const least = tf.min(planes, 2, true);
  const most = tf.max(planes, 2, true);
  const range = tf.sub(most, least);
  const flat = tf.cast(tf.equal(range, 0), "float32");
  const scale = tf.div(255, tf.add(range, tf.mul(flat, 255))); // 1 where flat
  const start = tf.mul(least, tf.sub(1, flat)); // 0 where flat
  const stretched = tf.floor(tf.mul(tf.sub(planes, start), scale));
  return tf.clipByValue(stretched, 0, 255) as tf.Tensor3D;
}

/**
 * Equalizes the histogram of each plane of `[B, C, pixels]`, as Pillow and torchvision do: a value becomes
 * the number of pixels below it, in steps that spread all but the largest value over 0…255.
 */
export function equalize(planes: tf.Tensor3D): tf.Tensor3D {
  const [batch, channels, pixels] = planes.shape;
  const histograms = batch * channels;
  // Which bin of its plane's 256 each value counts in.
  // In floats, which hold the bins exactly: a graphics card does not reckon with whole numbers.
  const values = tf.floor(tf.reshape(planes, [histograms, pixels]));
  const firstBins = tf.tensor2d(Array.from({ length: histograms }, (_, at) => [256 * at]));
  const bins = tf.cast(tf.reshape(tf.add(values, firstBins), [-1]), "int32") as tf.Tensor1D;
  const ones = tf.onesLike(tf.reshape(planes, [-1])) as tf.Tensor1D;
  const counts = tf.bincount(bins, ones, histograms * 256).reshape([histograms, 256]);
  const below = tf.cumsum(counts, 1, true);
  const most = tf.max(planes, 2, true);
  const largest = tf.sum(tf.cast(tf.equal(planes, most), "float32"), 2);
  const step = tf.floor(tf.div(tf.sub(pixels, largest), 255)).reshape([histograms, 1]);
  const half = tf.floor(tf.div(step, 2));
  const table = tf.floor(tf.div(tf.add(below, half), tf.maximum(step, 1)));
  // Too few values to spread: every value stays.
  const same = tf.cast(tf.equal(step, 0), "float32");
  const chosen = choose(same, tf.range(0, 256), tf.clipByValue(table, 0, 255));
  return tf.reshape(tf.gather(tf.reshape(chosen, [-1]), bins), planes.shape);
}

/** `yes` where there is 1, `no` where there is 0. */
export function choose(one: tf.Tensor, yes: tf.Tensor, no: tf.Tensor): tf.Tensor3D {
  return tf.add(tf.mul(one, yes), tf.mul(tf.sub(1, one), no)) as tf.Tensor3D;
}
