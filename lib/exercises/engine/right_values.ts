/** The values that right computations have on their way, by which a learner's steps are judged. */
import type * as tf from "../../tensor/tf.ts";
import { KnownValues } from "./known_values.ts";
import { flatKey } from "./step_difference.ts";
import { steps as tracedSteps, type TracedStep, type TracedTensor } from "./trace.ts";

/** Larger tensors are not read: no check has one. */
const largest = 20_000;

/** A choice of what a trace keeps. */
export const readable = (tensor: tf.Tensor) => tensor.size <= largest;

/**
 * Whether a right computation has a step's values: as they are, in this shape but another order, in another shape,
 * not to be told from so few, or not at all.
 */
export type Standing = "right" | "reordered" | "moved" | "open" | "wrong";

export class RightValues {
  /** The steps of each right computation. */
  readonly traces: readonly (readonly TracedStep[])[];
  readonly #known = new KnownValues();
  readonly #shapes = new Set<string>();
  readonly #bySize = new Map<number, Float32Array[]>();

  /** `given` is what all of them start from. */
  constructor(right: readonly (() => unknown)[], given: readonly tf.Tensor[]) {
    this.traces = right.map((compute) => tracedSteps(compute, { values: readable }).steps);
    for (const tensor of given) {
      if (tensor.dtype === "string") continue;
      this.#take(tensor.dataSync() as Float32Array, tensor.shape);
    }
    for (const { outputs } of this.traces.flat()) {
      for (const { values, shape } of outputs) this.#take(values, shape);
    }
  }

  #take(values: Float32Array, shape: readonly number[]): void {
    const key = flatKey(values);
    this.#known.add(key, values);
    this.#shapes.add(`${key} ${shape}`);
    this.#bySize.set(values.length, [...this.#bySize.get(values.length) ?? [], values]);
  }

  standingOf({ name, outputs }: Pick<TracedStep, "name" | "outputs">): Standing {
    const standings = outputs.map(({ values, shape }): Standing => {
      // A few numbers agree by chance, or are a factor of the learner's own.
      if (values.length < 4) return "open";
      if (this.#known.find(values)) {
        if (!this.#shapes.has(`${flatKey(values)} ${shape}`)) return "moved";
        return this.has(values, { inOrder: true }) ? "right" : "reordered";
      }
      // Each of the largest or smallest values is one of them, and they are no part that was cut out.
      return !/^(?:Max|Min|MaxPool)$/.test(name) && this.#known.holds(values) ? "moved" : "wrong";
    });
    return (["wrong", "moved", "reordered", "open"] as const).find((each) =>
      standings.includes(each)
    ) ??
      "right";
  }

  /** By what the values are right ones' multiple, if they are. */
  factorOf(values: Float32Array): number | undefined {
    return this.#known.findScaled(values)?.factor ?? this.#factorInOrder(values);
  }

  /** Few values are recognised in their order alone. */
  #factorInOrder(values: Float32Array): number | undefined {
    if (values.length < 4) return undefined;
    const largest = values.reduce(
      (best, value, index) => Math.abs(value) > Math.abs(values[best]) ? index : best,
      0,
    );
    for (const other of this.#bySize.get(values.length) ?? []) {
      const factor = values[largest] / other[largest];
      if (!Number.isFinite(factor) || Math.abs(factor) < 1e-6) continue;
      const isScaled = other.every((value, index) =>
        Math.abs(values[index] / factor - value) <= 1e-4 * (1 + Math.abs(value))
      );
      if (isScaled) return factor;
    }
  }

  /** What all of the values have too much, if that is all that is wrong with them. */
  shiftOf(values: Float32Array): number | undefined {
    if (values.length < 8) return undefined;
    for (const other of this.#bySize.get(values.length) ?? []) {
      const shift = values[0] - other[0];
      if (Math.abs(shift) < 1e-3 || !Number.isFinite(shift)) continue;
      if (other.every((value, index) => Math.abs(values[index] - shift - value) < 1e-4)) {
        return shift;
      }
    }
  }

  /** Whether a right computation has these values, in whatever shape; `inOrder`, in this order. */
  has(values: Float32Array, { inOrder = false } = {}): boolean {
    const others = this.#bySize.get(values.length) ?? [];
    if (!inOrder) return others.length > 0 && this.#known.find(values) !== undefined;
    return others.some((other) =>
      other.every((value, index) => Math.abs(values[index] - value) <= 1e-4 * (1 + Math.abs(value)))
    );
  }
}

