/** Resizing, cropping and moving images. */
import * as tf from "tfjs";
import { cropped, rotated, transformed } from "../sampling.ts";
import { gradient } from "./register.ts";

/** How far, along one axis, each place of a resized image takes from each place of the image. */
function resizing(
  from: number,
  to: number,
  { nearest, alignCorners, halfPixelCenters }: {
    nearest: boolean;
    alignCorners: boolean;
    halfPixelCenters: boolean;
  },
): tf.Tensor2D {
  const last = from - 1;
  // In float32, as TensorFlow computes them: places that lie on a boundary fall to the same side.
  const scale = Math.fround(alignCorners && to > 1 ? last / (to - 1) : from / to);
  const shares = new Float32Array(to * from);
  for (let place = 0; place < to; place++) {
    const centre = halfPixelCenters
      ? Math.fround(Math.fround(place + 0.5) * scale) - (nearest ? 0 : 0.5)
      : Math.fround(place * scale);
    if (nearest) {
      const at = alignCorners ? Math.round(centre) : Math.floor(centre);
      shares[place * from + Math.max(0, Math.min(last, at))] = 1;
      continue;
    }
    const below = Math.floor(centre), share = centre - below;
    shares[place * from + Math.max(0, below)] += 1 - share;
    shares[place * from + Math.min(last, Math.max(0, Math.ceil(centre)))] += share;
  }
  return tf.tensor2d(shares, [to, from]);
}

// tfjs's know nothing of half-pixel centres. Resizing is a matrix for the rows and one for the columns.
for (const kernelName of ["ResizeBilinear", "ResizeNearestNeighbor"]) {
  const nearest = kernelName === "ResizeNearestNeighbor";
  gradient(kernelName, { inputs: ["images"] }, (dy, [images], attributes) => ({
    images: () => {
      const { alignCorners, halfPixelCenters } = attributes;
      const options = { nearest, alignCorners, halfPixelCenters };
      const [batch, height, width, channels] = images.shape;
      const [, rows, columns] = dy.shape;
      const overRows = tf.matMul(
        resizing(height, rows, options),
        tf.reshape(dy, [batch, rows, columns * channels]),
        true,
      );
      const overColumns = tf.matMul(
        resizing(width, columns, options),
        tf.reshape(overRows, [batch * height, columns, channels]),
        true,
      );
      return tf.reshape(overColumns, images.shape);
    },
  }));
}

/** The gradient of `compute` by one tensor, for a kernel that has the same values. */
const through = (compute: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, dy: tf.Tensor) =>
  tf.grad(compute)(x, dy);

// deno-lint-ignore no-explicit-any
type Options = any;

gradient("CropAndResize", { inputs: ["image", "boxes", "boxInd"] }, (dy, saved, attributes) => {
  const [image, boxes, indices] = saved, options = attributes as Options;
  return {
    image: () => through((x) => cropped(x, boxes, indices, options), image, dy),
    boxes: () => through((x) => cropped(image, x, indices, options), boxes, dy),
    boxInd: () => tf.zeros(indices.shape),
  };
});

// TensorFlow moves the gradient by the inverse transform, which is right for whole steps alone.
gradient("Transform", { inputs: ["image", "transforms"] }, (dy, saved, attributes) => {
  const [image, transforms] = saved, options = attributes as Options;
  return {
    image: () => through((x) => transformed(x, transforms, options), image, dy),
    transforms: () => through((x) => transformed(image, x, options), transforms, dy),
  };
});

gradient("RotateWithOffset", { inputs: ["image"] }, (dy, [image], attributes) => ({
  image: () => through((x) => rotated(x, attributes as Options), image, dy),
}));
