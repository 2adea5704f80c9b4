import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";
import { firstValid, pick } from "./first_valid.ts";

export type Range = readonly [low: number, high: number];

/** One box an image, in pixels: whole numbers as float32 `[B]`. */
export interface Boxes {
  top: tf.Tensor1D;
  left: tf.Tensor1D;
  height: tf.Tensor1D;
  width: tf.Tensor1D;
}

export interface BoxOptions {
  /** The box's share of the image's area, uniform. */
  scale: Range;
  /** The box's width over its height, log-uniform. */
  aspect: Range;
  /** The largest height and width that are allowed. */
  largest: readonly [height: number, width: number];
  /** The centred box of an image that none of ten drawn boxes fits. */
  otherwise: readonly [height: number, width: number];
}

const CANDIDATES = 10;

/**
 * One random box in each image of `[B, height, width, …]`, as torchvision draws them: the area's share
 * is uniform, the aspect log-uniform, the sides are rounded; of ten candidates the first counts that is
 * small enough; its place is uniform.
 */
export function randomBoxes(
  [batch, height, width]: readonly number[],
  random: Random,
  { scale, aspect, largest, otherwise }: BoxOptions,
): Boxes {
  const area = tf.mul(random.uniform([batch, CANDIDATES], ...scale), height * width);
  const logAspect = random.uniform([batch, CANDIDATES], Math.log(aspect[0]), Math.log(aspect[1]));
  const ratio = tf.exp(logAspect);
  const widths = tf.round(tf.sqrt(tf.mul(area, ratio))) as tf.Tensor2D;
  const heights = tf.round(tf.sqrt(tf.div(area, ratio))) as tf.Tensor2D;
  const fits = tf.logicalAnd(
    tf.logicalAnd(tf.greater(heights, 0), tf.lessEqual(heights, largest[0])),
    tf.logicalAnd(tf.greater(widths, 0), tf.lessEqual(widths, largest[1])),
  ) as tf.Tensor2D;
  const chosen = firstValid(fits);
  const boxHeight = pick(chosen, heights, otherwise[0]);
  const boxWidth = pick(chosen, widths, otherwise[1]);
  const found = tf.sum(chosen, 1);
  const place = (room: tf.Tensor, centered: number) => {
    // The random number is below 1, but its product may be rounded up to the next whole number.
    const drawn = tf.minimum(tf.floor(tf.mul(random.uniform([batch]), tf.add(room, 1))), room);
    return tf.where(tf.greater(found, 0), drawn, tf.fill([batch], centered)) as tf.Tensor1D;
  };
  return {
    top: place(tf.sub(height, boxHeight), Math.floor((height - otherwise[0]) / 2)),
    left: place(tf.sub(width, boxWidth), Math.floor((width - otherwise[1]) / 2)),
    height: boxHeight,
    width: boxWidth,
  };
}

/** 1 inside of each image's box and 0 outside: `[B, height, width, 1]`. */
export function boxMask(
  { top, left, height, width }: Boxes,
  [imageHeight, imageWidth]: readonly [height: number, width: number],
): tf.Tensor4D {
  const inside = (start: tf.Tensor, length: tf.Tensor, size: number) => {
    const first = tf.reshape(start, [-1, 1]);
    const pixels = tf.range(0, size).reshape([1, size]);
    const end = tf.add(first, tf.reshape(length, [-1, 1]));
    const both = tf.logicalAnd(tf.greaterEqual(pixels, first), tf.less(pixels, end));
    return tf.cast(both, "float32");
  };
  const rows = inside(top, height, imageHeight).reshape([-1, imageHeight, 1, 1]);
  const columns = inside(left, width, imageWidth).reshape([-1, 1, imageWidth, 1]);
  return tf.mul(rows, columns) as tf.Tensor4D;
}

/** Throws a `RangeError` for a range that is empty or not above 0. */
export function checkRange(name: string, [low, high]: Range): void {
  if (!(low > 0 && high >= low)) {
    throw new RangeError(`${name} from ${low} to ${high} is not a range of numbers above 0`);
  }
}

/** Throws a `RangeError` for what is no probability. */
export function checkProbability(name: string, probability: number): void {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`${name}: probability ${probability} is not within 0 and 1`);
  }
}