/** Where a computation departs from right ones. */
export interface Departure {
  /** The first step with values of its own. */
  first: number;
  /** The steps before it that lead to it, whose values are right in another order or shape. */
  moved: readonly number[];
  /** Those that lead to it and are right in shape, but in another order. */
  reordered: readonly number[];
  /** The steps before it that lead to it and are right as they are. */
  right: readonly number[];
  /** All steps that lead to it. */
  before: readonly number[];
}

/**
 * The first step whose values are wrong. A step of which a later one is right again only goes another way.
 * `undefined` where no step departs.
 */
export function departureOf(
  steps: readonly TracedStep[],
  right: RightValues,
): Departure | undefined {
  const standings = steps.map((step) => right.standingOf(step));
  const makers = new Map(
    steps.flatMap(({ outputs }, index) => outputs.map(({ id }) => [id, index])),
  );
  // What comes after a step decides: where it is right again, the step was another way to the same.
  const leadsToRight = new Set<number>();
  for (let index = steps.length - 1; index >= 0; index--) {
    if (!/^(?:right|reordered)$/.test(standings[index]) && !leadsToRight.has(index)) continue;
    for (const { id } of neededBy(steps[index], steps, makers)) {
      const maker = makers.get(id);
      if (maker !== undefined) leadsToRight.add(maker);
    }
  }
  const first = standings.findIndex((standing, index) =>
    standing === "wrong" && !leadsToRight.has(index)
  );
  if (first < 0) return undefined;
  const before = ancestors(first, steps, makers);
  return {
    first,
    before,
    moved: before.filter((index) => standings[index] === "moved" && !leadsToRight.has(index)),
    reordered: before.filter((index) => standings[index] === "reordered"),
    right: before.filter((index) => standings[index] === "right"),
  };
}

/** What a step takes; where it cuts a part out of tensors that were joined, only those that the part is of. */
function neededBy(
  step: TracedStep,
  steps: readonly TracedStep[],
  makers: ReadonlyMap<number, number>,
): readonly TracedTensor[] {
  if (step.name !== "Slice") return step.inputs;
  const joined = joinedBefore(step, steps, makers);
  if (!joined) return step.inputs;
  const { axis } = joined.attributes as { axis: number };
  const { begin } = step.attributes as { begin: number | readonly number[] };
  const first = [begin].flat()[axis] ?? 0;
  const end = first + step.outputs[0].shape[axis];
  let place = 0;
  return joined.inputs.filter(({ shape }) => {
    const start = place;
    place += shape[axis];
    return start < end && place > first;
  });
}

/** Operations on each token by itself, whatever else there is. */
const onEach = /^(?:Identity|layerNorm|linear|gelu|relu|Relu)$/;

/** What joined the tensors that a step cuts a part out of, past operations on each part by itself. */
function joinedBefore(
  { inputs: [{ id, shape }] }: TracedStep,
  steps: readonly TracedStep[],
  makers: ReadonlyMap<number, number>,
): TracedStep | undefined {
  const index = makers.get(id);
  const maker = index === undefined ? undefined : steps[index];
  if (!maker) return undefined;
  if (maker.name === "Concat") {
    const { axis } = maker.attributes as { axis: number };
    return axis < shape.length - 1 ? maker : undefined;
  }
  return onEach.test(maker.name) ? joinedBefore(maker, steps, makers) : undefined;
}

/** The steps whose results reach a step, directly or through others. */
function ancestors(
  index: number,
  steps: readonly TracedStep[],
  makers: ReadonlyMap<number, number>,
): number[] {
  const found = new Set<number>();
  const walk = (at: number) => {
    for (const { id } of steps[at].inputs) {
      const maker = makers.get(id);
      if (maker === undefined || found.has(maker)) continue;
      found.add(maker);
      walk(maker);
    }
  };
  walk(index);
  return [...found].sort((a, b) => a - b);
}
