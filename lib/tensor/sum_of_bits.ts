/** Sums of tensors' bits: what was computed twice is compared without a copy of it. */
import type * as tf from "tfjs";
import { valuesInPlace } from "./values_in_place.ts";

const NOT_A_NUMBER = 0x7fc00000;

/**
 * What stands for a tensor's bits: two sums of 32 bits as MurmurHash3 makes them (Appleby, 2011), by different factors.
 * -0 is not 0; not a number is not a number, whatever its bits. Texts stand for themselves.
 */
export function sumOfBits(tensor: tf.Tensor): string {
  if (tensor.dtype === "string") return JSON.stringify([...tensor.dataSync<"string">()]);
  const values = valuesInPlace(tensor);
  const isFloat = values instanceof Float32Array;
  const bits = values instanceof Uint8Array
    ? values
    : new Int32Array(values.buffer, values.byteOffset, values.length);
  let [one, other] = [bits.length, 0x9e3779b9];
  for (let at = 0; at < bits.length; at++) {
    let each = bits[at];
    if (isFloat && (each & 0x7fffffff) > 0x7f800000) each = NOT_A_NUMBER;
    const first = Math.imul(each, 0xcc9e2d51);
    one ^= Math.imul(first << 15 | first >>> 17, 0x1b873593);
    one = Math.imul(one << 13 | one >>> 19, 5) + 0xe6546b64 | 0;
    const second = Math.imul(each, 0x85ebca6b);
    other ^= Math.imul(second << 15 | second >>> 17, 0xc2b2ae35);
    other = Math.imul(other << 13 | other >>> 19, 5) + 0x561ccd1b | 0;
  }
  return [one, other].map((half) => (half >>> 0).toString(16)).join(" ");
}
