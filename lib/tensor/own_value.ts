/** Variables whose value no other tensor shares. */
import type * as tf from "tfjs";
import type { NativeBackend } from "./native.ts";

/**
 * The number of a variable's tensor, which stands for nothing else afterwards: where another tensor
 * shares it (a clone, or what the variable was made from), the variable gets a number of its own for
 * the same value.
 */
export function ownNumber(backend: NativeBackend, variable: tf.Variable): number {
  const [id] = backend.getInputTensorIds([variable]);
  if (backend.tensorMap.get(variable.dataId).refCount <= 1) return id;
  const { binding } = backend;
  const copy = binding.adopt(binding.shareHandle(binding.handleOf(id)));
  const tensor = backend.createOutputTensor(copy);
  variable.assign(tensor);
  tensor.dispose();
  return copy.id;
}
