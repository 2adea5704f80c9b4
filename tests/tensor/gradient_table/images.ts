/** Convolution, pooling, normalisation and images. */
import * as tf from "../../../lib/tensor/tf.ts";
import type { Entry } from "./judge.ts";

/** tf.batchNorm takes the offset before the scale, and either may be missing. */
const batchNormalization = (name: "batchNorm" | "batchNorm2d" | "batchNorm3d" | "batchNorm4d") => [
  name,
  {
    compute: ([x, mean, variance, ...rest], { scale, offset }) => {
      const [factor, shift] = [scale && rest.shift(), offset && rest.shift()];
      // deno-lint-ignore no-explicit-any
      const normalize = tf[name] as (...given: any[]) => tf.Tensor;
      return normalize(x, mean, variance, shift || undefined, factor || undefined, 0.01);
    },
  } satisfies Entry,
];

export const images: Record<string, Entry> = {
  conv1d: {
    compute: ([x, filter], { stride, pad, dilation }) =>
      tf.conv1d(x, filter, stride, pad, "NWC", dilation),
  },
  conv2d: {
    compute: ([x, filter], { strides, pad, dilations, format }) =>
      tf.conv2d(x, filter, strides, pad, format, dilations),
  },
  conv3d: {
    compute: ([x, filter], { strides, pad, dilations }) =>
      tf.conv3d(x, filter, strides, pad, "NDHWC", dilations),
  },
  depthwiseConv2d: {
    compute: ([x, filter], { strides, pad, dilations }) =>
      tf.depthwiseConv2d(x, filter, strides, pad, "NHWC", dilations),
  },
  separableConv2d: {
    compute: ([x, depthwise, pointwise], { stride, pad }) =>
      tf.separableConv2d(x, depthwise, pointwise, stride, pad),
  },
  conv2dTranspose: {
    compute: ([x, filter], { shape, stride, pad }) =>
      tf.conv2dTranspose(x, filter, shape, stride, pad),
  },
  conv3dTranspose: {
    compute: ([x, filter], { shape, stride, pad }) =>
      tf.conv3dTranspose(x, filter, shape, stride, pad),
  },
  "fused.conv2d": {
    compute: ([x, filter, bias], { strides, pad, dilations, activation }) =>
      tf.fused.conv2d({ x, filter, strides, pad, dilations, bias, activation }),
  },
  "fused.depthwiseConv2d": {
    compute: ([x, filter, bias], { strides, pad, dilations, activation }) =>
      tf.fused.depthwiseConv2d({ x, filter, strides, pad, dilations, bias, activation }),
  },
  dilation2d: {
    compute: ([x, filter], { strides, pad, dilations }) =>
      tf.dilation2d(x, filter, strides, pad, dilations),
    withoutSecond: "TensorFlow has none",
  },
  maxPool: {
    compute: ([x], { filterSize, strides, pad }) => tf.maxPool(x, filterSize, strides, pad),
  },
  avgPool: {
    compute: ([x], { filterSize, strides, pad }) => tf.avgPool(x, filterSize, strides, pad),
  },
  maxPool3d: {
    compute: ([x], { filterSize, strides, pad }) => tf.maxPool3d(x, filterSize, strides, pad),
  },
  avgPool3d: {
    compute: ([x], { filterSize, strides, pad }) => tf.avgPool3d(x, filterSize, strides, pad),
  },
  pool: {
    compute: ([x], { kind, pad, dilations, strides }) =>
      tf.pool(x, 2, kind, pad, dilations, strides),
  },
  maxPoolWithArgmax: {
    compute: ([x], { pad, strides, batch }) =>
      tf.maxPoolWithArgmax(x, 2, strides, pad, batch).result,
  },
  ...Object.fromEntries(
    (["batchNorm", "batchNorm2d", "batchNorm3d", "batchNorm4d"] as const).map(batchNormalization),
  ),
  localResponseNormalization: {
    compute: ([x], { radius, bias, alpha, beta }) =>
      tf.localResponseNormalization(x, radius, bias, alpha, beta),
  },
  "image.resizeBilinear": {
    compute: ([x], { size, alignCorners, halfPixelCenters }) =>
      tf.image.resizeBilinear(x, size, alignCorners, halfPixelCenters),
  },
  "image.resizeNearestNeighbor": {
    compute: ([x], { size, alignCorners, halfPixelCenters }) =>
      tf.image.resizeNearestNeighbor(x, size, alignCorners, halfPixelCenters),
  },
  "image.cropAndResize": {
    compute: ([x, boxes, which], { method, size }) =>
      tf.image.cropAndResize(x, boxes, which, size, method, 0.5),
    // Places move from pixel to pixel with the boxes.
    ...{ step: 2 ** -10, tolerance: 2e-2 },
  },
  "image.flipLeftRight": { compute: ([x]) => tf.image.flipLeftRight(x) },
  "image.rotateWithOffset": {
    compute: ([x], { radians, center }) => tf.image.rotateWithOffset(x, radians, 0.5, center),
  },
  "image.transform": {
    compute: ([x, transforms], { interpolation }) =>
      tf.image.transform(x, transforms, interpolation, "constant", 0),
  },
  "image.grayscaleToRGB": { compute: ([x]) => tf.image.grayscaleToRGB(x) },
  "image.rgbToGrayscale": { compute: ([x]) => tf.image.rgbToGrayscale(x) },
};
