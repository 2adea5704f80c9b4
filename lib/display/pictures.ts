import type * as tf from "../tensor/tf.ts";
import { formatNumber, maximum, minimum } from "./numbers.ts";
import type { Picture } from "./png.ts";

/** Images `[B, height, width, C]` or one `[height, width, C]`, C of 1 or 3; or bytes and a shape. */
export type Images = tf.Tensor | { data: ArrayLike<number>; shape: readonly number[] };

export interface PixelOptions {
  /** The values that are black and white; default: 0 and 255 for bytes and whole numbers, else 0 and 1. */
  range?: [black: number, white: number];
  /** What normalisation took off each channel, to be put back; values are then from 0 to 1. */
  mean?: number | readonly number[];
  /** What normalisation divided each channel by. */
  standardDeviation?: number | readonly number[];
}

/**
 * The pixels of images as bytes, one picture an image.
 *
 * Throws a `RangeError` for other shapes, and for values below 0 where neither a range nor the
 * normalisation is told: such images were normalised, and would come out wrong.
 */
export function picturesOf(images: Images, options: PixelOptions = {}): Picture[] {
  const { values, shape, whole } = read(images);
  const [count, height, width, channels] = shape.length === 3 ? [1, ...shape] : shape;
  if (shape.length < 3 || shape.length > 4 || (channels !== 1 && channels !== 3)) {
    throw new RangeError(
      `Images are [B, height, width, C] or [height, width, C] with 1 or 3 channels, not [${shape}]`,
    );
  }
  if (values.length !== count * height * width * channels) {
    throw new RangeError(`${values.length} values do not fill images of shape [${shape}]`);
  }
  const [scale, offset] = scaling(values, whole, options, channels);
  const size = height * width * channels;
  return Array.from({ length: count }, (_, index) => {
    const data = new Uint8ClampedArray(size);
    for (let at = 0; at < size; at++) {
      const channel = at % channels;
      data[at] = values[index * size + at] * scale[channel] + offset[channel];
    }
    return { width, height, channels, data };
  });
}

/** How a value becomes a byte, per channel: value × scale + offset. */
function scaling(
  values: ArrayLike<number>,
  whole: boolean,
  { range, mean, standardDeviation }: PixelOptions,
  channels: number,
): [scale: number[], offset: number[]] {
  if (mean !== undefined || standardDeviation !== undefined) {
    const means = perChannel("mean", mean ?? 0, channels);
    const deviations = perChannel("standardDeviation", standardDeviation ?? 1, channels);
    return [deviations.map((each) => each * 255), means.map((each) => each * 255)];
  }
  const [low, high] = [minimum(values), maximum(values)];
  if (!range && low < 0) {
    throw new RangeError(
      `Images hold values from ${formatNumber(low)} to ${formatNumber(high)}: give the \`mean\` ` +
        "and `standardDeviation` that they were normalised with, or the `range` of black and white",
    );
  }
  const [black, white] = range ?? [0, whole || high > 1 ? 255 : 1];
  const scale = 255 / (white - black);
  return [new Array(channels).fill(scale), new Array(channels).fill(-black * scale)];
}

function perChannel(
  name: string,
  value: number | readonly number[],
  channels: number,
): readonly number[] {
  if (typeof value === "number") return new Array(channels).fill(value);
  if (value.length === channels) return value;
  throw new RangeError(`${value.length} values of \`${name}\` for ${channels} channels`);
}

function read(images: Images): {
  values: ArrayLike<number>;
  shape: readonly number[];
  whole: boolean;
} {
  if ("dataSync" in images) {
    return { values: images.dataSync(), shape: images.shape, whole: images.dtype !== "float32" };
  }
  const { data, shape } = images;
  if (!data || !shape) {
    throw new TypeError(
      "Images are one tensor or { data, shape }: tf.stack makes one of several tensors",
    );
  }
  const whole = [Uint8Array, Uint8ClampedArray, Int32Array].some((kind) => data instanceof kind);
  return { values: data, shape, whole };
}
