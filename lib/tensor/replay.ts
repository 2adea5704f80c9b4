/** Runs a recorded step once more, op by op, from given values. */
import type { OpAttribute } from "./attributes.ts";
import type { Binding, Pointer } from "./binding.ts";
import { AttributeType, DataType } from "./c_api.ts";
import type { RecordedNode } from "./recorder.ts";

export interface ReplayPlan {
  nodes: readonly RecordedNode[];
  /** Values that the step starts from: inputs, variables, constants. They stay the caller's. */
  roots: ReadonlyMap<number, Pointer>;
  /** Values that stand in the place of what the ops give for them. They stay the caller's. */
  given?: ReadonlyMap<number, Pointer>;
  /** The tensors to compute. */
  wanted: Iterable<number>;
  /** Tensors that are computed, too, and are looked at when they are there: the handle is the run's own. */
  looked?: { ids: ReadonlySet<number>; look(id: number, handle: Pointer): void };
  /** Whether optimizers' updates are made: then the states' ends are computed, too. */
  updates: boolean;
  /** Roots and given values of floats are off by so much of each, up or down as the seed says. */
  rounding?: { by: number; seed: number };
}

export interface Replayed {
  /** A wanted tensor's value as the ops gave it, even where another was given. */
  values: Map<number, Pointer>;
  /** What each updated state ends with. */
  ends: Map<number, Pointer>;
  /** Frees all of these. */
  dispose(): void;
}

/** Computes what is wanted, and no more; intermediate values are freed after their last use. */
export function replay(binding: Binding, plan: ReplayPlan): Replayed {
  const run = new Run(binding, plan);
  try {
    return run.finish();
  } finally {
    run.dispose();
  }
}

class Run {
  readonly #binding: Binding;
  readonly #plan: ReplayPlan;
  readonly #given: ReadonlyMap<number, Pointer>;
  readonly #wanted: ReadonlySet<number>;
  readonly #nodes: RecordedNode[];
  /** How often each value will still be used. */
  readonly #uses = new Map<number, number>();
  /** Handles of the run's own: what ops gave, constants, what was read from cells or changed. */
  readonly #values = new Map<number, Pointer>();
  readonly #cells = new Map<number, Pointer>();
  readonly #results: Replayed;

  constructor(binding: Binding, plan: ReplayPlan) {
    this.#binding = binding;
    this.#plan = plan;
    this.#given = plan.given ?? new Map();
    this.#wanted = new Set(plan.wanted);
    const results: Replayed = {
      values: new Map(),
      ends: new Map(),
      dispose: () => this.#free([...results.values.values(), ...results.ends.values()]),
    };
    this.#results = results;
    this.#nodes = this.#neededNodes();
  }

