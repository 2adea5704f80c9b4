/** What TensorFlow says of its own ops: which inputs are lists, its outputs' names, whether it keeps state. */
import { cString } from "./attributes.ts";
import type { Binding, Pointer } from "./binding.ts";
import { fields } from "./protocol_buffer.ts";

export interface OpDefinition {
  /** For each input: null for one tensor, else the attribute that gives a list's length. */
  inputs: (string | null)[];
  inputNames: string[];
  /** For each input: the attribute that gives its type; empty where the type is fixed. */
  inputTypes: string[];
  outputs: string[];
  /** Whether the op reads or changes something beside its inputs: a file, a generator, a variable. */
  stateful: boolean;
}

const definitions = new Map<string, OpDefinition>();

/** The bytes of a `TF_Buffer`, copied. */
export function bufferBytes(buffer: Pointer): Uint8Array<ArrayBuffer> {
  const view = new Deno.UnsafePointerView(buffer);
  const data = Deno.UnsafePointer.create(view.getBigUint64(0));
  const length = Number(view.getBigUint64(8));
  if (data === null || length === 0) return new Uint8Array(0);
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, length).slice(0));
}

/** The definition of an op. Throws a TensorFlowError where TensorFlow knows no such op. */
export function opDefinition(binding: Binding, graph: Pointer, name: string): OpDefinition {
  const known = definitions.get(name);
  if (known !== undefined) return known;
  const { api } = binding;
  const buffer = api.TF_NewBuffer()!;
  api.TF_GraphGetOpDef(graph, cString(name), buffer, binding.status);
  binding.check(name);
  const definition: OpDefinition = {
    inputs: [],
    inputNames: [],
    inputTypes: [],
    outputs: [],
    stateful: false,
  };
  for (const [field, value] of fields(bufferBytes(buffer))) {
    if (field === 2) {
      definition.inputs.push(listAttribute(value as Uint8Array));
      definition.inputNames.push(textIn(value as Uint8Array, NAME));
      definition.inputTypes.push(textIn(value as Uint8Array, TYPE_ATTRIBUTE));
    }
    if (field === 3) definition.outputs.push(textIn(value as Uint8Array, NAME));
    if (field === 17) definition.stateful = value === 1;
  }
  api.TF_DeleteBuffer(buffer);
  definitions.set(name, definition);
  return definition;
}

/** Fields of an `ArgDef`. */
const NAME = 1, TYPE_ATTRIBUTE = 4;

/** The text in a field of a message; empty where it has none. */
function textIn(message: Uint8Array, wanted: number): string {
  for (const [field, value] of fields(message)) {
    if (field === wanted) return new TextDecoder().decode(value as Uint8Array);
  }
  return "";
}

/** Of an `ArgDef`: `number_attr` or `type_list_attr`, which make the argument a list. */
function listAttribute(argument: Uint8Array): string | null {
  for (const [field, value] of fields(argument)) {
    if (field === 5 || field === 6) return new TextDecoder().decode(value as Uint8Array);
  }
  return null;
}
