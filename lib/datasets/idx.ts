/** What an IDX file of bytes holds: sizes of its axes, and the values. */
export interface IdxArray {
  shape: number[];
  values: Uint8Array<ArrayBuffer>;
}

/**
 * Reads the IDX format (unsigned bytes) of MNIST: two zero bytes, the type 0x08, the number of axes,
 * each axis's size as a big-endian 32-bit integer, then the values.
 *
 * Throws a `TypeError` that names `name` where the bytes are something else or not all there.
 */
export function parseIdx(bytes: Uint8Array<ArrayBuffer>, name: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0 || bytes[2] !== 0x08) {
    const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0"));
    throw new TypeError(`${name} is not an IDX file of bytes: it starts with ${start.join(" ")}`);
  }
  const axes = bytes[3];
  const header = 4 + 4 * axes;
  if (bytes.length < header) throw new TypeError(`${name} ends within its header`);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== header + size) {
    throw new TypeError(
      `${name} should hold ${shape.join("×")} = ${size} values, but has ${bytes.length - header}`,
    );
  }
  return { shape, values: bytes.subarray(header) };
}
