/** The graphics card's device, on which tfjs's WebGPU kernels compute; tfjs's own backend stays WASM. */
import * as tf from "tfjs";
import { CardError } from "./card_error.ts";

interface Buffer {
  readonly size: number;
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  destroy(): void;
}

/** As much of `GPUDevice` as is used here. */
interface Device {
  readonly lost: Promise<{ reason?: string; message?: string }>;
  createBuffer(options: { size: number; usage: number }): Buffer;
  pushErrorScope(filter: "out-of-memory" | "validation" | "internal"): void;
  popErrorScope(): Promise<{ message: string } | null>;
}

/** The parts of tfjs's backend class that are used here. */
export interface GpuBackend extends tf.KernelBackend {
  readonly device: Device;
  readonly tensorMap: {
    get(
      dataId: object,
    ): { values?: tf.TypedArray | null; resource?: Buffer | null; dtype: tf.DataType };
  };
  commandEncoder: {
    copyBufferToBuffer(from: Buffer, at: number, to: Buffer, place: number, size: number): void;
  };
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: tf.TypedArray): tf.TensorInfo;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
  uploadToGPU(dataId: object): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** The bits of `GPUBufferUsage` and `GPUMapMode`. */
const [mapRead, copyDestination, modeRead] = [1, 8, 1];

const lateMilliseconds = 100;

export class Gpu {
  readonly backend: GpuBackend;
  /** Why nothing computes on the card any more. */
  lost = "";
  /** Variables' values that lie on the card, too: good as long as the variable has the value's `dataId`. */
  readonly #variables = new Map<tf.Variable, { dataId: object; info: tf.TensorInfo }>();

  constructor(backend: GpuBackend) {
    this.backend = backend;
    backend.device.lost.then(({ message, reason }) => {
      this.lost = message || reason || "nothing more is known";
    });
    // tfjs reads at once by drawing on a canvas, which in Chromium without a card ends the device.
    const { readSync } = backend;
    backend.readSync = (dataId) => {
      const { values, resource } = backend.tensorMap.get(dataId);
      if (!values && resource) {
        throw new CardError("a kernel wants to read a value of the card at once");
      }
      return readSync.call(backend, dataId);
    };
  }

  upload({ shape, dtype }: tf.TensorInfo, values: tf.TypedArray): tf.TensorInfo {
    return this.backend.makeTensorInfo(shape, dtype, values);
  }

  /** A variable's value on the card; it stays the device's. */
  valueOf(variable: tf.Variable): tf.TensorInfo {
    const known = this.#variables.get(variable);
    if (known?.dataId === variable.dataId) return known.info;
    const info = this.upload(variable, variable.dataSync());
    this.keepValue(variable, info);
    return info;
  }

  /** Takes over what lies on the card as the value that a variable has now. */
  keepValue(variable: tf.Variable, info: tf.TensorInfo): void {
    const old = this.#variables.get(variable);
    if (old) this.backend.disposeData(old.info.dataId);
    this.#variables.set(variable, { dataId: variable.dataId, info });
  }

  /** Frees the values of variables that are no more. */
  tidy(): void {
    for (const [variable, { info }] of this.#variables) {
      if (!variable.isDisposed) continue;
      this.backend.disposeData(info.dataId);
      this.#variables.delete(variable);
    }
  }

  /** The values of tensors on the card, all by one copy, each in an array of its own type. */
  async read(infos: readonly tf.TensorInfo[]): Promise<tf.TypedArray[]> {
    const { backend } = this;
    const parts = infos.map((info) => backend.tensorMap.get(info.dataId));
    const sizes = parts.map(({ values, resource }) => !values && resource ? resource.size : 0);
    const places = sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let bytes = new ArrayBuffer(0);
    if (total > 0) {
      const staging = backend.device.createBuffer({
        size: total,
        usage: mapRead | copyDestination,
      });
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      parts.forEach(({ resource }, at) => {
        if (sizes[at] === 0) return;
        backend.commandEncoder.copyBufferToBuffer(resource!, 0, staging, places[at], sizes[at]);
      });
      backend.submitQueue();
      await staging.mapAsync(modeRead);
      bytes = staging.getMappedRange().slice(0);
      staging.destroy();
    }
    return infos.map(({ shape, dtype }, at) => {
      const length = tf.util.sizeFromShape(shape);
      // On the card whole numbers and truths have four bytes, whatever a tensor of floats is made of.
      const Numbers = parts[at].dtype === "float32" ? Float32Array : Int32Array;
      const found = sizes[at] > 0
        ? new Numbers(bytes, places[at], length)
        : parts[at].values ?? new Numbers(0);
      return typed(found, dtype);
    });
  }

  /** Does work on the card; throws a {@link CardError} where the card refuses any of it. */
  async guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.lost) throw new CardError(`the card was lost (${this.lost})`);
    const { device } = this.backend;
    const filters = ["out-of-memory", "validation", "internal"] as const;
    filters.forEach((filter) => device.pushErrorScope(filter));
    let result: T | undefined, thrown: unknown;
    try {
      result = await work();
    } catch (error) {
      thrown = error;
    }
    const asked = filters.map(() => device.popErrorScope().catch(() => null));
    // The last one that was pushed is the first one to be popped.
    const [full, ...refused] = (await Promise.all(asked)).reverse();
    // A device that is lost may say so a moment after what it has broken off.
    if (thrown !== undefined) await new Promise((resolve) => setTimeout(resolve, lateMilliseconds));
    if (this.lost) throw new CardError(`the card was lost (${this.lost})`);
    if (full) {
      throw new CardError(
        `the card has no room for it (${firstLine(full)}); smaller batches may fit`,
      );
    }
    const problem = refused.find((each) => each !== null);
    if (problem) throw new CardError(`the card refused it (${firstLine(problem)})`);
    if (thrown !== undefined) throw thrown;
    return result as T;
  }
}

const firstLine = ({ message }: { message: string }) => message.split("\n")[0];

function typed(values: tf.TypedArray, dtype: tf.DataType): tf.TypedArray {
  const Kind = dtype === "float32" ? Float32Array : dtype === "bool" ? Uint8Array : Int32Array;
  return values instanceof Kind ? values : Kind.from(values);
}
