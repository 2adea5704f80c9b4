/** How far tensors of one computation lie from those of another. */
import type { OpAttribute } from "./attributes.ts";
import type { Binding, Pointer } from "./binding.ts";
import { AttributeType, DataType } from "./c_api.ts";

export interface TensorPair {
  label: string;
  actual: Pointer;
  expected: Pointer;
}

export interface Difference {
  label: string;
  /**
   * Largest absolute difference ÷ largest absolute value expected. 0 where both have a number that is not finite,
   * Infinity or NaN where one has.
   */
  relative: number;
}

const type = (name: string, value: number): OpAttribute => ({
  name,
  type: AttributeType.type,
  value,
});

/**
 * The difference of each pair of float32 tensors, and 0 or Infinity for pairs of other types.
 * With `noise`, a tensor whose values are all far smaller than the largest tensor's is taken for
 * rounding (the gradient of a bias before a normalisation): it is measured against a thousandth of the
 * largest.
 */
export function compareTensors(
  binding: Binding,
  pairs: readonly TensorPair[],
  { noise = true }: { noise?: boolean } = {},
): Difference[] {
  const measured = pairs.map(({ label, actual, expected }) => {
    const isFloat = binding.api.TFE_TensorHandleDataType(expected) === DataType.float32;
    if (!isFloat) {
      const same = sameValues(binding.values(actual), binding.values(expected));
      return { label, difference: same ? 0 : Infinity, scale: 1, isFloat };
    }
    const [difference] = binding.run("Sub", [type("T", DataType.float32)], [actual, expected], 1);
    const [farthest, scale] = [difference, expected].map((each) => largestMagnitude(binding, each));
    binding.api.TFE_DeleteTensorHandle(difference);
    if (Number.isFinite(scale)) return { label, difference: farthest, scale, isFloat };
    // NaN or infinite on both sides: the step itself diverges, which the trainer reports. Places are not compared,
    // as kernels do not agree on all that a NaN reaches.
    const isFinite = Number.isFinite(largestMagnitude(binding, actual));
    return { label, difference: isFinite ? Infinity : 0, scale: 1, isFloat: false };
  });
  const scales = measured.filter(({ isFloat }) => isFloat);
  const largest = Math.max(1e-30, ...scales.map(({ scale }) => scale));
  const floor = noise ? 1e-3 * largest : 1e-30;
  return measured.map(({ label, difference, scale }) => ({
    label,
    relative: difference / Math.max(scale, floor),
  }));
}

function largestMagnitude(binding: Binding, tensor: Pointer): number {
  const run = (name: string, attributes: OpAttribute[], inputs: Pointer[]) =>
    binding.run(name, attributes, inputs, 1)[0];
  const t = type("T", DataType.float32);
  const magnitude = run("Abs", [t], [tensor]);
  const flatShape = binding.newHandle([1], DataType.int32, Int32Array.of(-1));
  const flat = run("Reshape", [t, type("Tshape", DataType.int32)], [magnitude, flatShape]);
  const axis = binding.newHandle([1], DataType.int32, Int32Array.of(0));
  const keep = { name: "keep_dims", type: AttributeType.bool, value: false };
  const largest = run("Max", [t, type("Tidx", DataType.int32), keep], [flat, axis]);
  const [value] = binding.values(largest) as Float32Array;
  for (const handle of [magnitude, flatShape, flat, axis, largest]) {
    binding.api.TFE_DeleteTensorHandle(handle);
  }
  return value === -Infinity ? 0 : value;
}

function sameValues(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  return a.length === b.length &&
    Array.from(a).every((value, index) => String(value) === String(b[index]));
}
