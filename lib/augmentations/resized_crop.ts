import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";
import { type Boxes, checkRange, randomBoxes, type Range } from "./boxes.ts";
import { bilinearMatrix, resample } from "./resample.ts";
import { roundHalfToEven } from "./rounding.ts";
import { imageTransform, type Transform } from "./transform.ts";

/** How large a part {@link randomResizedCrop} takes, and what it scales that to. */
export interface ResizedCropOptions {
  /** The new height and width. Default: the image's own. */
  size?: number | readonly [height: number, width: number];
  /** The box's share of the image's area, uniform. Default: 0.08 to 1. */
  scale?: Range;
  /** The box's width over its height, log-uniform. Default: 3/4 to 4/3. */
  aspect?: Range;
}

/**
 * Cuts a random box out of each image and resizes it: torchvision's `RandomResizedCrop` on tensors,
 * bilinear with antialiasing, its boxes from the same distribution.
 *
 * `[B, height, width, C] → [B, size, size, C]`; Szegedy et al., "Going Deeper with Convolutions",
 * arXiv 1409.4842. Throws a `RangeError` for ranges that are empty or not above 0.
 */
export function randomResizedCrop(options: ResizedCropOptions = {}): Transform {
  const { size, scale = [0.08, 1], aspect = [3 / 4, 4 / 3] } = options;
  checkRange("randomResizedCrop: scale", scale);
  checkRange("randomResizedCrop: aspect", aspect);
  return imageTransform((images, random) => {
    const [, height, width] = images.shape;
    const boxes = randomCropBoxes(images.shape, random, { scale, aspect });
    const [newHeight, newWidth] = typeof size === "number" ? [size, size] : size ?? [height, width];
    return resizedCrop(images, boxes, [newHeight, newWidth]);
  });
}

/** Draws `randomResizedCrop`'s boxes for images `[B, height, width, …]`. */
export function randomCropBoxes(
  shape: readonly number[],
  random: Random,
  { scale, aspect }: { scale: Range; aspect: Range },
): Boxes {
  const [, height, width] = shape;
  return randomBoxes(shape, random, {
    scale,
    aspect,
    largest: [height, width],
    otherwise: largestBox(height, width, aspect),
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

/** The largest box whose aspect is allowed: the whole image, where its own is. */
function largestBox(
  height: number,
  width: number,
  [narrowest, widest]: Range,
): [height: number, width: number] {
  if (width / height < narrowest) return [roundHalfToEven(width / narrowest), width];
  if (width / height > widest) return [height, roundHalfToEven(height * widest)];
  return [height, width];
}
