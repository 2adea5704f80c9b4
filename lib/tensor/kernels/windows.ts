/**
 * Convolutions and pooling with what TensorFlow's kernels for the processor do not have: whole numbers as
 * padding, channels first, and dilated windows. The map is padded beforehand, so that the kernels see "valid".
 * Plain JavaScript's kernels see nothing else: with "same" their averages' gradients count the padding, and
 * strides beyond a window over three axes begin in the wrong place.
 */
import * as tf from "tfjs";
import { stretched } from "../axes.ts";
import { withExplicitPadding } from "../explicit_padding.ts";
import { type Attributes, type Inputs, NATIVE, wrapKernel } from "./register.ts";

const { computeConv2DInfo, computeConv3DInfo, computePool2DInfo, computePool3DInfo } =
  tf.backend_util;

type Paddings = [before: number, after: number][];

/** One axis of a window over a map. */
interface Axis {
  size: number;
  window: number;
  stride: number;
  before: number;
  places: number;
}

/** What tfjs says of a window, for its two or three axes. */
// deno-lint-ignore no-explicit-any
function axesOf(info: any, isDeep: boolean): Axis[] {
  const axis = (name: string, given: number): Axis => {
    const [size, window] = [info[`in${name}`], info[`effectiveFilter${name}`]];
    const [stride, places] = [info[`stride${name}`], info[`out${name}`]];
    const total = Math.max(0, (places - 1) * stride + window - size);
    const before = info.padInfo.type === "SAME" ? Math.floor(total / 2) : given;
    return { size, window, stride, before, places };
  };
  const { front, top, left } = info.padInfo;
  const flat = [axis("Height", top), axis("Width", left)];
  return isDeep ? [axis("Depth", front), ...flat] : flat;
}

/** Paddings that take all windows, of a map `[B, …axes, C]`. */
// deno-lint-ignore no-explicit-any
function paddingsOf(info: any, isDeep: boolean): Paddings {
  const around = axesOf(info, isDeep).map(({ size, window, stride, before, places }) => {
    const reach = (places - 1) * stride + window;
    return [before, Math.max(0, reach - before - size)] as Paddings[number];
  });
  return [[0, 0], ...around, [0, 0]];
}

const grown = (shape: number[], paddings: Paddings) =>
  shape.map((size, axis) => size + paddings[axis][0] + paddings[axis][1]);
/** The map without its padding. */
const inner = (x: tf.Tensor, paddings: Paddings, shape: number[]) =>
  tf.slice(x, paddings.map(([before]) => before), shape);

// ---- Convolution ------------------------------------------------------------------------------

/** What the three kernels of a convolution have in common. */
interface Convolution {
  forward: string;
  toInput: string;
  toFilter: string;
  isDeep?: boolean;
  isDepthwise?: boolean;
}

/** Whether a backend's kernels know what to do with a padding. */
const isKnown = (pad: unknown, backendName: string) =>
  pad === "valid" || (pad === "same" && backendName === NATIVE);

const convolutions: Convolution[] = [
  { forward: "Conv2D", toInput: "Conv2DBackpropInput", toFilter: "Conv2DBackpropFilter" },
  {
    forward: "Conv3D",
    toInput: "Conv3DBackpropInputV2",
    toFilter: "Conv3DBackpropFilterV2",
    isDeep: true,
  },
  {
    forward: "DepthwiseConv2dNative",
    toInput: "DepthwiseConv2dNativeBackpropInput",
    toFilter: "DepthwiseConv2dNativeBackpropFilter",
    isDepthwise: true,
  },
];

const toLast = [0, 2, 3, 1], toFirst = [0, 3, 1, 2];
const permuted = <T>(values: T[], order: number[]) => order.map((from) => values[from]);
/** Attributes of the same convolution with channels last. */
const withChannelsLast = (attributes: Attributes) => ({
  ...attributes,
  dataFormat: "NHWC",
  pad: Array.isArray(attributes.pad) ? permuted(attributes.pad, toLast) : attributes.pad,
});
const isChannelsFirst = ({ dataFormat }: Attributes) => dataFormat === "NCHW";

