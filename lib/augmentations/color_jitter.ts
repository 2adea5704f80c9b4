import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";
import type { Range } from "./boxes.ts";
import { blend, gray, imagesOf, meanOf, planesOf, turnHue } from "./color.ts";
import { imageTransform, type Transform } from "./transform.ts";

/** How far {@link colorJitter} changes colours. */
export interface ColorJitterOptions {
  /** The factor's range, or how far it may be from 1. Default: 0, unchanged. */
  brightness?: number | Range;
  contrast?: number | Range;
  saturation?: number | Range;
  /** The turn of the colour wheel, or how large it may be either way, at most ½. Default: 0. */
  hue?: number | Range;
}

export type ColorChange = keyof ColorJitterOptions;

/**
 * Changes brightness, contrast, saturation and hue of images in 0…255 by random factors, one set and
 * one order of the four for each image: torchvision's `ColorJitter`.
 *
 * Throws a `RangeError` for ranges that are none.
 */
export function colorJitter(options: ColorJitterOptions = {}): Transform {
  const ranges = new Map<ColorChange, Range>();
  for (const change of ["brightness", "contrast", "saturation", "hue"] as const) {
    const range = rangeOf(change, options[change] ?? 0);
    const unchanged = change === "hue" ? 0 : 1;
    if (range[0] !== unchanged || range[1] !== unchanged) ranges.set(change, range);
  }
  return imageTransform((images, random) => {
    if (ranges.size === 0) return images;
    const batch = images.shape[0];
    const factors = new Map<ColorChange, tf.Tensor>();
    for (const [change, range] of ranges) {
      factors.set(change, random.uniform([batch, 1, 1], ...range));
    }
    return jitter(images, factors, randomOrders(batch, ranges.size, random));
  });
}

/** For each image the place, 0 to `count` − 1, of each of `count` changes: `[B, count]`. */
export function randomOrders(batch: number, count: number, random: Random): tf.Tensor2D {
  const draws = random.uniform([batch, count]);
  const [own, others] = [[batch, count, 1], [batch, 1, count]].map((shape) =>
    tf.reshape(draws, shape)
  );
  return tf.sum(tf.cast(tf.less(others, own), "float32"), 2) as tf.Tensor2D;
}

/**
 * Makes the changes, each by its factor `[B, 1, 1]`, in each image's own order: `orders` holds the place
 * of each change, `[B, changes]`.
 *
 * Turn after turn, every image undergoes the change whose turn it is; as the hue is the costliest, it
 * has one turn for all, after the changes that come before it and before those that come after it.
 */
export function jitter(
  images: tf.Tensor4D,
  factors: ReadonlyMap<ColorChange, tf.Tensor>,
  orders: tf.Tensor2D,
): tf.Tensor4D {
  const places = new Map<ColorChange, tf.Tensor>();
  tf.split(orders, factors.size, 1).forEach((place, index) => {
    places.set([...factors.keys()][index], tf.reshape(place, [-1, 1, 1]));
  });
  const hue = factors.get("hue");
  const huePlace = places.get("hue");
  let planes = planesOf(images);
  for (const beforeHue of hue ? [true, false] : [true]) {
    for (let turn = 0; turn < factors.size; turn++) {
      planes = blendInTurn(planes, factors, (change) => {
        const place = places.get(change)!;
        const itsTurn = tf.equal(place, turn);
        if (!huePlace) return tf.cast(itsTurn, "float32");
        const side = beforeHue ? tf.less(place, huePlace) : tf.greater(place, huePlace);
        return tf.cast(tf.logicalAnd(itsTurn, side), "float32");
      });
    }
    if (hue && beforeHue) planes = turnHue(planes, hue);
  }
  return imagesOf(planes, images.shape);
}

/**
 * Changes the images whose turn it is (1, the others 0: `[B, 1, 1]`) and leaves the others. Brightness,
 * contrast and saturation blend with black, with the mean grey and with the grey picture: one blend with
 * a mixture serves all three.
 */
function blendInTurn(
  planes: tf.Tensor3D,
  factors: ReadonlyMap<ColorChange, tf.Tensor>,
  turnOf: (change: ColorChange) => tf.Tensor,
): tf.Tensor3D {
  let factor: tf.Tensor | undefined;
  const others: tf.Tensor[] = [];
  const grayPlane = factors.has("contrast") || factors.has("saturation") ? gray(planes) : undefined;
  for (const [change, own] of factors) {
    if (change === "hue") continue;
    const turn = turnOf(change);
    // 1 + Σ turn · (own − 1): the factor of the change whose turn it is.
    factor = tf.add(factor ?? 1, tf.mul(turn, tf.sub(own, 1)));
    if (change === "contrast") others.push(tf.mul(turn, meanOf(grayPlane!)));
    if (change === "saturation") others.push(tf.mul(turn, grayPlane!));
  }
  if (!factor) return planes;
  const other = others.length === 0 ? 0 : others.reduce((sum, each) => tf.add(sum, each));
  return blend(planes, other, factor);
}

function rangeOf(change: ColorChange, given: number | Range): Range {
  const isHue = change === "hue";
  const center = isHue ? 0 : 1;
  const least = isHue ? -0.5 : 0;
  const most = isHue ? 0.5 : Infinity;
  const [low, high] = typeof given !== "number"
    ? given
    : [isHue ? -given : Math.max(0, 1 - given), center + given];
  if (!(low >= least && high >= low && high <= most)) {
    throw new RangeError(
      `colorJitter: ${change} from ${low} to ${high} is not a range within ${least} and ${most}`,
    );
  }
  return [low, high];
}
