import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";
import { blend, gray, meanOf, turnHue } from "./color.ts";
import type { Range } from "./boxes.ts";
import { imageTransform, type Transform } from "./transform.ts";

export interface ColorJitterOptions {
  /** The factor's range, or how far it may be from 1. Default: 0, unchanged. */
  brightness?: number | Range;
  contrast?: number | Range;
  saturation?: number | Range;
  /** The turn of the colour wheel, or how large it may be either way, at most ½. Default: 0. */
  hue?: number | Range;
}

type Change = "brightness" | "contrast" | "saturation" | "hue";

/**
 * Changes brightness, contrast, saturation and hue of images in 0…255 by random factors, one set and
 * one order of the four for each image: torchvision's `ColorJitter`.
 *
 * Throws a `RangeError` for ranges that are none.
 */
export function colorJitter(options: ColorJitterOptions = {}): Transform {
  const ranges = new Map<Change, Range>();
  for (const change of ["brightness", "contrast", "saturation", "hue"] as const) {
    const range = rangeOf(change, options[change] ?? 0);
    const unchanged = change === "hue" ? 0 : 1;
    if (range[0] !== unchanged || range[1] !== unchanged) ranges.set(change, range);
  }
  return imageTransform((images, random) => {
    if (ranges.size === 0) return images;
    const batch = images.shape[0];
    const factors = new Map<Change, tf.Tensor>();
    for (const [change, range] of ranges) {
      factors.set(change, random.uniform([batch, 1, 1, 1], ...range));
    }
    return jitter(images, factors, randomOrders(batch, ranges.size, random));
  });
}

/** For each image the place, 0 to `count` − 1, of each of `count` changes: `[B, count]`. */
export function randomOrders(batch: number, count: number, random: Random): tf.Tensor2D {
  const draws = random.uniform([batch, count]);
  const smaller = tf.less(
    tf.reshape(draws, [batch, 1, count]),
    tf.reshape(draws, [batch, count, 1]),
  );
  return tf.sum(tf.cast(smaller, "float32"), 2) as tf.Tensor2D;
}

/**
 * Makes the changes, each by its factor `[B, 1, 1, 1]`, in each image's own order.
 *
 * In every turn an image undergoes the one change whose turn it is. Brightness, contrast and saturation
 * blend with black, with the mean and with the grey picture: one blend with a mixture serves all three.
 */
export function jitter(
  images: tf.Tensor4D,
  factors: ReadonlyMap<Change, tf.Tensor>,
  orders: tf.Tensor2D,
): tf.Tensor4D {
  const places = tf.split(orders, factors.size, 1).map((place) => tf.reshape(place, [-1, 1, 1, 1]));
  const names = [...factors.keys()];
  let current = images;
  for (let turn = 0; turn < factors.size; turn++) {
    /** 1 for the images where it is this change's turn. */
    const turnOf = (change: Change) => {
      const index = names.indexOf(change);
      return index < 0 ? undefined : tf.cast(tf.equal(places[index], turn), "float32");
    };
    const hueTurn = turnOf("hue");
    const blended = blendInTurn(current, factors, turnOf);
    current = hueTurn ? turnHue(blended, tf.mul(hueTurn, factors.get("hue")!)) : blended;
  }
  return current;
}

function blendInTurn(
  images: tf.Tensor4D,
  factors: ReadonlyMap<Change, tf.Tensor>,
  turnOf: (change: Change) => tf.Tensor | undefined,
): tf.Tensor4D {
  // 1 + Σ turn · (factor − 1): the factor of the change whose turn it is, 1 where it is the hue's.
  let factor: tf.Tensor = tf.scalar(1);
  for (const change of ["brightness", "contrast", "saturation"] as const) {
    const turn = turnOf(change);
    if (turn) factor = tf.add(factor, tf.mul(turn, tf.sub(factors.get(change)!, 1)));
  }
  const [contrast, saturation] = [turnOf("contrast"), turnOf("saturation")];
  if (!contrast && !saturation) {
    return factors.has("brightness") ? blend(images, 0, factor) as tf.Tensor4D : images;
  }
  const grayImages = gray(images);
  const others: tf.Tensor[] = [];
  if (contrast) others.push(tf.mul(contrast, meanOf(grayImages)));
  if (saturation) others.push(tf.mul(saturation, grayImages));
  return blend(images, others.reduce((sum, other) => tf.add(sum, other)), factor) as tf.Tensor4D;
}

function rangeOf(change: Change, given: number | Range): Range {
  const center = change === "hue" ? 0 : 1;
  let range = typeof given === "number" ? [center - given, center + given] as const : given;
  if (change !== "hue" && typeof given === "number") range = [Math.max(0, range[0]), range[1]];
  const [low, high] = range;
  const [least, most] = change === "hue" ? [-0.5, 0.5] : [0, Infinity];
  if (!(low >= least && high >= low && high <= most)) {
    throw new RangeError(
      `colorJitter: ${change} from ${low} to ${high} is not a range within ${least} and ${most}`,
    );
  }
  return range;
}
