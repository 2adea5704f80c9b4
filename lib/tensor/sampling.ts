/** Reading images at places between their pixels, by ops that can be differentiated. */
import * as tf from "tfjs";

/** The pixels of `images` at whole rows and columns: `[B, height, width, C], [N], [N, …] → [N, …, C]`. */
function pixels(
  images: tf.Tensor,
  image: tf.Tensor,
  row: tf.Tensor,
  column: tf.Tensor,
  fill: number,
): tf.Tensor {
  const [batch, height, width, channels] = images.shape;
  const inside = (at: tf.Tensor, size: number) =>
    tf.logicalAnd(tf.greaterEqual(at, 0), tf.lessEqual(at, size - 1));
  const within = tf.logicalAnd(inside(row, height), inside(column, width));
  const whole = (at: tf.Tensor, size: number) => tf.cast(tf.clipByValue(at, 0, size - 1), "int32");
  const int = (value: number) => tf.scalar(value, "int32");
  const first = tf.reshape(tf.mul(image, int(height * width)), [-1, 1, 1]);
  const inImage = tf.add(tf.mul(whole(row, height), int(width)), whole(column, width));
  const flat = tf.reshape(images, [batch * height * width, channels]);
  const values = tf.gather(flat, tf.cast(tf.add(first, inImage), "int32"));
  return tf.where(tf.expandDims(within, -1), values, tf.scalar(fill));
}

/** The nearest pixels; `row` and `column` are `[N, rows, columns]`, `image` the image of each of the N. */
export function nearest(
  images: tf.Tensor,
  image: tf.Tensor,
  row: tf.Tensor,
  column: tf.Tensor,
  fill: number,
): tf.Tensor {
  const near = (at: tf.Tensor) => tf.floor(tf.add(at, 0.5));
  return pixels(images, image, near(row), near(column), fill);
}

/** Between four pixels; each of them that lies outside of the image counts as `fill`. */
export function bilinear(
  images: tf.Tensor,
  image: tf.Tensor,
  row: tf.Tensor,
  column: tf.Tensor,
  fill: number,
): tf.Tensor {
  const top = tf.floor(row), left = tf.floor(column);
  const down = tf.expandDims(tf.sub(row, top), -1), right = tf.expandDims(tf.sub(column, left), -1);
  const mixed = (a: tf.Tensor, b: tf.Tensor, share: tf.Tensor) =>
    tf.add(a, tf.mul(tf.sub(b, a), share));
  const inRow = (at: tf.Tensor) =>
    mixed(
      pixels(images, image, at, left, fill),
      pixels(images, image, at, tf.add(left, 1), fill),
      right,
    );
  return mixed(inRow(top), inRow(tf.add(top, 1)), down);
}

/** Where a coordinate beyond the edge reads: `TensorFlow's fill modes`, by their formulas. */
function mapped(at: tf.Tensor, size: number, mode: string): tf.Tensor {
  switch (mode) {
    case "reflect": {
      if (size === 1) return tf.zerosLike(at);
      const there = tf.mod(at, 2 * size);
      const back = tf.sub(2 * size - 1, there);
      return tf.clipByValue(tf.where(tf.less(there, size), there, back), 0, size - 1);
    }
    case "wrap": {
      if (size === 1) return tf.zerosLike(at);
      const laps = tf.floor(tf.div(tf.abs(at), size - 1));
      const below = tf.add(at, tf.mul(tf.add(laps, 1), size));
      const above = tf.sub(at, tf.mul(laps, size));
      const inside = tf.where(tf.greater(at, size - 1), above, at);
      return tf.clipByValue(tf.where(tf.less(at, 0), below, inside), 0, size - 1);
    }
    case "nearest":
      return tf.clipByValue(at, 0, size - 1);
    default:
      return at;
  }
}

/** How `transformed` reads. */
export interface Transformation {
  interpolation: "nearest" | "bilinear";
  fillMode: "constant" | "reflect" | "wrap" | "nearest";
  fillValue: number;
  outputShape?: [number, number];
}

/**
 * `tf.image.transform`: each pixel (x, y) of the output reads the image at ((a x + b y + c) / k,
 * (d x + e y + f) / k) with k = g x + h y + 1, for the transform [a, …, h].
 */
