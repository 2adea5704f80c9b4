import type * as tf from "../tensor/tf.ts";

/** Images `[B, height, width, C]` (float32, 0 to 255 until a transform scales them) and labels. */
export interface Batch {
  images: tf.Tensor4D;
  /** Class indices `[B]` (int32), or soft labels `[B, classes]` (float32). */
  labels: tf.Tensor1D | tf.Tensor2D;
}

/** A labelled set of images that lies on the device as bytes. */
export interface Dataset {
  /** The number of examples. */
  readonly size: number;
  readonly classNames: readonly string[];
  /** `[height, width, C]` of one image. */
  readonly imageShape: readonly [number, number, number];
  /**
   * The examples at `indices`: a tensor (int32 `[B]`) inside a compiled step, or plain numbers.
   * Gathering happens on the device.
   */
  batch(indices: tf.Tensor1D | ArrayLike<number>): Batch;
}
