/** A recorded step as a list of kernels that run one after the other, without tfjs's gradient tape. */
import * as tf from "tfjs";
import type { KernelCall, KernelRecorder } from "./kernel_recorder.ts";

/** Kernels that do something besides what they give. */
const actsByItself = (name: string) => name === "TesseraCheckedIndices";

/** A program's parts, by which it can be run elsewhere. Tensors go by numbers; the inputs' are the first. */
export interface KernelPlan {
  calls: readonly KernelCall[];
  inputCount: number;
  outputs: readonly number[];
  constants: ReadonlyMap<number, tf.Tensor>;
  /** The numbers of variables' values at the start, and of what they end with. */
  read: ReadonlyMap<tf.Variable, number>;
  assigned: ReadonlyMap<tf.Variable, number>;
  /** For each call the tensors that nothing needs after it. */
  done: readonly (readonly number[])[];
}

export class KernelProgram {
  readonly calls: readonly KernelCall[];
  readonly #inputCount: number;
  readonly #outputs: readonly number[];
  readonly #constants: ReadonlyMap<number, tf.Tensor>;
  readonly #read: ReadonlyMap<tf.Variable, number>;
  readonly #assigned: ReadonlyMap<tf.Variable, number>;
  /** For each call the tensors that nothing needs after it. */
  readonly #done: number[][];

  /** Takes the recorder's constants over. */
  constructor(recorder: KernelRecorder, inputCount: number, outputs: readonly number[]) {
    /** The same values go by one number. */
    const same = new Map<number, number>();
    const one = (number: number) => same.get(number) ?? number;
    const all: KernelCall[] = [];
    for (const call of recorder.calls) {
      const inputs = call.inputs.map(([name, number]) => [name, one(number)] as [string, number]);
      if (call.name === "Identity") same.set(call.outputs[0], inputs[0][1]);
      else all.push({ ...call, inputs });
    }
    this.#inputCount = inputCount;
    this.#outputs = outputs.map(one);
    this.#assigned = new Map([...recorder.assigned].map(([variable, end]) => [variable, one(end)]));
    const needed = new Set([...this.#outputs, ...this.#assigned.values()]);
    this.calls = all.toReversed().filter(({ name, inputs, outputs }) => {
      const isNeeded = actsByItself(name) || outputs.some((number) => needed.has(number));
      if (isNeeded) inputs.forEach(([, number]) => needed.add(number));
      return isNeeded;
    }).toReversed();
    this.#read = new Map([...recorder.read].filter(([, number]) => needed.has(number)));
    this.#constants = new Map([...recorder.constants].filter(([number]) => needed.has(number)));
    this.#constants.forEach((_, number) => recorder.constants.delete(number));
    this.#done = lastUses(this.calls, new Set([...this.#outputs, ...this.#assigned.values()]));
  }

  /**
   * Runs the kernels; the variables are assigned after the last one. Throws an Error, with nothing assigned, where a
   * kernel gives another shape than it did. Copies of the tensors with the numbers `watched` come after the outputs.
   */
  run(inputs: readonly tf.Tensor[], watched: readonly number[] = []): tf.Tensor[] {
    this.requireVariables();
    return tf.tidy(() => {
      const values = new Map<number, tf.Tensor>(this.#constants);
      const copies = new Map<number, tf.Tensor>();
      inputs.slice(0, this.#inputCount).forEach((input, number) => values.set(number, input));
      this.#read.forEach((number, variable) => values.set(number, variable));
      this.calls.forEach((call, index) => {
        const outputs = runCall(call, values);
        call.outputs.forEach((number, place) => {
          checkShape(call, outputs[place].shape, place);
          values.set(number, outputs[place]);
          if (watched.includes(number)) copies.set(number, tf.clone(outputs[place]));
        });
        for (const number of this.#done[index]) values.get(number)!.dispose();
      });
      const made = new Set(this.calls.flatMap(({ outputs }) => outputs));
      // What was there before, or is given twice, is given as a tensor of its own.
      const own = (number: number) =>
        made.delete(number) ? values.get(number)! : tf.clone(values.get(number)!);
      const results = this.#outputs.map(own);
      // A variable's value at the start may be another one's end.
      const ends = [...this.#assigned].map(([variable, number]) => {
        const end = values.get(number)!;
        return [variable, end instanceof tf.Variable ? tf.clone(end) : end] as const;
      });
      for (const [variable, end] of ends) variable.assign(end);
      return [...results, ...watched.map((number) => copies.get(number)!)];
    });
  }

  /** Throws a ReferenceError where a variable of the step was disposed. */
  requireVariables(): void {
    const disposed = [...this.#read.keys(), ...this.#assigned.keys()].some((each) =>
      each.isDisposed
    );
    if (disposed) throw new ReferenceError("a variable that the step uses was disposed");
  }

  get plan(): KernelPlan {
    return {
      calls: this.calls,
      inputCount: this.#inputCount,
      outputs: this.#outputs,
      constants: this.#constants,
      read: this.#read,
      assigned: this.#assigned,
      done: this.#done,
    };
  }

  /** The variables that the step changes. */
  get assigned(): Iterable<tf.Variable> {
    return this.#assigned.keys();
  }

  dispose(): void {
    tf.dispose([...this.#constants.values()]);
  }
}

/** Throws an Error where a kernel gave another shape than when it was recorded. */
export function checkShape({ name, shapes }: KernelCall, shape: number[], place: number): void {
  if (tf.util.arraysEqual(shape, shapes[place])) return;
  throw new Error(`${name} gave the shape [${shape}] instead of [${shapes[place]}]`);
}

/** Runs one call by tfjs's backend. */
export function runCall(call: KernelCall, values: ReadonlyMap<number, tf.Tensor>): tf.Tensor[] {
  const entries = call.inputs.map(([name, number]) => [name, values.get(number)!] as const);
  const inputs = call.isList ? entries.map(([, input]) => input) : Object.fromEntries(entries);
  const outputs = tf.engine().runKernel(call.name, inputs as tf.NamedTensorMap, call.attributes);
  return [outputs].flat() as tf.Tensor[];
}

/** For each call the numbers of tensors that calls have made and that none needs after it. */
function lastUses(calls: readonly KernelCall[], kept: ReadonlySet<number>): number[][] {
  const made = new Set(calls.flatMap(({ outputs }) => outputs));
  const seen = new Set(kept);
  return calls.toReversed().map(({ inputs, outputs }) => {
    const numbers = [...inputs.map(([, number]) => number), ...outputs];
    const last = [...new Set(numbers)].filter((number) => made.has(number) && !seen.has(number));
    last.forEach((number) => seen.add(number));
    return last;
  }).toReversed();
}
