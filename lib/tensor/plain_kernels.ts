/** Kernels of tfjs's plain JavaScript backend that give wrong values. */
import * as tf from "tfjs";
import { explainPadding } from "./explicit_padding.ts";
import { kernel, wrapKernel } from "./kernels/register.ts";
import { averageFactors } from "./kernels/windows.ts";
import { type Transformation, transformed } from "./sampling.ts";

const PLAIN = "cpu";

/** tfjs's transforms the first image of a batch alone, and WASM's reflects at the wrong places. */
export function composeTransform(backendName: string): void {
  kernel(
    "Transform",
    ({ image, transforms }, attributes) =>
      transformed(image, transforms, attributes as Transformation),
    backendName,
  );
}

/** Puts right ones in their place. */
export function repairPlainKernels(): void {
  // tfjs's gradient divides by the whole window, where part of it is padding.
  for (const kernelName of ["AvgPoolGrad", "AvgPool3DGrad"]) {
    wrapKernel(kernelName, (original, { dy, input }, attributes) => {
      const scaled = tf.mul(dy, averageFactors(input, attributes));
      return original({ dy: scaled, input }, attributes);
    }, PLAIN);
  }
  explainPadding(PLAIN);
  composeTransform(PLAIN);
  // tfjs's counts on, where no more than presence is asked for.
  wrapKernel("DenseBincount", (original, inputs, attributes) => {
    const counts = original(inputs, attributes);
    return attributes.binaryOutput ? tf.minimum(counts, tf.onesLike(counts)) : counts;
  }, PLAIN);
}
