/** The dtypes of the safetensors format, and how values of each become an array. */
import type { SavedTensor } from "./safetensors.ts";

interface Dtype {
  bits: number;
  /** Makes an array of values of a dtype; those of another width are converted. Missing where unsupported. */
  read?: (bytes: ArrayBuffer) => SavedTensor["values"];
}

/** Throws a RangeError where a value is beyond int32, instead of wrapping it round. */
function toInt32(values: ArrayLike<number> | BigInt64Array | BigUint64Array): Int32Array {
  return Int32Array.from(values as ArrayLike<number>, (value) => {
    const number = Number(value);
    if (number === (number | 0)) return number;
    throw new RangeError(`has the value ${value}, which int32 cannot hold`);
  });
}

export const dtypes: Readonly<Record<string, Dtype>> = {
  BOOL: { bits: 8, read: (bytes) => new Uint8Array(bytes) },
  U8: { bits: 8, read: (bytes) => new Uint8Array(bytes) },
  I8: { bits: 8, read: (bytes) => toInt32(new Int8Array(bytes)) },
  I16: { bits: 16, read: (bytes) => toInt32(new Int16Array(bytes)) },
  U16: { bits: 16, read: (bytes) => toInt32(new Uint16Array(bytes)) },
  I32: { bits: 32, read: (bytes) => new Int32Array(bytes) },
  U32: { bits: 32, read: (bytes) => toInt32(new Uint32Array(bytes)) },
  I64: { bits: 64, read: (bytes) => toInt32(new BigInt64Array(bytes)) },
  U64: { bits: 64, read: (bytes) => toInt32(new BigUint64Array(bytes)) },
  F16: { bits: 16, read: (bytes) => new Float32Array(new Float16Array(bytes)) },
  BF16: {
    bits: 16,
    // The upper half of a float32.
    read: (bytes) => {
      const wide = Uint32Array.from(new Uint16Array(bytes), (half) => half << 16);
      return new Float32Array(wide.buffer);
    },
  },
  F32: { bits: 32, read: (bytes) => new Float32Array(bytes) },
  F64: { bits: 64, read: (bytes) => new Float32Array(new Float64Array(bytes)) },
  C64: { bits: 64 },
  F8_E5M2: { bits: 8 },
  F8_E4M3: { bits: 8 },
  F8_E8M0: { bits: 8 },
  F8_E4M3FNUZ: { bits: 8 },
  F8_E5M2FNUZ: { bits: 8 },
  F6_E2M3: { bits: 6 },
  F6_E3M2: { bits: 6 },
  F4: { bits: 4 },
};

const supported = Object.keys(dtypes).filter((name) => dtypes[name].read);

/**
 * A tensor's values; where they can be used as they are, they share the bytes' memory. Throws a RangeError for a dtype
 * that has no array here, or values beyond int32.
 */
export function readValues(dtype: string, bytes: Uint8Array<ArrayBuffer>): SavedTensor["values"] {
  const { buffer, byteOffset, length } = bytes;
  // Of a large network's weights a copy is much for a browser's tab.
  if (dtype === "F32" && byteOffset % 4 === 0) {
    return new Float32Array(buffer, byteOffset, length / 4);
  }
  const { read } = dtypes[dtype];
  if (read) return read(buffer.slice(byteOffset, byteOffset + length));
  throw new RangeError(`has dtype ${dtype}, which is not supported; ${supported.join(", ")} are`);
}
