/**
 * The ops of `ops.ts` as single kernels of Tessera's WASM program, with gradients of their own. Composed of tfjs's
 * ops each of them goes through memory five to twelve times.
 */
import * as tf from "tfjs";
import { isLoaded, loaded, placeOf, type WasmBackend } from "./wasm_calls.ts";
import { matrixProduct } from "./wasm_product.ts";

type Inputs = Record<string, tf.TensorInfo>;
// deno-lint-ignore no-explicit-any
type Attributes = any;

/** How a kernel of this file finds its memory. */
interface Memory {
  /** New memory in the shape of another tensor, or in one of its own. */
  like(other: tf.TensorInfo): tf.TensorInfo;
  zeros(shape: number[]): tf.TensorInfo;
  at(tensor: tf.TensorInfo): number;
  /** The value of a scalar. */
  value(tensor: tf.TensorInfo): number;
  backend: WasmBackend;
}

function memoryOf(backend: WasmBackend): Memory {
  const zeros = (shape: number[]) => {
    const output = backend.makeOutput(shape, "float32");
    backend.typedArrayFromHeap(output).fill(0);
    return output;
  };
  return {
    like: ({ shape }) => backend.makeOutput(shape, "float32"),
    zeros,
    at: (tensor) => placeOf(backend, tensor),
    value: (tensor) => backend.typedArrayFromHeap(tensor)[0],
    backend,
  };
}

function define(
  kernelName: string,
  compute: (
    memory: Memory,
    inputs: Inputs,
    attributes: Attributes,
  ) => tf.TensorInfo | tf.TensorInfo[],
  gradient?: Omit<tf.GradConfig, "kernelName">,
): void {
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) =>
      compute(memoryOf(backend as WasmBackend), inputs as Inputs, attrs),
  });
  if (gradient) tf.registerGradient({ kernelName, ...gradient });
}

const run = <Result extends tf.Tensor | tf.Tensor[] = tf.Tensor>(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attributes: Attributes = {},
) => tf.engine().runKernel(name, inputs, attributes) as Result;

const sizeOf = ({ shape }: tf.TensorInfo) => tf.util.sizeFromShape(shape);

/** The last axis's length, and how many rows of it there are. */
function rowsOf({ shape }: tf.TensorInfo): { rows: number; width: number } {
  const width = shape.at(-1) ?? 1;
  return { rows: tf.util.sizeFromShape(shape.slice(0, -1)), width };
}

