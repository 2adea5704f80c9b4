/** Protocol-buffer messages, as TensorFlow describes its ops and kernels and is told its settings. */

/** Whole numbers of seven bits a byte, one after the other. */
export function varints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [value, next] = varint(bytes, at);
    values.push(value);
    at = next;
  }
  return values;
}

function varint(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 1;; shift *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * shift;
    if (byte < 128) return [value, at];
  }
}

/** A message's fields in order: numbers of varints, bytes of length-delimited fields. */
export function* fields(
  bytes: Uint8Array,
): Generator<[field: number, value: number | Uint8Array]> {
  let at = 0;
  const next = () => {
    const [value, after] = varint(bytes, at);
    at = after;
    return value;
  };
  while (at < bytes.length) {
    const key = next();
    const wireType = key & 7;
    if (wireType === 0) yield [key >> 3, next()];
    else if (wireType === 2) {
      const length = next();
      yield [key >> 3, bytes.subarray(at, at += length)];
    } else at += wireType === 1 ? 8 : 4;
  }
}

function varintBytes(value: number): number[] {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** The bytes of a field that holds a whole number of 0 to 2³¹ − 1. */
export function varintField(field: number, value: number): number[] {
  return [...varintBytes(field << 3), ...varintBytes(value)];
}

/** The bytes of a field that holds a message, or a text. */
export function bytesField(field: number, value: string | Iterable<number>): number[] {
  const bytes = typeof value === "string" ? [...new TextEncoder().encode(value)] : [...value];
  return [...varintBytes(field << 3 | 2), ...varintBytes(bytes.length), ...bytes];
}
