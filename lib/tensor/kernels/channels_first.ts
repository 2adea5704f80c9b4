/** `depthToSpace` with channels first, which neither TensorFlow nor plain JavaScript have on a processor. */
import * as tf from "tfjs";
import { wrapKernel } from "./register.ts";

export function takeChannelsFirst(backendName: string): void {
  wrapKernel(tf.DepthToSpace, (original, { x }, attributes) => {
    if (attributes.dataFormat !== "NCHW") return original({ x }, attributes);
    const last = tf.transpose(x, [0, 2, 3, 1]);
    return tf.transpose(original({ x: last }, { ...attributes, dataFormat: "NHWC" }), [0, 3, 1, 2]);
  }, backendName);
}
