/**
 * The safetensors format (https://github.com/huggingface/safetensors): the header's length in eight
 * bytes, a JSON header, then the tensors' bytes, little-endian and without holes.
 */
import { crc32 } from "../platform/digests.ts";
import { information, readFile } from "../platform/disk.ts";
import { FileError, keptApart, writeFileAtomically } from "../platform/files.ts";
import type { Chunk } from "../platform/sizes.ts";
import { longestHeader, readHeader } from "./safetensors_header.ts";
import { dtypes, readValues } from "./safetensors_values.ts";

export interface SavedTensor {
  shape: readonly number[];
  values: Float32Array | Int32Array | Uint8Array;
}

/** A tensor whose values are read when its turn to be written comes, so that one tensor's lie in memory at a time. */
export interface UnreadTensor {
  shape: readonly number[];
  dtype: "F32" | "I32" | "U8";
  /** The values; they are not used any more once something else is computed. */
  read(): Promise<SavedTensor["values"]>;
}

export interface SafetensorsFile {
  tensors: Map<string, SavedTensor>;
  /** Text by name, as the format's `__metadata__` holds it. */
  metadata: Record<string, string>;
}

/** The name under which the checksum of the whole file stands in the metadata, in eight hexadecimal digits. */
const checksumName = "checksum";
/** That of the tensors' bytes alone, in older files. */
const oldChecksumName = "crc32";
/** What stands in a checksum's place while it is computed. */
const noChecksum = "00000000";

/**
 * Writes tensors and text to a safetensors file, atomically; throws a {@link FileError}. One flipped bit
 * anywhere in it will be noticed.
 */
export async function writeSafetensors(
  path: string,
  file: {
    tensors: ReadonlyMap<string, SavedTensor | UnreadTensor>;
    metadata: Record<string, string>;
  },
): Promise<void> {
  const tensors = new Map([...file.tensors].map(([name, tensor]) => [name, unread(tensor)]));
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, { shape, dtype }] of tensors) {
    const end = offset + shape.reduce((product, axis) => product * axis, dtypes[dtype].bits / 8);
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  header.__metadata__ = { ...file.metadata, [checksumName]: noChecksum };
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The tensors begin at a multiple of 8 bytes; the format fills the header up with spaces.
  const start = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  if (start.length - 8 > longestHeader) {
    throw new FileError(`${path} was not written: its header has more than ${longestHeader} bytes`);
  }
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  start.set(json, 8);
  let checksum = crc32(start);
  const chunks: Chunk[] = [];
  for (const { read } of tensors.values()) {
    const { buffer, byteOffset, byteLength } = await read();
    const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    checksum = crc32(bytes, checksum);
    chunks.push(keptApart(bytes));
  }
  start.set(new TextEncoder().encode(digitsOf(checksum)), placeOfChecksum(start)!);
  await writeFileAtomically(path, [start, ...chunks]);
}

/**
 * Reads a safetensors file: this library's own or another's.
 *
 * Half-width and 64-bit floats become float32, whole numbers of other widths int32. Throws a {@link
 * FileError} that says what is wrong when the file is cut short, damaged, of another format, or has
 * values that float32 and int32 do not hold, and a NotFound when there is none.
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  // A folder has no bytes, and a pipe waits for them without end.
  if (!(await information(path)).isFile) throw new FileError(`${path} is no file`);
  const bytes = await readFile(path);
  const { entries, metadata, start, size } = readHeader(path, bytes);
  const end = start + size;
  if (bytes.length < end) {
    throw new FileError(
      `${path} is cut short: it has ${bytes.length} bytes of ${end}; restore it or train again`,
    );
  }
  if (bytes.length > end) {
    throw new FileError(`${path} has ${bytes.length - end} bytes too many behind its tensors`);
  }
  requireChecksum(path, bytes, { metadata, start });
  const tensors = new Map<string, SavedTensor>();
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of entries) {
    const values = bytes.subarray(start + from, start + to);
    try {
      tensors.set(name, { shape, values: readValues(dtype, values) });
    } catch (error) {
      throw new FileError(`${path}: tensor ${name} ${(error as Error).message}`, { cause: error });
    }
  }
  delete metadata[checksumName];
  delete metadata[oldChecksumName];
  return { tensors, metadata };
}

function unread(tensor: SavedTensor | UnreadTensor): UnreadTensor {
  if ("read" in tensor) return tensor;
  const { shape, values } = tensor;
  const dtype = values instanceof Float32Array
    ? "F32"
    : values instanceof Int32Array
    ? "I32"
    : "U8";
  return { shape, dtype, read: () => Promise.resolve(values) };
}

/** Where the digits of the checksum of a whole file begin; undefined where it has none. */
function placeOfChecksum(header: Uint8Array): number | undefined {
  const before = `"${checksumName}":"`;
  // Within a text the quotes have backslashes before them.
  // One character for each byte.
  const place = new TextDecoder("latin1").decode(header).lastIndexOf(before);
  return place < 0 ? undefined : place + before.length;
}

/** Throws a FileError where a file is not as it was written. Other programs' files have no checksum. */
function requireChecksum(
  path: string,
  bytes: Uint8Array,
  { metadata, start }: { metadata: Record<string, string>; start: number },
): void {
  const refuse = () => {
    throw new FileError(`${path} is damaged: its checksum is wrong; restore it or train again`);
  };
  const { [oldChecksumName]: old, [checksumName]: digits, ...rest } = metadata;
  if (old !== undefined) return Number(old) === crc32(bytes.subarray(start)) ? undefined : refuse();
  if (digits === undefined) {
    // A name of a checksum that is damaged itself leaves the rest of what is written beside it.
    const isOwn = "kind" in rest && "info" in rest || rest.format === "tessera";
    return isOwn ? refuse() : undefined;
  }
  const place = placeOfChecksum(bytes.subarray(0, start));
  if (place === undefined) return refuse();
  bytes.set(new TextEncoder().encode(noChecksum), place);
  if (digitsOf(crc32(bytes)) !== digits) refuse();
}

const digitsOf = (checksum: number) => checksum.toString(16).padStart(noChecksum.length, "0");
