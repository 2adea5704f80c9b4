/** Makes one TensorFlow function of a recorded step. */
import {
  attribute,
  cString,
  dimensionBuffer,
  graphAttributes,
  type OpAttribute,
  setAttribute,
} from "./attributes.ts";
import { type Binding, describeTensor, type Pointer, type TensorMetadata } from "./binding.ts";
import type { CallSite } from "./call_site.ts";
import type { Together } from "./cluster/exported_step.ts";
import { AttributeType, DataType } from "./c_api.ts";
import { firstDevice } from "./device_settings.ts";
import { foldNormalizations } from "./fold_normalization.ts";
import { type FusedRecord, unfused } from "./fusion/fused_record.ts";
import { type FusedCode, fusedCode, fusedRecord } from "./fusion/fusion.ts";
import { bufferBytes, opDefinition } from "./op_definitions.ts";
import { type Placement, placementOf } from "./placement.ts";
import { Hazard } from "./hazard.ts";
import { type RecordedNode, type Recorder } from "./recorder.ts";

/** One output of an operation in a graph. */
interface Output {
  operation: Pointer;
  index: number;
}

export interface FunctionPlan {
  /** Tensors that the function takes as they are, in order. */
  inputs: readonly number[];
  /** Variables that the function changes: it takes the handle of each one's cell, after `inputs`. */
  states: readonly number[];
  /** Tensors that the function returns, in order. */
  outputs: readonly number[];
  /** For a state that the step assigned: the state, and the tensor that it ends with. */
  assignments: ReadonlyMap<number, number>;
  /** Whether ops may be put together into fused kernels. */
  fused: boolean;
  /** Tensors beside those that kernels give, so that they are those of a function that returns these, too. */
  given?: readonly number[];
}

/** How a function sums over the processes that run it together. */
export interface Sums {
  together: Together;
  /** A number of the step's own: all of its recordings, of whatever shapes, sum with one another. */
  step: number;
}

/** A function for other processes. */
export interface ExportedFunction {
  name: string;
  /** A serialized `FunctionDef`. */
  definition: Uint8Array<ArrayBuffer>;
  /** The fused kernels that it runs. */
  code?: FusedCode;
}

/** A function of TensorFlow's context, ready to run by its name. */
export interface GraphFunction {
  name: string;
  /** Operations in the graph, before TensorFlow's optimizer. */
  operationCount: number;
  /** The line of the user's code that made an operation of the graph. */
  siteOf(operation: string): CallSite | undefined;
  /** What an operation is there to check; undefined for all others. */
  checkOf(operation: string): string | undefined;
  /** Which of the recorded ops run in fused kernels or within convolutions. */
  fusion: Pick<FusedRecord, "kernels" | "fused" | "inConvolutions" | "convolutions" | "beside">;
  /** Where its ops run, on a graphics card. */
  placement?: Placement;
  /** The graph as a serialized `GraphDef`. */
  graphDef: Uint8Array<ArrayBuffer>;
  dispose(): void;
}

let functionCount = 0;

/** TensorFlow's number for the group of all processes. */
const ALL_PROCESSES = 1;
/** Sums are told apart by numbers; a step has fewer than this. */
const SUMS_OF_A_STEP = 1024;

/** How TensorFlow sums, by what processes compute on: on cards by NVIDIA's NCCL, else as it finds best. */
const COMMUNICATION = { cpu: "auto", gpu: "nccl" };

/** A C string that is used once, unlike the names of ops, which are kept. */
const encodeName = (name: string) => new TextEncoder().encode(name + "\0");

/**
 * Adds the function to TensorFlow's context. Throws a Hazard where an op cannot be part of one: it
 * keeps state of its own, or its output's shape depends on data.
 */
export async function buildFunction(
  binding: Binding,
  record: Recorder,
  plan: FunctionPlan,
): Promise<GraphFunction> {
  const builder = new FunctionBuilder(binding, plan);
  try {
    return await builder.build(record);
  } finally {
    builder.dispose();
  }
}

/** The same function for other processes, which run it together. */
export async function exportFunction(
  binding: Binding,
  record: Recorder,
  plan: FunctionPlan,
  sums: Sums,
): Promise<ExportedFunction> {
  const builder = new FunctionBuilder(binding, plan, sums);
  try {
    return await builder.export(record);
  } finally {
    builder.dispose();
  }
}

