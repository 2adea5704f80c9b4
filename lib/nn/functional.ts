import * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import type { Random } from "../random.ts";

/**
 * Zeroes each value with probability `rate` and scales the others by 1/(1 − rate), so that the
 * expected value stays as it was.
 */
export function dropout(x: tf.Tensor, rate: number, random: Random): tf.Tensor {
  return tf.tidy(() => {
    const kept = random.chance(x.shape, 1 - rate);
    return ops.masked(x, kept, 1 / (1 - rate));
  });
}

/**
 * Cuts images into square patches in reading order, each flattened row by row with its channels
 * last: `[B, height, width, C] → [B, N, p·p·C]`.
 *
 * Throws a `RangeError` where the patch size does not divide height and width.
 *
 * ```ts
 * patchify(tf.zeros([2, 28, 28, 1]), 7).shape; // [2, 16, 49]
 * ```
 */
export function patchify(images: tf.Tensor, patchSize: number): tf.Tensor3D {
  const [batch, height, width, channels] = images.shape;
  if (height % patchSize !== 0 || width % patchSize !== 0) {
    throw new RangeError(
      `patchify: patches of ${patchSize}×${patchSize} do not tile images of ${height}×${width}`,
    );
  }
  const rows = height / patchSize;
  const columns = width / patchSize;
  return tf.tidy(() => {
    // A pixel row of a patch stays in one piece, so that the transposition has four axes, not six.
    const strips = tf.reshape(images, [batch * rows, patchSize, columns, patchSize * channels]);
    const patches = tf.transpose(strips, [0, 2, 1, 3]); // [B·rows, columns, p, p·C]
    return tf.reshape(patches, [batch, rows * columns, patchSize * patchSize * channels]);
  });
}

/** Puts patches back into images, the inverse of {@link patchify}: `[B, N, p·p·C] → [B, height, width, C]`. */
export function unpatchify(
  patches: tf.Tensor,
  { patchSize, height, width }: { patchSize: number; height: number; width: number },
): tf.Tensor4D {
  const [batch, , values] = patches.shape;
  const rows = height / patchSize;
  const columns = width / patchSize;
  const channels = values / (patchSize * patchSize);
  return tf.tidy(() => {
    const grid = tf.reshape(patches, [batch * rows, columns, patchSize, patchSize * channels]);
    return tf.reshape(tf.transpose(grid, [0, 2, 1, 3]), [batch, height, width, channels]);
  });
}

/**
 * Each query's weights over the keys, `softmax(query · keyᵀ / √K)`: `[…, M, K], […, N, K] → […, M, N]`.
 *
 * ```ts
 * attentionWeights(tf.ones([2, 4, 8]), tf.ones([2, 5, 8])).shape; // [2, 4, 5]
 * ```
 */
export function attentionWeights(query: tf.Tensor, key: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    // The queries are fewer numbers than the products, so they are scaled.
    const scaled = tf.mul(query, 1 / Math.sqrt(query.shape.at(-1)!));
    return ops.softmax(tf.matMul(scaled, key, false, true));
  });
}

/**
 * Scaled dot-product attention (Attention Is All You Need, arXiv 1706.03762, eq. 1):
 * `[…, M, K], […, N, K], […, N, K] → […, M, K]`.
 *
 * ```ts
 * const tokens = tf.ones([2, 5, 8]);
 * scaledDotProductAttention(tokens, tokens, tokens).shape; // [2, 5, 8]
 * ```
 */
export function scaledDotProductAttention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
): tf.Tensor {
  return tf.tidy(() => tf.matMul(attentionWeights(query, key), value));
}

/**
 * `[B, N, parts·H·K]` as `parts` tensors `[B, H, N, K]`.
 *
 * ```ts
 * splitHeads(tf.ones([2, 5, 12]), 3)[0].shape; // [2, 3, 5, 4]
 * ```
 */
export function splitHeads(x: tf.Tensor, heads: number, parts = 1): tf.Tensor[] {
  const [batch, tokens, width] = x.shape;
  return tf.tidy(() => {
    if (parts === 1) {
      const split = tf.reshape(x, [batch, tokens, heads, width / heads]);
      return [tf.transpose(split, [0, 2, 1, 3])];
    }
    const split = tf.reshape(x, [batch, tokens, parts, heads, width / parts / heads]);
    return tf.unstack(tf.transpose(split, [2, 0, 3, 1, 4]));
  });
}

/** Puts the heads' results side by side: `[B, H, N, K] → [B, N, H·K]`. */
export function mergeHeads(x: tf.Tensor): tf.Tensor {
  const [batch, heads, tokens, headWidth] = x.shape;
  return tf.tidy(() =>
    tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * headWidth])
  );
}

/**
 * The same rows for every example: `[…, D] → [B, …, D]`. (The gradient of `tf.tile` adds one slice
 * after the other, that of an addition is one sum.)
 */
