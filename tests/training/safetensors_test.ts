/** The format as others write it, and what its own reader refuses (safetensors/src/tensor.rs there). */
import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "../../lib/platform/files.ts";
import { readSafetensors, writeSafetensors } from "../../lib/training/safetensors.ts";

/** Reads a file of these bytes. */
async function read(bytes: Uint8Array): ReturnType<typeof readSafetensors> {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await Deno.writeFile(path, bytes);
    return await readSafetensors(path);
  } finally {
    await Deno.remove(path);
  }
}

/** A file with this header, as text or bytes, and `data` behind it. */
function file(header: string | Uint8Array, data: number | ArrayBufferView = 0): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const tensors = typeof data === "number"
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new Uint8Array(8 + text.length + tensors.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(tensors, 8 + text.length);
  return bytes;
}

const one = (dtype: string, shape: number[], bytes: number) =>
  JSON.stringify({ x: { dtype, shape, data_offsets: [0, bytes] } });

const readable: Record<string, { data: ArrayBufferView; values: number[] }> = {
  F16: {
    // 1, −2, the largest, the smallest, the smallest normal, −∞
    data: Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0xfc00),
    values: [1, -2, 65504, 2 ** -24, 2 ** -14, -Infinity],
  },
  BF16: {
    data: Uint16Array.of(0x3fc0, 0xc000, 0x7f80, 0x0080),
    values: [1.5, -2, Infinity, 2 ** -126],
  },
  F32: { data: Float32Array.of(0.5, -3), values: [0.5, -3] },
  F64: { data: Float64Array.of(1.5, -2.25), values: [1.5, -2.25] },
  BOOL: { data: Uint8Array.of(1, 0, 1), values: [1, 0, 1] },
  U8: { data: Uint8Array.of(0, 255), values: [0, 255] },
  I8: { data: Int8Array.of(-128, 127), values: [-128, 127] },
  I16: { data: Int16Array.of(-32768, 7), values: [-32768, 7] },
  U16: { data: Uint16Array.of(65535, 7), values: [65535, 7] },
  I32: { data: Int32Array.of(-7, 2 ** 31 - 1), values: [-7, 2 ** 31 - 1] },
  U32: { data: Uint32Array.of(7, 2 ** 31 - 1), values: [7, 2 ** 31 - 1] },
  I64: { data: BigInt64Array.of(-7n, 8n), values: [-7, 8] },
  U64: { data: BigUint64Array.of(7n), values: [7] },
};

for (const [dtype, { data, values }] of Object.entries(readable)) {
  Deno.test(`readSafetensors reads ${dtype}`, async () => {
    const header = one(dtype, [values.length, 1], data.byteLength);
    const { tensors } = await read(file(header, data));
    const { shape, values: found } = tensors.get("x")!;
    assertEquals([shape, [...found]], [[values.length, 1], values]);
  });
}