/** Tensors that are there for more than others that are made of them. */
function keptTensors({ outputs, assignments, given = [] }: FunctionPlan): Set<number> {
  return new Set([...outputs, ...assignments.values(), ...given]);
}

/** The nodes that an output or a state depends on, in order, and what is used of them: the rest is dead. */
function neededNodes(
  nodes: readonly RecordedNode[],
  plan: FunctionPlan,
): { nodes: RecordedNode[]; used: Set<number> } {
  const used = keptTensors(plan);
  const kept: RecordedNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (node.kind !== "update") {
      const outputs = node.kind === "constant" ? [node.output] : node.outputs;
      if (!outputs.some(({ id }) => used.has(id))) continue;
    }
    kept.push(node);
    if (node.kind !== "constant") node.inputs.forEach((id) => used.add(id));
  }
  return { nodes: kept.reverse(), used };
}

/** Whether a recorded node is a sum over processes, where several run the step. */
function isSum(node: RecordedNode): node is RecordedNode & { kind: "op" } {
  return node.kind === "op" && node.attributes.some(isSumAttribute);
}

const isSumAttribute = ({ type }: OpAttribute) => type === AttributeType.sumOverProcesses;

class FunctionBuilder {
  readonly graph: Pointer;
  readonly #binding: Binding;
  readonly #plan: FunctionPlan;
  readonly #set: ReturnType<typeof graphAttributes>;
  readonly #values = new Map<number, Output>();
  readonly #cells = new Map<number, Output>();
  /** Per state: operations that must come before its next update. */
  readonly #readers = new Map<number, Pointer[]>();
  /** Per state: the last operation that changed it. */
  readonly #writers = new Map<number, Pointer>();
  readonly #sites = new Map<string, CallSite>();
  readonly #checks = new Map<string, string>();
  #used: ReadonlySet<number> = new Set();
  #operationCount = 0;
  #placement: Placement | undefined;
  #fusion = unfused([]);
  /** Tensors that are no part of the recording. */
  readonly #ownTensors: Pointer[] = [];
  readonly #sums: Sums | undefined;
  /** The sums' numbers, in the order in which they were recorded, by what they give: fusion may take another. */
  #sumNumbers: ReadonlyMap<number, number> = new Map();
  #lastSum: Pointer | undefined;

  /** `sums`: where the function is for several processes. */
  constructor(binding: Binding, plan: FunctionPlan, sums?: Sums) {
    this.#binding = binding;
    this.#plan = plan;
    this.#sums = sums;
    this.graph = binding.api.TF_NewGraph()!;
    this.#set = graphAttributes(binding.api, binding.status);
  }

  async build(record: Recorder): Promise<GraphFunction> {
    return this.#finish(await this.#makeFunction(record));
  }

