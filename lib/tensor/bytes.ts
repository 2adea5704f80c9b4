/** Provisional: final interface; the native version keeps uint8 on the device. */
import * as tf from "./tf.ts";

/** Rows of bytes that lie on the device: images `[N, height, width, C]`. */
export class ByteTensor {
  readonly shape: readonly number[];
  #values: tf.Tensor;
  constructor(data: Uint8Array, shape: readonly number[]) {
    this.shape = shape;
    this.#values = tf.keep(tf.tensor(Int32Array.from(data), [...shape], "int32"));
  }
  /** The rows at `indices` (int32 `[B]`) as float32 `[B, …]`. */
  gather(indices: tf.Tensor1D): tf.Tensor {
    return tf.tidy(() => tf.cast(tf.gather(this.#values, indices), "float32"));
  }
  dispose(): void {
    this.#values.dispose();
  }
}
