/**
 * tfjs-node's `TFJSBinding` on TensorFlow's C API: what its compiled addon does, by FFI.
 *
 * Tensors are known to tfjs by a number. Behind a number lies an eager tensor handle, or a
 * *state cell*: a TensorFlow variable, which compiled steps and fused optimizers update in place. A
 * cell's value is read from it when an op asks for it, so that the number stands for its current value.
 */
import {
  cString,
  dimensionBuffer,
  eagerAttributes,
  type OpAttribute,
  setAttribute,
} from "./attributes.ts";
import { AttributeType, type CApi, DataType } from "./c_api.ts";
import { isAllowedAgain } from "./determinism.ts";
import { firstDevice } from "./device_settings.ts";
import { gpuKernels, type KernelsOf } from "./gpu_kernels.ts";
import { bufferBytes } from "./op_definitions.ts";
import type { DeviceChoice } from "./requests.ts";
import { SavedModels } from "./saved_models.ts";
import { configuration, type SessionSettings } from "./session_config.ts";
import { refused, RESOURCE_EXHAUSTED, TensorFlowError } from "./tensorflow_error.ts";

/** A C pointer to a TFE_TensorHandle, TF_Tensor, TF_Status … */
export type Pointer = Deno.PointerObject;

/** What tfjs is told of a tensor: the number it goes by, its shape, its `TF_DataType`. */
export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** A tensor behind its number. At least one of `handle` and `cell` is there. */
interface Entry {
  shape: number[];
  dtype: number;
  /** The eager tensor; of a cell, the value last read, until the cell changes. */
  handle: Pointer | null;
  /** The handle of the TensorFlow variable that holds the value. */
  cell: Pointer | null;
}

/** Sees what passes through the binding while a step is recorded. */
export interface Observer {
  /** A tensor was made from host values; the observer takes over `tensor` and deletes it. */
  created(metadata: TensorMetadata, tensor: Pointer): void;
  /** An op is about to run on these tensors. */
  uses(ids: readonly number[]): void;
  /** An op ran. */
  executed(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: readonly TensorMetadata[],
  ): void;
  /** An op updated the cells of `states` in place; it takes them first, then `inputs`. */
  updated(
    name: string,
    attributes: readonly OpAttribute[],
    states: readonly number[],
    inputs: readonly number[],
  ): void;
  /** A tensor's values were copied to the host. */
  read(id: number): void;
  /** Something ran that no record can hold. */
  forbid(what: string, instead: string): void;
}

/** TensorFlow's name for a resource that lives as long as its handle. */
const ANONYMOUS_RESOURCE = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";
const TSTRING_BYTES = 24;
/** A string of so many bytes lies within a TF_TString; a longer one has memory of its own. */
const LONGEST_SHORT_STRING = 22;
const SILENT_PLACEMENT = 2;
/** Also where the process has joined a group, in which its devices have another first name. */
const CARD = new TextEncoder().encode(`${firstDevice.gpu}\0`);
/** A tensor of fewer numbers goes to the card with the op that takes it. */
const SMALL_SIZE = 256;

const typeNames = new Map<number, string>(
  Object.entries(DataType).map(([name, value]) => [value, name]),
);

/** `float32[2,3]`, as error messages name a tensor. */
export function describeTensor({ shape, dtype }: { shape: readonly number[]; dtype: number }) {
  return `${typeNames.get(dtype) ?? `type ${dtype}`}[${shape.join(",")}]`;
}

export class Binding {
  readonly TF_FLOAT = DataType.float32;
  readonly TF_INT32 = DataType.int32;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_STRING = DataType.string;
  readonly TF_RESOURCE = DataType.resource;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_ATTR_STRING = AttributeType.string;
  readonly TF_ATTR_INT = AttributeType.int;
  readonly TF_ATTR_FLOAT = AttributeType.float;
  readonly TF_ATTR_BOOL = AttributeType.bool;
  readonly TF_ATTR_TYPE = AttributeType.type;
  readonly TF_ATTR_SHAPE = AttributeType.shape;
  readonly TF_ATTR_RESOURCE = AttributeType.tensor;
  readonly TF_Version: string;

  /** The recorder, while a step is being recorded. */
  observer: Observer | null = null;

  /** What can run on the graphics card; null where there is none. */
  kernelsOf: KernelsOf | null = null;

