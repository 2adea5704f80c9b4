/**
 * Convolutions, plain and depthwise, in two and three dimensions, and their gradients' gradients.
 *
 * A dilated window is a window with zeros between its places. tfjs refuses to differentiate it, and
 * TensorFlow's kernels for the processor do without: its gradient is that of the window with zeros.
 */
import * as tf from "tfjs";
import { stretched } from "../axes.ts";
import { type Attributes, gradient, runKernel } from "./register.ts";

interface Convolution {
  forward: string;
  /** Kernels of the gradients by the input and by the filter. */
  toInput: string;
  toFilter: string;
  /** How many axes the window has. */
  axes: number;
}

const convolutions: Convolution[] = [
  { forward: "Conv2D", toInput: "Conv2DBackpropInput", toFilter: "Conv2DBackpropFilter", axes: 2 },
  {
    forward: "Conv3D",
    toInput: "Conv3DBackpropInputV2",
    toFilter: "Conv3DBackpropFilterV2",
    axes: 3,
  },
  {
    forward: "DepthwiseConv2dNative",
    toInput: "DepthwiseConv2dNativeBackpropInput",
    toFilter: "DepthwiseConv2dNativeBackpropFilter",
    axes: 2,
  },
];

for (const { forward, toInput, toFilter, axes } of convolutions) {
  /** How far apart the window's places are, for each axis. */
  const rates = ({ dilations }: Attributes): number[] => {
    if (!Array.isArray(dilations)) return Array(axes).fill(dilations ?? 1);
    return dilations.length === 1 ? Array(axes).fill(dilations[0]) : dilations;
  };
  const plain = (attributes: Attributes) => ({ ...attributes, dilations: Array(axes).fill(1) });
  const spread = (filter: tf.Tensor, attributes: Attributes) =>
    rates(attributes).reduce((wide, rate, axis) => stretched(wide, axis, rate), filter);
  /** The places of the filter among those of the spread one. */
  const taken = (wide: tf.Tensor, attributes: Attributes) => {
    const steps = [...rates(attributes), 1, 1];
    if (steps.every((step) => step === 1)) return wide;
    return tf.stridedSlice(wide, steps.map(() => 0), wide.shape, steps);
  };

  gradient(forward, { inputs: ["x", "filter"] }, (dy, [x, filter], attributes) => ({
    x: () =>
      runKernel(toInput, { dy, filter: spread(filter, attributes) }, {
        ...plain(attributes),
        inputShape: x.shape,
      }),
    filter: () => {
      const filterShape = filter.shape.map((size, axis) =>
        axis < axes ? (size - 1) * rates(attributes)[axis] + 1 : size
      );
      const wide = runKernel(toFilter, { x, dy }, { ...plain(attributes), filterShape });
      return taken(wide, attributes);
    },
  }));

  gradient(toInput, { inputs: ["dy", "filter"] }, (ddx, [dy, filter], attributes) => ({
    dy: () => runKernel(forward, { x: ddx, filter }, plain(attributes)),
    filter: () =>
      runKernel(toFilter, { x: ddx, dy }, { ...plain(attributes), filterShape: filter.shape }),
  }));

  gradient(toFilter, { inputs: ["x", "dy"] }, (ddw, [x, dy], attributes) => ({
    x: () => runKernel(toInput, { dy, filter: ddw }, { ...plain(attributes), inputShape: x.shape }),
    dy: () => runKernel(forward, { x, filter: ddw }, plain(attributes)),
  }));
}
