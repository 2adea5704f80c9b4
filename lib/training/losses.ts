import * as tf from "../tensor/tf.ts";
import { checkedIndices } from "../tensor/checked_indices.ts";
import * as ops from "../tensor/ops.ts";

/** Class indices `[B]` (int32), or soft labels `[B, classes]` (float32). */
export type Labels = tf.Tensor1D | tf.Tensor2D;

/** The loss of each example: logits `[B, classes]` and labels → `[B]`. */
export type Loss = (logits: tf.Tensor2D, labels: Labels) => tf.Tensor1D;

/** How much {@link crossEntropy} smooths labels. */
export interface CrossEntropyOptions {
  /**
   * The part of the probability that is spread evenly over all classes, as in PyTorch
   * ("Rethinking the Inception Architecture", arXiv 1512.00567). Default: 0.
   */
  labelSmoothing?: number;
}

/**
 * The cross-entropy of each example, `[B, classes] → [B]`; labels are class indices or probabilities.
 *
 * Throws a RangeError when `labelSmoothing` is not in [0, 1), the shapes do not fit, or a label is none of
 * the classes.
 */
export function crossEntropyOfEach(
  logits: tf.Tensor2D,
  labels: Labels,
  { labelSmoothing = 0 }: CrossEntropyOptions = {},
): tf.Tensor1D {
  requireShapes(logits, labels);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new RangeError(`crossEntropy: labelSmoothing is ${labelSmoothing}, must be in [0, 1)`);
  }
  const classes = logits.shape[1];
  return tf.tidy(() => {
    const checked = labels.rank === 1 ? checkedIndices(labels, classes, "label") : labels;
    if (labelSmoothing === 0) return ops.crossEntropy(logits, checked);
    const target = checked.rank === 1 ? tf.oneHot(checked as tf.Tensor1D, classes) : checked;
    const spread = labelSmoothing / classes;
    const smooth = tf.add(tf.mul(tf.cast(target, "float32"), 1 - labelSmoothing), spread);
    return ops.crossEntropy(logits, smooth as tf.Tensor2D);
  });
}

/**
 * The mean cross-entropy of a batch, `[B, classes] → scalar`.
 *
 * ```ts
 * const logits = tf.tensor2d([[0, 0]]);
 * await crossEntropy(logits, tf.tensor1d([1], "int32")).array(); // 0.6931
 * ```
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: Labels,
  options: CrossEntropyOptions = {},
): tf.Scalar {
  return tf.tidy(() => tf.mean(crossEntropyOfEach(logits, labels, options)) as tf.Scalar);
}

/** Cross-entropy with label smoothing, as a trainer's `loss`. */
export function smoothedCrossEntropy(labelSmoothing: number): Loss {
  return (logits, labels) => crossEntropyOfEach(logits, labels, { labelSmoothing });
}

function requireShapes(logits: tf.Tensor2D, labels: Labels): void {
  const [batch, classes] = logits.shape;
  const fits = logits.rank === 2 && labels.shape[0] === batch &&
    (labels.rank === 1 || labels.rank === 2 && labels.shape[1] === classes);
  if (fits) return;
  throw new RangeError(
    `crossEntropy: logits are [${logits.shape}] and labels [${labels.shape}]; ` +
      `they must be [B, classes] and [B] or [B, classes]`,
  );
}
