/**
 * A recorded step on the graphics card. What follows from its inputs, the random numbers' state and a few numbers, such
 * as how each image of a batch is cropped, is computed by WASM as ever: it is small, and decides. All else runs on the
 * card, where the variables stay from step to step; their new values come back after each step, so that whoever reads
 * them at once finds them.
 */
import * as tf from "tfjs";
import { checkShape, type KernelPlan, runCall } from "../kernel_program.ts";
import type { KernelCall } from "../kernel_recorder.ts";
import { CardError, messageOf } from "./card_error.ts";
import type { Gpu } from "./device.ts";
import { hasKernel, numbersOf, runOnCard } from "./kernels.ts";

/** A tensor with no more values is small: to compute it on the card would take no less time. */
const smallSize = 4096;
/** As many values has a variable at most that WASM reads in a step: a count of steps, a generator's state. */
const numberSize = 4;

/** A tensor that was computed: its values, and where they lie on the card, too. */
export interface Computed {
  shape: number[];
  dtype: tf.DataType;
  values: tf.TypedArray;
  info: tf.TensorInfo | null;
}

export interface Results {
  outputs: Computed[];
  /** What the variables end with. */
  ends: Map<tf.Variable, Computed>;
  watched: Computed[];
}

/** What a step has given before its values were read. */
interface Unread {
  outputs: (Computed | tf.TensorInfo)[];
  ends: [tf.Variable, Computed | tf.TensorInfo][];
  watched: (Computed | tf.TensorInfo)[];
}

const isRead = (each: Computed | tf.TensorInfo): each is Computed => "values" in each;

export class CardProgram {
  readonly #gpu: Gpu;
  readonly #plan: KernelPlan;
  /** For each call whether WASM runs it. */
  readonly #isOnHost: readonly boolean[];
  readonly #constants = new Map<number, tf.TensorInfo>();
  readonly #variables: ReadonlyMap<number, tf.Variable>;

  /** Throws a {@link CardError} where the card has no kernel for a call. */
  constructor(gpu: Gpu, plan: KernelPlan, inputs: readonly tf.Tensor[]) {
    this.#gpu = gpu;
    this.#plan = plan;
    this.#variables = new Map([...plan.read].map(([variable, number]) => [number, variable]));
    this.#isOnHost = placed(plan, inputs);
  }

  /** Whether any of it runs on the card. */
  get hasWork(): boolean {
    return this.#isOnHost.includes(false);
  }

  /**
   * Computes the step from the present values of its variables, and assigns none. Throws a {@link CardError} where the
   * card does not do it, and what kernels of WASM throw.
   */
  async compute(inputs: readonly tf.Tensor[], watched: readonly number[] = []): Promise<Results> {
    const gpu = this.#gpu;
    gpu.tidy();
    let unread: Unread | undefined;
    try {
      return await gpu.guarded(async () => {
        unread = this.#start(inputs, watched);
        const { outputs, ends } = unread;
        const all = [...outputs, ...ends.map(([, end]) => end), ...unread.watched];
        const infos = all.filter((each): each is tf.TensorInfo => !isRead(each));
        const values = await gpu.read(infos).catch((error) => {
          throw new CardError(messageOf(error));
        });
        const read = (each: Computed | tf.TensorInfo): Computed =>
          isRead(each) ? each : {
            shape: each.shape,
            dtype: each.dtype,
            info: each,
            values: values[infos.indexOf(each)],
          };
        return {
          outputs: outputs.map(read),
          ends: new Map(ends.map(([variable, end]) => [variable, read(end)])),
          watched: unread.watched.map(read),
        };
      });
    } catch (error) {
      const { outputs, ends, watched } = unread ?? { outputs: [], ends: [], watched: [] };
      for (const each of [...outputs, ...ends.map(([, end]) => end), ...watched]) {
        if (!isRead(each)) gpu.backend.disposeData(each.dataId);
      }
      throw error;
    }
  }

  /** Gives the variables their new values, and the outputs as tensors; frees the rest. */
  finish({ outputs, ends, watched }: Results): tf.Tensor[] {
    const tensorOf = ({ values, shape, dtype }: Computed) => tf.tensor(values, shape, dtype);
    // All of them before the first is assigned: WASM's memory may run out.
    const values = [...ends.values()].map(tensorOf), tensors = outputs.map(tensorOf);
    [...ends].forEach(([variable, { info }], at) => {
      variable.assign(values[at]);
      values[at].dispose();
      if (info) this.#gpu.keepValue(variable, info);
    });
    this.free({ outputs, ends: new Map(), watched });
    return tensors;
  }

  free({ outputs, ends, watched }: Results): void {
    for (const { info } of [...outputs, ...ends.values(), ...watched]) {
      if (info) this.#gpu.backend.disposeData(info.dataId);
    }
  }

