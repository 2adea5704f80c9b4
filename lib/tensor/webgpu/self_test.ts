/** A few ops whose values are known, before anything is computed on a graphics card. */
import type * as tf from "tfjs";
import { CardError } from "./card_error.ts";
import type { Gpu } from "./device.ts";
import { runOnCard } from "./kernels.ts";

const tolerance = 1e-5;

/** An op, what it is given, and the values of its first result, worked out by hand. */
interface Known {
  name: string;
  inputs: Record<string, [shape: number[], values: number[]]>;
  attributes: object;
  values: number[];
}

const image: [number[], number[]] = [[1, 2, 2, 1], [1, 2, 3, 4]];
const window = { strides: [1, 1], pad: "valid", dataFormat: "NHWC", dimRoundingMode: undefined };

const known: Known[] = [
  {
    name: "BatchMatMul",
    inputs: { a: [[2, 3], [1, 2, 3, 4, 5, 6]], b: [[3, 2], [1, 0, 2, 1, 0, -1]] },
    attributes: { transposeA: false, transposeB: false },
    values: [5, -1, 14, -1],
  },
  {
    name: "Conv2D",
    inputs: { x: image, filter: [[2, 2, 1, 1], [1, 0, -1, 2]] },
    attributes: { ...window, dilations: [1, 1] },
    values: [6],
  },
  // The gradients of that convolution by its filter and by the image.
  {
    name: "Conv2DBackpropFilter",
    inputs: { x: image, dy: [[1, 1, 1, 1], [2]] },
    attributes: { ...window, filterShape: [2, 2, 1, 1] },
    values: [2, 4, 6, 8],
  },
  {
    name: "Conv2DBackpropInput",
    inputs: { dy: [[1, 1, 1, 1], [2]], filter: [[2, 2, 1, 1], [1, 0, -1, 2]] },
    attributes: { ...window, inputShape: [1, 2, 2, 1] },
    values: [2, 0, -2, 4],
  },
  {
    name: "Softmax",
    inputs: { logits: [[1, 3], [0, Math.log(2), Math.log(5)]] },
    attributes: { dim: 1 },
    values: [1 / 8, 2 / 8, 5 / 8],
  },
  // Moments 0.14 and 0.08, squares 0.0124 and 0.0496, the parameters 0.95 and -1.9 after the decay.
  {
    name: "TesseraAdam",
    inputs: {
      parameter: [[2], [1, -2]],
      first: [[2], [0.1, 0.2]],
      second: [[2], [0.01, 0.04]],
      gradient: [[2], [0.5, -1]],
    },
    attributes: {
      ...{ beta1: 0.9, beta2: 0.99, epsilon: 0, weightDecay: 0.5 },
      ...{ learningRate: 0.1, firstCorrection: 0.5, secondCorrection: 0.25 },
    },
    values: [0.824276, -1.935921],
  },
];

/** Throws a {@link CardError} that names the first op with another value. */
export async function testItself(gpu: Gpu): Promise<void> {
  const { backend } = gpu;
  const free = ({ dataId }: tf.TensorInfo) => void backend.disposeData(dataId);
  const numbers = new Map<number, tf.TensorInfo>();
  const results = known.map(({ name, inputs, attributes }) => {
    const given: Record<string, tf.TensorInfo> = {};
    for (const [input, [shape, values]] of Object.entries(inputs)) {
      given[input] = backend.makeTensorInfo(shape, "float32", Float32Array.from(values));
      // What has not left the processor yet, tfjs would compute there.
      backend.uploadToGPU(given[input].dataId);
    }
    const [result, ...others] = runOnCard(backend, numbers, name, given, attributes);
    [...Object.values(given), ...others].forEach(free);
    return result;
  });
  const found = await gpu.read(results);
  [...results, ...numbers.values()].forEach(free);
  known.forEach(({ name, values }, at) => {
    const isRight = values.every((value, index) => Math.abs(found[at][index] - value) < tolerance);
    if (!isRight) throw new CardError(`its ${name} gives [${found[at]}] instead of [${values}]`);
  });
}
