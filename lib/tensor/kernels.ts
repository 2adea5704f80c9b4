/** tfjs-node's kernels that current TensorFlow needs otherwise. */
import * as tf from "tfjs";
import { attribute, type OpAttribute } from "./attributes.ts";
import { AttributeType, DataType } from "./c_api.ts";
import { explainPadding } from "./explicit_padding.ts";
import { registerMissing } from "./kernels/missing.ts";
import { type KernelBackend, NATIVE, wrapKernel } from "./kernels/register.ts";
import { takeChannelsFirst } from "./kernels/channels_first.ts";
import { wrapWindows } from "./kernels/windows.ts";

type Kernel = (
  x: tf.Tensor,
  backend: KernelBackend,
  attributes: tf.NamedAttrMap,
  inputs: tf.NamedTensorInfoMap,
) => tf.TensorInfo;

const typeOf = (dtype: tf.DataType) => DataType[dtype];

/** TensorFlow's op answers whole numbers with zeros. */
const round: Kernel = (x, backend) =>
  x.dtype === "int32" ? tf.clone(x) : backend.executeSingleInput("Round", x);

/** tfjs-node casts to float32, but names the type before the cast. */
const mean: Kernel = (x, backend, { axis, keepDims }) => {
  const axes = tf.tensor1d(tf.util.parseAxisParam(axis as number | number[], x.shape), "int32");
  const values = tf.cast(x, "float32");
  const attributes = backend.createReductionOpAttrs(values, keepDims as boolean);
  const result = backend.executeSingleOutput("Mean", attributes, [values, axes]);
  values.dispose();
  axes.dispose();
  return result;
};

/** tfjs-node checks the indices on the host, which no compiled step can; TensorFlow checks them too. */
const gather: Kernel = (x, backend, { axis, batchDims }, { indices }) => {
  const { collectGatherOpShapeInfo } = tf.backend_util.segment_util;
  collectGatherOpShapeInfo(x, indices as tf.Tensor, axis as number, batchDims as number);
  const type = (name: string, dtype: tf.DataType): OpAttribute => ({
    name,
    type: AttributeType.type,
    value: DataType[dtype],
  });
  const axisTensor = tf.scalar(axis as number, "int32");
  const attributes = [
    { name: "batch_dims", type: AttributeType.int, value: batchDims },
    type("Tparams", x.dtype),
    type("Tindices", indices!.dtype),
    type("Taxis", "int32"),
    // Whole numbers lie in the processor's memory, and it tells of an index that is out of range.
    ...(x.dtype === "int32" ? [attribute.onProcessor("index")] : []),
  ];
  try {
    return backend.executeSingleOutput("GatherV2", attributes, [x, indices, axisTensor]);
  } catch (error) {
    const last = x.shape.at(axis as number)! - 1;
    const wrong = (indices as tf.Tensor).dataSync().find((index) => index < 0 || index > last);
    if (wrong === undefined) throw error;
    throw new RangeError(`GatherV2: the index value ${wrong} is not in [0, ${last}]`);
  } finally {
    axisTensor.dispose();
  }
};

/** TensorFlow no longer joins scalars, as tfjs-node's histograms of equal values do. */
function repairConcat(): void {
  const original = tf.getKernel(tf.Concat, "tensorflow");
  tf.unregisterKernel(tf.Concat, "tensorflow");
  tf.registerKernel({
    ...original,
    kernelFunc: (options) => {
      const tensors = Object.values(options.inputs) as tf.Tensor[];
      const scalars = tensors.every(({ shape }) => shape.length === 0);
      const inputs = scalars ? tensors.map((tensor) => tf.reshape(tensor, [1])) : options.inputs;
      return original.kernelFunc({ ...options, inputs: inputs as tf.NamedTensorInfoMap });
    },
  });
}

/**
 * Less than no zeros takes values away, on tfjs's other backends. And zeros are no input of an op: a card would
 * hold that number, and its kernel read it from the processor's memory.
 */