const unsupported: Record<string, number> = {
  ...{ C64: 64, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
  ...{ F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
};

for (const [dtype, bits] of Object.entries(unsupported)) {
  Deno.test(`readSafetensors names ${dtype} where it cannot read it`, async () => {
    const message = `tensor x has dtype ${dtype}, which is not supported; BOOL, U8`;
    await assertRejects(() => read(file(one(dtype, [8], bits), bits)), FileError, message);
  });
}

Deno.test("readSafetensors says which whole number int32 cannot hold", async () => {
  const cases: [string, ArrayBufferView, string][] = [
    ["U32", Uint32Array.of(2 ** 31), "2147483648"],
    ["I64", BigInt64Array.of(-(2n ** 40n)), "-1099511627776"],
    ["U64", BigUint64Array.of(2n ** 63n), "9223372036854775808"],
  ];
  for (const [dtype, data, value] of cases) {
    const message = `tensor x has the value ${value}, which int32 cannot hold`;
    const header = one(dtype, [1], data.byteLength);
    await assertRejects(() => read(file(header, data)), FileError, message);
  }
});

Deno.test("readSafetensors takes empty tensors, scalars, and blanks around the header", async () => {
  const { tensors } = await read(file(
    '\t\n{"empty":{"dtype":"I32","shape":[2,0],"data_offsets":[0,0]},' +
      '"scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}\r\n\t ',
    Float32Array.of(2.5),
  ));
  assertEquals(tensors.get("empty"), { shape: [2, 0], values: new Int32Array(0) });
  assertEquals(tensors.get("scalar"), { shape: [], values: Float32Array.of(2.5) });
  assertEquals((await read(file("{}"))).tensors.size, 0);
});

const entry = (from: number, to: number, rest = '"dtype":"F32","shape":[1]') =>
  `{${rest},"data_offsets":[${from},${to}]}`;
const refused: Record<string, { bytes: Uint8Array; says: string }> = {
  "too few bytes for a header": { bytes: new Uint8Array(7), says: "too few for a header" },
  "a header longer than the format allows": {
    bytes: file("{}".padEnd(20)).fill(255, 0, 8),
    says: "is not a safetensors file",
  },
  "a header length beyond the file": {
    bytes: Uint8Array.of(0x3c, 0, 0, 0, 0, 0, 0, 0),
    says: "its header alone 68",
  },
  "a header that is not UTF-8": {
    bytes: file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)),
    says: "has a damaged header",
  },
  "a header that is not JSON": { bytes: file("{"), says: "has a damaged header" },
  "something other than a header": { bytes: file("hello"), says: "is not a safetensors file" },
  "a tensor twice": {
    bytes: file(`{"a":${entry(0, 4)},"b":${entry(4, 8)},"\\u0061":${entry(4, 8)}}`, 8),
    says: 'it has "a" twice',
  },
  "a property twice": {
    bytes: file(`{"a":${entry(0, 4, '"dtype":"I32","dtype":"F32","shape":[1]')}}`, 4),
    says: 'it has "dtype" twice',
  },
  "metadata that is no text": {
    bytes: file(`{"__metadata__":{"epoch":3}}`),
    says: "__metadata__ holds something other than text",
  },
  "an unknown dtype": {
    bytes: file(one("F128", [1], 16), 16),
    says: "tensor x has the unknown dtype F128",
  },
  "a name of JavaScript's own as dtype": {
    bytes: file(one("constructor", [1], 4), 4),
    says: "tensor x has the unknown dtype constructor",
  },
  "a shape that does not fit its bytes": {
    bytes: file(one("I32", [2, 2], 4), 4),
    says: "tensor x of shape [2,2] has 4 bytes instead of 16",
  },
  "a shape beyond all numbers": {
    bytes: file('{"x":{"dtype":"I32","shape":[2,18446744073709551614],"data_offsets":[0,16]}}', 16),
    says: "tensor x has the shape [2,18446744073709552000]",
  },
  "a negative length": {
    bytes: file('{"x":{"dtype":"I32","shape":[-1],"data_offsets":[4,0]}}', 4),
    says: "tensor x has the shape [-1]",
  },
  "half a byte": { bytes: file(one("F4", [1], 1), 1), says: "has 1 bytes instead of 0.5" },
  "places that are no numbers": {
    bytes: file('{"x":{"dtype":"I32","shape":[1],"data_offsets":["0",4]}}', 4),
    says: 'tensor x has the data_offsets ["0",4]',
  },
  "an entry that is none": { bytes: file('{"x":null}'), says: "tensor x has the unknown dtype" },
  "a hole before the first tensor": {
    bytes: file(`{"a":${entry(4, 8)}}`, 8),
    says: "the 4 bytes before tensor a belong to nothing",
  },
  "a hole between tensors": {
    bytes: file(`{"b":${entry(8, 12)},"a":${entry(0, 4)}}`, 12),
    says: "the 4 bytes before tensor b belong to nothing",
  },
  "two tensors of the same bytes": {
    bytes: file(`{"a":${entry(0, 4)},"b":${entry(0, 4)}}`, 4),
    says: "tensor b overlaps another",
  },
  "bytes behind the last tensor": {
    bytes: file(`{"a":${entry(0, 4)}}`, 7),
    says: "has 3 bytes too many behind its tensors",
  },
  "too few bytes for its tensors": { bytes: file(`{"a":${entry(0, 4)}}`, 3), says: "is cut short" },
};

for (const [what, { bytes, says }] of Object.entries(refused)) {
  Deno.test(`readSafetensors refuses ${what}`, async () => {
    await assertRejects(() => read(bytes), FileError, says);
  });
}

Deno.test("writeSafetensors refuses a header that no reader would take", async () => {
  const path = await Deno.makeTempFile();
  const metadata = { text: "a".repeat(100_000_001) };
  await assertRejects(
    () => writeSafetensors(path, { tensors: new Map(), metadata }),
    FileError,
    "its header has more than 100000000 bytes",
  );
  await Deno.remove(path);
});

Deno.test({
  name: "a folder or a pipe in place of a checkpoint is refused by name",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${folder}/folder`);
      await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
      for (const name of ["folder", "pipe"]) {
        await assertRejects(
          () => readSafetensors(`${folder}/${name}`),
          FileError,
          `${folder}/${name} is no file`,
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("writeSafetensors takes each tensor as it is when its turn comes, also out of one memory", async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    const memory = new Float32Array(6);
    const unread = (value: number) => ({
      shape: [2, 2],
      dtype: "F32" as const,
      read: () => Promise.resolve(memory.fill(value).subarray(1, 5)),
    });
    const tensors = new Map([1, 2, 3].map((value) => [`of ${value}`, unread(value)]));
    await writeSafetensors(path, { tensors, metadata: {} });
    const read = await readSafetensors(path);
    assertEquals(
      [...read.tensors.values()].map(({ values }) => [...values]),
      [1, 2, 3].map((value) => Array(4).fill(value)),
    );
  } finally {
    await Deno.remove(path);
  }
});
