/** Random numbers where TensorFlow's stateless ops are missing: kernels that draw from a key and a counter. */
import * as tf from "tfjs";
import { loaded, placeOf, type WasmBackend } from "./wasm_calls.ts";

/** What is drawn. */
export type Draw =
  | { kind: "uniform" | "normal" | "truncated normal" }
  | { kind: "integers"; low: number; high: number }
  | { kind: "chance"; probability: number };

const kernelName = "TesseraRandom";

/**
 * Draws from `seed`, a key and a counter: int32 `[2]`. A kernel, so that a recorded step draws anew, where the
 * backend has it; in the playground's page none does, and nothing is recorded.
 */
export function drawOnHost(seed: tf.Tensor1D, shape: number[], draw: Draw): tf.Tensor {
  if (!tf.getKernel(kernelName, tf.getBackend())) {
    const [key, counter] = seed.dataSync();
    return tf.tensor(drawn(key, counter, shape, draw), shape, typeOf(draw));
  }
  return tf.engine().runKernel(kernelName, { seed }, { shape, ...draw }) as tf.Tensor;
}

/** Spreads each bit of a 32-bit number over all of them (MurmurHash3's last step). */
export function mix(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The generator's state after mixing in key and counter. */
function startOf(key: number, counter: number): [number, number, number] {
  return [mix(key), mix(counter ^ 0x6d2b79f5), mix(key ^ counter)];
}

/** Uniform numbers in [0, 1) from a key and a counter (the generator "sfc32", after mixing in both). */
export function generator(key: number, counter: number): () => number {
  let [a, b, c] = startOf(key, counter), step = 1;
  const next = () => {
    const sum = (a + b + step) | 0;
    step = (step + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) next();
  return next;
}

/** A normally distributed number from two uniform ones (Box and Muller, 1958). */
function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

function numberOf(draw: Draw, next: () => number): number {
  switch (draw.kind) {
    case "uniform":
      return next();
    case "normal":
      return normal(next);
    case "truncated normal": {
      let value: number;
      do value = normal(next); while (Math.abs(value) > 2);
      return value;
    }
    case "integers":
      return draw.low + Math.floor(next() * (draw.high - draw.low));
    case "chance":
      return Number(Math.fround(next()) < Math.fround(draw.probability));
  }
}

const typeOf = ({ kind }: Draw): "int32" | "bool" | "float32" =>
  kind === "integers" ? "int32" : kind === "chance" ? "bool" : "float32";

/** As many numbers as a shape has. */
function drawn(key: number, counter: number, shape: readonly number[], draw: Draw): tf.TypedArray {
  const next = generator(key, counter);
  const values = tf.util.getTypedArrayFromDType(typeOf(draw), tf.util.sizeFromShape([...shape]));
  for (let at = 0; at < values.length; at++) values[at] = numberOf(draw, next);
  return values;
}

/** Plain JavaScript's backend, as far as the kernel uses it. */
interface PlainBackend extends tf.KernelBackend {
  data: { get(dataId: object): { values: Int32Array } };
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.TypedArray): tf.TensorInfo;
}

/** Registers the kernel for plain JavaScript. */
export function drawInPlainJavaScript(): void {
  tf.registerKernel({
    kernelName,
    backendName: "cpu",
    kernelFunc: ({ inputs: { seed }, attrs, backend }) => {
      const { shape, ...draw } = attrs as unknown as Draw & { shape: number[] };
      const { data, makeTensorInfo } = backend as PlainBackend;
      const [key, counter] = data.get((seed as tf.Tensor).dataId).values;
      const values = drawn(key, counter, shape, draw);
      return makeTensorInfo.call(backend, shape, typeOf(draw), values);
    },
  });
}

/** Registers the kernel for WASM, whose uniform numbers Tessera's own program draws. */
export function drawInWasm(): void {
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend: given }) => {
      const backend = given as WasmBackend;
      const { shape, ...draw } = attrs as unknown as Draw & { shape: number[] };
      const [key, counter] = backend.typedArrayFromHeap(inputs.seed as tf.TensorInfo);
      const output = backend.makeOutput(shape, typeOf(draw));
      const size = tf.util.sizeFromShape(shape), place = placeOf(backend, output);
      const start = startOf(key, counter);
      const { calls } = loaded();
      if (draw.kind === "uniform") calls.uniform(...start, place, size);
      else if (draw.kind === "chance") calls.chance(...start, draw.probability, place, size);
      else {
        const next = generator(key, counter), values = backend.typedArrayFromHeap(output);
        for (let at = 0; at < size; at++) values[at] = numberOf(draw, next);
      }
      return output;
    },
  });
}
