import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";
import { firstValid, pick } from "./first_valid.ts";
import { bilinearMatrix, resample } from "./resample.ts";
import { imageTransform, type Transform } from "./transform.ts";

type Range = readonly [low: number, high: number];

export interface ResizedCropOptions {
  /** The new height and width. Default: the image's own. */
  size?: number | readonly [height: number, width: number];
  /** The box's share of the image's area, uniform. Default: 0.08 to 1. */
  scale?: Range;
  /** The box's width over its height, log-uniform. Default: 3/4 to 4/3. */
  aspect?: Range;
}

/** One box an image, in pixels: whole numbers as float32 `[B]`. */
export interface Boxes {
  top: tf.Tensor1D;
  left: tf.Tensor1D;
  height: tf.Tensor1D;
  width: tf.Tensor1D;
}

const CANDIDATES = 10;

/**
 * Cuts a random box out of each image and resizes it: torchvision's `RandomResizedCrop` on tensors,
 * bilinear with antialiasing, box by box from the same distribution.
 *
 * `[B, height, width, C] → [B, size, size, C]`; Szegedy et al., "Going Deeper with Convolutions",
 * arXiv 1409.4842. Throws a `RangeError` for ranges that are empty or not above 0.
 */
export function randomResizedCrop(options: ResizedCropOptions = {}): Transform {
  const { size, scale = [0.08, 1], aspect = [3 / 4, 4 / 3] } = options;
  checkRange("scale", scale);
  checkRange("aspect", aspect);
  return imageTransform((images, random) => {
    const boxes = randomBoxes(images.shape, random, { scale, aspect });
    const [, height, width] = images.shape;
    const [newHeight, newWidth] = typeof size === "number" ? [size, size] : size ?? [height, width];
    return resizedCrop(images, boxes, [newHeight, newWidth]);
  });
}

/** Cuts one box out of each image and resizes it, bilinearly with antialiasing. */
export function resizedCrop(
  images: tf.Tensor4D,
  { top, left, height, width }: Boxes,
  [newHeight, newWidth]: readonly [height: number, width: number],
): tf.Tensor4D {
  const [, inputHeight, inputWidth] = images.shape;
  return resample(
    images,
    bilinearMatrix(top, height, { inputSize: inputHeight, outputSize: newHeight }),
    bilinearMatrix(left, width, { inputSize: inputWidth, outputSize: newWidth }),
  );
}

/**
 * torchvision's boxes: area uniform, aspect log-uniform, sides rounded; of ten candidates the first
 * that fits into the image, else the largest centred box of an allowed aspect; its place uniform.
 */
export function randomBoxes(
  [batch, height, width]: readonly number[],
  random: Random,
  { scale, aspect }: { scale: Range; aspect: Range },
): Boxes {
  const area = tf.mul(random.uniform([batch, CANDIDATES], scale[0], scale[1]), height * width);
  const ratio = tf.exp(
    random.uniform([batch, CANDIDATES], Math.log(aspect[0]), Math.log(aspect[1])),
  );
  const widths = tf.round(tf.sqrt(tf.mul(area, ratio))) as tf.Tensor2D;
  const heights = tf.round(tf.sqrt(tf.div(area, ratio))) as tf.Tensor2D;
  const fits = [
    tf.greater(widths, 0),
    tf.lessEqual(widths, width),
    tf.greater(heights, 0),
    tf.lessEqual(heights, height),
  ].reduce(tf.logicalAnd) as tf.Tensor2D;
  const chosen = firstValid(fits);
  const fallback = centeredBox(height, width, aspect);
  const boxHeight = pick(chosen, heights, fallback.height);
  const boxWidth = pick(chosen, widths, fallback.width);
  const found = tf.sum(chosen, 1);
  const place = (room: tf.Tensor, otherwise: number) => {
    // The random number is below 1, but its product may be rounded up to the next whole number.
    const drawn = tf.floor(tf.mul(random.uniform([batch]), tf.add(room, 1)));
    const inside = tf.minimum(drawn, room);
    return tf.add(tf.mul(found, inside), tf.mul(tf.sub(1, found), otherwise)) as tf.Tensor1D;
  };
  return {
    top: place(tf.sub(height, boxHeight), Math.floor((height - fallback.height) / 2)),
    left: place(tf.sub(width, boxWidth), Math.floor((width - fallback.width) / 2)),
    height: boxHeight,
    width: boxWidth,
  };
}

/** The largest box whose aspect is allowed: the whole image, where its own is. */
function centeredBox(height: number, width: number, [narrowest, widest]: Range) {
  const ratio = width / height;
  if (ratio < narrowest) return { width, height: roundHalfToEven(width / narrowest) };
  if (ratio > widest) return { width: roundHalfToEven(height * widest), height };
  return { width, height };
}

/** Python's and TensorFlow's rounding. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return value % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

function checkRange(name: string, [low, high]: Range): void {
  if (!(low > 0 && high >= low)) {
    throw new RangeError(
      `randomResizedCrop: ${name} from ${low} to ${high} is not a range of numbers above 0`,
    );
  }
}
