/** What TensorFlow can compute on a graphics card, by its registry of kernels. */
import { fields, varints } from "./protocol_buffer.ts";

/** One kernel of an op. */
export interface GpuKernel {
  /** By attribute: the data types that it is for. What is not named here may be any. */
  types: Record<string, number[]>;
  /** The op's arguments, in and out, that it wants in the processor's memory. */
  onHost: string[];
}

/** The kernels of one op that run on a card; none where the op runs on the processor. */
export type KernelsOf = (op: string) => readonly GpuKernel[];

/** A kernel for "DEFAULT" is one for every device that has none of its own. */
const DEVICES = ["GPU", "DEFAULT"];
const KERNEL = 1;
const OP = 1, DEVICE = 2, CONSTRAINT = 3, HOST_MEMORY_ARGUMENT = 4, LABEL = 5;
const CONSTRAINT_NAME = 1, ALLOWED_VALUES = 2, LIST = 1, TYPES = 6;

/** The kernels for a card in a serialized `KernelList`, by op. */
export function gpuKernels(list: Uint8Array): Map<string, GpuKernel[]> {
  const found = new Map<string, GpuKernel[]>();
  const text = (bytes: number | Uint8Array) => new TextDecoder().decode(bytes as Uint8Array);
  for (const [field, definition] of fields(list)) {
    if (field !== KERNEL) continue;
    const kernel: GpuKernel = { types: {}, onHost: [] };
    let op = "", device = "", label = "";
    for (const [field, value] of fields(definition as Uint8Array)) {
      if (field === OP) op = text(value);
      if (field === DEVICE) device = text(value);
      if (field === LABEL) label = text(value);
      if (field === HOST_MEMORY_ARGUMENT) kernel.onHost.push(text(value));
      if (field === CONSTRAINT) {
        const [name, types] = constraint(value as Uint8Array);
        if (types.length > 0) kernel.types[name] = types;
      }
    }
    if (!DEVICES.includes(device) || label !== "") continue;
    // Those of the card itself come first.
    const kernels = found.get(op) ?? [];
    found.set(op, device === "GPU" ? [kernel, ...kernels] : [...kernels, kernel]);
  }
  return found;
}

function constraint(bytes: Uint8Array): [name: string, types: number[]] {
  let name = "";
  const types: number[] = [];
  for (const [field, value] of fields(bytes)) {
    if (field === CONSTRAINT_NAME) name = new TextDecoder().decode(value as Uint8Array);
    if (field !== ALLOWED_VALUES) continue;
    for (const [field, list] of fields(value as Uint8Array)) {
      if (field !== LIST) continue;
      for (const [field, type] of fields(list as Uint8Array)) {
        if (field === TYPES) types.push(...(typeof type === "number" ? [type] : varints(type)));
      }
    }
  }
  return [name, types];
}
