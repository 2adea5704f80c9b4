/** Frees what a backward pass is done with while it goes on; tfjs alone keeps everything to its end. */
import * as tf from "tfjs";
import type { TapeNode } from "./backward_walk.ts";
import { gradientDepth } from "./gradient_depth.ts";
import { differentiating } from "./saved_tensors.ts";

interface EngineState {
  activeTape: TapeNode[] | null;
}

/**
 * `tf.variableGrads` with the memory of a backward pass that walks the tape once: an activation is freed
 * when its gradient is done, a gradient when it has been passed on. Gradients of gradients keep all.
 */
export function variableGradients(
  objective: () => tf.Scalar,
  variables: tf.Variable[],
): { value: tf.Scalar; grads: tf.NamedTensorMap } {
  const state = tf.engine().state as unknown as EngineState;
  return tf.variableGrads(() => {
    const value = differentiating(variables, objective);
    if (gradientDepth() === 1 && state.activeTape !== null) freeOnTheWay(state.activeTape);
    return value;
  }, variables);
}

/** Makes each node of the tape free what the node walked before it, the later one, has used up. */
function freeOnTheWay(tape: TapeNode[]): void {
  /** All gradients that were handed to a tensor; tfjs adds them up in new ones. */
  const handedTo = new Map<number, tf.Tensor[]>();
  let freePrevious = () => {};
  for (const node of tape) {
    const { gradient } = node;
    if (!gradient) continue;
    node.gradient = (dys) => {
      freePrevious();
      const addends = node.outputs.flatMap(({ id }) => handedTo.get(id) ?? []);
      node.outputs.forEach(({ id }) => handedTo.delete(id));
      const passedOn = new Set<tf.Tensor>();
      freePrevious = () => {
        // A gradient function may give its own dy on, as it is.
        const done = [...dys, ...addends].filter((dy) => dy !== null && !passedOn.has(dy));
        tf.dispose([...done, ...node.saved ?? []] as tf.Tensor[]);
      };
      const functions = Object.entries(gradient(dys)).map(([name, compute]) => {
        const computeAndNote = () => {
          const dx = compute();
          passedOn.add(dx);
          const { id } = node.inputs[name];
          handedTo.set(id, [...handedTo.get(id) ?? [], dx]);
          return dx;
        };
        return [name, computeAndNote];
      });
      return Object.fromEntries(functions);
    };
  }
}