/** Registers the kernels and their gradients, once. */
export function defineWasmOps(): void {
  const { calls } = loaded();

  // By the output, which is kept as what comes next reads it: tfjs keeps the input, too.
  tf.registerGradient({
    kernelName: "Relu",
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.step(y)) }),
  });

  define("TesseraGelu", ({ like, at }, { x }) => {
    const y = like(x);
    calls.gelu(at(x), at(y), sizeOf(x));
    return y;
  }, {
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({ x: () => run("TesseraGeluGradient", { dy: dy as tf.Tensor, x }) }),
  });
  define("TesseraGeluGradient", ({ like, at }, { dy, x }) => {
    const dx = like(x);
    calls.geluGradient(at(dy), at(x), at(dx), sizeOf(x));
    return dx;
  });

  define("TesseraMasked", ({ like, at }, { x, mask }, { scale }) => {
    const y = like(x);
    calls.masked(at(x), at(mask), scale, at(y), sizeOf(x));
    return y;
  }, {
    inputsToSave: ["mask"],
    gradFunc: (dy, [mask], attributes) => ({
      x: () => run("TesseraMasked", { x: dy as tf.Tensor, mask }, attributes),
    }),
  });

  define("TesseraSoftmax", ({ like, at }, { x }) => {
    const y = like(x), { rows, width } = rowsOf(x);
    calls.softmax(at(x), at(y), rows, width);
    return y;
  }, {
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => run("TesseraSoftmaxGradient", { dy: dy as tf.Tensor, y }) }),
  });
  define("TesseraSoftmaxGradient", ({ like, at }, { dy, y }) => {
    const dx = like(y), { rows, width } = rowsOf(y);
    calls.softmaxGradient(at(dy), at(y), at(dx), rows, width);
    return dx;
  });

  define("TesseraLayerNorm", ({ like, zeros, at }, { x, scale, shift }, { epsilon }) => {
    const { rows, width } = rowsOf(x);
    const y = like(x), statistics = zeros([rows, 2]);
    calls.layerNorm(at(x), at(scale), at(shift), epsilon, at(y), at(statistics), rows, width);
    return [y, statistics];
  }, {
    inputsToSave: ["x", "scale"],
    outputsToSave: [false, true],
    gradFunc: (dys, [x, scale, statistics]) => {
      const [dy] = dys as tf.Tensor[];
      const [dx, dScale, dShift] = run<tf.Tensor[]>(
        "TesseraLayerNormGradient",
        { dy, x, scale, statistics },
      );
      return { x: () => dx, scale: () => dScale, shift: () => dShift };
    },
  });
  define("TesseraLayerNormGradient", ({ like, zeros, at }, { dy, x, scale, statistics }) => {
    const { rows, width } = rowsOf(x);
    const dx = like(x), dScale = zeros(scale.shape), dShift = zeros(scale.shape);
    const given = [at(dy), at(x), at(scale), at(statistics)] as const;
    calls.layerNormGradient(...given, at(dx), at(dScale), at(dShift), rows, width);
    return [dx, dScale, dShift];
  });

  define("TesseraLinear", ({ at, backend }, { x, weight, bias }) => {
    const y = matrixProduct(backend, x, weight, false, false), { rows, width } = rowsOf(y);
    calls.addBias(at(y), at(bias), rows, width);
    return y;
  }, {
    inputsToSave: ["x", "weight"],
    gradFunc: (given, [x, weight]) => {
      const dy = given as tf.Tensor2D;
      return {
        x: () => tf.matMul(dy, weight as tf.Tensor2D, false, true),
        weight: () => tf.matMul(x as tf.Tensor2D, dy, true),
        bias: () => tf.sum(dy, 0),
      };
    },
  });

  define("TesseraAdam", ({ like, at, value }, inputs, attributes) => {
    const { parameter, first, second, gradient } = inputs;
    const { beta1, beta2, epsilon, weightDecay } = attributes;
    const rate = value(inputs.learningRate), root = Math.sqrt(value(inputs.secondCorrection));
    const stepSize = rate / value(inputs.firstCorrection);
    const made = [like(parameter), like(parameter), like(parameter)];
    const [places, results] = [[parameter, first, second, gradient].map(at), made.map(at)];
    const betas = [beta1, 1 - beta1, beta2, 1 - beta2];
    const rest = [1 - rate * weightDecay, stepSize, root, epsilon];
    calls.adam(...places, ...results, sizeOf(parameter), ...betas, ...rest);
    return made;
  });
}

/** As in `ops.ts`. */
export const ops = {
  gelu: (x: tf.Tensor) => run("TesseraGelu", { x }),
  masked: (x: tf.Tensor, mask: tf.Tensor, scale: number) =>
    run("TesseraMasked", { x, mask }, { scale }),
  softmax: (x: tf.Tensor) => run("TesseraSoftmax", { x }),
  layerNorm: (x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: number) =>
    run<tf.Tensor[]>("TesseraLayerNorm", { x, scale, shift }, { epsilon })[0],
  linear: (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) =>
    run("TesseraLinear", { x, weight, bias }),
  /** The parameter and its moments after an update. */
  adam: (
    inputs: Record<
      | "parameter"
      | "first"
      | "second"
      | "gradient"
      | "learningRate"
      | "firstCorrection"
      | "secondCorrection",
      tf.Tensor
    >,
    settings: { beta1: number; beta2: number; epsilon: number; weightDecay: number },
  ) => run<[tf.Tensor, tf.Tensor, tf.Tensor]>("TesseraAdam", inputs, settings),
};

/** These ops, where WASM computes. */
export function wasmOps(): typeof ops | null {
  return tf.getBackend() === "wasm" && isLoaded() ? ops : null;
}
