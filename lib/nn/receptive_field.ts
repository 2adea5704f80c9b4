import * as tf from "../tensor/tf.ts";
import { Random } from "../random.ts";
import { Conv2d } from "./convolution.ts";
import { MaxPool2d } from "./pooling.ts";
import { expectCount } from "./shapes.ts";

/** A layer that slides a window: its side, and the places from one window to the next. */
export interface WindowLayer {
  size: number;
  /** Default: 1. */
  stride?: number;
}

/** What one value of a layer sees of the image, in pixels. */
export interface ReceptiveField {
  /** The side, in pixels of the image, of what one place can see. */
  size: number;
  /** By how many pixels of the image the fields of two neighbouring places are shifted. */
  jump: number;
}

/**
 * What one place after some layers in a row can see of the image, from the first layer to the last:
 * each adds (size − 1) · jump to the side and multiplies the jump by its stride ("A guide to
 * convolution arithmetic", arXiv 1603.07285). Takes the modules themselves, or sizes and strides.
 *
 * ```ts
 * receptiveField([{ size: 3, stride: 1 }, { size: 3, stride: 2 }]).size; // 5
 * ```
 */
export function receptiveField(
  layers: readonly (Conv2d | MaxPool2d | WindowLayer)[],
): ReceptiveField {
  let [side, jump] = [1, 1];
  for (const layer of layers) {
    const size = layer instanceof Conv2d ? layer.weight.shape[0] : layer.size;
    const stride = layer.stride ?? 1;
    expectCount("receptiveField", "size", size);
    expectCount("receptiveField", "stride", stride);
    side += (size - 1) * jump;
    jump *= stride;
  }
  return { size: side, jump };
}

/** What {@link measureReceptiveField} measures, and with which images. */
export interface MeasureOptions {
  /** Height and width of the images that it is measured on; more than the field. Default: 64. */
  imageSize?: number;
  /** Channels of the images. Default: 3. */
  channels?: number;
}

const images = 8;

/**
 * Measures what one place of a map `[B, height, width, C]` can see of the images: the sides of the box
 * of pixels that change its value, found by the gradient on images of noise.
 *
 * Throws a `RangeError` where the box reaches the border, since it may be larger then.
 */
export function measureReceptiveField(
  features: (images: tf.Tensor4D) => tf.Tensor,
  { imageSize = 64, channels = 3 }: MeasureOptions = {},
): { height: number; width: number } {
  const random = new Random(1);
  const seen = tf.tidy(() => {
    const noise = random.normal([images, imageSize, imageSize, channels]) as tf.Tensor4D;
    const gradient = tf.grad((x: tf.Tensor) => {
      const map = features(x as tf.Tensor4D) as tf.Tensor4D;
      if (map.rank !== 4) {
        throw new RangeError(
          `measureReceptiveField: the map has shape [${map.shape}], expected [B, height, width, C]`,
        );
      }
      const [, height, width] = map.shape;
      return tf.sum(tf.slice(map, [0, height >> 1, width >> 1, 0], [-1, 1, 1, -1]));
    })(noise);
    return tf.cast(tf.any(tf.notEqual(gradient, 0), [0, 3]), "int32").arraySync() as number[][];
  });
  random.dispose();
  const rows = seen.flatMap((row, index) => row.includes(1) ? [index] : []);
  const columns = seen[0].flatMap((_, index) =>
    seen.some((row) => row[index] === 1) ? [index] : []
  );
  for (const places of [rows, columns]) {
    if (places.length > 0 && places[0] > 0 && places.at(-1)! < imageSize - 1) continue;
    throw new RangeError(
      places.length === 0
        ? "measureReceptiveField: no pixel changes the map"
        : `measureReceptiveField: images of ${imageSize}×${imageSize} are too small to see the border`,
    );
  }
  const side = (places: number[]) => places.at(-1)! - places[0] + 1;
  return { height: side(rows), width: side(columns) };
}