  #neededNodes(): RecordedNode[] {
    const used = new Set([...this.#wanted, ...this.#plan.looked?.ids ?? []]);
    const kept: RecordedNode[] = [];
    const use = (id: number) => {
      this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
      if (!this.#given.has(id)) used.add(id);
    };
    for (const node of [...this.#plan.nodes].reverse()) {
      if (node.kind === "update") {
        if (!this.#plan.updates) continue;
      } else {
        const outputs = node.kind === "constant" ? [node.output] : node.outputs;
        if (!outputs.some(({ id }) => used.has(id))) continue;
      }
      kept.push(node);
      if (node.kind !== "constant") node.inputs.forEach(use);
    }
    return kept.reverse();
  }

  finish(): Replayed {
    for (const node of this.#nodes) {
      if (node.kind === "constant") this.#constant(node);
      else if (node.kind === "op") this.#op(node);
      else this.#update(node);
    }
    for (const [state, cell] of this.#cells) {
      this.#results.ends.set(state, this.#read(cell, state));
    }
    for (const id of this.#wanted) {
      // A root that the step gives on as it is.
      if (!this.#results.values.has(id)) this.#note(id, this.#valueOf(id));
    }
    return this.#results;
  }

  dispose(): void {
    this.#free([...this.#values.values(), ...this.#cells.values()]);
  }

  #free(handles: readonly Pointer[]): void {
    handles.forEach((handle) => this.#binding.api.TFE_DeleteTensorHandle(handle));
  }

  #note(id: number, handle: Pointer): void {
    this.#results.values.set(id, this.#binding.shareHandle(handle));
  }

  #constant({ output, tensor }: RecordedNode & { kind: "constant" }): void {
    const handle = this.#binding.api.TFE_NewTensorHandle(tensor, this.#binding.status);
    this.#binding.check("constant");
    this.#made(output.id, handle!);
  }

  #op({ name, attributes, inputs, outputs }: RecordedNode & { kind: "op" }): void {
    const handles = this.#binding.run(
      name,
      attributes,
      inputs.map((id) => this.#valueOf(id)),
      outputs.length,
    );
    outputs.forEach(({ id }, index) => this.#made(id, handles[index]));
    this.#used(inputs);
  }

  #made(id: number, handle: Pointer): void {
    if (this.#wanted.has(id)) this.#note(id, handle);
    if (this.#plan.looked?.ids.has(id)) this.#plan.looked.look(id, handle);
    if (this.#uses.has(id) && !this.#given.has(id)) this.#values.set(id, handle);
    else this.#free([handle]);
  }

  #used(ids: readonly number[]): void {
    for (const id of ids) {
      const left = this.#uses.get(id)! - 1;
      this.#uses.set(id, left);
      const value = this.#values.get(id);
      if (left > 0 || value === undefined || this.#cells.has(id)) continue;
      this.#free([value]);
      this.#values.delete(id);
    }
  }

  #update({ name, attributes, states, inputs }: RecordedNode & { kind: "update" }): void {
    const values = inputs.map((id) => this.#valueOf(id));
    const cells = states.map((id) => this.#cellOf(id));
    this.#binding.run(name, attributes, [...cells, ...values], 0);
    // What was read from a cell is out of date.
    for (const id of states) {
      const read = this.#values.get(id);
      if (read) this.#free([read]);
      this.#values.delete(id);
    }
    this.#used(inputs.filter((id) => !states.includes(id)));
  }

  #cellOf(id: number): Pointer {
    const known = this.#cells.get(id);
    if (known) return known;
    const cell = this.#binding.newCell(this.#valueOf(id));
    this.#cells.set(id, cell);
    return cell;
  }

  #read(cell: Pointer, state: number): Pointer {
    const type: OpAttribute = {
      name: "dtype",
      type: AttributeType.type,
      value: this.#binding.api.TFE_TensorHandleDataType(this.#plan.roots.get(state)!),
    };
    return this.#binding.run("ReadVariableOp", [type], [cell], 1)[0];
  }

  #valueOf(id: number): Pointer {
    const value = this.#values.get(id);
    if (value) return value;
    const cell = this.#cells.get(id);
    if (cell === undefined) return this.#start(id);
    const read = this.#read(cell, id);
    this.#values.set(id, read);
    return read;
  }

  /** A value that came from outside of the run. */
  #start(id: number): Pointer {
    const start = this.#given.get(id) ?? this.#plan.roots.get(id);
    if (start === undefined) throw new Error(`tensor ${id} has no value to start from`);
    const { rounding } = this.#plan;
    const isFloat = this.#binding.api.TFE_TensorHandleDataType(start) === DataType.float32;
    if (rounding === undefined || !isFloat) return start;
    const changed = roundedOtherwise(this.#binding, start, rounding);
    this.#values.set(id, changed);
    return changed;
  }
}

/** The values, each a little off, up or down. */
function roundedOtherwise(
  binding: Binding,
  handle: Pointer,
  { by, seed }: { by: number; seed: number },
): Pointer {
  const values = binding.values(handle) as Float32Array;
  let state = Math.imul(values.length + seed, 2_654_435_761 | 0);
  const changed = values.map((value) => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0; // a linear congruential generator
    return value * (1 + (state < 0 ? by : -by));
  });
  return binding.newHandle(binding.shapeOf(handle), DataType.float32, changed);
}