function convolutionPaddings(
  x: number[],
  filter: number[],
  { strides, pad, dimRoundingMode, dilations }: Attributes,
  { isDeep = false, isDepthwise }: Convolution,
  backendName: string,
): Paddings | null {
  if (isKnown(pad, backendName)) return null;
  const info = isDeep
    ? computeConv3DInfo(
      x as [number, number, number, number, number],
      filter as [number, number, number, number, number],
      strides,
      dilations ?? 1,
      pad,
      false,
      "channelsLast",
      dimRoundingMode,
    )
    : computeConv2DInfo(
      x as [number, number, number, number],
      filter as [number, number, number, number],
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      isDepthwise,
    );
  return paddingsOf(info, isDeep);
}

/**
 * A convolution over three axes, where oneDNN's kernel is wrong in silence: where the window fits nowhere it gives its
 * input on as it is; where it fits once along the last axis, with a stride, a map of one channel is misread.
 */
function deepConvolution(
  run: (inputs: Inputs, attributes: Attributes) => tf.Tensor,
  { x, filter }: Inputs,
  attributes: Attributes,
): tf.Tensor {
  const info = computeConv3DInfo(
    x.shape as [number, number, number, number, number],
    filter.shape as [number, number, number, number, number],
    attributes.strides,
    1,
    attributes.pad,
  );
  const places = info.outShape.map((size) => size + 0); // −0 is none too
  if (places.includes(0)) return tf.zeros(places);
  if (places[3] !== 1 || info.strideWidth === 1) return run({ x, filter }, attributes);
  const padded = tf.pad(x, paddingsOf(info, true));
  const window = padded.shape.map((size, axis) => axis === 3 ? filter.shape[2]! : size);
  const met = tf.slice(padded, [0, 0, 0, 0, 0], window);
  const strides = [info.strideDepth, info.strideHeight, 1];
  return run({ x: met, filter }, { ...attributes, strides, pad: "valid" });
}

/**
 * The same convolution by a filter with zeros between its places, where kernels know no dilations: those of three
 * axes nowhere, depthwise ones with oneDNN alone.
 */
function withoutDilations(
  filter: tf.Tensor,
  attributes: Attributes,
  { isDeep, isDepthwise }: Convolution,
): { filter: tf.Tensor; attributes: Attributes } {
  const dilations = attributes.dilations ?? 1;
  const isDilated = [dilations].flat().some((rate: number) => rate !== 1);
  if (!isDilated || !(isDeep || isDepthwise)) return { filter, attributes };
  const rates: number[] = Array.isArray(dilations) ? dilations : Array(3).fill(dilations);
  const axes = isDeep ? [0, 1, 2] : [0, 1];
  const spread = axes.reduce((wide, axis) => stretched(wide, axis, rates[axis]), filter);
  return { filter: spread, attributes: { ...attributes, dilations: axes.map(() => 1) } };
}

