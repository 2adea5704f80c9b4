import { given } from "../platform/given.ts";
import type * as tf from "../tensor/tf.ts";

/** An expected axis: its exact size, or a letter for an axis of any size. */
export type Axis = number | string;

/** `[2, 28, 28, 1]`, as error messages and tables show a shape. */
export function formatShape(shape: readonly Axis[]): string {
  return `[${shape.join(", ")}]`;
}

/**
 * Checks a tensor's shape. A leading `"…"` in `expected` stands for any number of axes.
 *
 * Throws a `RangeError` that names the part, the shape given, the shape expected and, where it is
 * known, the likely cause.
 */
export function expectShape(
  owner: string,
  name: string,
  x: tf.Tensor,
  expected: readonly Axis[],
  cause?: string,
): void {
  const open = expected[0] === "…";
  const axes = open ? expected.slice(1) : expected;
  const shape = x.shape.slice(open ? Math.max(0, x.rank - axes.length) : 0);
  const fits = shape.length === axes.length &&
    axes.every((axis, index) => typeof axis === "string" || axis === shape[index]);
  if (fits) return;
  throw new RangeError(
    `${owner}: ${name} of shape ${formatShape(x.shape)}, expected ${formatShape(expected)}` +
      (cause ? `; ${cause}` : ""),
  );
}

/**
 * Checks a batch of images `[B, height, width, C]`, and recognises the usual mistakes: PyTorch's
 * order of axes, and one image without a batch axis.
 */
export function expectImages(
  owner: string,
  images: tf.Tensor,
  { height, width, channels }: { height: Axis; width: Axis; channels: number },
): void {
  const expected = ["B", height, width, channels];
  const matches = (shape: readonly number[], axes: readonly Axis[]) =>
    shape.length === axes.length &&
    axes.every((axis, index) => typeof axis === "string" || axis === shape[index]);
  let cause: string | undefined;
  if (matches(images.shape, ["B", channels, height, width])) {
    cause = "these look like images in PyTorch's order [B, C, height, width]: " +
      "use tf.transpose(images, [0, 2, 3, 1])";
  } else if (matches(images.shape, expected.slice(1))) {
    cause = "this looks like one image without a batch axis: use tf.expandDims(image, 0)";
  } else if (channels === 1 && matches(images.shape, expected.slice(0, 3))) {
    cause = "the channel axis is missing: use tf.expandDims(images, -1)";
  }
  expectShape(owner, "images", images, expected, cause);
}

/** Throws a `RangeError` unless `value` is a whole number of at least `least`. */
export function expectCount(owner: string, name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(
      `${owner}: ${name} is ${given(value)}, expected a whole number ≥ ${least}`,
    );
  }
}

/** Throws a `RangeError` unless `value` can be a dropout rate: 0 ≤ rate < 1. */
export function expectRate(owner: string, name: string, value: number): void {
  if (!(value >= 0 && value < 1)) {
    throw new RangeError(`${owner}: ${name} is ${given(value)}, expected 0 ≤ ${name} < 1`);
  }
}
