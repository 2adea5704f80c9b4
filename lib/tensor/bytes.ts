/** Rows of bytes that lie on the device: a data set's images at a quarter of their float size. */
import * as tf from "./tf.ts";
import { AttributeType, DataType } from "./c_api.ts";
import { attribute, nativeBackend } from "./native.ts";

/** `[N, …]` bytes, from which batches are gathered as float32. */
export class ByteTensor {
  readonly shape: readonly number[];
  /** On native TensorFlow: a uint8 tensor, which tfjs takes for int32 and must only be gathered from. */
  readonly #device: tf.Tensor | null = null;
  readonly #host: Uint8Array;

  /** Throws a RangeError where the number of bytes does not fit the shape. */
  constructor(data: Uint8Array, shape: readonly number[]) {
    const size = shape.reduce((product, length) => product * length, 1);
    if (data.length !== size) {
      throw new RangeError(`ByteTensor: [${shape}] needs ${size} bytes; ${data.length} were given`);
    }
    this.shape = shape;
    this.#host = data;
    const backend = nativeBackend();
    if (backend !== null) {
      const { binding } = backend;
      const id = binding.createTensor([...shape], DataType.uint8, data);
      this.#device = tf.keep(backend.createOutputTensor(binding.metadata(id)));
      this.#host = new Uint8Array(0);
    }
  }

  /** The rows at `indices` (int32 `[B]`) as float32 `[B, …]`, 0 to 255. */
  gather(indices: tf.Tensor1D): tf.Tensor {
    return tf.tidy(() => {
      const backend = nativeBackend();
      if (this.#device === null || backend === null) return this.#gatherOnHost(indices);
      const rows = backend.executeSingleOutput("GatherV2", [
        attribute.type("Tparams", "uint8"),
        attribute.type("Tindices", "int32"),
        attribute.type("Taxis", "int32"),
        attribute.int("batch_dims", 0),
      ], [this.#device, indices, tf.scalar(0, "int32")]);
      return backend.executeSingleOutput("Cast", [
        { name: "SrcT", type: AttributeType.type, value: DataType.uint8 },
        attribute.type("DstT", "float32"),
        attribute.bool("Truncate", false),
      ], [rows]);
    });
  }

  #gatherOnHost(indices: tf.Tensor1D): tf.Tensor {
    const rowSize = this.shape.slice(1).reduce((product, length) => product * length, 1);
    const wanted = indices.dataSync();
    const values = new Float32Array(wanted.length * rowSize);
    wanted.forEach((index, row) => {
      if (index < 0 || index >= this.shape[0]) {
        throw new RangeError(`ByteTensor: no row ${index} among ${this.shape[0]}`);
      }
      values.set(this.#host.subarray(index * rowSize, (index + 1) * rowSize), row * rowSize);
    });
    return tf.tensor(values, [wanted.length, ...this.shape.slice(1)]);
  }

  dispose(): void {
    this.#device?.dispose();
  }
}
