/**
 * The safetensors format (https://github.com/huggingface/safetensors): the header's length in eight
 * bytes, a JSON header, then the tensors' bytes, little-endian and without gaps.
 */
import { crc32 } from "node:zlib";
import { FileError, writeFileAtomically } from "../platform/files.ts";

export interface SavedTensor {
  shape: readonly number[];
  values: Float32Array | Int32Array | Uint8Array;
}

export interface SafetensorsFile {
  tensors: Map<string, SavedTensor>;
  /** Text by name, as the format's `__metadata__` holds it. */
  metadata: Record<string, string>;
}

/** The name under which the checksum of all tensor bytes stands in the metadata. */
const checksumName = "crc32";
/** The format allows no longer header. */
const longestHeader = 100_000_000;

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** How values of each dtype become an array; the half-width and 64-bit ones are converted. */
const readers: Record<string, (bytes: ArrayBuffer) => SavedTensor["values"]> = {
  F32: (bytes) => new Float32Array(bytes),
  I32: (bytes) => new Int32Array(bytes),
  U8: (bytes) => new Uint8Array(bytes),
  BOOL: (bytes) => new Uint8Array(bytes),
  F64: (bytes) => Float32Array.from(new Float64Array(bytes)),
  I64: (bytes) => Int32Array.from(new BigInt64Array(bytes), Number),
  BF16: (bytes) => {
    const wide = Uint32Array.from(new Uint16Array(bytes), (half) => half << 16);
    return new Float32Array(wide.buffer);
  },
};
const bytesPerValue: Record<string, number> = {
  F32: 4,
  I32: 4,
  U8: 1,
  BOOL: 1,
  F64: 8,
  I64: 8,
  BF16: 2,
};

/** Writes tensors and text to a safetensors file, atomically; throws a {@link FileError}. */
export async function writeSafetensors(path: string, file: SafetensorsFile): Promise<void> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const header: Record<string, unknown> = {};
  let offset = 0;
  let checksum = 0;
  for (const [name, { shape, values }] of file.tensors) {
    const bytes = new Uint8Array(
      values.buffer as ArrayBuffer,
      values.byteOffset,
      values.byteLength,
    );
    const dtype = values instanceof Float32Array
      ? "F32"
      : values instanceof Int32Array
      ? "I32"
      : "U8";
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    chunks.push(bytes);
    checksum = crc32(bytes, checksum);
    offset += bytes.length;
  }
  header.__metadata__ = { ...file.metadata, [checksumName]: String(checksum) };
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The tensors begin at a multiple of 8 bytes; the format fills the header up with spaces.
  const start = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  start.set(json, 8);
  await writeFileAtomically(path, [start, ...chunks]);
}

/**
 * Reads a safetensors file: this library's own or another's.
 *
 * Throws a {@link FileError} that says what is wrong when the file is cut short, damaged or of
 * another format, and Deno's NotFound when there is none.
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const bytes = await Deno.readFile(path);
  const { header, metadata, start } = readHeader(path, bytes);
  const end = Math.max(0, ...Object.values(header).map((entry) => entry.data_offsets[1]));
  if (bytes.length < start + end) {
    throw new FileError(
      `${path} is cut short: it has ${bytes.length} bytes of ${start + end}; ` +
        "restore it or train again",
    );
  }
  const expected = metadata[checksumName];
  if (expected !== undefined && Number(expected) !== crc32(bytes.subarray(start, start + end))) {
    throw new FileError(`${path} is damaged: its checksum is wrong; restore it or train again`);
  }
  const tensors = new Map<string, SavedTensor>();
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(header)) {
    const values = bytes.buffer.slice(
      bytes.byteOffset + start + from,
      bytes.byteOffset + start + to,
    );
    tensors.set(name, { shape, values: readers[dtype](values) });
  }
  delete metadata[checksumName];
  return { tensors, metadata };
}

function readHeader(path: string, bytes: Uint8Array) {
  if (bytes.length < 8) {
    throw new FileError(`${path} is cut short: it has ${bytes.length} bytes, too few for a header`);
  }
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > longestHeader || bytes[8] !== 0x7b && bytes.length > 8) {
    throw new FileError(`${path} is not a safetensors file`);
  }
  if (bytes.length < 8 + length) {
    throw new FileError(
      `${path} is cut short: it has ${bytes.length} bytes, its header alone ${8 + length}`,
    );
  }
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    const { __metadata__: metadata = {}, ...header } = json as Record<string, Entry> & {
      __metadata__?: Record<string, string>;
    };
    for (const [name, entry] of Object.entries(header)) requireEntry(name, entry as Entry);
    return {
      header: header as Record<string, Entry>,
      metadata: { ...metadata },
      start: 8 + length,
    };
  } catch (error) {
    throw new FileError(`${path} has a damaged header: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function requireEntry(name: string, { dtype, shape, data_offsets: [from, to] }: Entry): void {
  if (!(dtype in readers)) throw new Error(`tensor ${name} has the unknown dtype ${dtype}`);
  const size = shape.reduce((product, axis) => product * axis, bytesPerValue[dtype]);
  if (!(from >= 0 && to - from === size)) {
    throw new Error(`tensor ${name} of shape [${shape}] has ${to - from} bytes instead of ${size}`);
  }
}