function wrapConvolution(convolution: Convolution, backendName: string): void {
  const { forward, toInput, toFilter } = convolution;
  const isDeep = backendName === NATIVE && convolution.isDeep === true;

  const convolve = (
    run: (inputs: Inputs, attributes: Attributes) => tf.Tensor,
    { x, filter }: Inputs,
    attributes: Attributes,
  ): tf.Tensor => {
    ({ filter, attributes } = withoutDilations(filter, attributes, convolution));
    const paddings = convolutionPaddings(
      x.shape,
      filter.shape,
      attributes,
      convolution,
      backendName,
    );
    if (paddings !== null) {
      [x, attributes] = [tf.pad(x, paddings), { ...attributes, pad: "valid" }];
    }
    const inputs = { x, filter };
    return isDeep ? deepConvolution(run, inputs, attributes) : run(inputs, attributes);
  };
  wrapKernel(forward, (run, { x, filter }, attributes) => {
    if (!isChannelsFirst(attributes)) return convolve(run, { x, filter }, attributes);
    const inputs = { x: tf.transpose(x, toLast), filter };
    return tf.transpose(convolve(run, inputs, withChannelsLast(attributes)), toFirst);
  }, backendName);

  wrapKernel(toInput, (run, { dy, filter }, attributes) => {
    // oneDNN refuses gradients of nothing.
    if (isDeep && dy.size === 0) return tf.zeros(attributes.inputShape);
    const gradient = (dy: tf.Tensor, attributes: Attributes) => {
      const { inputShape } = attributes;
      const paddings = convolutionPaddings(
        inputShape,
        filter.shape,
        attributes,
        convolution,
        backendName,
      );
      if (paddings === null) return run({ dy, filter }, attributes);
      const dx = run({ dy, filter }, {
        ...attributes,
        pad: "valid",
        inputShape: grown(inputShape, paddings),
      });
      return inner(dx, paddings, inputShape);
    };
    if (!isChannelsFirst(attributes)) return gradient(dy, attributes);
    const inputShape = permuted(attributes.inputShape, toLast);
    const dx = gradient(tf.transpose(dy, toLast), { ...withChannelsLast(attributes), inputShape });
    return tf.transpose(dx, toFirst);
  }, backendName);

  wrapKernel(toFilter, (run, { x, dy }, attributes) => {
    if (isDeep && dy.size === 0) return tf.zeros(attributes.filterShape);
    if (isChannelsFirst(attributes)) {
      [x, dy] = [tf.transpose(x, toLast), tf.transpose(dy, toLast)];
      attributes = withChannelsLast(attributes);
    }
    const paddings = convolutionPaddings(
      x.shape,
      attributes.filterShape,
      attributes,
      convolution,
      backendName,
    );
    if (paddings !== null) {
      [x, attributes] = [tf.pad(x, paddings), { ...attributes, pad: "valid" }];
    }
    if (backendName === NATIVE && !convolution.isDeep && isSkippingPoint(attributes)) {
      [x, attributes] = [metPlaces(x, attributes), { ...attributes, strides: 1, pad: "valid" }];
    }
    return run({ x, dy }, attributes);
  }, backendName);
}

/**
 * Whether a window of one place skips some. TensorFlow's kernel for its gradient writes beyond its memory where the
 * map has few channels and ends in places that are skipped (4×34 by 2, of one or two channels), and so does that of
 * depthwise windows, which is the same one for a single channel.
 */
const isSkippingPoint = ({ filterShape: [rows, columns], strides }: Attributes) =>
  rows === 1 && columns === 1 && [strides].flat().some((stride: number) => stride > 1);

/** The places of a map that such a window meets. */
function metPlaces(x: tf.Tensor, { strides }: Attributes): tf.Tensor {
  const [down, right] = Array.isArray(strides) ? strides : [strides, strides];
  return tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, down, right, 1]);
}

/** The fused kernels know "valid" and "same" alone; what they fuse is one op after the other. */
function wrapFused(kernelName: string, convolution: Convolution, backendName: string): void {
  wrapKernel(kernelName, (run, given, givenAttributes) => {
    const { filter, attributes } = withoutDilations(given.filter, givenAttributes, convolution);
    const inputs = { ...given, filter };
    const paddings = isChannelsFirst(attributes)
      ? null
      : convolutionPaddings(given.x.shape, filter.shape, attributes, convolution, backendName);
    if (paddings === null) return run(inputs, attributes);
    return run({ ...inputs, x: tf.pad(given.x, paddings) }, { ...attributes, pad: "valid" });
  }, backendName);
}

// ---- Pooling ----------------------------------------------------------------------------------

