import * as tf from "../tensor/tf.ts";
import { environment, kernel } from "../platform/environment.ts";
import { imageGrid, type ImageGridOptions } from "./images.ts";
import { bundleOf, type BundleSource } from "./live.ts";
import { formatNumber, maximum, minimum } from "./numbers.ts";

/** More images than these are not all shown. */
const mostImages = 32;

/**
 * Shows something in the middle of a cell; in a terminal, prints its words.
 *
 * A tensor of images, `[height, width, C]` or `[B, height, width, C]` with C of 1 or 3, is shown as images,
 * 32 at most, with the options of `imageGrid`; any other tensor by its values. Values below 0 are no
 * colours: without a `range` or a `mean` the smallest is then black and the largest white, and it says so.
 * What a cell can end with, such as a model or a schedule, is shown as there.
 */
export async function show(
  value: BundleSource | object,
  options: ImageGridOptions = {},
): Promise<void> {
  const given: unknown = await value; // which may be a promise, since cells are not checked for types
  if (given === undefined || given === null) {
    throw new TypeError(
      `show: it was given ${given}, where a tensor or something else to see belongs`,
    );
  }
  const bundle = typeof given === "object" || typeof given === "function"
    ? await bundleOf((isImages(given) ? grid(given, options) : given) as BundleSource)
    : { "text/plain": `${given}` };
  if (environment() === "terminal") console.log(bundle["text/plain"]);
  else await kernel()?.display(bundle, { raw: true });
}

function isImages(value: unknown): value is tf.Tensor {
  if (!(value instanceof tf.Tensor)) return false;
  const { shape, dtype } = value;
  return (shape.length === 3 || shape.length === 4) && [1, 3].includes(shape[shape.length - 1]) &&
    !shape.includes(0) && (dtype === "float32" || dtype === "int32");
}

function grid(images: tf.Tensor, options: ImageGridOptions) {
  const count = images.rank === 4 ? images.shape[0] : 1;
  const shown = count > mostImages ? tf.slice(images, 0, mostImages) : images;
  const data = shown.dataSync();
  const notes = count > mostImages ? [`The first ${mostImages} of ${count} images.`] : [];
  const { range = rangeOf(data, options) } = options;
  if (range && !options.range) {
    notes.push(`Black is ${formatNumber(range[0], 3)}, white is ${formatNumber(range[1], 3)}.`);
  }
  if (shown !== images) shown.dispose();
  return imageGrid({
    data: images.dtype === "int32" ? Int32Array.from(data) : data,
    shape: shown.shape,
  }, {
    ...options,
    range,
    caption: [options.caption, ...notes].filter(Boolean).join(" "),
  });
}

/** The smallest and the largest value, where they cannot be colours as they are. */
function rangeOf(
  data: ArrayLike<number>,
  { mean, standardDeviation }: ImageGridOptions,
): [number, number] | undefined {
  if (mean !== undefined || standardDeviation !== undefined) return undefined;
  const [low, high] = [minimum(data), maximum(data)];
  return low < 0 ? [low, high > low ? high : low + 1] : undefined;
}
