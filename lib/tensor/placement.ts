/** On a graphics card: which ops of a recorded step run there, and how often a value crosses over. */
import { AttributeType, DataType } from "./c_api.ts";
import type { GpuKernel, KernelsOf } from "./gpu_kernels.ts";
import type { OpDefinition } from "./op_definitions.ts";
import type { RecordedNode } from "./recorder.ts";

/** A value that has to be copied from one memory to the other, inside of a step. */
export interface Crossing {
  /** The op that needs it there. */
  op: string;
  to: "processor" | "card";
  bytes: number;
}

export interface Placement {
  /** Ops without a kernel for the card, each with how often the step runs it. */
  onProcessor: Map<string, number>;
  crossings: Crossing[];
  /** Constants that TensorFlow would put on the card, though the processor alone reads them. */
  constantsOnProcessor: Set<number>;
}

export interface PlacementPlan {
  nodes: readonly RecordedNode[];
  /** What the step gives or assigns. */
  kept: ReadonlySet<number>;
  kernelsOf: KernelsOf;
  definitionOf: (op: string) => OpDefinition;
  /** Of a value that comes from outside: shape and type. */
  metadataOf: (id: number) => { shape: readonly number[]; dtype: number };
}

type Memory = "processor" | "card";

/** TensorFlow keeps whole numbers and strings in the processor's memory where a kernel does not say. */
const onProcessor: ReadonlySet<number> = new Set([DataType.int32, DataType.string, DataType.uint8]);

/** Where a recorded step's ops run and what that costs; by TensorFlow's registry, so without a card. */
export function placementOf(plan: PlacementPlan): Placement {
  const ownTypes = typesIn(plan.nodes);
  const typeOf = (id: number) => ownTypes.get(id) ?? plan.metadataOf(id).dtype;
  const placement: Placement = {
    onProcessor: new Map(),
    crossings: [],
    constantsOnProcessor: constantsOnProcessor(plan, typeOf),
  };
  /** Where each value has been. */
  const places = new Map<number, Set<Memory>>();
  const bytes = new Map<number, number>();
  const made = ({ id, shape, dtype }: { id: number; shape: readonly number[]; dtype: number }) => {
    bytes.set(id, shape.reduce((product, size) => product * size, bytesOf(dtype)));
    return (memory: Memory) => places.set(id, new Set([memory]));
  };
  const usual = (dtype: number): Memory => onProcessor.has(dtype) ? "processor" : "card";
  const need = (id: number, to: Memory, op: string) => {
    if (!places.has(id)) {
      const metadata = plan.metadataOf(id);
      made({ id, ...metadata })(usual(metadata.dtype));
    }
    const known = places.get(id)!;
    if (known.has(to)) return;
    known.add(to);
    placement.crossings.push({ op, to, bytes: bytes.get(id)! });
  };
  for (const node of plan.nodes) {
    if (node.kind === "constant") {
      const { id, dtype } = node.output;
      made(node.output)(placement.constantsOnProcessor.has(id) ? "processor" : usual(dtype));
      continue;
    }
    const { name, inputs } = node;
    const { kernel, inputMemory, outputMemory } = memories(node, plan, typeOf);
    if (kernel === undefined) {
      placement.onProcessor.set(name, (placement.onProcessor.get(name) ?? 0) + 1);
    }
    inputs.forEach((id, index) => need(id, inputMemory(index), name));
    if (node.kind === "op") {
      node.outputs.forEach((output, index) => made(output)(outputMemory(index)));
    }
  }
  return placement;
}

/** The type of each tensor that the nodes make. */
function typesIn(nodes: readonly RecordedNode[]): Map<number, number> {
  const types = new Map<number, number>();
  for (const node of nodes) {
    const outputs = node.kind === "constant"
      ? [node.output]
      : node.kind === "op"
      ? node.outputs
      : [];
    outputs.forEach(({ id, dtype }) => types.set(id, dtype));
  }
  return types;
}

type Operation = Exclude<RecordedNode, { kind: "constant" }>;

/** The kernel that runs an op, and in which memory it wants its inputs and leaves its outputs. */
function memories(
  node: Operation,
  { kernelsOf, definitionOf }: PlacementPlan,
  typeOf: (id: number) => number,
) {
  const { name, attributes, inputs } = node;
  const { inputNames, inputTypes, inputs: lists, outputs } = definitionOf(name);
  const states = node.kind === "update" ? node.states.length : 0;
  const names = argumentNames(inputNames, lists, states + inputs.length).slice(states);
  // As TensorFlow does: an op's types are those of its inputs, whatever its attributes say.
  const types = new Map(
    attributes.filter(({ type }) => type === AttributeType.type)
      .map(({ name, value }) => [name, value as number]),
  );
  names.forEach((argument, index) =>
    types.set(inputTypes[inputNames.indexOf(argument)], typeOf(inputs[index]))
  );
  const isAsked = attributes.some(({ type }) => type === AttributeType.device);
  const kernel = isAsked ? undefined : kernelFor(kernelsOf(name), types);
  const memoryOf = (argument: string | undefined): Memory =>
    kernel === undefined || kernel.onHost.includes(argument ?? "") ? "processor" : "card";
  return {
    kernel,
    inputMemory: (index: number) => memoryOf(names[index]),
    outputMemory: (index: number) => memoryOf(outputs[Math.min(index, outputs.length - 1)]),
  };
}

/**
 * Constants that every op wants in the processor's memory, such as the number that a map is filled up with; but
 * for whole numbers, which lie there already.
 */
function constantsOnProcessor(
  plan: PlacementPlan,
  typeOf: (id: number) => number,
): Set<number> {
  const found = new Set<number>();
  for (const node of plan.nodes) {
    if (node.kind === "constant" && !onProcessor.has(node.output.dtype)) found.add(node.output.id);
  }
  for (const node of plan.nodes) {
    if (node.kind === "constant") continue;
    const { inputMemory } = memories(node, plan, typeOf);
    node.inputs.forEach((id, index) => inputMemory(index) === "card" && found.delete(id));
  }
  plan.kept.forEach((id) => found.delete(id));
  return found;
}

/** The kernel that TensorFlow takes on a card; none where the op is put on the processor. */
function kernelFor(
  kernels: readonly GpuKernel[],
  types: ReadonlyMap<string, number>,
): GpuKernel | undefined {
  return kernels.find((kernel) =>
    [...types].every(([name, type]) => kernel.types[name]?.includes(type) ?? true)
  );
}

/** The name of the argument that each input belongs to. */
function argumentNames(
  names: readonly string[],
  lists: readonly (string | null)[],
  count: number,
): string[] {
  const single = lists.filter((list) => list === null).length;
  // Of several lists each is as long as the others.
  const length = (count - single) / Math.max(1, lists.length - single);
  return names.flatMap((name, index) => Array(lists[index] === null ? 1 : length).fill(name));
}

function bytesOf(dtype: number): number {
  const sizes: Record<number, number> = {
    [DataType.bool]: 1,
    [DataType.uint8]: 1,
    [DataType.int16]: 2,
    [DataType.int64]: 8,
    [DataType.complex64]: 8,
  };
  return sizes[dtype] ?? 4;
}
