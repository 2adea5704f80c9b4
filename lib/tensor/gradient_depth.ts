/** Gradients of gradients. */
import * as tf from "tfjs";

/** How many gradients, one within the other, are being recorded now: 0 outside of any. */
export function gradientDepth(): number {
  return (tf.engine().state as unknown as { gradientDepth: number }).gradientDepth;
}
