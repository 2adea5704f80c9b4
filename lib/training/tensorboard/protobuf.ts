/** Just enough of the protocol buffers' wire format to write TensorBoard's messages. */

/** One encoded field. */
export type Field = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** A message: its fields one after another. */
export function message(...fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fields.reduce((sum, field) => sum + field.length, 0));
  let offset = 0;
  for (const field of fields) {
    bytes.set(field, offset);
    offset += field.length;
  }
  return bytes;
}

/** An integer, negative ones included (int32, int64, bool, enum). */
export function integer(number: number, value: number | bigint): Field {
  return message(key(number, 0), varint(BigInt.asUintN(64, BigInt(value))));
}

export function double(number: number, value: number): Field {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return message(key(number, 1), bytes);
}

export function float(number: number, value: number): Field {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return message(key(number, 5), bytes);
}

/** Bytes, text, or a message inside a message. */
export function bytes(number: number, value: Uint8Array<ArrayBuffer> | string): Field {
  const content = typeof value === "string" ? encoder.encode(value) : value;
  return message(key(number, 2), varint(BigInt(content.length)), content);
}

function key(number: number, wireType: number): Field {
  return varint(BigInt(number << 3 | wireType));
}

function varint(value: bigint): Field {
  const groups = [];
  let rest = value;
  while (rest > 0x7fn) {
    groups.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  groups.push(Number(rest));
  return Uint8Array.from(groups);
}
