/** The gradient of the largest value of each window, which tfjs's WASM backend gets wrong. */
import * as tf from "tfjs";
import { type Kernel, loaded, placeOf } from "./wasm_calls.ts";

/** `[B, rows, columns, C]`: each window's gradient goes to the first place with its largest value. */
export const maxPoolGradient: Kernel = ({ inputs: { dy, input }, backend, attrs }) => {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.MaxPoolGradAttrs;
  const sizes = tf.backend_util.computePool2DInfo(
    input.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = sizes;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = sizes;
  const output = backend.makeOutput(input.shape, input.dtype);
  backend.typedArrayFromHeap(output).fill(0);
  const best = backend.makeOutput([inChannels], "int32");
  loaded().calls.maxPoolGradient(
    ...[input, dy, output].map((tensor) => placeOf(backend, tensor)),
    ...[batchSize, inHeight, inWidth, inChannels, outHeight, outWidth],
    ...[filterHeight, filterWidth, strideHeight, strideWidth, padInfo.top, padInfo.left],
    placeOf(backend, best),
  );
  backend.disposeData(best.dataId);
  return output;
};