  async export(record: Recorder): Promise<ExportedFunction> {
    const { api, status } = this.#binding;
    const { name, pointer } = await this.#makeFunction(record);
    const buffer = api.TF_NewBuffer()!;
    api.TF_FunctionToFunctionDef(pointer, buffer, status);
    api.TF_DeleteFunction(pointer);
    this.#binding.check(name);
    const definition = bufferBytes(buffer);
    api.TF_DeleteBuffer(buffer);
    return { name, definition, code: fusedCode(this.#fusion) };
  }

  /** The graph as a function, which is no part of TensorFlow's context yet; the caller deletes it. */
  async #makeFunction(record: Recorder): Promise<{ name: string; pointer: Pointer }> {
    const { inputs, states, outputs, assignments } = this.#plan;
    const metadata = metadataOf(record);
    const parameters = [
      ...inputs.map((id) => this.#placeholder(metadata(id))),
      ...states.map((id) => this.#cellPlaceholder(metadata(id))),
    ];
    inputs.forEach((id, index) => this.#values.set(id, parameters[index]));
    const { nodes, used } = neededNodes(record.nodes, this.#plan);
    this.#used = used;
    this.#sumNumbers = new Map(nodes.filter(isSum).map(({ outputs: [{ id }] }, at) => [id, at]));
    const kept = keptTensors(this.#plan);
    const scalar = (value: number) => this.#scalar(value);
    const folded = foldNormalizations(nodes, { kept, scalar, metadata });
    this.#placement = this.#placed(folded, kept, metadata);
    this.#fusion = this.#plan.fused
      ? await fusedRecord(this.#binding, folded, { kept, metadata })
      : unfused(folded);
    for (const node of this.#fusion.nodes) this.#add(node, metadata);
    // All are read before anything is assigned: what goes by a state's number is its value until then.
    const results = outputs.map((id) => this.#valueOf(id, metadata));
    const ends = [...assignments].map(([state, id]) =>
      [state, this.#valueOf(id, metadata)] as const
    );
    for (const [state, end] of ends) {
      const { dtype } = metadata(state);
      this.#change(state, "AssignVariableOp", (operation) => {
        this.#addInput(operation, this.#cells.get(state)!);
        this.#addInput(operation, end);
        this.#binding.api.TF_SetAttrType(operation, cString("dtype"), dtype);
      });
    }
    return this.#asFunction(parameters, results);
  }

  #placed(
    nodes: readonly RecordedNode[],
    kept: ReadonlySet<number>,
    metadataOf: (id: number) => TensorMetadata,
  ): Placement | undefined {
    const { kernelsOf } = this.#binding;
    const definitionOf = (op: string) => opDefinition(this.#binding, this.graph, op);
    return kernelsOf === null
      ? undefined
      : placementOf({ nodes, kept, kernelsOf, definitionOf, metadataOf });
  }

  #scalar(value: number): Pointer {
    const tensor = this.#binding.allocate([], DataType.float32, [value]);
    this.#ownTensors.push(tensor);
    return tensor;
  }

  dispose(): void {
    const { api } = this.#binding;
    api.TF_DeleteGraph(this.graph);
    this.#ownTensors.forEach((tensor) => api.TF_DeleteTensor(tensor));
  }

  #asFunction(parameters: Output[], results: Output[]): { name: string; pointer: Pointer } {
    const { api, status } = this.#binding;
    const name = `tessera_step_${functionCount++}`;
    const control = [...new Set(this.#writers.values())];
    const controlNames = control.map((_, index) => encodeName(`change_${index}`));
    const pointers = (values: (Pointer | Uint8Array<ArrayBuffer>)[]) =>
      BigUint64Array.from([
        ...values.map((value) =>
          Deno.UnsafePointer.value(
            value instanceof Uint8Array ? Deno.UnsafePointer.of(value) : value,
          )
        ),
        0n,
      ]);
    const pointer = api.TF_GraphToFunctionWithControlOutputs(
      this.graph,
      encodeName(name),
      0,
      -1,
      null,
      parameters.length,
      outputBuffer(parameters),
      results.length,
      outputBuffer(results),
      null,
      control.length,
      pointers(control),
      pointers(controlNames),
      null,
      null,
      status,
    );
    this.#binding.check(name);
    return { name, pointer: pointer! };
  }

  #finish({ name, pointer }: { name: string; pointer: Pointer }): GraphFunction {
    const { api, context, status } = this.#binding;
    api.TFE_ContextAddFunction(context, pointer, status);
    api.TF_DeleteFunction(pointer);
    this.#binding.check(name);
    const buffer = api.TF_NewBuffer()!;
    api.TF_GraphToGraphDef(this.graph, buffer, status);
    this.#binding.check(name);
    const graphDef = bufferBytes(buffer);
    api.TF_DeleteBuffer(buffer);
    const sites = this.#sites, checks = this.#checks;
    // The recording that is compared with this function has them, too.
    const ownTensors = this.#ownTensors.splice(0);
    return {
      name,
      operationCount: this.#operationCount,
      placement: this.#placement,
      fusion: this.#fusion,
      graphDef,
      siteOf: (operation) => sites.get(operation),
      checkOf: (operation) => checks.get(operation),
      dispose: () => {
        ownTensors.forEach((tensor) => api.TF_DeleteTensor(tensor));
        api.TFE_ContextRemoveFunction(context, encodeName(name), status);
        this.#binding.check(name);
      },
    };
  }

  // ---- Operations ---------------------------------------------------------------------------

  /** Adds an operation; `fill` gives it inputs and attributes. */
  #operation(type: string, fill: (operation: Pointer) => void, site?: CallSite): Pointer {
    const { api } = this.#binding;
    const name = `${type}_${this.#operationCount++}`;
    const description = api.TF_NewOperation(this.graph, cString(type), encodeName(name))!;
    fill(description);
    const operation = api.TF_FinishOperation(description, this.#binding.status);
    this.#binding.check(() => `${type}${site ? ` at ${site}` : ""}`);
    if (site) this.#sites.set(name, site);
    return operation!;
  }

  #placeholder({ shape, dtype }: TensorMetadata): Output {
    const { api } = this.#binding;
    const operation = this.#operation("Placeholder", (op) => {
      api.TF_SetAttrType(op, cString("dtype"), dtype);
      api.TF_SetAttrShape(op, cString("shape"), dimensionBuffer(shape), shape.length);
    });
    return { operation, index: 0 };
  }

  #cellPlaceholder({ id }: TensorMetadata): Output {
    const cell = this.#placeholder({ id, shape: [], dtype: DataType.resource });
    this.#cells.set(id, cell);
    return cell;
  }

  #add(node: RecordedNode, metadata: (id: number) => TensorMetadata): void {
    if (node.kind === "constant") {
      if (!this.#values.has(node.output.id)) this.#constant(node);
    } else if (node.kind === "op") this.#op(node, metadata);
    else this.#update(node, metadata);
  }

  #constant(node: RecordedNode & { kind: "constant" }): void {
    const { api, status } = this.#binding;
    const onProcessor = this.#placement?.constantsOnProcessor.has(node.output.id);
    const operation = this.#operation(onProcessor ? "HostConst" : "Const", (op) => {
      api.TF_SetAttrType(op, cString("dtype"), node.output.dtype);
      api.TF_SetAttrTensor(op, cString("value"), node.tensor, status);
      this.#binding.check("Const");
    });
    this.#values.set(node.output.id, { operation, index: 0 });
  }

