import * as tf from "../tensor/tf.ts";
import { autocontrast, blur, choose, equalize, posterize, solarize } from "./byte_operations.ts";
import { blend, gray, imagesOf, meanOf, planesOf } from "./color.ts";
import { roundHalfToEven } from "./rounding.ts";
import { imageTransform, type Transform } from "./transform.ts";
import { warp } from "./warp.ts";

/** How many operations {@link randAugment} applies, and how strong they are. */
export interface RandAugmentOptions {
  /** How many operations each image undergoes. Default: 2. */
  operations?: number;
  /** Their strength, 0 to 30. Default: 9. */
  magnitude?: number;
  /** What comes into an image from outside. Default: 0. */
  fill?: number;
}

const STRONGEST = 30;

/**
 * Applies random operations of one strength to each image: torchvision's `RandAugment`, its 14
 * operations on bytes 0…255, before `normalize`; each image draws its own.
 *
 * Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space",
 * arXiv 1909.13719. Throws a `RangeError` for a magnitude that is not 0 to 30.
 */
export function randAugment(options: RandAugmentOptions = {}): Transform {
  const { operations = 2, magnitude = 9, fill = 0 } = options;
  if (!(Number.isInteger(magnitude) && magnitude >= 0 && magnitude <= STRONGEST)) {
    throw new RangeError(`randAugment: magnitude ${magnitude} is not one of 0 to ${STRONGEST}`);
  }
  if (!(Number.isInteger(operations) && operations > 0)) {
    throw new RangeError(`randAugment: ${operations} operations is not a whole number above 0`);
  }
  return imageTransform((images, random) => {
    const batch = images.shape[0];
    const settings = operationSettings(magnitude, images.shape);
    let current = tf.round(images) as tf.Tensor4D;
    for (let turn = 0; turn < operations; turn++) {
      const chosen = random.integers([batch], 0, settings.length) as tf.Tensor1D;
      current = applyOperations(current, chosen, { settings, fill });
    }
    return current;
  });
}

/**
 * What one operation does, as settings of all the steps that there are; those of no effect are the
 * defaults. An image's operation is then a row of a table, and a batch of different operations needs no
 * branches.
 */
export interface OperationSettings {
  name: string;
  /** Where pixels come from, as `warp` takes it. */
  matrix: readonly number[];
  /** The factor of the blend, and with what: the grey picture, its mean or the blurred picture. */
  factor: number;
  withGray: number;
  withMean: number;
  withBlur: number;
  posterizeStep: number;
  solarizeFrom: number;
  autocontrast: number;
  equalize: number;
}

const unchanged = {
  matrix: [1, 0, 0, 0, 1, 0],
  factor: 1,
  withGray: 0,
  withMean: 0,
  withBlur: 0,
  posterizeStep: 1,
  solarizeFrom: 256,
  autocontrast: 0,
  equalize: 0,
};

/** The 14 operations for images `[B, height, width, C]`, twice: with the magnitude's sign plus, and minus where it has one. */
export function operationSettings(
  magnitude: number,
  [, height, width, channels]: readonly number[],
): OperationSettings[] {
  const share = magnitude / STRONGEST;
  return [1, -1].flatMap((sign) => {
    const shear = sign * 0.3 * share;
    const shiftX = sign * Math.trunc(150 / 331 * width * share);
    const shiftY = sign * Math.trunc(150 / 331 * height * share);
    const angle = sign * 30 * share * Math.PI / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const factor = 1 + sign * 0.9 * share;
    const droppedBits = roundHalfToEven(4 * share);
    const named: Record<string, Partial<OperationSettings>> = {
      identity: {},
      // Sheared about the upper and the left border.
      shearX: { matrix: [1, shear, shear * height / 2, 0, 1, 0] },
      shearY: { matrix: [1, 0, 0, shear, 1, shear * width / 2] },
      translateX: { matrix: [1, 0, -shiftX, 0, 1, 0] },
      translateY: { matrix: [1, 0, 0, 0, 1, -shiftY] },
      rotate: { matrix: [cos, -sin, 0, sin, cos, 0] },
      brightness: { factor },
      color: channels === 1 ? {} : { factor, withGray: 1 },
      contrast: { factor, withMean: 1 },
      sharpness: { factor, withBlur: 1 },
      posterize: { posterizeStep: 2 ** droppedBits },
      solarize: { solarizeFrom: 255 * (1 - share) },
      autocontrast: { autocontrast: 1 },
      equalize: { equalize: 1 },
    };
    return Object.entries(named).map(([name, settings]) => ({ name, ...unchanged, ...settings }));
  });
}

export interface Operations {
  settings: readonly OperationSettings[];
  fill: number;
}

/** Applies to each image the operation at its index in `settings`: int32 `[B]`. */
export function applyOperations(
  images: tf.Tensor4D,
  chosen: tf.Tensor1D,
  { settings, fill }: Operations,
): tf.Tensor4D {
  const column = (read: (each: OperationSettings) => number) =>
    tf.reshape(tf.gather(tf.tensor1d(settings.map(read)), chosen), [-1, 1, 1]);
  const matrices = tf.gather(tf.tensor2d(settings.map(({ matrix }) => [...matrix])), chosen);
  const moved = warp(images, matrices, { fill });
  const blended = blendAll(moved, column);
  const posterized = posterize(blended, column((each) => each.posterizeStep));
  const solarized = solarize(posterized, column((each) => each.solarizeFrom));
  const stretched = choose(column((each) => each.autocontrast), autocontrast(solarized), solarized);
  const equalized = choose(column((each) => each.equalize), equalize(stretched), stretched);
  return imagesOf(equalized, images.shape);
}

type Column = (read: (each: OperationSettings) => number) => tf.Tensor;

/** Brightness, colour, contrast and sharpness: one blend, in whole bytes. */
function blendAll(images: tf.Tensor4D, column: Column): tf.Tensor3D {
  const planes = planesOf(images);
  const grayPlane = tf.floor(gray(planes)) as tf.Tensor3D;
  const blurred = tf.mul(column((each) => each.withBlur), planesOf(blur(images)));
  const grayed = tf.mul(column((each) => each.withGray), grayPlane);
  const mean = tf.mul(column((each) => each.withMean), meanOf(grayPlane));
  const other = tf.add(blurred, tf.add(grayed, mean));
  const mixed = blend(planes, other, column((each) => each.factor));
  // A mixture that should be 200 can be 199.99999 in float32, and must not be cut to 199.
  return tf.floor(tf.add(mixed, 1e-3)) as tf.Tensor3D;
}
