/**
 * Two-dimensional convolutions and their gradients by Tessera's own program. tfjs's WASM backend has no gradient by
 * the filter, and computes the one by the images without its fast routines.
 */
import * as tf from "tfjs";
import { type Kernel, loaded, placeOf, type WasmBackend } from "./wasm_calls.ts";

interface Attributes {
  strides: [number, number] | number;
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dataFormat: "NHWC" | "NCHW";
  dilations: [number, number] | number | undefined;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

type Shape4D = [number, number, number, number];

/** Whether the program computes it: channels last, no window with holes. */
function isPlain({ dataFormat, dilations }: Attributes): boolean {
  const isWhole = [dilations ?? 1].flat().every((rate) => rate === 1);
  return isWhole && (dataFormat ?? "NHWC") === "NHWC";
}

function sizesOf(images: number[], filter: number[], attributes: Attributes) {
  const { strides, pad, dimRoundingMode } = attributes;
  const shapes = [images as Shape4D, filter as Shape4D] as const;
  return tf.backend_util.computeConv2DInfo(...shapes, strides, 1, pad, dimRoundingMode);
}

type Name = "convolve" | "convolveToImages" | "convolveToFilters";

/** Calls the program with three tensors, in the order of its call. */
function call(
  backend: WasmBackend,
  name: Name,
  sizes: tf.backend_util.Conv2DInfo,
  tensors: tf.TensorInfo[],
): void {
  const { calls } = loaded();
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = sizes;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = sizes;
  calls.describe(
    ...[inHeight, inWidth, inChannels, outHeight, outWidth, outChannels],
    ...[filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left],
  );
  const scratch = backend.wasm._malloc(calls.convolutionBytes()) >>> 0;
  const count = sizes.batchSize * outHeight * outWidth;
  calls[name](...tensors.map((tensor) => placeOf(backend, tensor)), count, scratch);
  backend.wasm._free(scratch);
}

/** `[B, height, width, in], [rows, columns, in, out] → [B, height′, width′, out]` */
export const convolution = (before: Kernel): Kernel => (options) => {
  const { inputs: { x, filter }, backend } = options;
  const attributes = options.attrs as unknown as Attributes;
  if (!isPlain(attributes)) return before(options);
  const sizes = sizesOf(x.shape, filter.shape, attributes);
  const output = backend.makeOutput(sizes.outShape, "float32");
  call(backend, "convolve", sizes, [x, filter, output]);
  return output;
};

export const gradientByImages = (before: Kernel): Kernel => (options) => {
  const { inputs: { dy, filter }, backend } = options;
  const attributes = options.attrs as unknown as Attributes & { inputShape: number[] };
  if (!isPlain(attributes)) return before(options);
  const output = backend.makeOutput(attributes.inputShape, "float32");
  backend.typedArrayFromHeap(output).fill(0);
  const sizes = sizesOf(attributes.inputShape, filter.shape, attributes);
  call(backend, "convolveToImages", sizes, [dy, filter, output]);
  return output;
};

export const gradientByFilters = (before: Kernel): Kernel => (options) => {
  const { inputs: { x, dy }, backend } = options;
  const attributes = options.attrs as unknown as Attributes & { filterShape: number[] };
  if (!isPlain(attributes)) return before(options);
  const output = backend.makeOutput(attributes.filterShape, "float32");
  const sizes = sizesOf(x.shape, attributes.filterShape, attributes);
  call(backend, "convolveToFilters", sizes, [x, dy, output]);
  return output;
};
