import type { Batch } from "../datasets/dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";

/** Changes a whole batch on the device; draws only from `random`, so that it can be compiled. */
export type Transform = (batch: Batch, random: Random) => Batch;

/** Applies transforms from left to right. */
export function compose(...transforms: Transform[]): Transform {
  return (batch, random) =>
    tidyBatch(() => transforms.reduce((current, each) => each(current, random), batch));
}

/** Frees what `make` makes on its way to the batch. */
export function tidyBatch(make: () => Batch): Batch {
  return tf.tidy(() => ({ ...make() }));
}

/** A transform that changes the images alone. */
export function imageTransform(
  change: (images: tf.Tensor4D, random: Random) => tf.Tensor,
): Transform {
  return ({ images, labels }, random) => ({
    images: tf.tidy(() => change(images, random)) as tf.Tensor4D,
    labels,
  });
}