function poolInfo(x: tf.Tensor, { filterSize, strides, pad, dimRoundingMode }: Attributes) {
  return x.rank === 5
    ? computePool3DInfo(
      x.shape as [number, number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    )
    : computePool2DInfo(
      x.shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
}

function poolPaddings(
  x: tf.Tensor,
  attributes: Attributes,
  backendName: string,
): Paddings | null {
  if (isKnown(attributes.pad, backendName)) return null;
  return paddingsOf(poolInfo(x, attributes), x.rank === 5);
}

/** The map for a maximum: its padding is chosen by none. */
const lowest = (x: tf.Tensor, paddings: Paddings) => tf.pad(x, paddings, -Infinity);

/**
 * By how much an average that counts the padding too is too small: window size ÷ number of places within the
 * map, for each window.
 */
function averageFactors(x: tf.Tensor, attributes: Attributes): tf.Tensor {
  const axes = axesOf(poolInfo(x, attributes), x.rank === 5);
  return axes.reduce<tf.Tensor>((factors, { size, window, stride, before, places }, index) => {
    const counts = Float32Array.from({ length: places }, (_, place) => {
      const first = place * stride - before;
      return window / (Math.min(size, first + window) - Math.max(0, first));
    });
    const shape = x.shape.map((_, axis) => axis === index + 1 ? places : 1);
    return tf.mul(factors, tf.tensor(counts, shape));
  }, tf.scalar(1));
}

function wrapPooling(suffix: "" | "3D", backendName: string): void {
  wrapKernel(`MaxPool${suffix}`, (run, { x }, attributes) => {
    const paddings = poolPaddings(x, attributes, backendName);
    if (paddings === null) return run({ x }, attributes);
    return run({ x: lowest(x, paddings) }, { ...attributes, pad: "valid" });
  }, backendName);
  wrapKernel(`MaxPool${suffix}Grad`, (run, { dy, input, output }, attributes) => {
    const paddings = poolPaddings(input, attributes, backendName);
    if (paddings === null) return run({ dy, input, output }, attributes);
    const wide = { dy, input: lowest(input, paddings), output };
    return inner(run(wide, { ...attributes, pad: "valid" }), paddings, input.shape);
  }, backendName);
  wrapKernel(`AvgPool${suffix}`, (run, { x }, attributes) => {
    const paddings = poolPaddings(x, attributes, backendName);
    if (paddings === null) return run({ x }, attributes);
    const averages = run({ x: tf.pad(x, paddings) }, { ...attributes, pad: "valid" });
    return tf.mul(averages, averageFactors(x, attributes));
  }, backendName);
  wrapKernel(`AvgPool${suffix}Grad`, (run, { dy, input }, attributes) => {
    const paddings = poolPaddings(input, attributes, backendName);
    if (paddings === null) return run({ dy, input }, attributes);
    const scaled = tf.mul(dy, averageFactors(input, attributes));
    const wide = run({ dy: scaled, input: tf.pad(input, paddings) }, {
      ...attributes,
      pad: "valid",
    });
    return inner(wide, paddings, input.shape);
  }, backendName);
}

/** Wraps a backend's kernels so. */
export function wrapWindows(backendName: string): void {
  for (const convolution of convolutions) wrapConvolution(convolution, backendName);
  wrapFused("FusedConv2D", convolutions[0], backendName);
  wrapFused("FusedDepthwiseConv2D", convolutions[2], backendName);
  wrapPooling("", backendName);
  wrapPooling("3D", backendName);
}

/** Makes a backend's gradients of averages leave the padding out, as its averages do. */
export function scaleAverageGradients(backendName: string): void {
  for (const kernelName of ["AvgPoolGrad", "AvgPool3DGrad"]) {
    if (!tf.getKernel(kernelName, backendName)) continue;
    wrapKernel(kernelName, (run, { dy, input }, attributes) => {
      const sides = input.rank === 4 ? withExplicitPadding(attributes) : attributes;
      return run({ dy: tf.mul(dy, averageFactors(input, sides)), input }, attributes);
    }, backendName);
  }
}
