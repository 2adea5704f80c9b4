/** Follows a computation operation by operation: what each one got, what it gave, and who asked for it. */
import * as tf from "../../tensor/tf.ts";
import * as ops from "../../tensor/ops.ts";
import { atEnd, kernelDoor } from "../../platform/kernel_door.ts";
import { stackOf } from "../../platform/stack.ts";
import type { Module } from "../../nn/module.ts";
import { followOperations } from "./operations.ts";

/** A tensor as an operation got or gave it; its value is kept, for the tensor itself may be freed. */
export interface TracedTensor {
  id: number;
  shape: readonly number[];
  dtype: tf.DataType;
  /** Its values; empty where they were not asked for. */
  values: Float32Array;
  /** Its value, where it is a single number. */
  loneValue?: number;
}

/** One operation of tfjs, one of the library's own with a gradient of its own, or a layer's call. */
export interface TracedStep {
  /** tfjs's name of the kernel ("BatchMatMul"); of the library's own operations its function's ("gelu"). */
  readonly name: string;
  /** The layer that was called, where its call is the step. */
  readonly layer?: Module;
  readonly inputs: readonly TracedTensor[];
  readonly outputs: readonly TracedTensor[];
  readonly attributes: object;
  /** The calls that led to it, the innermost first. */
  readonly stack: string;
  /** The same operation on other inputs, with other attributes if any are given. */
  again(inputs: readonly tf.Tensor[], attributes?: object): tf.Tensor[];
}

export interface Trace<T> {
  /** What the computation gave, where it came to its end. */
  result?: T;
  /** What it threw. */
  error?: unknown;
  steps: readonly TracedStep[];
  /** The operation that threw, if it was one. */
  failed?: TracedStep;
}

export interface TraceOptions {
  /** The tensors whose values are kept. Default: none but single numbers. */
  values?: (tensor: tf.Tensor) => boolean;
  /** Whether to note who asked for each operation, which takes most of the time. Default: true. */
  places?: boolean;
  /** Modules each of whose calls is one step, whatever operations it is made of. */
  layers?: Iterable<Module>;
  /** What steps give in place of what they would, by their index; gets their inputs. */
  edits?: ReadonlyMap<number, Edit>;
  /** Gets the outputs of each step, while they live. */
  watch?: (index: number, outputs: readonly tf.Tensor[]) => void;
}

/** Gives a step's outputs; `perform` gives those that it would have. */
export type Edit = (inputs: readonly tf.Tensor[], perform: () => tf.Tensor[]) => tf.Tensor[];

/** Deep enough for a cell's own line behind the calls of tfjs and the library. */
const stackDepth = 60;

/** What is known of a step before it is done. */
interface Planned {
  name?: string;
  layer?: Module;
  inputs: object;
  attributes: object;
  again: (name: string, inputs: readonly tf.Tensor[], attributes?: object) => tf.Tensor[];
}

/**
 * Runs a computation and notes each operation, also where it throws in the end. Keeps what those tensors held
 * that `values` chooses.
 */
export function trace<T>(
  compute: () => T,
  { values = () => false, places = true, layers = [], edits, watch }: TraceOptions = {},
): Trace<T> {
  const steps: TracedStep[] = [];
  let failed: TracedStep | undefined;
  let depth = 0;
  const noted = (tensor: tf.Tensor): TracedTensor => {
    const { id, shape, dtype } = tensor;
    const isRead = dtype !== "string" && !tensor.isDisposed &&
      (shape.length === 0 || values(tensor));
    const held = isRead ? Float32Array.from(tensor.dataSync() as Float32Array) : new Float32Array();
    const loneValue = isRead && tensor.size === 1 ? held[0] : undefined;
    return { id, shape: [...shape], dtype, values: held, loneValue };
  };
  /** Does a step, with what it is made of unnoted. */
  const follow = <R>(
    { name, layer, inputs: named, attributes, again }: Planned,
    perform: () => R,
  ): R => {
    depth++;
    const place = places ? new Error() : undefined;
    let stack: string | undefined;
    const inputs = Object.values(named).flat().filter((each) => each instanceof tf.Tensor);
    const step = (outputs: readonly tf.Tensor[]): TracedStep => ({
      layer,
      inputs: inputs.map(noted),
      outputs: outputs.map(noted),
      attributes,
      again(others, changed) {
        return again(this.name, others, changed);
      },
      // Put into words only when asked for.
      get stack() {
        return stack ??= withoutEngine(stackOf(place));
      },
      get name() {
        return name ?? operationIn(this.stack);
      },
    });
    try {
      const edit = edits?.get(steps.length);
      let given = edit ? undefined : perform();
      if (edit) {
        let isList = false;
        const done = edit(inputs, () => {
          const found = perform();
          isList = Array.isArray(found);
          return [found].flat() as tf.Tensor[];
        });
        given = (isList || done.length > 1 ? done : done[0]) as R;
      }
      const outputs = [given].flat() as tf.Tensor[];
      watch?.(steps.length, outputs);
      steps.push(step(outputs.filter((each) => each instanceof tf.Tensor)));
      return given as R;
    } catch (error) {
      failed ??= step([]);
      throw error;
    } finally {
      depth--;
    }
  };
  const isInside = () => depth > 0;
  const end = atEnd(hooked(follow, { layers, isInside }));
  try {
    const result = compute();
    // Its tensors are freed by the time that it goes on; unheard, its error would end the process.
    if (result instanceof Promise) result.catch(() => {});
    return { result, steps };
  } catch (error) {
    return { error, steps, failed };
  } finally {
    end();
    kernelDoor()?.restoreClasses();
  }
}