export function transformed(
  images: tf.Tensor,
  transforms: tf.Tensor,
  { interpolation, fillMode, fillValue, outputShape }: Transformation,
): tf.Tensor {
  const [batch, height, width] = images.shape;
  const [rows, columns] = outputShape ?? [height, width];
  const y = tf.reshape(tf.range(0, rows), [1, rows, 1]);
  const x = tf.reshape(tf.range(0, columns), [1, 1, columns]);
  const parts = tf.split(transforms, 8, 1).map((part) => tf.reshape(part, [-1, 1, 1]));
  const linear = (first: number) => tf.add(tf.mul(parts[first], x), tf.mul(parts[first + 1], y));
  const depth = tf.add(linear(6), 1);
  const isFinite = tf.notEqual(depth, 0);
  const projected = (first: number, size: number) => {
    const at = tf.div(
      tf.add(linear(first), parts[first + 2]),
      tf.where(isFinite, depth, tf.onesLike(depth)),
    );
    return tf.tile(mapped(at, size, fillMode), [transforms.shape[0] === batch ? 1 : batch, 1, 1]);
  };
  const read = interpolation === "bilinear" ? bilinear : nearest;
  const image = tf.range(0, batch, 1, "int32");
  const values = read(images, image, projected(3, height), projected(0, width), fillValue);
  return tf.where(tf.expandDims(isFinite, -1), values, tf.scalar(fillValue));
}

/** `tf.image.cropAndResize`: boxes `[N, 4]` of `images[boxIndices]`, resized to `cropSize`. */
export function cropped(
  images: tf.Tensor,
  boxes: tf.Tensor,
  boxIndices: tf.Tensor,
  { cropSize, method, extrapolationValue }: {
    cropSize: [number, number];
    method: "bilinear" | "nearest";
    extrapolationValue: number;
  },
): tf.Tensor {
  const [top, left, bottom, right] = tf.split(boxes, 4, 1); // [N, 1] each
  const along = (from: tf.Tensor, to: tf.Tensor, size: number, count: number) => {
    if (count === 1) return tf.mul(tf.add(from, to), 0.5 * (size - 1));
    const shares = tf.reshape(tf.mul(tf.range(0, count), 1 / (count - 1)), [1, count]);
    return tf.mul(tf.add(from, tf.mul(tf.sub(to, from), shares)), size - 1);
  };
  const [, height, width] = images.shape;
  const inside = (at: tf.Tensor, size: number) =>
    tf.logicalAnd(tf.greaterEqual(at, 0), tf.lessEqual(at, size - 1));
  const rows = tf.expandDims(along(top, bottom, height, cropSize[0]), 2);
  const columns = tf.expandDims(along(left, right, width, cropSize[1]), 1);
  const within = tf.logicalAnd(inside(rows, height), inside(columns, width));
  const read = method === "nearest" ? nearest : bilinear;
  const values = read(images, boxIndices, rows, columns, extrapolationValue);
  return tf.where(tf.expandDims(within, -1), values, tf.scalar(extrapolationValue));
}

/**
 * `tf.image.rotateWithOffset`: the nearest pixels of the rotated places, which are computed here, on the host.
 * `fillValue` is one number, or one for each channel but a fourth, which is opaque.
 */
export function rotated(
  images: tf.Tensor,
  { radians, fillValue, center }: {
    radians: number;
    fillValue: number | number[];
    center: number | [number, number];
  },
): tf.Tensor {
  const [batch, height, width, channels] = images.shape;
  const [centerX, centerY] = tf.backend_util.getImageCenter(center, height, width);
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  const places = new Int32Array(height * width), isInside = new Uint8Array(height * width);
  for (let at = 0; at < places.length; at++) {
    const x = at % width - centerX, y = Math.floor(at / width) - centerY;
    const column = Math.round(x * cosine - y * sine + centerX);
    const row = Math.round(x * sine + y * cosine + centerY);
    if (column < 0 || column >= width || row < 0 || row >= height) continue;
    places[at] = row * width + column;
    isInside[at] = 1;
  }
  const opaque = 255, alpha = 3;
  const fill = typeof fillValue === "number"
    ? Array(channels).fill(fillValue)
    : Array.from({ length: channels }, (_, index) => index === alpha ? opaque : fillValue[index]);
  const flat = tf.reshape(images, [batch, height * width, channels]);
  const values = tf.gather(flat, tf.tensor1d(places, "int32"), 1);
  const inside = tf.tensor(isInside, [1, height * width, 1], "bool");
  return tf.reshape(tf.where(inside, values, tf.tensor1d(fill)), images.shape);
}
