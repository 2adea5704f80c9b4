/**
 * The gradient of a two-dimensional convolution as products of matrices and one more convolution, for tfjs's
 * WASM backend: it lacks the filter's gradient, and computes the image's without its fast routines.
 */
import * as tf from "tfjs";
import { withExplicitPadding } from "./explicit_padding.ts";

interface ConvolutionAttributes {
  strides: [number, number] | number;
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dataFormat: "NHWC" | "NCHW";
  dilations: [number, number] | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

type Sizes = tf.backend_util.Conv2DInfo;

/** Convolutions with dilation or channels first keep tfjs's gradient. */
export function replaceConvolutionGradient(): void {
  const before = tf.getGradient(tf.Conv2D);
  tf.unregisterGradient(tf.Conv2D);
  tf.registerGradient({
    ...before,
    gradFunc: (upstream, saved, attributes) => {
      const { strides, pad, dataFormat, dilations, dimRoundingMode } = withExplicitPadding(
        attributes as unknown as ConvolutionAttributes,
      );
      if (dataFormat !== "NHWC" || [dilations].flat().some((each) => each !== 1)) {
        return before.gradFunc(upstream, saved, attributes);
      }
      const [dy, x, filter] = [upstream, ...saved] as tf.Tensor4D[];
      const sizes = tf.backend_util.computeConv2DInfo(
        ...[x.shape, filter.shape, strides, 1, pad, dimRoundingMode] as const,
      );
      return {
        x: () => imageGradient(dy, filter, sizes),
        filter: () => filterGradient(dy, x, sizes),
      };
    },
  });
}

/** One product for each place of the window, with the pixels that it meets. */
function filterGradient(dy: tf.Tensor4D, x: tf.Tensor4D, sizes: Sizes): tf.Tensor {
  const { batchSize, outHeight, outWidth, inChannels, outChannels } = sizes;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = sizes;
  const { top, left } = sizes.padInfo;
  // Whole strides below and to the right, so that all places of the window have as many pixels.
  const height = filterHeight - 1 + outHeight * strideHeight;
  const width = filterWidth - 1 + outWidth * strideWidth;
  const [bottom, right] = [height - top - x.shape[1], width - left - x.shape[2]];
  const zeros = [[0, 0], [top, Math.max(0, bottom)], [left, Math.max(0, right)], [0, 0]];
  const images = tf.pad(x, zeros as [number, number][]) as tf.Tensor4D;
  const gradients = tf.reshape(dy, [-1, outChannels]) as tf.Tensor2D;
  const products: tf.Tensor[] = [];
  for (let row = 0; row < filterHeight; row++) {
    for (let column = 0; column < filterWidth; column++) {
      const size = [
        batchSize,
        outHeight * strideHeight,
        outWidth * strideWidth,
        inChannels,
      ] as const;
      const seen = part(images, row, column, size);
      const pixels = tf.reshape(firstOfStrides(seen, sizes), [-1, inChannels]);
      products.push(tf.matMul(pixels, gradients, true, false));
    }
  }
  return tf.reshape(tf.stack(products), [filterHeight, filterWidth, inChannels, outChannels]);
}

/** A part of images from a row and a column on; WASM copies long runs of pixels faster than single ones. */
function part(
  images: tf.Tensor4D,
  row: number,
  column: number,
  [batch, height, width, channels]: readonly [number, number, number, number],
): tf.Tensor4D {
  const rows = tf.reshape(images, [batch, images.shape[1], -1]);
  const found = tf.slice(rows, [0, row, column * channels], [batch, height, width * channels]);
  return tf.reshape(found, [batch, height, width, channels]);
}

/** `[B, n · stride, m · stride, C] → [B, n, m, C]`: each stride's first row and column. */
function firstOfStrides(x: tf.Tensor4D, { strideHeight, strideWidth }: Sizes): tf.Tensor {
  if (strideHeight === 1 && strideWidth === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const [rows, columns] = [height / strideHeight, width / strideWidth];
  const split = tf.reshape(x, [batch * rows, strideHeight, columns, strideWidth * channels]);
  const first = tf.slice(split, [0, 0, 0, 0], [batch * rows, 1, columns, channels]);
  return tf.reshape(first, [batch, rows, columns, channels]);
}

/** The convolution of the gradients, as far apart as the strides, with the window turned about. */
function imageGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, sizes: Sizes): tf.Tensor {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = sizes;
  const { strideHeight, strideWidth, inShape, padInfo: { top, bottom, left, right } } = sizes;
  // What the window's first pixel covers from its first place to its last.
  const [height, width] = [(outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1];
  const all = amongZeros(dy, sizes);
  const apart = tf.slice(all, [0, 0, 0, 0], [dy.shape[0], height, width, dy.shape[3]]);
  const padded = tf.pad(apart, [
    [0, 0],
    [filterHeight - 1, inHeight + top + bottom - height],
    [filterWidth - 1, inWidth + left + right - width],
    [0, 0],
  ]) as tf.Tensor4D;
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
  return part(tf.conv2d(padded, turned, 1, "valid") as tf.Tensor4D, top, left, inShape);
}

/** `[B, n, m, C] → [B, n · stride, m · stride, C]`: zeros after each row and column. */
function amongZeros(dy: tf.Tensor4D, { strideHeight, strideWidth }: Sizes): tf.Tensor {
  if (strideHeight === 1 && strideWidth === 1) return dy;
  const [batch, height, width, channels] = dy.shape;
  const split = tf.reshape(dy, [batch * height, 1, width, channels]);
  const more = [[0, 0], [0, strideHeight - 1], [0, 0], [0, (strideWidth - 1) * channels]];
  const spread = tf.pad(split, more as [number, number][]);
  return tf.reshape(spread, [batch, height * strideHeight, width * strideWidth, channels]);
}
