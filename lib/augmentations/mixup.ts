import type { Batch } from "../datasets/dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tensor/tf.ts";
import { checkedIndices } from "../tensor/checked_indices.ts";
import { randomBeta } from "./beta.ts";
import { type Boxes, boxMask } from "./boxes.ts";
import { tidyBatch, type Transform } from "./transform.ts";

/** How {@link mixup} and {@link cutmix} mix two images and their labels. */
export interface MixOptions {
  /** The number of classes, for labels that are class indices. */
  classes: number;
  /** The share of an image in its mixture is drawn from Beta(α, α). Default: 1, uniform. */
  alpha?: number;
}

/**
 * Mixes each image with the one before it in the batch, and their labels alike, by one share for the
 * whole batch: labels become soft, `[B, classes]`. A label that is none of the classes throws a RangeError.
 * torchvision's `MixUp`.
 *
 * Zhang et al., "mixup: Beyond Empirical Risk Minimization", arXiv 1710.09412.
 */
export function mixup({ classes, alpha = 1 }: MixOptions): Transform {
  checkAlpha("mixup", alpha);
  return (batch, random) => tidyBatch(() => mix(batch, randomBeta(1, alpha, random), classes));
}

/** Mixes each image with the one before it: `share` (`[1]`) of its own, the rest of the other. */
export function mix(batch: Batch, share: tf.Tensor1D, classes: number): Batch {
  const labels = softLabels(batch.labels, classes);
  return {
    images: lerp(before(batch.images), batch.images, share) as tf.Tensor4D,
    labels: lerp(before(labels), labels, share) as tf.Tensor2D,
  };
}

/**
 * Puts a box of the image before it into each image, one box for the whole batch, and mixes the labels by
 * the areas: labels become soft, `[B, classes]`. A label that is none of the classes throws a RangeError.
 * torchvision's `CutMix`.
 *
 * Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features",
 * arXiv 1905.04899.
 */
export function cutmix({ classes, alpha = 1 }: MixOptions): Transform {
  checkAlpha("cutmix", alpha);
  return (batch, random) =>
    tidyBatch(() => {
      const box = randomPatches(1, { shape: batch.images.shape, alpha, random });
      return paste(batch, box, classes);
    });
}

/** Draws boxes for `cutmix` in images `[B, height, width, …]`: `[count]` each. */
export function randomPatches(
  count: number,
  { shape, alpha, random }: { shape: readonly number[]; alpha: number; random: Random },
): Boxes {
  const [, height, width] = shape;
  const half = tf.mul(0.5, tf.sqrt(tf.sub(1, randomBeta(count, alpha, random))));
  const [halfWidth, halfHeight] = [width, height].map((size) => tf.floor(tf.mul(half, size)));
  const middleX = tf.cast(random.integers([count], 0, width), "float32");
  const middleY = tf.cast(random.integers([count], 0, height), "float32");
  const left = tf.maximum(tf.sub(middleX, halfWidth), 0) as tf.Tensor1D;
  const top = tf.maximum(tf.sub(middleY, halfHeight), 0) as tf.Tensor1D;
  const right = tf.minimum(tf.add(middleX, halfWidth), width);
  const bottom = tf.minimum(tf.add(middleY, halfHeight), height);
  return { top, left, height: tf.sub(bottom, top), width: tf.sub(right, left) };
}

/** Puts `box` (`[1]` each) of the image before it into each image. */
export function paste(batch: Batch, box: Boxes, classes: number): Batch {
  const [, height, width] = batch.images.shape;
  const mask = boxMask(box, [height, width]); // [1, height, width, 1]
  const ownShare = tf.sub(1, tf.div(tf.mul(box.height, box.width), height * width));
  const labels = softLabels(batch.labels, classes);
  return {
    images: lerp(batch.images, before(batch.images), mask) as tf.Tensor4D,
    labels: lerp(before(labels), labels, ownShare) as tf.Tensor2D,
  };
}

/** `from` where the share is 0, `to` where it is 1, exactly; a mixture between. */
function lerp(from: tf.Tensor, to: tf.Tensor, share: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(from, tf.sub(1, share)), tf.mul(to, share));
}

/** For each example of a batch the one before it, for the first the last. */
function before<T extends tf.Tensor>(values: T): T {
  const last = values.shape[0] - 1;
  const rest = values.shape.slice(1).map(() => 0);
  return tf.concat([
    tf.slice(values, [last, ...rest], [1, ...values.shape.slice(1)]),
    tf.slice(values, [0, ...rest], [last, ...values.shape.slice(1)]),
  ]) as T;
}

function softLabels(labels: tf.Tensor1D | tf.Tensor2D, classes: number): tf.Tensor2D {
  if (labels.rank === 1) {
    const checked = checkedIndices(labels as tf.Tensor1D, classes, "label");
    // Cast apart: the WASM backend's oneHot knows no type but int32.
    return tf.cast(tf.oneHot(checked, classes), "float32") as tf.Tensor2D;
  }
  if (labels.shape[1] !== classes) {
    throw new RangeError(`Soft labels of ${labels.shape[1]} classes, but ${classes} are told`);
  }
  return labels as tf.Tensor2D;
}

function checkAlpha(name: string, alpha: number): void {
  if (!(alpha > 0)) throw new RangeError(`${name}: alpha ${alpha} is not above 0`);
}
