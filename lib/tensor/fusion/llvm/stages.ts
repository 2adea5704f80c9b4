/** In which of a kernel's loops over a row each value is computed, and what is kept from one for a later one. */
import { type KernelForm, typeOf, type Value } from "../kernel_form.ts";

/** Operations that are done again in a later stage rather than kept, since they cost no more than a load. */
const cheap = new Set(["add", "subtract", "multiply", "negate", "square", "copy", "fromBool"]);

export class Stages {
  /** Values that a later stage takes from memory, and that are no output. */
  readonly kept: readonly number[];
  readonly chances: readonly number[];
  readonly totals: readonly number[];
  /** Values of which whole matrices are multiplied once all rows are done. */
  readonly factors: readonly number[];
  /** Where each value is written that the kernel gives. */
  readonly outputsOf = new Map<number, number[]>();
  readonly last: number;
  readonly #form: KernelForm;
  /** The loop over a row in which a value is known, or before which it is, where it is one for a row. */
  readonly #stages: number[] = [];

  constructor(form: KernelForm) {
    this.#form = form;
    form.outputs.forEach(({ value }, index) => {
      this.outputsOf.set(value, [...this.outputsOf.get(value) ?? [], index]);
    });
    for (const value of form.values) {
      const stage = Math.max(0, ...argumentsOf(value).map((argument) => this.#stages[argument]));
      this.#stages.push(value.kind === "reduce" ? stage + 1 : stage);
    }
    this.last = Math.max(0, ...this.#stages);
    this.chances = this.#indices(({ kind }) => kind === "chance");
    this.totals = this.#indices(({ kind }) => kind === "total");
    // A product lies as a matrix from the beginning.
    this.factors = [...new Set(form.products?.map(({ value }) => value))]
      .filter((value) => form.values[value].kind !== "product");
    this.kept = this.#findKept();
  }

  of(index: number): number {
    return this.#stages[index];
  }

  isTruth(index: number): boolean {
    return typeOf(this.#form, index) === "bool";
  }

  /** Whether a later stage computes a value again. */
  isCheap(index: number): boolean {
    const value = this.#form.values[index];
    return value.kind === "map" && cheap.has(value.operation) &&
      value.arguments.every((argument) => this.#isAtHand(argument));
  }

  /** The values for each place that a stage must compute: outputs, and what later stages and products take. */
  goals(stage: number, kept = this.kept): number[] {
    return this.#indices((value, index) =>
      value.per === "place" && this.#stages[index] === stage &&
      (this.outputsOf.has(index) || kept.includes(index) || this.factors.includes(index))
    );
  }

  /** The reductions of what a stage computes. */
  reductions(stage: number): number[] {
    return this.#indices((value, index) =>
      value.kind === "reduce" && this.#stages[index] === stage + 1
    );
  }

  totalsOf(stage: number): number[] {
    return this.totals.filter((index) => this.#stages[index] === stage);
  }

  /** Whether a value costs nothing more than a load wherever it is taken. */
  #isAtHand(index: number): boolean {
    const { kind, per } = this.#form.values[index];
    return per === "row" || kind === "load" || kind === "product" || kind === "chance";
  }

  #indices(holds: (value: Value, index: number) => boolean): number[] {
    return this.#form.values.flatMap((value, index) => holds(value, index) ? [index] : []);
  }

  /** From the last stage back: what it takes of earlier ones is a goal of those. */
  #findKept(): number[] {
    const kept = new Set<number>();
    for (let stage = this.last; stage >= 0; stage--) {
      const seen = new Set<number>();
      const need = (index: number) => {
        if (seen.has(index) || this.#isAtHand(index)) return;
        seen.add(index);
        if (this.#stages[index] < stage && !this.isCheap(index)) {
          if (!this.outputsOf.has(index)) kept.add(index);
          return;
        }
        argumentsOf(this.#form.values[index]).forEach(need);
      };
      this.goals(stage, [...kept]).forEach(need);
      for (const index of [...this.reductions(stage), ...this.totalsOf(stage)]) {
        argumentsOf(this.#form.values[index]).forEach(need);
      }
    }
    return [...kept].sort((a, b) => a - b);
  }
}

function argumentsOf(value: Value): readonly number[] {
  if (value.kind === "map") return value.arguments;
  return value.kind === "reduce" || value.kind === "total" ? [value.argument] : [];
}
