import * as tf from "../tensor/tf.ts";

export interface WarpOptions {
  /** Take the nearest pixel, or mix the four around. Default: nearest. */
  interpolation?: "nearest" | "bilinear";
  /** What lies outside of the image. Default: 0. */
  fill?: number;
}

/**
 * Moves pixels by one affine map an image: `[B, height, width, C], [B, 6] → [B, height, width, C]`.
 *
 * A row (a, b, c, d, e, f) says where an output pixel comes from: from (a·x + b·y + c, d·x + e·y + f),
 * with x to the right and y down, measured in pixels from the image's middle.
 */
export function warp(
  images: tf.Tensor4D,
  matrices: tf.Tensor2D,
  { interpolation = "nearest", fill = 0 }: WarpOptions = {},
): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const pixels = height * width;
  const middleX = (width - 1) / 2;
  const middleY = (height - 1) / 2;
  const grid = new Float32Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    grid[pixel] = pixel % width - middleX;
    grid[pixels + pixel] = Math.floor(pixel / width) - middleY;
    grid[2 * pixels + pixel] = 1;
  }
  const rows = tf.reshape(matrices, [batch * 2, 3]);
  const sources = tf.matMul(rows, tf.tensor2d(grid, [3, pixels]));
  const [fromMiddleX, fromMiddleY] = tf.unstack(tf.reshape(sources, [batch, 2, pixels]), 1);
  const x = tf.add(fromMiddleX, middleX);
  const y = tf.add(fromMiddleY, middleY);

  const flat = tf.reshape(images, [batch, pixels, channels]);
  /** The pixels at whole coordinates, and where there are such: `[B·pixels, C]`, `[B·pixels, 1]`. */
  const at = (wholeX: tf.Tensor, wholeY: tf.Tensor) => {
    const column = tf.clipByValue(wholeX, 0, width - 1);
    const row = tf.clipByValue(wholeY, 0, height - 1);
    const inside = tf.logicalAnd(tf.equal(column, wholeX), tf.equal(row, wholeY));
    const inImage = tf.cast(tf.add(tf.mul(row, width), column), "int32");
    return {
      values: tf.reshape(tf.gather(flat, inImage, 1, 1), [-1, channels]),
      inside: tf.reshape(tf.cast(inside, "float32"), [-1, 1]),
    };
  };
  /** `share` of it is there, the rest is outside. */
  const filled = (values: tf.Tensor, share: tf.Tensor) =>
    fill === 0 ? values : tf.add(values, tf.mul(tf.sub(1, share), fill));

  if (interpolation === "nearest") {
    const { values, inside } = at(tf.round(x), tf.round(y));
    return tf.reshape(filled(tf.mul(values, inside), inside), images.shape);
  }
  const left = tf.floor(x);
  const top = tf.floor(y);
  const right = tf.add(left, 1);
  const bottom = tf.add(top, 1);
  const corners = [[left, top], [right, top], [left, bottom], [right, bottom]] as const;
  const parts = corners.map(([cornerX, cornerY]) => {
    const { values, inside } = at(cornerX, cornerY);
    const nearness = tf.mul(
      tf.sub(1, tf.abs(tf.sub(x, cornerX))),
      tf.sub(1, tf.abs(tf.sub(y, cornerY))),
    );
    const weight = tf.mul(tf.reshape(nearness, [-1, 1]), inside);
    return { values: tf.mul(values, weight), weight };
  });
  const values = tf.addN(parts.map((part) => part.values));
  return tf.reshape(filled(values, tf.addN(parts.map((part) => part.weight))), images.shape);
}