  dispose(): void {
    for (const { dataId } of this.#constants.values()) this.#gpu.backend.disposeData(dataId);
    this.#constants.clear();
  }

  /** Runs WASM's part, and tells the card all of its own. */
  #start(inputs: readonly tf.Tensor[], watched: readonly number[]): Unread {
    const numbers = new Map<number, tf.TensorInfo>();
    const onCard = new Map<number, tf.TensorInfo>();
    const free = (info: tf.TensorInfo) => this.#gpu.backend.disposeData(info.dataId);
    try {
      let unread: Unread | undefined;
      tf.tidy(() => {
        const onHost = new Map<number, tf.Tensor>(this.#plan.constants);
        inputs.slice(0, this.#plan.inputCount).forEach((input, at) => onHost.set(at, input));
        this.#variables.forEach((variable, number) => onHost.set(number, variable));
        const found = new Map<number, Computed | tf.TensorInfo>();
        const keep = (number: number) => found.set(number, this.#result(number, onHost, onCard));
        this.#plan.calls.forEach((call, at) => {
          if (this.#isOnHost[at]) {
            const outputs = runCall(call, onHost);
            call.outputs.forEach((number, place) => onHost.set(number, outputs[place]));
          } else {
            const outputs = this.#runOnCard(call, onHost, onCard, numbers);
            call.outputs.forEach((number, place) => onCard.set(number, outputs[place]));
          }
          for (const number of call.outputs) if (watched.includes(number)) keep(number);
          for (const number of this.#plan.done[at]) {
            const info = onCard.get(number);
            if (info) free(info);
            onCard.delete(number);
            onHost.get(number)?.dispose();
            onHost.delete(number);
          }
        });
        // Each with a hold of its own on what lies on the card.
        const result = (number: number) => this.#result(number, onHost, onCard);
        unread = {
          outputs: this.#plan.outputs.map(result),
          ends: [...this.#plan.assigned].map(([variable, number]) => [variable, result(number)]),
          watched: watched.map((number) => found.get(number)!),
        };
      });
      return unread!;
    } finally {
      for (const info of [...onCard.values(), ...numbers.values()]) free(info);
    }
  }

  #result(
    number: number,
    onHost: ReadonlyMap<number, tf.Tensor>,
    onCard: ReadonlyMap<number, tf.TensorInfo>,
  ): Computed | tf.TensorInfo {
    const host = onHost.get(number);
    if (host) {
      return { shape: host.shape, dtype: host.dtype, values: host.dataSync(), info: null };
    }
    const { dataId, shape, dtype } = onCard.get(number)!;
    this.#gpu.backend.incRef(dataId);
    return { dataId, shape, dtype };
  }

  #runOnCard(
    call: KernelCall,
    onHost: ReadonlyMap<number, tf.Tensor>,
    onCard: Map<number, tf.TensorInfo>,
    numbers: Map<number, tf.TensorInfo>,
  ): tf.TensorInfo[] {
    const { name, inputs, isList, attributes } = call;
    const asNumbers = numbersOf[name] ?? [];
    const entries = inputs.filter(([name]) => !asNumbers.includes(name))
      .map(([name, number]) => [name, this.#infoOf(number, onHost, onCard)] as const);
    const known = inputs.filter(([name]) => asNumbers.includes(name))
      .map(([name, number]) => [name, onHost.get(number)!.dataSync()[0]]);
    const given = isList ? entries.map(([, info]) => info) : Object.fromEntries(entries);
    const all = { ...attributes, ...Object.fromEntries(known) };
    try {
      const outputs = runOnCard(this.#gpu.backend, numbers, name, given, all);
      outputs.slice(0, call.outputs.length)
        .forEach(({ shape }, place) => checkShape(call, shape, place));
      return outputs;
    } catch (error) {
      throw new CardError(`${name}: ${messageOf(error)}`);
    }
  }

  #infoOf(
    number: number,
    onHost: ReadonlyMap<number, tf.Tensor>,
    onCard: Map<number, tf.TensorInfo>,
  ): tf.TensorInfo {
    const known = onCard.get(number) ?? this.#constants.get(number);
    if (known) return known;
    const variable = this.#variables.get(number);
    if (variable) return this.#gpu.valueOf(variable);
    const host = onHost.get(number)!;
    const info = this.#gpu.upload(host, host.dataSync());
    (this.#plan.constants.has(number) ? this.#constants : onCard).set(number, info);
    return info;
  }
}

/** For each call whether WASM runs it. Throws a {@link CardError} where neither WASM nor the card can. */
function placed(plan: KernelPlan, inputs: readonly tf.Tensor[]): boolean[] {
  /** What WASM has at hand, and the variables that lie on the card as well. */
  const onHost = new Set<number>(), onCard = new Set<number>();
  const sizes = new Map<number, number>();
  const note = (number: number, size: number) => {
    onHost.add(number);
    sizes.set(number, size);
  };
  inputs.slice(0, plan.inputCount).forEach(({ size }, number) => note(number, size));
  for (const [number, { size }] of plan.constants) note(number, size);
  for (const [{ dtype, size }, number] of plan.read) {
    note(number, size);
    if (dtype === "float32" && size > numberSize) onCard.add(number);
  }
  return plan.calls.map(({ name, inputs, outputs, shapes }) => {
    const places = inputs.map(([, number]) => number);
    const made = shapes.map((shape) => tf.util.sizeFromShape(shape));
    const isSmall = [...places.map((number) => sizes.get(number)!), ...made]
      .every((size) => size <= smallSize);
    const canHost = places.every((number) => onHost.has(number));
    const numbers = inputs.filter(([each]) => numbersOf[name]?.includes(each));
    const canCard = hasKernel(name) && numbers.every(([, number]) => onHost.has(number));
    if (!canHost && !canCard) throw new CardError(`it has no kernel for ${name}`);
    const isWeight = places.some((number) => onCard.has(number));
    const isOnHost = canHost && (!canCard || isSmall && !isWeight);
    outputs.forEach((number, at) => {
      sizes.set(number, made[at]);
      if (isOnHost) onHost.add(number);
    });
    return isOnHost;
  });
}
