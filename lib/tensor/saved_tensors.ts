/**
 * What is kept for the backward pass, less than tfjs keeps. tfjs saves whole tensors where a gradient needs a
 * shape alone, and both factors of a product where only one is differentiated: in a Vision Transformer's step
 * that is a third of all memory.
 */
import * as tf from "tfjs";
import { atEnd } from "../platform/kernel_door.ts";
import { gradientDepth } from "./gradient_depth.ts";

/** tfjs's engine, as far as it decides what is saved. */
interface Engine {
  backend: { incRef(dataId: object): void };
  runKernel(name: string, inputs: Record<string, tf.Tensor>, attributes?: object): unknown;
  getTensorsForGradient(
    kernelName: string,
    inputs: Record<string, tf.Tensor>,
    outputs: tf.Tensor[],
  ): tf.Tensor[];
  addTapeNode(
    kernelName: string,
    inputs: Record<string, tf.Tensor>,
    outputs: tf.Tensor[],
    gradient: unknown,
    saved: readonly (tf.Tensor | undefined)[],
    ...rest: unknown[]
  ): void;
  makeTensorFromTensorInfo(info: { dataId: object; shape: number[]; dtype: string }): tf.Tensor;
}

/** Kernels whose gradients look at nothing but the shapes of what they save. */
// deno-fmt-ignore
const shapeIsEnough = new Set([
  "Add", "Sub", "Cast", "Reshape", "ExpandDims", "Sum", "Mean", "Tile", "Slice", "PadV2", "MirrorPad",
  "StridedSlice", "Diag", "Concat", "Pack",
]);

/**
 * The variables that the outermost gradient is taken by, and all that depends on them; null where that is not
 * known.
 */
let differentiated: WeakSet<tf.Tensor> | null = null;

/**
 * Calls `objective` knowing that the gradient around it is taken by nothing but `variables`. A gradient
 * within another gradient may be taken by anything, so all that is computed in its function is saved as
 * usual; where it reaches out of its function to a value that was not saved, it throws.
 */
export function differentiating<T>(variables: readonly tf.Variable[], objective: () => T): T {
  if (gradientDepth() !== 1) return objective();
  differentiated = new WeakSet<tf.Tensor>(variables);
  const end = atEnd(() => differentiated = null);
  try {
    return objective();
  } finally {
    end();
  }
}

/** Makes tfjs's engine do so. Called once, with the backend in place. */
export function saveLess(): void {
  const engine = tf.engine() as unknown as Engine;
  const tensorsForGradient = engine.getTensorsForGradient.bind(engine);
  const addTapeNode = engine.addTapeNode.bind(engine);
  const shapeAlone = tf.keep(tf.scalar(0)), unneededFactor = tf.keep(tf.scalar(0));

  /** A tensor of the same shape and type with no memory of its own. */
  const standIn = ({ dataId }: tf.Tensor, { shape, dtype }: tf.Tensor): tf.Tensor => {
    engine.backend.incRef(dataId);
    return engine.makeTensorFromTensorInfo({ dataId, shape, dtype });
  };

  // Only a gradient within the objective that reaches out of its function comes to need such a factor.
  const runKernel = engine.runKernel;
  engine.runKernel = function (name, inputs, attributes) {
    const isUnneeded = (each?: tf.Tensor) => each?.dataId === unneededFactor.dataId;
    if (name !== "Identity" && Object.values(inputs).some(isUnneeded)) {
      throw new Error(
        "A gradient within an objective reaches a product that was computed outside of the function that " +
          "is differentiated: compute it inside of that function.",
      );
    }
    return runKernel.call(this, name, inputs, attributes);
  };

  engine.getTensorsForGradient = (kernelName, inputs, outputs) => {
    const saved = tensorsForGradient(kernelName, inputs, outputs);
    if (shapeIsEnough.has(kernelName)) return saved.map((each) => standIn(shapeAlone, each));
    if (kernelName === "Multiply" && differentiated !== null && gradientDepth() === 1) {
      const { a, b } = inputs;
      return [
        differentiated.has(b) ? a : standIn(unneededFactor, a),
        differentiated.has(a) ? b : standIn(unneededFactor, b),
      ];
    }
    return saved;
  };

  engine.addTapeNode = (kernelName, inputs, outputs, gradient, saved, ...rest) => {
    if (
      differentiated !== null && Object.values(inputs).some((each) => differentiated!.has(each))
    ) {
      // What is saved of an output is a copy that was made before the output was known to depend on them.
      for (const each of [...outputs, ...saved]) if (each) differentiated.add(each);
    }
    addTapeNode(kernelName, inputs, outputs, gradient, saved, ...rest);
  };
}
