/**
 * Keeps less for the backward pass than tfjs does. tfjs saves whole tensors where a gradient needs a shape
 * alone, and both factors of a product where only one is differentiated: in a Vision Transformer's step that is
 * a third of all memory.
 */
import * as tf from "tfjs";

/** tfjs's engine, as far as it decides what is saved. */
interface Engine {
  backend: { incRef(dataId: object): void };
  getTensorsForGradient(
    kernelName: string,
    inputs: Record<string, tf.Tensor>,
    outputs: tf.Tensor[],
  ): tf.Tensor[];
  addTapeNode(
    kernelName: string,
    inputs: Record<string, tf.Tensor>,
    outputs: tf.Tensor[],
    ...rest: unknown[]
  ): void;
  makeTensorFromTensorInfo(info: { dataId: object; shape: number[]; dtype: string }): tf.Tensor;
}

/** Kernels whose gradients look at nothing but the shapes of what they save. */
// deno-fmt-ignore
const shapeIsEnough = new Set([
  "Add", "Sub", "Reshape", "ExpandDims", "Sum", "Mean", "Tile", "Slice", "PadV2", "Concat", "Pack",
]);

/** The variables being differentiated and all that depends on them; null where that is not known. */
let differentiated: WeakSet<tf.Tensor> | null = null;

/** Calls `objective` knowing that nothing but `variables` is differentiated in it. */
export function differentiating<T>(variables: readonly tf.Variable[], objective: () => T): T {
  const before = differentiated;
  differentiated = before === null ? new WeakSet<tf.Tensor>(variables) : null;
  try {
    return objective();
  } finally {
    differentiated = before;
  }
}

/** Makes tfjs's engine save less. Called once, with the native backend in place. */
export function saveLess(): void {
  const engine = tf.engine() as unknown as Engine;
  const tensorsForGradient = engine.getTensorsForGradient.bind(engine);
  const addTapeNode = engine.addTapeNode.bind(engine);
  const dummy = tf.keep(tf.scalar(0));

  /** A tensor of the same shape and type with no memory of its own. */
  const shapeOf = ({ shape, dtype }: tf.Tensor): tf.Tensor => {
    engine.backend.incRef(dummy.dataId);
    return engine.makeTensorFromTensorInfo({ dataId: dummy.dataId, shape, dtype });
  };

  engine.getTensorsForGradient = (kernelName, inputs, outputs) => {
    const saved = tensorsForGradient(kernelName, inputs, outputs);
    if (shapeIsEnough.has(kernelName)) return saved.map(shapeOf);
    if (kernelName === "Multiply" && differentiated !== null) {
      const { a, b } = inputs;
      return [
        differentiated.has(b) ? a : shapeOf(a),
        differentiated.has(a) ? b : shapeOf(b),
      ];
    }
    return saved;
  };

  engine.addTapeNode = (kernelName, inputs, outputs, ...rest) => {
    if (
      differentiated !== null && Object.values(inputs).some((each) => differentiated!.has(each))
    ) {
      outputs.forEach((output) => differentiated!.add(output));
    }
    addTapeNode(kernelName, inputs, outputs, ...rest);
  };
}