  readonly api: CApi;
  readonly context: Pointer;
  readonly #status: Pointer;
  readonly #attributes: ReturnType<typeof eagerAttributes>;
  readonly #entries = new Map<number, Entry>();
  readonly #outputs = new BigUint64Array(1024);
  readonly #outputCount = new Int32Array(1);
  /** How many graphics cards TensorFlow uses. */
  readonly cards: number;
  readonly #savedModels = new SavedModels(this);
  #nextId = 1;

  /** Starts TensorFlow's eager context. Throws a TensorFlowError where it cannot. */
  constructor(api: CApi, settings: SessionSettings = {}) {
    this.api = api;
    this.#status = api.TF_NewStatus()!;
    this.#attributes = eagerAttributes(api, this.#status);
    const options = api.TFE_NewContextOptions();
    const config = configuration(settings);
    api.TFE_ContextOptionsSetConfig(options, config, BigInt(config.length), this.#status);
    this.check("context options");
    api.TFE_ContextOptionsSetDevicePlacementPolicy(options, SILENT_PLACEMENT);
    this.context = api.TFE_NewContext(options, this.#status)!;
    api.TFE_DeleteContextOptions(options);
    this.check("context");
    this.TF_Version = Deno.UnsafePointerView.getCString(api.TF_Version()!);
    this.cards = this.#deviceTypes().filter((type) => type === "GPU").length;
    if (this.cards > 0) this.kernelsOf = this.#registeredKernels();
  }

  /** By TensorFlow's registry, each op asked for once. */
  #registeredKernels(): KernelsOf {
    const known = new Map<string, ReturnType<KernelsOf>>();
    return (op) => {
      const kernels = known.get(op);
      if (kernels !== undefined) return kernels;
      const list = this.api.TF_GetRegisteredKernelsForOp(cString(op), this.#status);
      this.check(op);
      const found = gpuKernels(bufferBytes(list!)).get(op) ?? [];
      this.api.TF_DeleteBuffer(list);
      known.set(op, found);
      return found;
    };
  }

  #deviceTypes(): string[] {
    const devices = this.api.TFE_ContextListDevices(this.context, this.#status);
    this.check("device list");
    const types = Array.from(
      { length: this.api.TF_DeviceListCount(devices) },
      (_, index) =>
        Deno.UnsafePointerView.getCString(
          this.api.TF_DeviceListType(devices, index, this.#status)!,
        ),
    );
    this.api.TF_DeleteDeviceList(devices);
    return types;
  }

  isUsingGpuDevice(): boolean {
    return this.cards > 0;
  }

  /** What computes. */
  get device(): DeviceChoice {
    return this.isUsingGpuDevice() ? "gpu" : "cpu";
  }

  getNumOfTensors(): number {
    return this.#entries.size;
  }

  /**
   * Throws what a call left in `status`, if it failed; `what` says which call it was. The status then knows of no
   * failure: some calls, such as that which shares a tensor, leave it as it was.
   */
  check(what: string | (() => string), status: Pointer = this.#status): void {
    const code = this.api.TF_GetCode(status);
    if (code === 0) return;
    const message = Deno.UnsafePointerView.getCString(this.api.TF_Message(status)!);
    this.api.TF_SetStatus(status, 0, cString(""));
    const subject = typeof what === "string" ? what : what();
    throw refused(subject, message, code);
  }

  /** The status that synchronous calls share. */
  get status(): Pointer {
    return this.#status;
  }

  // ---- Tensors ------------------------------------------------------------------------------

  /** Makes a tensor from host values and gives its number. */
  createTensor(
    shape: number[],
    dtype: number,
    values: ArrayLike<number> | readonly Uint8Array[],
  ): number {
    const tensor = this.allocate(shape, dtype, values);
    let handle = this.api.TFE_NewTensorHandle(tensor, this.#status)!;
    try {
      this.check("new tensor");
      handle = this.onCard(handle);
      if (dtype === DataType.string && this.observer === null) {
        handle = this.#ownStrings(handle, tensor, values as readonly Uint8Array[]);
      }
    } catch (error) {
      this.api.TF_DeleteTensor(tensor);
      throw error;
    }
    const id = this.#insert({ shape: [...shape], dtype, handle, cell: null });
    if (this.observer) this.observer.created({ id, shape: [...shape], dtype }, tensor);
    else this.api.TF_DeleteTensor(tensor);
    return id;
  }

  /**
   * A copy of a string tensor that TensorFlow made itself. It frees the strings of its own ops with
   * their tensor, but not those that were written from here: they are freed now.
   */
  #ownStrings(handle: Pointer, tensor: Pointer, values: readonly Uint8Array[]): Pointer {
    if (!values.some(({ length }) => length > LONGEST_SHORT_STRING)) return handle;
    const attributes = [{ name: "T", type: AttributeType.type, value: DataType.string }];
    const [copy] = this.run("DeepCopy", attributes, [handle], 1);
    this.api.TFE_DeleteTensorHandle(handle);
    const data = this.api.TF_TensorData(tensor)!;
    for (let index = 0; index < values.length; index++) {
      this.api.TF_StringDealloc(Deno.UnsafePointer.offset(data, index * TSTRING_BYTES));
    }
    return copy;
  }

  /** A TF_Tensor with these values. Throws a RangeError where their number does not fit the shape. */
  allocate(
    shape: readonly number[],
    dtype: number,
    values: ArrayLike<number> | readonly Uint8Array[],
  ): Pointer {
    const count = shape.reduce((product, size) => product * size, 1);
    const isText = dtype === DataType.string;
    const elementBytes = isText ? TSTRING_BYTES : Number(this.api.TF_DataTypeSize(dtype));
    if (elementBytes === 0) throw new TypeError(`tensors of type ${dtype} have no fixed size`);
    const byteLength = count * elementBytes;
    if (isText && !(values as unknown[]).every((value) => value instanceof Uint8Array)) {
      throw new TypeError("a tensor of strings is made from an array of Uint8Array");
    }
    const source = isText ? null : hostBytes(values as ArrayLike<number>, dtype);
    const given = source === null ? values.length : source.byteLength / elementBytes;
    if (given !== count) {
      const tensor = describeTensor({ shape, dtype });
      throw new RangeError(`${tensor} needs ${count} values; ${given} were given`);
    }
    if (source !== null) return this.allocateBytes({ shape, dtype }, source);
    const tensor = this.#room({ shape, dtype }, byteLength);
    if (byteLength > 0) {
      this.#writeStrings(this.api.TF_TensorData(tensor)!, values as readonly Uint8Array[]);
    }
    return tensor;
  }

  /** A TF_Tensor with these bytes, as many as it has. */
  allocateBytes(described: Parameters<typeof describeTensor>[0], bytes: Uint8Array): Pointer {
    const tensor = this.#room(described, bytes.length);
    if (bytes.length > 0) {
      const data = this.api.TF_TensorData(tensor)!;
      new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, bytes.length)).set(bytes);
    }
    return tensor;
  }

  /** A TF_Tensor whose values are yet to be written. Throws a TensorFlowError where memory is out. */
  #room({ shape, dtype }: Parameters<typeof describeTensor>[0], byteLength: number): Pointer {
    const tensor = this.api.TF_AllocateTensor(
      dtype,
      dimensionBuffer(shape),
      shape.length,
      BigInt(byteLength),
    );
    if (tensor !== null) return tensor;
    throw new TensorFlowError(
      `out of memory: ${describeTensor({ shape, dtype })}, ${byteLength} bytes`,
      RESOURCE_EXHAUSTED,
    );
  }

