/** Rows of bytes that lie on the device: a data set's images at a quarter of their float size. */
import * as tf from "./tf.ts";
import { AttributeType, DataType } from "./c_api.ts";
import { settings } from "./settings.ts";
import { hostKernel } from "./host_kernel.ts";
import { attribute, nativeBackend } from "./native.ts";

const WORD_BYTES = 4;

const rowsOnHost = hostKernel(
  "TesseraRows",
  (wanted, { bytes, shape: [count, ...rest] }: { bytes: Uint8Array; shape: readonly number[] }) => {
    const rowSize = rest.reduce((product, length) => product * length, 1);
    const values = new Float32Array(wanted.length * rowSize);
    wanted.forEach((index, row) => {
      if (index < 0 || index >= count) {
        throw new RangeError(`ByteTensor: no row ${index} among ${count}`);
      }
      values.set(bytes.subarray(index * rowSize, (index + 1) * rowSize), row * rowSize);
    });
    return tf.tensor(values, [wanted.length, ...rest]);
  },
);

/** Frees the memory behind an array that nobody needs any more; it is empty from then on. */
export function freeBytes({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** `[N, …]` bytes, from which batches are gathered as float32. */
export class ByteTensor {
  readonly shape: readonly number[];
  /**
   * On native TensorFlow: a uint8 tensor, which tfjs takes for int32 and must only be gathered from. On a
   * graphics card, which gathers no bytes: `[N, words]` "floats" of four bytes each, copied and never reckoned
   * with; a row's last word is filled up with zeros.
   */
  readonly #device: tf.Tensor | null = null;
  readonly #host: Uint8Array;
  readonly #rowSize: number;

  /**
   * `isTaken` says that nobody else needs the data: where it is copied to the device its memory is freed at once,
   * and not when some collection of garbage comes to it. Throws a RangeError where the number of bytes does not
   * fit the shape.
   */
  constructor(data: Uint8Array, shape: readonly number[], { isTaken = false } = {}) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (data.length !== size) {
      throw new RangeError(`ByteTensor: [${shape}] needs ${size} bytes; ${data.length} were given`);
    }
    this.shape = shape;
    this.#rowSize = shape.slice(1).reduce((product, length) => product * length, 1);
    this.#host = data;
    const backend = nativeBackend();
    if (backend !== null) {
      const { binding } = backend;
      const id = settings().imagesInWords
        ? binding.createTensor([shape[0], this.#words], DataType.float32, this.#asWords(data))
        : binding.createTensor([...shape], DataType.uint8, data);
      this.#device = tf.keep(backend.createOutputTensor(binding.metadata(id)));
      this.#host = new Uint8Array(0);
      if (isTaken) freeBytes(data);
    }
  }

  get #words(): number {
    return Math.ceil(this.#rowSize / WORD_BYTES);
  }

  #asWords(data: Uint8Array): Float32Array {
    const words = new Uint8Array(this.shape[0] * this.#words * WORD_BYTES);
    for (let row = 0; row < this.shape[0]; row++) {
      const bytes = data.subarray(row * this.#rowSize, (row + 1) * this.#rowSize);
      words.set(bytes, row * this.#words * WORD_BYTES);
    }
    return new Float32Array(words.buffer);
  }

  /** The rows at `indices` (int32 `[B]`) as float32 `[B, …]`, 0 to 255. */
  gather(indices: tf.Tensor1D): tf.Tensor {
    return tf.tidy(() => {
      const backend = nativeBackend();
      if (this.#device === null || backend === null) {
        return rowsOnHost(indices, { bytes: this.#host, shape: this.shape });
      }
      const inWords = this.#device.dtype === "float32";
      const rows = backend.executeSingleOutput("GatherV2", [
        attribute.type("Tparams", inWords ? "float32" : "uint8"),
        attribute.type("Tindices", "int32"),
        attribute.type("Taxis", "int32"),
        attribute.int("batch_dims", 0),
      ], [this.#device, indices, tf.scalar(0, "int32")]);
      const bytes = inWords
        ? backend.executeSingleOutput("Bitcast", [
          attribute.type("T", "float32"),
          attribute.type("type", "uint8"),
        ], [rows]) // [B, words, 4]
        : rows;
      const values = backend.executeSingleOutput("Cast", [
        { name: "SrcT", type: AttributeType.type, value: DataType.uint8 },
        attribute.type("DstT", "float32"),
        attribute.bool("Truncate", false),
      ], [bytes]);
      if (!inWords) return values;
      const flat = tf.reshape(values, [-1, this.#words * WORD_BYTES]);
      const whole = tf.slice(flat, [0, 0], [-1, this.#rowSize]);
      return tf.reshape(whole, [-1, ...this.shape.slice(1)]);
    });
  }

  dispose(): void {
    this.#device?.dispose();
  }
}