  #op(node: RecordedNode & { kind: "op" }, metadata: (id: number) => TensorMetadata): void {
    if (this.#sums && isSum(node)) {
      return this.#sum(node, this.#sums, metadata);
    }
    const definition = opDefinition(this.#binding, this.graph, node.name);
    if (definition.stateful) {
      const instead = "keep it out of the step, or draw from tessera's Random";
      throw new Hazard(`TensorFlow's ${node.name} keeps state of its own`, instead, node.site);
    }
    const inputs = node.inputs.map((id) => this.#valueOf(id, metadata));
    const operation = this.#operation(node.name, (op) => {
      let next = 0;
      const lists = definition.inputs.filter((list) => list !== null).length;
      for (const list of definition.inputs) {
        if (list === null) this.#addInput(op, inputs[next++]);
        else {
          const length = lists === 1
            ? inputs.length - (definition.inputs.length - 1)
            : listLength(node, list);
          this.#binding.api.TF_AddInputList(
            op,
            outputBuffer(inputs.slice(next, next += length)),
            length,
          );
        }
      }
      for (const attribute of node.attributes) setAttribute(this.#set, op, attribute);
    }, node.site);
    const check = node.attributes.find(({ type }) => type === AttributeType.device);
    if (check) this.#checks.set(`${node.name}_${this.#operationCount - 1}`, check.name);
    node.inputs.forEach((id) => this.#readers.get(id)?.push(operation));
    node.outputs.forEach((output, index) => {
      this.#values.set(output.id, { operation, index });
      if (node.name === this.#fusion.opName) this.#stateShape(output, { operation, index });
      if (this.#used.has(output.id)) this.#checkShape(node, output, { operation, index });
    });
  }

  /** The sum over processes in place of the value itself. */
  #sum(
    { inputs: [id], outputs: [output], attributes, site }: RecordedNode & { kind: "op" },
    { together: { size, sumSeconds = 0, device = "cpu" }, step }: Sums,
    metadata: (id: number) => TensorMetadata,
  ): void {
    const type = attributes.find(isSumAttribute)!.value as number;
    const { dtype } = output;
    const value = this.#cast(this.#valueOf(id, metadata), dtype, type);
    const key = step * SUMS_OF_A_STEP + this.#sumNumbers.get(output.id)!;
    const numbers = [size, ALL_PROCESSES, key].map((each) => this.#wholeNumber(each));
    const { api } = this.#binding;
    const operation = this.#operation("CollectiveReduceV2", (op) => {
      api.TF_SetDevice(op, encodeName(firstDevice[device]));
      // NCCL wants all processes' sums in one order, which is that of the step as written.
      if (device === "gpu" && this.#lastSum) api.TF_AddControlInput(op, this.#lastSum);
      for (const input of [value, ...numbers]) this.#addInput(op, input);
      api.TF_AddInputList(op, outputBuffer([]), 0); // nothing else orders the sums
      // On one machine none has a limit, for a process may be slow: who leads them ends all where one is lost.
      setAttribute(this.#set, op, attribute.float("timeout_seconds", sumSeconds));
      setAttribute(this.#set, op, attribute.string("merge_op", "Add"));
      setAttribute(this.#set, op, attribute.string("final_op", "Id"));
      setAttribute(this.#set, op, attribute.string("communication_hint", COMMUNICATION[device]));
    }, site);
    this.#lastSum = operation;
    this.#readers.get(id)?.push(value.operation, operation);
    this.#values.set(output.id, this.#cast({ operation, index: 0 }, type, dtype));
  }

  #cast(value: Output, from: number, to: number): Output {
    if (from === to) return value;
    const operation = this.#operation("Cast", (op) => {
      this.#addInput(op, value);
      this.#binding.api.TF_SetAttrType(op, cString("DstT"), to);
    });
    return { operation, index: 0 };
  }

  #wholeNumber(value: number): Output {
    const { api, status } = this.#binding;
    const tensor = this.#binding.allocate([], DataType.int32, [value]);
    this.#ownTensors.push(tensor);
    const operation = this.#operation("Const", (op) => {
      api.TF_SetAttrType(op, cString("dtype"), DataType.int32);
      api.TF_SetAttrTensor(op, cString("value"), tensor, status);
      this.#binding.check("Const");
    });
    return { operation, index: 0 };
  }

  /** Tells TensorFlow the shape of what a fused kernel gives. */
  #stateShape({ shape }: TensorMetadata, at: Output): void {
    const { api, status } = this.#binding;
    const tfOutput = new Uint8Array(outputBuffer([at]).buffer, 0, 16);
    const dimensions = dimensionBuffer(shape);
    api.TF_GraphSetTensorShape(this.graph, tfOutput, dimensions, shape.length, status);
    this.#binding.check("shape");
  }

  /** Throws a Hazard where TensorFlow cannot tell the output's shape without the data. */
  #checkShape(node: RecordedNode & { kind: "op" }, output: TensorMetadata, at: Output): void {
    const { api, status } = this.#binding;
    const tfOutput = new Uint8Array(outputBuffer([at]).buffer, 0, 16);
    const rank = api.TF_GraphGetTensorNumDims(this.graph, tfOutput, status);
    this.#binding.check(node.name);
    const dimensions = new BigInt64Array(Math.max(1, rank));
    if (rank > 0) {
      api.TF_GraphGetTensorShape(this.graph, tfOutput, dimensions, rank, status);
      this.#binding.check(node.name);
    }
    const known = rank === output.shape.length &&
      output.shape.every((size, axis) => BigInt(size) === dimensions[axis]);
    // An empty tensor holds nothing to go wrong, and what a kernel keeps for its gradient only that reads.
    const empty = output.shape.includes(0);
    const reserved = opDefinition(this.#binding, this.graph, node.name).outputs[at.index]
      ?.startsWith("reserve_space");
    if (!known && !empty && !reserved) {
      const what = `the shape of ${node.name}'s output, here ${
        describeTensor(output)
      }, depends on data`;
      throw new Hazard(what, "take it out of the step", node.site);
    }
  }

  #update(node: RecordedNode & { kind: "update" }, metadata: (id: number) => TensorMetadata): void {
    const inputs = node.inputs.map((id) => this.#valueOf(id, metadata));
    const operation = this.#operation(node.name, (op) => {
      for (const state of node.states) this.#addInput(op, this.#cells.get(state)!);
      for (const input of inputs) this.#addInput(op, input);
      for (const attribute of node.attributes) setAttribute(this.#set, op, attribute);
      for (const state of node.states) this.#orderAfterReaders(op, state);
    }, node.site);
    for (const state of node.states) this.#changed(state, operation);
  }

  /** Adds an operation that changes one state. */
  #change(state: number, type: string, fill: (operation: Pointer) => void): void {
    const operation = this.#operation(type, (op) => {
      fill(op);
      this.#orderAfterReaders(op, state);
    });
    this.#changed(state, operation);
  }

  /** A change waits for all that reads the old value: then it can be made in place. */
  #orderAfterReaders(operation: Pointer, state: number): void {
    const { api } = this.#binding;
    for (const reader of new Set(this.#readers.get(state))) {
      api.TF_AddControlInput(operation, reader);
    }
    const writer = this.#writers.get(state);
    if (writer) api.TF_AddControlInput(operation, writer);
  }

  #changed(state: number, operation: Pointer): void {
    this.#values.delete(state);
    this.#readers.delete(state);
    this.#writers.set(state, operation);
  }

  /** A recorded tensor's place in the graph; a state is read from its cell. */
  #valueOf(id: number, metadata: (id: number) => TensorMetadata): Output {
    const known = this.#values.get(id);
    if (known) return known;
    const cell = this.#cells.get(id);
    if (cell === undefined) throw new Error(`tensor ${id} has no place in the recorded step`);
    const { api } = this.#binding;
    const { shape, dtype } = metadata(id);
    const read = this.#operation("ReadVariableOp", (op) => {
      this.#addInput(op, cell);
      api.TF_SetAttrType(op, cString("dtype"), dtype);
      const writer = this.#writers.get(id);
      if (writer) api.TF_AddControlInput(op, writer);
    });
    // A cell's shape is not part of the graph; without it the graph optimizer gives up.
    const shaped = this.#operation("EnsureShape", (op) => {
      this.#addInput(op, { operation: read, index: 0 });
      setAttribute(this.#set, op, { name: "shape", type: AttributeType.shape, value: shape });
    });
    const value = { operation: shaped, index: 0 };
    this.#values.set(id, value);
    this.#readers.set(id, [shaped]);
    return value;
  }

  #addInput(operation: Pointer, output: Output): void {
    this.#binding.api.TF_AddInput(operation, new Uint8Array(outputBuffer([output]).buffer, 0, 16));
  }
}

