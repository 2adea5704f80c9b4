/** The header of a safetensors file, checked as strictly as the format's own reader does. */
import { FileError } from "../platform/files.ts";
import { dtypes } from "./safetensors_values.ts";

/** Where a tensor lies: bytes `data_offsets[0]` to `data_offsets[1]` behind the header. */
export interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export interface Header {
  entries: Map<string, HeaderEntry>;
  metadata: Record<string, string>;
  /** The first byte behind the header. */
  start: number;
  /** How many bytes of tensors follow. */
  size: number;
}

/** The format allows no longer header. */
export const longestHeader = 100_000_000;

/** Reads the header of a file that has these bytes. Throws a FileError that says what is wrong. */
export function readHeader(path: string, bytes: Uint8Array): Header {
  if (bytes.length < 8) {
    throw new FileError(`${path} is cut short: it has ${bytes.length} bytes, too few for a header`);
  }
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const start = 8 + length;
  const isBlank = (byte: number) => [0x20, 0x09, 0x0a, 0x0d].includes(byte);
  const first = bytes.subarray(8, start).find((byte) => !isBlank(byte));
  if (length > longestHeader || first !== undefined && first !== "{".charCodeAt(0)) {
    throw new FileError(`${path} is not a safetensors file`);
  }
  if (bytes.length < start) {
    throw new FileError(
      `${path} is cut short: it has ${bytes.length} bytes, its header alone ${start}`,
    );
  }
  try {
    return { ...parse(bytes.subarray(8, start)), start };
  } catch (error) {
    throw new FileError(`${path} has a damaged header: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function parse(bytes: Uint8Array): Omit<Header, "start"> {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const json = JSON.parse(text);
  refuseDuplicates(text);
  const metadata = json.__metadata__ ?? {};
  if (Object.values(metadata).some((value) => typeof value !== "string")) {
    throw new Error("its __metadata__ holds something other than text");
  }
  const entries = new Map(
    Object.entries(json as Record<string, HeaderEntry>)
      .filter(([name]) => name !== "__metadata__"),
  );
  for (const [name, entry] of entries) requireEntry(name, entry);
  return { entries, metadata: { ...metadata }, size: requireNoHoles(entries) };
}

/** JSON.parse takes the last of several values for one key; the format allows none of them. */
function refuseDuplicates(text: string): void {
  const open: Set<string>[] = [];
  const tokens = text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g);
  for (const [token, string, colon] of tokens) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(string);
      const keys = open[open.length - 1];
      if (keys.has(key)) throw new Error(`it has "${key}" twice`);
      keys.add(key);
    }
  }
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

function requireEntry(name: string, entry: HeaderEntry): void {
  const { dtype, shape, data_offsets: offsets } = entry ?? {};
  if (!Object.hasOwn(dtypes, dtype)) {
    throw new Error(`tensor ${name} has the unknown dtype ${dtype}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw new Error(`tensor ${name} has the shape ${JSON.stringify(shape)}`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw new Error(`tensor ${name} has the data_offsets ${JSON.stringify(offsets)}`);
  }
  const size = shape.reduce((product, axis) => product * axis, dtypes[dtype].bits) / 8;
  const [from, to] = offsets;
  if (to - from !== size) {
    throw new Error(`tensor ${name} of shape [${shape}] has ${to - from} bytes instead of ${size}`);
  }
}

/** The bytes of all tensors, which lie one behind the other: no two share any, and none is left out. */
function requireNoHoles(entries: ReadonlyMap<string, HeaderEntry>): number {
  let end = 0;
  const byPlace = [...entries].sort(([, { data_offsets: a }], [, { data_offsets: b }]) =>
    a[0] - b[0] || a[1] - b[1]
  );
  for (const [name, { data_offsets: [from, to] }] of byPlace) {
    if (from !== end) {
      throw new Error(
        from > end
          ? `the ${from - end} bytes before tensor ${name} belong to nothing`
          : `tensor ${name} overlaps another`,
      );
    }
    end = to;
  }
  return end;
}
