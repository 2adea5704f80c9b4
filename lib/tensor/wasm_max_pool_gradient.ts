/** The gradient of the largest value of each window, which tfjs's WASM backend gets wrong. */
import * as tf from "tfjs";
import type { Kernel } from "./wasm_calls.ts";

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
  const { batchSize, inHeight, inWidth, outHeight, outWidth, inChannels: channels } = sizes;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = sizes;
  const output = backend.makeOutput(input.shape, input.dtype);
  const dx = backend.typedArrayFromHeap(output).fill(0);
  const x = backend.typedArrayFromHeap(input), upstream = backend.typedArrayFromHeap(dy);
  const best = new Int32Array(channels); // where each channel's largest value lies
  let from = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const top = outRow * strideHeight - padInfo.top;
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const left = outColumn * strideWidth - padInfo.left;
        best.fill(-1);
        for (let row = Math.max(0, top); row < Math.min(inHeight, top + filterHeight); row++) {
          const right = Math.min(inWidth, left + filterWidth);
          for (let column = Math.max(0, left); column < right; column++) {
            const place = ((image * inHeight + row) * inWidth + column) * channels;
            for (let channel = 0; channel < channels; channel++) {
              const at = place + channel;
              if (best[channel] < 0 || x[at] > x[best[channel]]) best[channel] = at;
            }
          }
        }
        for (let channel = 0; channel < channels; channel++, from++) {
          if (best[channel] >= 0) dx[best[channel]] += upstream[from];
        }
      }
    }
  }
  return output;
};