/** `TF_Output[]`, with one spare so that it is never empty. */
function outputBuffer(outputs: readonly Output[]): BigUint64Array<ArrayBuffer> {
  const buffer = new BigUint64Array(2 * outputs.length + 2);
  outputs.forEach(({ operation, index }, at) => {
    buffer[2 * at] = Deno.UnsafePointer.value(operation);
    buffer[2 * at + 1] = BigInt(index);
  });
  return buffer;
}

/** The length of one of several list inputs, from the op's attribute. */
function listLength(node: RecordedNode & { kind: "op" }, attributeName: string): number {
  const value = node.attributes.find(({ name }) => name === attributeName)?.value;
  if (Array.isArray(value)) return value.length;
  if (typeof value === "number") return value;
  throw new Hazard(
    `the lists that ${node.name} takes have no stated length`,
    "run it outside",
    node.site,
  );
}

/** Shape and type of every tensor in a recording. */
function metadataOf(record: Recorder): (id: number) => TensorMetadata {
  const all = new Map<number, TensorMetadata>();
  for (const metadata of record.known) all.set(metadata.id, metadata);
  for (const { metadata } of record.captured.values()) all.set(metadata.id, metadata);
  for (const node of record.nodes) {
    if (node.kind === "constant") all.set(node.output.id, node.output);
    else if (node.kind === "op") node.outputs.forEach((output) => all.set(output.id, output));
  }
  return (id) => {
    const metadata = all.get(id);
    if (metadata === undefined) throw new Error(`tensor ${id} is not part of the recorded step`);
    return metadata;
  };
}
