import * as tf from "../tensor/tf.ts";
import { imageTransform, type Transform } from "./transform.ts";

/** The size and the border of {@link randomCrop}, in pixels. */
export interface CropOptions {
  /** The new height and width. Default: the image's own. */
  size?: number | readonly [height: number, width: number];
  /** Pixels that are put around the image before cutting. Default: 4. */
  padding?: number;
  /** What they are: `fill`, or the image mirrored at its border pixel. Default: "constant". */
  mode?: "constant" | "reflect";
  /** Default: 0. */
  fill?: number;
}

/**
 * Pads each image and cuts a box out at a place that is uniform: torchvision's `RandomCrop` with
 * padding, `[B, height, width, C] → [B, size, size, C]`.
 *
 * Throws a `TypeError` for a number, which would be no option, and a `RangeError` where the box is larger than the
 * padded image.
 */
export function randomCrop(options: CropOptions = {}): Transform {
  if (typeof options === "number") {
    throw new TypeError(
      `randomCrop: the options are an object, as in randomCrop({ padding: ${options} })`,
    );
  }
  const { size, padding = 4 } = options;
  return imageTransform((images, random) => {
    const [batch, height, width] = images.shape;
    const [newHeight, newWidth] = typeof size === "number" ? [size, size] : size ?? [height, width];
    const roomY = height + 2 * padding - newHeight;
    const roomX = width + 2 * padding - newWidth;
    if (roomY < 0 || roomX < 0) {
      throw new RangeError(
        `randomCrop: ${newHeight}×${newWidth} does not fit into ${height}×${width} padded by ${padding}`,
      );
    }
    return paddedCrop(images, {
      ...options,
      padding,
      size: [newHeight, newWidth],
      top: random.integers([batch], 0, roomY + 1) as tf.Tensor1D,
      left: random.integers([batch], 0, roomX + 1) as tf.Tensor1D,
    });
  });
}

interface PaddedCrop extends CropOptions {
  padding: number;
  size: readonly [height: number, width: number];
  /** The box's corner in the padded image, int32 `[B]`. */
  top: tf.Tensor1D;
  left: tf.Tensor1D;
}

/** Pads each image and cuts one box out. */
export function paddedCrop(
  images: tf.Tensor4D,
  { padding, size: [newHeight, newWidth], mode = "constant", fill = 0, top, left }: PaddedCrop,
): tf.Tensor4D {
  const around: [number, number][] = [[0, 0], [padding, padding], [padding, padding], [0, 0]];
  const padded = padding === 0
    ? images
    : mode === "reflect"
    ? tf.mirrorPad(images, around, "reflect")
    : tf.pad(images, around, fill);
  const [batch, height, width, channels] = padded.shape as [number, number, number, number];
  // In floats, which hold an image's places exactly: a graphics card does not reckon with whole numbers.
  const [firstRow, firstColumn] = [top, left].map((start) => tf.cast(start, "float32"));
  const start = tf.add(tf.mul(firstRow, width), firstColumn);
  const offsets = new Float32Array(newHeight * newWidth);
  for (let pixel = 0; pixel < offsets.length; pixel++) {
    offsets[pixel] = Math.floor(pixel / newWidth) * width + pixel % newWidth;
  }
  const places = tf.add(tf.reshape(start, [batch, 1]), tf.tensor1d(offsets));
  const flat = tf.reshape(padded, [batch, height * width, channels]);
  const pixels = tf.gather(flat, tf.cast(places, "int32") as tf.Tensor2D, 1, 1);
  return tf.reshape(pixels, [batch, newHeight, newWidth, channels]);
}
