/** Gradients of pooling's gradients, and of the pooling that tells its places. */
import * as tf from "tfjs";
import { withExplicitPadding } from "../explicit_padding.ts";
import { NATIVE } from "../kernels/register.ts";
import { type Attributes, gradient, gradients, runKernel } from "./register.ts";

const { computePool2DInfo, computePool3DInfo } = tf.backend_util;

// Averages are linear: the gradient of their gradient is the average.
for (const [forward, backward] of [["AvgPool", "AvgPoolGrad"], ["AvgPool3D", "AvgPool3DGrad"]]) {
  gradient(backward, { inputs: ["input"] }, (ddx, [input], attributes) => ({
    dy: () => runKernel(forward, { x: ddx }, attributes),
    input: () => tf.zeros(input.shape),
  }));
}

/** A window along one axis: its size, step, zeros before, and the number of places it takes. */
interface Window {
  size: number;
  stride: number;
  before: number;
  places: number;
}

function windowsOf(
  x: tf.Tensor,
  { filterSize, strides, pad, dimRoundingMode }: Attributes,
): Window[] {
  if (x.rank === 5) {
    const shape = x.shape as [number, number, number, number, number];
    const info = computePool3DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    // Strides beyond the window would begin before the map.
    const { front, top, left } = info.padInfo;
    return [
      {
        size: info.filterDepth,
        stride: info.strideDepth,
        before: Math.max(0, front),
        places: info.outDepth,
      },
      {
        size: info.filterHeight,
        stride: info.strideHeight,
        before: Math.max(0, top),
        places: info.outHeight,
      },
      {
        size: info.filterWidth,
        stride: info.strideWidth,
        before: Math.max(0, left),
        places: info.outWidth,
      },
    ];
  }
  const shape = x.shape as [number, number, number, number];
  const sides = withExplicitPadding({ pad }).pad;
  const info = computePool2DInfo(shape, filterSize, strides, 1, sides, dimRoundingMode);
  const { top, left } = info.padInfo;
  return [
    { size: info.filterHeight, stride: info.strideHeight, before: top, places: info.outHeight },
    { size: info.filterWidth, stride: info.strideWidth, before: left, places: info.outWidth },
  ];
}

/** Of each window, `values` in the place where `x` has its first largest value. */
function atLargest(x: tf.Tensor, values: tf.Tensor, attributes: Attributes): tf.Tensor {
  const windows = windowsOf(x, attributes);
  const reach = ({ size, stride, places }: Window) => (places - 1) * stride + size;
  const wide = (t: tf.Tensor, fill: number) => {
    const paddings = windows.map((window, index): [number, number] => [
      window.before,
      Math.max(0, reach(window) - window.before - t.shape[index + 1]),
    ]);
    return tf.pad(t, [[0, 0], ...paddings, [0, 0]], fill);
  };
  const wideX = wide(x, -Infinity), wideValues = wide(values, 0);
  const steps = [1, ...windows.map(({ stride }) => stride), 1];
  /** The values that one place of the window meets, for all windows. */
  const met = (t: tf.Tensor, offsets: number[]) => {
    const ends = offsets.map((offset, index) =>
      offset + (windows[index].places - 1) * windows[index].stride + 1
    );
    return tf.stridedSlice(
      t,
      [0, ...offsets, 0],
      [t.shape[0], ...ends, t.shape[t.rank - 1]],
      steps,
    );
  };
  const offsets = windows.reduce<number[][]>(
    (all, { size }) =>
      all.flatMap((each) => Array.from({ length: size }, (_, at) => [...each, at])),
    [[]],
  );
  let [largest, chosen] = [met(wideX, offsets[0]), met(wideValues, offsets[0])];
  for (const offset of offsets.slice(1)) {
    const candidate = met(wideX, offset);
    chosen = tf.where(tf.greater(candidate, largest), met(wideValues, offset), chosen);
    largest = tf.maximum(largest, candidate);
  }
  return chosen;
}

// Plain JavaScript's kernel for it takes rows for columns where a window is not as high as wide.
gradient("MaxPool3D", { inputs: ["x"], outputs: [true] }, (dy, [x, output], attributes) => ({
  x: () => {
    if (tf.getBackend() === NATIVE) {
      return runKernel("MaxPool3DGrad", { dy, input: x, output }, attributes);
    }
    return tf.grad((values: tf.Tensor) => atLargest(x, values, attributes))(tf.zerosLike(x), dy);
  },
}));

for (const kernelName of ["MaxPoolGrad", "MaxPool3DGrad"]) {
  gradient(kernelName, { inputs: ["input", "output"] }, (ddx, [input, output], attributes) => ({
    dy: () => atLargest(input, ddx, attributes),
    input: () => tf.zeros(input.shape),
    output: () => tf.zeros(output.shape),
  }));
}

gradients(
  "MaxPoolWithArgmax",
  { inputs: ["x"], outputs: [false, true] },
  ([dy], [x, indices], { includeBatchInIndex }) => ({
    x: () => {
      const batch = x.shape[0];
      let places = tf.reshape(tf.cast(indices, "int32"), [batch, -1]);
      if (!includeBatchInIndex) {
        const starts = tf.mul(tf.range(0, batch, 1, "int32"), tf.scalar(x.size / batch, "int32"));
        places = tf.add(places, tf.reshape(starts, [batch, 1]));
      }
      const sums = tf.unsortedSegmentSum(
        tf.reshape(dy, [-1]),
        tf.reshape(places, [-1]) as tf.Tensor1D,
        x.size,
      );
      return tf.reshape(sums, x.shape);
    },
  }),
);
