import * as tf from "../../tensor/tf.ts";
import { atEnd } from "../../platform/kernel_door.ts";
import { nativeBackend } from "../../tensor/native.ts";
import { Recorder } from "../../tensor/recorder.ts";
import type { Module } from "../../nn/module.ts";
import { bytes, integer, message } from "./protobuf.ts";

/** One operation, or the value of a parameter, in the graph of a model. */
export interface GraphNode {
  /** `blocks/0/attention/qkv/MatMul`: the modules that it lies in, then its kind. */
  name: string;
  operation: string;
  /** The names of the nodes whose outputs it takes. */
  inputs: string[];
  shape: readonly number[];
  /** TensorFlow's number of the type. */
  dtype: number;
}

/**
 * The operations of a model's `forward` in evaluation mode for an input like `input`, each inside the
 * modules that ran it; null where TensorFlow is not native, since then there is none to ask.
 */
export function traceModel(model: Module, input: tf.Tensor): GraphNode[] | null {
  const backend = nativeBackend();
  if (!backend) return null;
  const recorder = new Recorder(backend.binding, []);
  const outer = backend.binding.observer;
  const inputId = backend.getInputTensorIds([input])[0];
  const ids = new Map<number, string>();
  for (const [path, variable] of model.namedVariables()) {
    ids.set(backend.getInputTensorIds([variable])[0], path);
  }
  const scopes: string[] = [];
  let current = "";
  const wasTraining = model.training;
  const release = enterScopes(model, (path) => {
    // What was recorded since the last change of scope belongs to the scope until now.
    while (scopes.length < recorder.nodes.length) scopes.push(current);
    current = path;
  });
  const end = atEnd(() => {
    backend.binding.observer = outer;
    release();
    model.setTraining(wasTraining);
    recorder.dispose();
  });
  try {
    model.setTraining(false);
    backend.binding.observer = recorder;
    tf.tidy(() => void model.forward(input));
    while (scopes.length < recorder.nodes.length) scopes.push(current);
    return nodesOf(recorder, scopes, { inputId, ids });
  } finally {
    end();
  }
}

/** The nodes as a serialized `GraphDef` (tensorflow/core/framework/graph.proto). */
export function encodeGraph(nodes: readonly GraphNode[]): Uint8Array<ArrayBuffer> {
  const encoded = nodes.map((node) => {
    const dimensions = node.shape.map((size) => bytes(2, message(integer(1, size))));
    const shapes = message(bytes(1, message(bytes(7, message(...dimensions)))));
    return bytes(
      1,
      message(
        bytes(1, node.name),
        bytes(2, node.operation),
        ...node.inputs.map((name) => bytes(3, name)),
        attribute("_output_shapes", shapes),
        attribute("dtype", message(integer(6, node.dtype))),
      ),
    );
  });
  return message(...encoded, bytes(4, message(integer(1, 27)))); // versions.producer
}

function attribute(name: string, value: Uint8Array<ArrayBuffer>) {
  return bytes(5, message(bytes(1, name), bytes(2, value)));
}

/** Calls `onChange` with the module's path whenever `forward` of a module begins or has ended. */
function enterScopes(model: Module, onChange: (path: string) => void): () => void {
  const open: string[] = [""];
  const modules = [...model.namedModules()].map(([path, module]) => {
    const own = Object.getOwnPropertyDescriptor(module, "forward");
    const forward = module.forward;
    module.forward = (...inputs) => {
      open.push(path);
      onChange(path);
      try {
        return forward.apply(module, inputs);
      } finally {
        open.pop();
        onChange(open.at(-1)!);
      }
    };
    return { module, own };
  });
  return () => {
    for (const { module, own } of modules) {
      if (own) Object.defineProperty(module, "forward", own);
      else delete (module as { forward?: unknown }).forward;
    }
  };
}

interface Names {
  inputId: number;
  /** The path of each variable of the model. */
  ids: ReadonlyMap<number, string>;
}

function nodesOf(recorder: Recorder, scopes: readonly string[], names: Names): GraphNode[] {
  const used = new Map<string, number>();
  const unique = (scope: string, kind: string) => {
    const name = [...(scope === "" ? [] : scope.split(".")), kind].join("/");
    const count = used.get(name) ?? 0;
    used.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  };
  const nodes: GraphNode[] = [];
  const producers = new Map<number, string>();
  for (const [id, { metadata: { shape, dtype } }] of recorder.captured) {
    const path = names.ids.get(id);
    const kind = id === names.inputId ? "images" : path?.split(".").at(-1) ?? "constant";
    const scope = path?.split(".").slice(0, -1).join(".") ?? "";
    const name = id === names.inputId ? "images" : unique(scope, kind);
    const operation = id === names.inputId ? "Placeholder" : path ? "VariableV2" : "Const";
    producers.set(id, name);
    nodes.push({ name, operation, inputs: [], shape, dtype });
  }
  recorder.nodes.forEach((node, index) => {
    if (node.kind === "update") return;
    const kind = node.kind === "op" ? node.name : "Const";
    const outputs = node.kind === "op" ? node.outputs : [node.output];
    const name = unique(scopes[index], kind);
    const inputs = node.kind === "op" ? node.inputs.map((id) => producers.get(id)!) : [];
    nodes.push({ name, operation: kind, inputs, shape: outputs[0].shape, dtype: outputs[0].dtype });
    outputs.forEach(({ id }, output) =>
      producers.set(id, output === 0 ? name : `${name}:${output}`)
    );
  });
  return nodes;
}
