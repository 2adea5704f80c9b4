/** Kernels of tfjs's plain JavaScript backend that give wrong values. */
import * as tf from "tfjs";
import { explainPadding } from "./explicit_padding.ts";
import { drawInPlainJavaScript } from "./host_random.ts";
import { takeChannelsFirst } from "./kernels/channels_first.ts";
import { kernel, wrapKernel } from "./kernels/register.ts";
import { wrapWindows } from "./kernels/windows.ts";
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

/**
 * tfjs's products go through both batches side by side: where each is repeated along an axis of the other, the
 * wrong matrices meet.
 */
export function broadcastProducts(backendName: string): void {
  wrapKernel("BatchMatMul", (original, { a, b }, attributes) => {
    const [left, right] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const isPlain = [left, right].some((batch) => tf.util.sizeFromShape(batch) === 1);
    if (isPlain || tf.util.arraysEqual(left, right)) return original({ a, b }, attributes);
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(left, right);
    const whole = (x: tf.Tensor) => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    return original({ a: whole(a), b: whole(b) }, attributes);
  }, backendName);
}

/** tfjs's slices lose their place where an axis is taken away and another has a stride. */
export function shrinkAfterwards(backendName: string): void {
  wrapKernel(tf.StridedSlice, (original, { x }, attributes) => {
    if (!attributes.shrinkAxisMask) return original({ x }, attributes);
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } =
      attributes;
    const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
    const taken = tf.slice_util.sliceInfo(x.shape, begin, end, strides, ...masks);
    // An end before the first place can only be said by a mask.
    const toTheFirst = taken.end.reduce((mask, at, axis) => at < 0 ? mask | 1 << axis : mask, 0);
    const whole = original({ x }, {
      begin: taken.begin,
      end: taken.end,
      strides: taken.strides,
      ...{ beginMask: 0, endMask: toTheFirst, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 },
    });
    return tf.reshape(whole, taken.finalShape);
  }, backendName);
}

/** tfjs's sums along one axis alone where several are no other operand's; here they are summed beforehand. */
function sumEinsumBeforehand(): void {
  wrapKernel("Einsum", (original, inputs, attributes) => {
    const [left, result] = (attributes.equation as string).replaceAll(/\s/g, "").split("->");
    // What tfjs refuses, it says itself.
    if (result === undefined || left.includes(".")) return original(inputs, attributes);
    const operands = left.split(",");
    const isAlone = (label: string, index: number) =>
      !result.includes(label) &&
      operands.every((labels, at) => labels.split(label).length === (at === index ? 2 : 1));
    const sums = Object.values(inputs).map((x, index) => {
      const axes = [...operands[index]].flatMap((label, axis) =>
        isAlone(label, index) ? [axis] : []
      );
      return axes.length === 0 ? x : tf.sum(x, axes);
    });
    const rest = operands.map((labels, index) =>
      [...labels].filter((label) => !isAlone(label, index)).join("")
    );
    const isScalar = (index: number) => rest[index] === "";
    const scalars = sums.filter((_, index) => isScalar(index));
    const tensors = sums.filter((_, index) => !isScalar(index));
    const equation = `${rest.filter((labels) => labels !== "").join(",")}->${result}`;
    const product = tensors.length === 0
      ? tf.scalar(1)
      : original(tensors as unknown as typeof inputs, { ...attributes, equation });
    return scalars.reduce<tf.Tensor>((product, factor) => tf.mul(product, factor), product);
  }, PLAIN);
}

let isRepaired = false;

/** Puts right ones in their place, once. */
export function repairPlainKernels(): void {
  if (isRepaired) return;
  isRepaired = true;
  drawInPlainJavaScript();
  wrapWindows(PLAIN);
  explainPadding(PLAIN);
  composeTransform(PLAIN);
  takeChannelsFirst(PLAIN);
  broadcastProducts(PLAIN);
  sumEinsumBeforehand();
  // tfjs's writes the updates into the tensor that it is given.
  wrapKernel(tf.TensorScatterUpdate, (original, inputs, attributes) => {
    const copy = tf.tile(inputs.tensor, inputs.tensor.shape.map(() => 1));
    return original({ ...inputs, tensor: copy }, attributes);
  }, PLAIN);
  shrinkAfterwards(PLAIN);
  // tfjs's counts on, where no more than presence is asked for.
  wrapKernel("DenseBincount", (original, inputs, attributes) => {
    const counts = original(inputs, attributes);
    return attributes.binaryOutput ? tf.minimum(counts, tf.onesLike(counts)) : counts;
  }, PLAIN);
}