/** Lets every operation and every call of the layers pass by `follow`; gives what ends that. */
function hooked(
  follow: <R>(planned: Planned, perform: () => R) => R,
  { layers, isInside }: { layers: Iterable<Module>; isInside: () => boolean },
): () => void {
  const endFollowing = followOperations((call, perform) => {
    if (isInside()) return perform();
    const { kernelName: name, inputs, attrs: attributes = {} } = call;
    const again: Planned["again"] = (known, others, changed = attributes) =>
      name === undefined ? ownOperation(known, others) : runAs(inputs, name, others, changed);
    const planned = { name: name && (ownKernels[name] ?? name), inputs, attributes, again };
    return follow(planned, perform);
  });
  const undo: (() => void)[] = [];
  for (const layer of layers) {
    const { forward } = layer;
    layer.forward = (...inputs) => {
      if (isInside()) return forward(...inputs);
      const planned = { name: layer.constructor.name, layer, inputs, attributes: {} };
      const again: Planned["again"] = (_name, others) => [forward(...others)];
      return follow({ ...planned, again }, () => forward(...inputs));
    };
    undo.push(() => layer.forward = forward);
  }
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = stackDepth;
  return () => {
    endFollowing();
    for (const each of undo) each();
    Error.stackTraceLimit = stackTraceLimit;
  };
}

/** What Tessera's kernels for WASM are called where there are none of them: no learner writes their names. */
const ownKernels: Readonly<Record<string, string>> = {
  TesseraSoftmax: "Softmax",
  TesseraGelu: "gelu",
  TesseraLayerNorm: "layerNorm",
  TesseraLinear: "linear",
};

/** Runs a kernel on other tensors, in the places of `inputs`. */
function runAs(
  inputs: object,
  name: string,
  others: readonly tf.Tensor[],
  attributes: object,
): tf.Tensor[] {
  const rest = [...others];
  const take = (each: unknown) => each instanceof tf.Tensor ? rest.shift() ?? each : each;
  if (Array.isArray(inputs)) {
    // `tf.concat` and `tf.stack` take as many as there are.
    return [tf.engine().runKernel(name, [...others] as never, attributes as tf.NamedAttrMap)]
      .flat();
  }
  const named = Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map(take) : take(value),
    ]),
  );
  return [tf.engine().runKernel(name, named as tf.NamedTensorMap, attributes as tf.NamedAttrMap)]
    .flat();
}

/** The library's operations with a gradient of their own, on other tensors. */
function ownOperation(name: string, [x, a, b]: readonly tf.Tensor[]): tf.Tensor[] {
  switch (name) {
    case "gelu":
      return [ops.gelu(x)];
    case "relu":
      return [ops.relu(x)];
    case "softmax":
      return [ops.softmax(x)];
    case "layerNorm":
      return [ops.layerNorm(x, a as tf.Tensor1D, b as tf.Tensor1D, 1e-5)];
    case "linear":
      return [ops.linear(x, a as tf.Tensor2D, b as tf.Tensor1D)];
    default:
      throw new Error(`no operation ${name}`);
  }
}

/** As {@link trace}, for a computation whose result is not wanted: its tensors are freed. */
export function steps(
  compute: () => unknown,
  options: TraceOptions = {},
): Trace<void> {
  let found!: Trace<unknown>;
  tf.tidy(() => {
    found = trace(compute, options);
  });
  const { error, steps, failed } = found;
  return { error, steps, failed };
}

/** A stack without the calls that do the following. */
function withoutEngine(stack: string): string {
  return stack.split("\n").filter((line) => !line.includes("/lib/exercises/engine/")).join("\n");
}

/** The library's function on a stack that an operation without a name belongs to. */
function operationIn(stack: string): string {
  return /\bat (?:\w+\.)?(\w+) \(.*\/lib\/tensor\/ops\.ts:/.exec(stack)?.[1] ?? "operation";
}