function repairPad(): void {
  wrapKernel(tf.PadV2, (original, { x }, attributes, backend) => {
    const padded: typeof original = ({ x }, attributes) => {
      if (attributes.constantValue !== 0) return original({ x }, attributes);
      const type = { name: "T", type: AttributeType.type, value: typeOf(x.dtype) };
      const paddings = tf.tensor2d(attributes.paddings as number[][], [x.rank, 2], "int32");
      return backend.executeSingleOutput(
        "Pad",
        [type, attribute.type("Tpaddings", "int32")],
        [x, paddings],
      );
    };
    const paddings = attributes.paddings as [number, number][];
    if (paddings.every((sides) => Math.min(...sides) >= 0)) return padded({ x }, attributes);
    const cut = paddings.map(([before, after]) => [Math.max(0, -before), Math.max(0, -after)]);
    const sizes = x.shape.map((size, axis) => size - cut[axis][0] - cut[axis][1]);
    const rest = tf.slice(x, cut.map(([before]) => before), sizes);
    const added = paddings.map((sides) => sides.map((zeros) => Math.max(0, zeros)));
    return padded({ x: rest }, { ...attributes, paddings: added });
  });
}

type Shape = [number, number, number, number];

/** TensorFlow's kernel takes one mean for each channel, tfjs also one for each value. */
function repairBatchNormalization(): void {
  wrapKernel(tf.FusedBatchNorm, (original, inputs, attributes) => {
    const { x, mean, variance, scale, offset } = inputs;
    if (mean.rank === 1) return original(inputs, attributes);
    const inverse = tf.rsqrt(tf.add(variance, attributes.varianceEpsilon as number));
    const normal = tf.mul(tf.sub(x, mean), scale ? tf.mul(inverse, scale) : inverse);
    return offset ? tf.add(normal, offset) : normal;
  });
}

/**
 * A map that is one too small for its window has no place for it. oneDNN's kernel gives the map's own shape then,
 * and leaves the numbers in it unwritten; TensorFlow's others give an empty tensor. Dilations may be null.
 */
function repairConvolutions(): void {
  for (const kernelName of [tf.Conv2D, tf.DepthwiseConv2dNative]) {
    wrapKernel(kernelName, (original, inputs, attributes) => {
      const { strides, dilations, pad, dimRoundingMode } = attributes as unknown as tf.Conv2DAttrs;
      const { outShape } = tf.backend_util.computeConv2DInfo(
        ...[inputs.x.shape as Shape, inputs.filter.shape as Shape] as const,
        ...[strides, dilations ?? 1, pad, dimRoundingMode, kernelName !== tf.Conv2D] as const,
      );
      const isEmpty = Math.min(...outShape) === 0;
      return isEmpty ? tf.zeros(outShape) : original(inputs, attributes);
    });
  }
}

/**
 * Many matrices times one are one product, of all their rows. oneDNN's product of batches takes a wrong way through
 * `[…, 1, N, D] · [D, E]`: it gives wrong values and writes beyond its memory.
 */
function repairProducts(): void {
  wrapKernel(tf.BatchMatMul, (original, { a, b }, attributes) => {
    const { transposeA, transposeB } = attributes as unknown as tf.BatchMatMulAttrs;
    const [inner, columns] = transposeB ? b.shape.slice(-2).toReversed() : b.shape.slice(-2);
    const [many, one] = [a, b].map(({ shape }) => shape.slice(0, -2));
    const isOne = tf.util.sizeFromShape(one) === 1;
    if (a.rank < 4 || !isOne || transposeA || a.shape.at(-1) !== inner) {
      return original({ a, b }, attributes);
    }
    const rows = tf.reshape(a, [tf.util.sizeFromShape(a.shape.slice(0, -1)), inner]);
    const matrix = tf.reshape(b, b.shape.slice(-2));
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(many, one);
    const shape = [...batch, a.shape.at(-2)!, columns];
    return tf.reshape(original({ a: rows, b: matrix }, attributes), shape);
  });
}

/** Puts these kernels in the place of tfjs-node's, and adds those that it lacks. */
export function repairKernels(): void {
  repairConcat();
  repairPad();
  repairBatchNormalization();
  repairConvolutions();
  repairProducts();
  takeChannelsFirst(NATIVE);
  wrapWindows(NATIVE);
  registerMissing();
  explainPadding(NATIVE);
  const repaired: [string, Kernel][] = [[tf.Round, round], [tf.Mean, mean], [tf.GatherV2, gather]];
  for (const [kernelName, kernel] of repaired) {
    tf.unregisterKernel(kernelName, "tensorflow");
    tf.registerKernel({
      kernelName,
      backendName: "tensorflow",
      kernelFunc: ({ inputs, backend, attrs }) =>
        kernel(inputs.x as tf.Tensor, backend as unknown as KernelBackend, attrs ?? {}, inputs),
    });
  }
}