  #writeStrings(data: Pointer, values: readonly Uint8Array[]): void {
    values.forEach((value, index) => {
      const slot = Deno.UnsafePointer.offset(data, index * TSTRING_BYTES);
      this.api.TF_StringInit(slot);
      // A copy: FFI needs a buffer of its own, and a view can lie in a shared one.
      const bytes = value.length === 0 ? new Uint8Array(1) : new Uint8Array(value);
      this.api.TF_StringCopy(slot, bytes, BigInt(value.length));
    });
  }

  deleteTensor(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (entry.handle !== null) this.api.TFE_DeleteTensorHandle(entry.handle);
    if (entry.cell !== null) this.api.TFE_DeleteTensorHandle(entry.cell);
    this.#entries.delete(id);
  }

  /** A tensor's values: typed array by type, `Uint8Array[]` for strings. */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    this.observer?.read(id);
    return this.values(this.handleOf(id)) as Float32Array;
  }

  /** Whether a tensor is still there. */
  has(id: number): boolean {
    return this.#entries.has(id);
  }

  /** The values behind an eager tensor handle. */
  values(handle: Pointer) {
    const tensor = this.api.TFE_TensorHandleResolve(handle, this.#status);
    this.check("reading a tensor");
    try {
      const byteLength = Number(this.api.TF_TensorByteSize(tensor));
      const dtype = this.api.TFE_TensorHandleDataType(handle);
      if (dtype === DataType.string) {
        return this.#readStrings(tensor!, byteLength / TSTRING_BYTES);
      }
      const bytes = byteLength === 0 ? new ArrayBuffer(0) : Deno.UnsafePointerView
        .getArrayBuffer(this.api.TF_TensorData(tensor)!, byteLength).slice(0);
      switch (dtype) {
        case DataType.float32:
        case DataType.complex64:
          return new Float32Array(bytes);
        case DataType.int32:
          return new Int32Array(bytes);
        case DataType.int64:
          return new BigInt64Array(bytes);
        default:
          return new Uint8Array(bytes);
      }
    } finally {
      this.api.TF_DeleteTensor(tensor);
    }
  }

  #readStrings(tensor: Pointer, count: number): Uint8Array[] {
    if (count === 0) return [];
    const data = this.api.TF_TensorData(tensor)!;
    return Array.from({ length: count }, (_, index) => {
      const slot = Deno.UnsafePointer.offset(data, index * TSTRING_BYTES);
      const length = Number(this.api.TF_StringGetSize(slot));
      if (length === 0) return new Uint8Array(0);
      const text = this.api.TF_StringGetDataPointer(slot)!;
      return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(text, length).slice(0));
    });
  }

  #insert(entry: Entry): number {
    const id = this.#nextId++;
    this.#entries.set(id, entry);
    return id;
  }

  #entry(id: number): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      throw new ReferenceError(`there is no tensor ${id}: it was disposed, or never made`);
    }
    return entry;
  }

  /** Shape and type of a tensor. */
  metadata(id: number): TensorMetadata {
    const { shape, dtype } = this.#entry(id);
    return { id, shape, dtype };
  }

  /** The eager tensor of a number; a cell's value is read from it first. Stays the binding's. */
  handleOf(id: number): Pointer {
    const entry = this.#entry(id);
    if (entry.handle === null) {
      const attributes = [{ name: "dtype", type: AttributeType.type, value: entry.dtype }];
      [entry.handle] = this.run("ReadVariableOp", attributes, [entry.cell!], 1);
    }
    return entry.handle;
  }

  /** Another handle to the same tensor; the caller deletes it. */
  shareHandle(handle: Pointer): Pointer {
    const copy = this.api.TFE_TensorHandleCopySharingTensor(handle, this.#status);
    this.check("sharing a tensor");
    return copy!;
  }

  /** A handle to a new tensor with these values; the caller deletes it. */
  newHandle(shape: readonly number[], dtype: number, values: ArrayLike<number>): Pointer {
    const tensor = this.allocate(shape, dtype, values);
    const handle = this.api.TFE_NewTensorHandle(tensor, this.#status);
    this.api.TF_DeleteTensor(tensor);
    this.check("new tensor");
    return handle!;
  }

  /**
   * The tensor in the card's memory, where there is a card and the tensor is of floats and not small: else it would be
   * copied there for every op that takes it. Takes the handle over.
   */
  onCard(handle: Pointer): Pointer {
    if (!this.isUsingGpuDevice()) return handle;
    if (this.api.TFE_TensorHandleDataType(handle) !== DataType.float32) return handle;
    const size = this.shapeOf(handle).reduce((product, length) => product * length, 1);
    if (size < SMALL_SIZE) return handle;
    const copy = this.api.TFE_TensorHandleCopyToDevice(handle, this.context, CARD, this.#status);
    this.api.TFE_DeleteTensorHandle(handle);
    this.check("a copy to the graphics card");
    return copy!;
  }

  /** The shape of an eager tensor. */
  shapeOf(handle: Pointer): number[] {
    const rank = this.api.TFE_TensorHandleNumDims(handle, this.#status);
    this.check("rank of a tensor");
    const shape = new Array<number>(rank);
    for (let axis = 0; axis < rank; axis++) {
      shape[axis] = Number(this.api.TFE_TensorHandleDim(handle, axis, this.#status));
    }
    return shape;
  }

  /** Takes over a handle that TensorFlow gave out. */
  adopt(handle: Pointer): TensorMetadata {
    const shape = this.shapeOf(handle);
    const dtype = this.api.TFE_TensorHandleDataType(handle);
    return { id: this.#insert({ shape, dtype, handle, cell: null }), shape, dtype };
  }

  // ---- State cells --------------------------------------------------------------------------

  /** The cell behind a number, made from its tensor on first use. Stays the binding's. */
  cellOf(id: number): Pointer {
    const entry = this.#entry(id);
    return entry.cell ??= this.newCell(entry.handle!);
  }

  /** A TensorFlow variable that starts with the tensor's value; the caller deletes its handle. */
  newCell(start: Pointer): Pointer {
    const dtype = {
      name: "dtype",
      type: AttributeType.type,
      value: this.api.TFE_TensorHandleDataType(start),
    };
    const [cell] = this.run(
      "VarHandleOp",
      [
        dtype,
        { name: "shape", type: AttributeType.shape, value: this.shapeOf(start) },
        { name: "container", type: AttributeType.string, value: "" },
        { name: "shared_name", type: AttributeType.string, value: ANONYMOUS_RESOURCE },
      ],
      [],
      1,
    );
    this.run("AssignVariableOp", [dtype], [cell, start], 0);
    return cell;
  }

  /** Drops the value last read from a cell, since the cell changes. */
  forgetValue(id: number): void {
    const entry = this.#entries.get(id);
    if (entry?.cell && entry.handle !== null) {
      this.api.TFE_DeleteTensorHandle(entry.handle);
      entry.handle = null;
    }
  }

  /**
   * Gives a state a number of its own: the old number keeps the present value, whoever still
   * holds it, and the cell moves to the new one.
   */
  detachCell(id: number): number {
    const entry = this.#entry(id);
    const cell = this.cellOf(id);
    this.handleOf(id);
    entry.cell = null;
    return this.#insert({ shape: entry.shape, dtype: entry.dtype, handle: null, cell });
  }

  /** Runs an op that updates the cells of `states` in place: it takes them first, then `inputs`. */
  updateCells(
    name: string,
    attributes: readonly OpAttribute[],
    states: readonly number[],
    inputs: readonly number[],
  ): void {
    this.observer?.uses([...states, ...inputs]);
    const cells = states.map((id) => this.cellOf(id));
    // Held values would make TensorFlow copy each cell before it writes.
    states.forEach((id) => this.forgetValue(id));
    this.run(name, attributes, [...cells, ...inputs.map((id) => this.handleOf(id))], 0);
    // A state can be among the inputs.
    states.forEach((id) => this.forgetValue(id));
    this.observer?.updated(name, attributes, states, inputs);
  }

  // ---- Ops ----------------------------------------------------------------------------------

  /** Runs one op now and gives its outputs. Throws a TensorFlowError with op and input shapes. */
  executeOp(
    name: string,
    attributes: OpAttribute[],
    inputs: number[],
    outputCount: number,
  ): TensorMetadata[] {
    this.observer?.uses(inputs);
    const handles = inputs.map((id) => this.handleOf(id));
    // tfjs takes bytes (decoded images) for int32; a cast must name what they are.
    if (name === "Cast" && this.#entry(inputs[0]).dtype === DataType.uint8) {
      attributes = attributes.map((each) =>
        each.name === "SrcT" ? { ...each, value: DataType.uint8 } : each
      );
    }
    const outputs = this.run(
      name,
      attributes,
      handles,
      outputCount,
      () => inputs.map((id) => describeTensor(this.#entry(id))).join(", "),
    )
      .map((handle) => this.adopt(handle));
    this.observer?.executed(name, attributes, inputs, outputs);
    return outputs;
  }

  /** Runs one op on tensor handles and gives handles, which the caller owns. */
  run(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Pointer[],
    outputCount: number,
    describeInputs: () => string = () => `${inputs.length} inputs`,
  ): Pointer[] {
    const { api } = this;
    const describe = () => `${name}(${describeInputs()})`;
    const op = this.prepare(name, attributes, inputs, describe);
    const outputs = outputCount <= this.#outputs.length
      ? this.#outputs
      : new BigUint64Array(outputCount);
    try {
      this.#outputCount[0] = outputCount;
      api.TFE_Execute(op, outputs, this.#outputCount, this.#status);
    } finally {
      api.TFE_DeleteOp(op);
    }
    try {
      this.check(describe);
    } catch (error) {
      if (!this.isUsingGpuDevice() || !isAllowedAgain(api, name, error)) throw error;
      return this.run(name, attributes, inputs, outputCount, describeInputs);
    }
    return Array.from(
      { length: this.#outputCount[0] },
      (_, index) => Deno.UnsafePointer.create(outputs[index])!,
    );
  }

  /** The same on another thread: the event loop stays free. `inputs` may be deleted meanwhile. */
  async runInBackground(
    name: string,
    inputs: readonly Pointer[],
    outputCount: number,
    attributes: readonly OpAttribute[] = [],
  ): Promise<Pointer[]> {
    const { api } = this;
    const op = this.prepare(name, attributes, inputs, name);
    const status = api.TF_NewStatus()!;
    // Room for the outputs' handles and, in the last place, their number. It is TensorFlow's memory:
    // JavaScript's is gone before the call returns where the program ends meanwhile.
    const places = outputCount + 1, bytes = places * BigInt64Array.BYTES_PER_ELEMENT;
    const room = api.TF_AllocateTensor(DataType.int64, dimensionBuffer([places]), 1, BigInt(bytes));
    const outputs = api.TF_TensorData(room)!;
    const handles = new BigInt64Array(Deno.UnsafePointerView.getArrayBuffer(outputs, bytes));
    handles[outputCount] = BigInt(outputCount);
    const count = Deno.UnsafePointer.offset(outputs, bytes - BigInt64Array.BYTES_PER_ELEMENT);
    try {
      await api.TFE_ExecuteInBackground(op, outputs, count, status);
      this.check(name, status);
      const returned = handles.subarray(0, Number(handles[outputCount]));
      return Array.from(returned, (at) => Deno.UnsafePointer.create(at)!);
    } finally {
      api.TFE_DeleteOp(op);
      api.TF_DeleteStatus(status);
      api.TF_DeleteTensor(room);
    }
  }

  /** An op with its attributes and inputs, ready to run; the caller deletes it. */
  prepare(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Pointer[],
    describe: string | (() => string),
  ): Pointer {
    const { api } = this;
    const op = api.TFE_NewOp(this.context, cString(name), this.#status);
    this.check(describe);
    try {
      // Inputs first: TensorFlow takes an op's types from them, and what is set first stands. tfjs
      // may name another type: int32 for bytes, or the type before a cast.
      for (const input of inputs) api.TFE_OpAddInput(op, input, this.#status);
      this.check(describe);
      for (const attribute of attributes) setAttribute(this.#attributes, op, attribute);
      this.check(describe);
    } catch (error) {
      api.TFE_DeleteOp(op);
      throw error;
    }
    return op!;
  }

  // ---- SavedModel ---------------------------------------------------------------------------

  /** Loads a SavedModel's graph with these tags, joined by commas; gives a number for it. */
  loadSavedModel(folder: string, tags: string): number {
    return this.#savedModels.load(folder, tags.split(","));
  }

  /** Runs a SavedModel; the names of its tensors are joined by commas. */
  runSavedModel(
    model: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorMetadata[] {
    this.observer?.forbid(
      "it runs a SavedModel, which is a graph of its own",
      "run the model before the step, and give its outputs to the step",
    );
    const handles = inputs.map((id) => this.handleOf(id));
    const names = (joined: string) => joined.split(",").filter((name) => name !== "");
    return this.#savedModels.run(model, handles, names(inputNames), names(outputNames));
  }

  deleteSavedModel(model: number): void {
    this.#savedModels.delete(model);
  }

  getNumOfSavedModels(): number {
    return this.#savedModels.count;
  }
}

/** Host values as bytes of the tensor's type. Plain arrays are converted; typed ones must fit. */
function hostBytes(values: ArrayLike<number>, dtype: number): Uint8Array {
  const typed = ArrayBuffer.isView(values)
    ? values
    : dtype === DataType.float32 || dtype === DataType.complex64
    ? Float32Array.from(values)
    : dtype === DataType.int32
    ? Int32Array.from(values)
    : Uint8Array.from(values);
  const fits = dtype === DataType.float32 || dtype === DataType.complex64
    ? typed instanceof Float32Array
    : dtype === DataType.int32
    ? typed instanceof Int32Array
    : dtype === DataType.int64
    ? typed instanceof Int32Array || typed instanceof BigInt64Array
    : typed instanceof Uint8Array || typed instanceof Uint8ClampedArray;
  if (!fits) {
    throw new TypeError(
      `a tensor of ${typeNames.get(dtype)} cannot be made from ${typed.constructor.name}`,
    );
  }
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}
