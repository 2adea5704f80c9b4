import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";
import { checkRange, type Range } from "./boxes.ts";
import { imageTransform, type Transform } from "./transform.ts";
import { warp, type WarpOptions } from "./warp.ts";

/** How far {@link randomAffine} turns, moves, scales and shears. */
export interface AffineOptions extends WarpOptions {
  /** The angle's range, or its largest size either way. Default: 0. */
  degrees?: number | Range;
  /** The largest shift, as shares of width and height. Default: none. */
  translate?: readonly [x: number, y: number];
  /** The range of the factor by which the image grows. Default: 1 to 1. */
  scale?: Range;
  /** The range of shearing along x, in degrees. Default: none. */
  shearX?: number | Range;
  /** The range of shearing along y, in degrees. Default: none. */
  shearY?: number | Range;
}

/** One map an image: angles in radians, shifts in pixels; each `[B]`. */
export interface AffineParameters {
  angle: tf.Tensor;
  shiftX: tf.Tensor;
  shiftY: tf.Tensor;
  scale: tf.Tensor;
  shearX: tf.Tensor;
  shearY: tf.Tensor;
}

/**
 * Turns, shifts, scales and shears each image about its middle, every parameter uniform in its range:
 * torchvision's `RandomAffine` (whole pixels of shift; nearest pixel unless told).
 *
 * `[B, height, width, C] → [B, height, width, C]`. Bilinear interpolation mixes the fill in at the
 * border once, where torchvision darkens twice.
 */
export function randomAffine(options: AffineOptions = {}): Transform {
  const { translate = [0, 0], scale = [1, 1], interpolation, fill } = options;
  checkRange("randomAffine: scale", scale);
  for (const share of translate) {
    if (!(share >= 0 && share <= 1)) {
      throw new RangeError(`randomAffine: translate ${share} is not within 0 and 1`);
    }
  }
  return imageTransform((images, random) => {
    const parameters = randomAffineParameters(images.shape, random, options);
    return warp(images, inverseMatrices(parameters), { interpolation, fill });
  });
}

/** Draws `randomAffine`'s parameters for images `[B, height, width, …]`. */
export function randomAffineParameters(
  [batch, height, width]: readonly number[],
  random: Random,
  options: AffineOptions,
): AffineParameters {
  const { degrees = 0, translate = [0, 0], scale = [1, 1], shearX = 0, shearY = 0 } = options;
  const uniform = ([low, high]: Range) =>
    low === high ? tf.fill([batch], low) : random.uniform([batch], low, high);
  const radians = (range: number | Range) => {
    const [low, high] = typeof range === "number" ? [-range, range] : range;
    return uniform([low * Math.PI / 180, high * Math.PI / 180]);
  };
  const shift = (largest: number) => tf.round(uniform([-largest, largest]));
  return {
    angle: radians(degrees),
    shiftX: shift(translate[0] * width),
    shiftY: shift(translate[1] * height),
    scale: uniform(scale),
    shearX: radians(shearX),
    shearY: radians(shearY),
  };
}

/**
 * Where each output pixel comes from, `[B, 6]` as `warp` takes it: the inverse of shift · rotation ·
 * scaling · shearing.
 */
export function inverseMatrices(parameters: AffineParameters): tf.Tensor2D {
  const { angle, shiftX, shiftY, scale, shearX, shearY } = parameters;
  const tangent = tf.tan(shearX);
  const turned = tf.sub(angle, shearY);
  // The forward matrix without scale is [[a, b], [c, d]], of determinant 1.
  const a = tf.div(tf.cos(turned), tf.cos(shearY));
  const c = tf.div(tf.sin(turned), tf.cos(shearY));
  const b = tf.neg(tf.add(tf.mul(a, tangent), tf.sin(angle)));
  const d = tf.sub(tf.cos(angle), tf.mul(c, tangent));
  const [xx, xy, yx, yy] = [d, tf.neg(b), tf.neg(c), a].map((each) => tf.div(each, scale));
  const x = tf.neg(tf.add(tf.mul(xx, shiftX), tf.mul(xy, shiftY)));
  const y = tf.neg(tf.add(tf.mul(yx, shiftX), tf.mul(yy, shiftY)));
  return tf.stack([xx, xy, x, yx, yy, y], 1) as tf.Tensor2D;
}
