/** Records what a step does on tfjs's own backends: the kernels that it runs, and the variables that it assigns. */
import * as tf from "tfjs";
import { CallSite } from "./call_site.ts";
import { Hazard } from "./hazard.ts";
import type { Guard, Listener } from "./recording.ts";

/** A kernel that a step ran; its tensors go by numbers. */
export interface KernelCall {
  name: string;
  inputs: [name: string, number: number][];
  /** Whether the kernel takes its inputs as a list. */
  isList: boolean;
  attributes: tf.NamedAttrMap | undefined;
  outputs: number[];
  shapes: number[][];
}

/** tfjs's engine, as far as a recorder listens to it. */
interface Engine {
  runKernel(
    name: string,
    inputs: Record<string, tf.Tensor>,
    attributes?: tf.NamedAttrMap,
  ): tf.Tensor | tf.Tensor[];
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
}

/** Kernels whose outputs' shapes depend on data. */
// deno-fmt-ignore
const shapedByData = new Set([
  "Unique", "Where", "NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5", "SparseFillEmptyRows",
  "SparseReshape", "SparseSegmentMean", "SparseSegmentSum", "RaggedGather", "RaggedRange", "RaggedTensorToTensor",
  "StringNGrams", "StringSplit",
]);

export class KernelRecorder implements Listener {
  readonly calls: KernelCall[] = [];
  readonly guards: Guard[] = [];
  /** What the step used and did not make, by number; the recorder's own until it is disposed. */
  readonly constants = new Map<number, tf.Tensor>();
  /** The numbers of variables' values at the start. */
  readonly read = new Map<tf.Variable, number>();
  /** The numbers of what variables end with. */
  readonly assigned = new Map<tf.Variable, number>();
  hazard: Hazard | null = null;
  readonly #numbers = new Map<number, number>();
  #next = 0;
  /** Copies that the kernel which runs has saved for its gradient, each with what it is a copy of. */
  #copies: [copy: tf.Tensor, of: tf.Tensor][] = [];
  /** How deep in a kernel, or in the recorder itself, what runs is. */
  #depth = 0;

  constructor(inputs: readonly tf.Tensor[]) {
    for (const input of inputs) this.#numberNew(input);
  }

  forbid(what: string, instead: string): void {
    this.hazard ??= new Hazard(what, instead, new CallSite());
  }

  /** Begins to listen to tfjs; gives what ends it. */
  listen(): () => void {
    const engine = tf.engine() as unknown as Engine;
    const { runKernel, read, readSync } = engine;
    const { assign } = tf.Variable.prototype;
    engine.runKernel = (name, inputs, attributes) => {
      const outputs = this.#inside(() => runKernel.call(engine, name, inputs, attributes));
      if (this.#depth === 0) this.#ran(name, inputs, attributes, [outputs].flat());
      else if (name === "Identity") this.#copies.push([outputs as tf.Tensor, inputs.x]);
      return outputs;
    };
    const reads = () => {
      if (this.#depth > 0) return;
      this.forbid(
        "it reads a tensor's value (dataSync, arraySync, data, array or print)",
        "return the tensor and read it after the step, or use tf.where for a choice that depends on data",
      );
    };
    engine.read = (dataId) => (reads(), read.call(engine, dataId));
    engine.readSync = (dataId) => (reads(), readSync.call(engine, dataId));
    const assigning = (variable: tf.Variable, value: tf.Tensor) => this.#assigns(variable, value);
    tf.Variable.prototype.assign = function (value) {
      assigning(this, value);
      assign.call(this, value);
    };
    return () => {
      Object.assign(engine, { runKernel, read, readSync });
      tf.Variable.prototype.assign = assign;
    };
  }

  /** The number of a tensor that the step has at hand. */
  numberOf(tensor: tf.Tensor): number {
    if (tensor instanceof tf.Variable) {
      const known = this.assigned.get(tensor) ?? this.read.get(tensor);
      if (known !== undefined) return known;
      this.read.set(tensor, this.#next);
      return this.#next++;
    }
    const known = this.#numbers.get(tensor.id);
    if (known !== undefined) return known;
    const number = this.#numberNew(tensor);
    this.constants.set(number, this.#kept(tensor));
    return number;
  }

  dispose(): void {
    tf.dispose([...this.constants.values()]);
    this.constants.clear();
  }

  #numberNew(tensor: tf.Tensor): number {
    this.#numbers.set(tensor.id, this.#next);
    return this.#next++;
  }

  #inside<T>(run: () => T): T {
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }

  #kept(tensor: tf.Tensor): tf.Tensor {
    return this.#inside(() =>
      tf.keep(tf.engine().runKernel("Identity", { x: tensor }) as tf.Tensor)
    );
  }

  #ran(
    name: string,
    inputs: Record<string, tf.Tensor>,
    attributes: tf.NamedAttrMap | undefined,
    outputs: tf.Tensor[],
  ): void {
    if (shapedByData.has(name)) {
      this.forbid(`the shape of ${name}'s output depends on data`, "take it out of the step");
    }
    const given = Object.entries(inputs).filter(([, input]) => input != null);
    this.calls.push({
      name,
      inputs: given.map(([name, input]) => [name, this.numberOf(input)]),
      isList: Array.isArray(inputs),
      attributes,
      outputs: outputs.map((output) => this.#numberNew(output)),
      shapes: outputs.map(({ shape }) => shape),
    });
    for (const [copy, of] of this.#copies.splice(0)) {
      const isKnown = of instanceof tf.Variable || this.#numbers.has(of.id);
      if (isKnown) this.#numbers.set(copy.id, this.numberOf(of));
    }
  }

  #assigns(variable: tf.Variable, value: tf.Tensor): void {
    const number = this.numberOf(value);
    this.assigned.set(variable, number);
  }
}