export function repeatForBatch(x: tf.Tensor, batch: number): tf.Tensor {
  return tf.tidy(() => tf.add(tf.zeros([batch, ...x.shape]), x));
}

/**
 * Sinusoidal position encoding (arXiv 1706.03762, section 3.5): feature 2i of position t is
 * sin(t / 10000^(2i/D)), feature 2i+1 the cosine of the same angle. `[positions, width]`
 */
export function sinusoidalPositions(positions: number, width: number): tf.Tensor2D {
  const values = new Float32Array(positions * width);
  for (let position = 0; position < positions; position++) {
    for (let feature = 0; feature < width; feature++) {
      const even = feature - feature % 2;
      const angle = position / 10000 ** (even / width);
      values[position * width + feature] = feature === even ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return tf.tensor2d(values, [positions, width]);
}

/** Zeros on every side of the images' two middle axes, in rows and columns. */
export interface Padding {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** What TensorFlow's "same" would add along one axis: before and after it. */
function samePadding(size: number, window: number, stride: number): [number, number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + window - size, 0);
  return [total >> 1, total - (total >> 1)];
}

/** `padding` zeros before an axis, and after it as many of them as a window reaches. */
function reachedZeros(
  size: number,
  window: number,
  stride: number,
  padding: number,
): [before: number, after: number] {
  const outputs = Math.floor((size + 2 * padding - window) / stride) + 1;
  return [padding, Math.max(0, (outputs - 1) * stride + window - size - padding)];
}

/**
 * Chooses how to pool with `padding` on every side as PyTorch does: by TensorFlow's own "valid" or "same"
 * where they mean that, else by values added first. (For stride 2 and an even size, "same" adds its row at
 * the bottom only, and the windows lie one pixel further on.)
 */
function choosePadding(
  shape: readonly number[],
  window: number,
  stride: number,
  padding: number,
): { mode: "valid" | "same"; added?: Padding } {
  if (padding === 0) return { mode: "valid" };
  const [rows, columns] = [1, 2].map((axis) => reachedZeros(shape[axis], window, stride, padding));
  const isSame = [rows, columns].every(([before, after], axis) => {
    const [sameBefore, sameAfter] = samePadding(shape[axis + 1], window, stride);
    return before === sameBefore && after === sameAfter;
  });
  if (isSame) return { mode: "same" };
  const added = { top: rows[0], bottom: rows[1], left: columns[0], right: columns[1] };
  return { mode: "valid", added };
}

function padImages(x: tf.Tensor4D, { top, bottom, left, right }: Padding, value = 0): tf.Tensor4D {
  return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], value);
}

/**
 * Two-dimensional convolution (cross-correlation, as in every deep-learning library), padded with
 * `padding` zeros on every side as in PyTorch:
 * `[B, height, width, in], [rows, columns, in, out] → [B, height′, width′, out]`.
 */
export function conv2d(
  x: tf.Tensor,
  weight: tf.Tensor4D,
  { stride = 1, padding = 0 }: { stride?: number; padding?: number } = {},
): tf.Tensor4D {
  const [rows, columns] = weight.shape;
  return ops.conv2d(x as tf.Tensor4D, weight, {
    stride,
    zeros: [
      reachedZeros(x.shape[1]!, rows, stride, padding),
      reachedZeros(x.shape[2]!, columns, stride, padding),
    ],
  });
}

/** The largest value of each window, padding never being the largest: `[B, height, width, C]`. */
export function maxPool2d(
  x: tf.Tensor,
  window: number,
  { stride = window, padding = 0 }: { stride?: number; padding?: number } = {},
): tf.Tensor4D {
  return tf.tidy(() => {
    const { mode, added } = choosePadding(x.shape, window, stride, padding);
    const lowest = -3.4e38;
    const padded = added ? padImages(x as tf.Tensor4D, added, lowest) : x as tf.Tensor4D;
    return tf.maxPool(padded, window, stride, mode);
  });
}

/** The mean over all places of each channel: `[B, height, width, C] → [B, C]`. */
export function globalAveragePool(x: tf.Tensor): tf.Tensor2D {
  return tf.mean(x, [1, 2]);
}

/** Every `stride`-th place of both image axes, from the first: `[B, height, width, C]`. */
export function subsample(x: tf.Tensor, stride: number): tf.Tensor4D {
  if (stride === 1) return x as tf.Tensor4D;
  // The mean over windows of one place: unlike a strided slice it has a gradient.
  return tf.avgPool(x as tf.Tensor4D, 1, stride, "valid");
}

/** Adds channels of zeros behind those there are: `[B, height, width, C] → [B, height, width, channels]`. */
export function padChannels(x: tf.Tensor, channels: number): tf.Tensor4D {
  const missing = channels - x.shape.at(-1)!;
  if (missing === 0) return x as tf.Tensor4D;
  return tf.pad(x as tf.Tensor4D, [[0, 0], [0, 0], [0, 0], [0, missing]]);
}
