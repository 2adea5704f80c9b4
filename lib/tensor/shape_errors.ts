/**
 * What tfjs's own backends say of shapes that do not fit, in the words of TensorFlow, which learners and the
 * course's hints know; and errors where tfjs would read past a tensor's end.
 */
import * as tf from "tfjs";

/** A kernel as the backend was asked for it. */
interface Call {
  inputs: readonly tf.TensorInfo[];
  attrs: Record<string, unknown>;
}

/** Why a call cannot be right; undefined where it may be. */
type Objection = (call: Call) => string | undefined;

/** Calculations between two tensors, whose shapes are stretched to each other's. */
// deno-fmt-ignore
const binary = [
  "Add", "Sub", "Multiply", "RealDiv", "FloorDiv", "Maximum", "Minimum", "Mod", "Pow", "SquaredDifference",
  "Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr",
];

const objections: Record<string, Objection> = {
  ...Object.fromEntries(binary.map((name) => [name, incompatibleShapes])),
  AvgPool: noRoomForWindow,
  BatchMatMul: incompatibleMatrices,
  Conv2D: noRoomForWindow,
  MaxPool: noRoomForWindow,
  Reshape: otherCount,
  Slice: outsideSlice,
  Softmax: scalarLogits,
};

/** TensorFlow's names for tfjs's kernels. */
const names: Record<string, string> = { Multiply: "Mul", BatchMatMul: "BatchMatMulV2" };

/** Makes a backend's kernels throw TensorFlow's errors where shapes do not fit. */
export function explainShapes(backendName: string): void {
  for (const [kernelName, objection] of Object.entries(objections)) {
    const kernel = tf.getKernel(kernelName, backendName);
    const { kernelFunc } = kernel;
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (options) => {
        const inputs = Object.values(options.inputs) as tf.TensorInfo[];
        const why = objection({ inputs, attrs: options.attrs as Record<string, unknown> ?? {} });
        if (why === undefined) return kernelFunc(options);
        const described = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(", ");
        throw new Error(`${names[kernelName] ?? kernelName}(${described}): ${why}`);
      },
    });
  }
}

function areCompatible(a: readonly number[], b: readonly number[]): boolean {
  return a.every((size, axis) => {
    const other = b.at(b.length - a.length + axis);
    return b.length - a.length + axis < 0 || size === other || size === 1 || other === 1;
  });
}

function incompatibleShapes({ inputs: [a, b] }: Call): string | undefined {
  if (areCompatible(a.shape, b.shape)) return undefined;
  return `Incompatible shapes: [${a.shape}] vs. [${b.shape}]`;
}

function incompatibleMatrices({ inputs: [a, b], attrs }: Call): string | undefined {
  const scalar = [a, b].findIndex(({ shape }) => shape.length < 2);
  if (scalar >= 0) return `In[${scalar}] ndims must be >= 2: ${[a, b][scalar].shape.length}`;
  const shapes = `[${a.shape}] vs. [${b.shape}]`;
  if (!areCompatible(a.shape.slice(0, -2), b.shape.slice(0, -2))) {
    return `In[0] and In[1] must have compatible batch dimensions: ${shapes}`;
  }
  const inner = [a.shape.at(attrs.transposeA ? -2 : -1), b.shape.at(attrs.transposeB ? -1 : -2)];
  if (inner[0] === inner[1]) return undefined;
  return `Matrix size-incompatible: In[0]: [${a.shape}], In[1]: [${b.shape}]`;
}

function otherCount({ inputs: [x], attrs }: Call): string | undefined {
  if (!Array.isArray(attrs.shape)) return "tensor1d() requires values to be a flat/TypedArray";
  const shape = attrs.shape.map(Math.trunc); // as TensorFlow reads sizes with a fraction
  const values = tf.util.sizeFromShape(x.shape);
  const known = tf.util.sizeFromShape(shape.filter((size) => size !== -1));
  const start = `Input to reshape is a tensor with ${values} values, but the requested shape`;
  if (shape.includes(-1)) {
    return values % known === 0 ? undefined : `${start} requires a multiple of ${known}`;
  }
  return values === known ? undefined : `${start} has ${known}`;
}

/** Windows without padding that are more than a step larger than the images; others give an empty tensor. */
function noRoomForWindow({ inputs: [x, filter], attrs }: Call): string | undefined {
  if (attrs.pad !== "valid" || attrs.dataFormat === "NCHW") return undefined;
  const both = (size: unknown) => typeof size === "number" ? [size, size] : size as number[];
  const strides = both(attrs.strides), rates = both(attrs.dilations ?? 1);
  const windows = filter ? filter.shape.slice(0, 2) : both(attrs.filterSize);
  for (const [axis, window] of windows.entries()) {
    const [length, stride] = [x.shape[axis + 1], strides[axis]];
    const size = rates[axis] * (window - 1) + 1;
    const count = Math.trunc((length - size + stride) / stride);
    if (count >= 0) continue;
    return `Computed output size would be negative: ${count} ` +
      `[input_size: ${length}, effective_filter_size: ${size}, stride: ${stride}]`;
  }
}

function scalarLogits({ inputs: [logits] }: Call): string | undefined {
  return logits.shape.length > 0 ? undefined : "logits must have >= 1 dimension, got []";
}

function outsideSlice({ inputs: [x], attrs }: Call): string | undefined {
  const [begin, size] = tf.slice_util.parseSliceParams(
    x as tf.Tensor,
    attrs.begin as number[],
    attrs.size as number[],
  );
  const axis = x.shape.findIndex((length, each) => begin[each] + size[each] > length);
  if (axis < 0) return undefined;
  return `Expected size[${axis}] in [0, ${x.shape[axis] - begin[axis]}], but got ${size[axis]}`;
}
