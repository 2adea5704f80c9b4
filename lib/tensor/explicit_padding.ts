/** Whole numbers as padding, said for each side. */
import * as tf from "tfjs";

// deno-lint-ignore no-explicit-any
type Attributes = Record<string, any>;

/**
 * The attributes with the padding of each side in the place of a whole number: with a number, tfjs computes
 * the width of the result as if the window were as wide as it is high, and went as far from step to step.
 */
export function withExplicitPadding<T extends Attributes>(attributes: T): T {
  const { pad, dataFormat } = attributes;
  if (typeof pad !== "number") return attributes;
  const sides = [pad, pad], none = [0, 0];
  const explicit = dataFormat === "NCHW" ? [none, none, sides, sides] : [none, sides, sides, none];
  return { ...attributes, pad: explicit };
}

/** Kernels with windows over two axes, which compute so. */
// deno-fmt-ignore
const kernelNames = [
  "Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", "FusedConv2D",
  "DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter",
  "FusedDepthwiseConv2D", "MaxPool", "MaxPoolGrad", "AvgPool", "AvgPoolGrad", "MaxPoolWithArgmax",
];

/** Makes a backend's kernels take whole numbers so. */
export function explainPadding(backendName: string): void {
  for (const kernelName of kernelNames) {
    const kernel = tf.getKernel(kernelName, backendName);
    if (!kernel) continue;
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (options) =>
        kernel.kernelFunc({ ...options, attrs: withExplicitPadding(options.attrs ?? {}) }),
    });
  }
}
