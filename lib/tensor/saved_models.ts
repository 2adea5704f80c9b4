/** TensorFlow's SavedModels: a session of its own for each, with the variables that were saved. */
import type * as tf from "tfjs";
import { cString } from "./attributes.ts";
import type { Binding, Pointer, TensorMetadata } from "./binding.ts";
import { AttributeType, DataType } from "./c_api.ts";
import { TensorFlowError } from "./tensorflow_error.ts";

/** tfjs-node's backend class, as far as it gives tensors to SavedModels. */
interface Backend {
  readonly binding: Binding;
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  getMappedInputTensorIds(
    inputs: tf.Tensor[],
    infos: ({ tfDtype: string } | undefined)[],
  ): { tensorIds: number[]; newTensors: number[] };
}

/** Types that a SavedModel may ask for and tfjs has no tensors of. */
const wholeNumbers: Readonly<Record<string, number>> = {
  DT_UINT8: DataType.uint8,
  DT_INT64: DataType.int64,
};

const castTo = (from: number, to: number) => [
  { name: "SrcT", type: AttributeType.type, value: from },
  { name: "DstT", type: AttributeType.type, value: to },
  { name: "Truncate", type: AttributeType.bool, value: false },
];

/** Makes inputs of the types that a SavedModel asks for. tfjs-node makes large ones of numbers below 0. */
export function repairInputs(backend: Backend): void {
  backend.getMappedInputTensorIds = (inputs, infos) => {
    const tensorIds = backend.getInputTensorIds(inputs);
    const newTensors: number[] = [];
    inputs.forEach((_, at) => {
      const type = wholeNumbers[infos[at]?.tfDtype ?? ""];
      if (type === undefined) return;
      const attributes = castTo(DataType.int32, type);
      const [cast] = backend.binding.executeOp("Cast", attributes, [tensorIds[at]], 1);
      tensorIds[at] = cast.id;
      newTensors.push(at);
    });
    return { tensorIds, newTensors };
  };
}

interface Model {
  session: Pointer;
  graph: Pointer;
}

const INVALID_ARGUMENT = 3;
/** What tfjs has tensors of. tfjs-node takes models that give whole numbers of other widths, too. */
const known: readonly number[] = [
  ...[DataType.float32, DataType.int32, DataType.bool, DataType.string, DataType.complex64],
];

/** C pointers in a buffer, with one more so that it is never empty. */
const pointers = (values: readonly (Pointer | Uint8Array<ArrayBuffer>)[]) =>
  BigUint64Array.from([
    ...values.map((value) =>
      Deno.UnsafePointer.value(value instanceof Uint8Array ? Deno.UnsafePointer.of(value) : value)
    ),
    0n,
  ]);

export class SavedModels {
  readonly #binding: Binding;
  readonly #models = new Map<number, Model>();
  #nextId = 1;

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  get count(): number {
    return this.#models.size;
  }

  /** Loads the graph of a folder that has these tags, with its variables; gives a number for it. */
  load(folder: string, tags: readonly string[]): number {
    const { api, status } = this.#binding;
    const options = api.TF_NewSessionOptions();
    const graph = api.TF_NewGraph()!;
    const session = api.TF_LoadSessionFromSavedModel(
      options,
      null,
      new TextEncoder().encode(folder + "\0"),
      pointers(tags.map(cString)),
      tags.length,
      graph,
      null,
      status,
    );
    api.TF_DeleteSessionOptions(options);
    try {
      this.#binding.check(`loading the SavedModel in ${folder}`);
    } catch (error) {
      api.TF_DeleteGraph(graph);
      throw error;
    }
    const id = this.#nextId++;
    this.#models.set(id, { session: session!, graph });
    return id;
  }

  /** Runs a model from tensors to tensors, which go by their names in the graph (`images:0`). */
  run(
    id: number,
    inputs: readonly Pointer[],
    inputNames: readonly string[],
    outputNames: readonly string[],
  ): TensorMetadata[] {
    const { api, status } = this.#binding;
    const { session, graph } = this.#model(id);
    const tensors = inputs.map((handle) => api.TFE_TensorHandleResolve(handle, status)!);
    this.#binding.check("reading a tensor");
    const results = new BigUint64Array(outputNames.length + 1);
    try {
      api.TF_SessionRun(
        session,
        null,
        this.#places(graph, inputNames),
        pointers(tensors),
        inputs.length,
        this.#places(graph, outputNames),
        results,
        outputNames.length,
        null,
        0,
        null,
        status,
      );
      this.#binding.check("SavedModel");
    } finally {
      tensors.forEach((tensor) => api.TF_DeleteTensor(tensor));
    }
    return outputNames.map((_, index) => {
      const tensor = Deno.UnsafePointer.create(results[index])!;
      const handle = api.TFE_NewTensorHandle(tensor, status)!;
      api.TF_DeleteTensor(tensor);
      this.#binding.check("output of a SavedModel");
      return this.#binding.adopt(this.#converted(handle));
    });
  }

  /** Frees a model. */
  delete(id: number): void {
    const { api, status } = this.#binding;
    const { session, graph } = this.#model(id);
    api.TF_CloseSession(session, status);
    api.TF_DeleteSession(session, status);
    api.TF_DeleteGraph(graph);
    this.#models.delete(id);
    this.#binding.check("closing a SavedModel");
  }

  #model(id: number): Model {
    const model = this.#models.get(id);
    if (model) return model;
    throw new TensorFlowError(`there is no SavedModel ${id}: it was disposed`, INVALID_ARGUMENT);
  }

  /** `TF_Output[]`: where tensors of these names are in the graph. */
  #places(graph: Pointer, names: readonly string[]): BigUint64Array<ArrayBuffer> {
    const places = new BigUint64Array(2 * names.length + 2);
    names.forEach((name, at) => {
      const [operation, index = "0"] = name.split(":");
      const found = this.#binding.api.TF_GraphOperationByName(graph, cString(operation));
      if (found === null) {
        throw new TensorFlowError(`the SavedModel has no tensor "${name}"`, INVALID_ARGUMENT);
      }
      places[2 * at] = Deno.UnsafePointer.value(found);
      places[2 * at + 1] = BigInt(index);
    });
    return places;
  }

  /** Whole numbers of other widths become int32. */
  #converted(handle: Pointer): Pointer {
    const type = this.#binding.api.TFE_TensorHandleDataType(handle);
    if (known.includes(type)) return handle;
    const attributes = castTo(type, DataType.int32);
    const [converted] = this.#binding.run("Cast", attributes, [handle], 1);
    this.#binding.api.TFE_DeleteTensorHandle(handle);
    return converted;
  }
}
