/** Records what a step does: its ops, the constants it makes, the tensors it takes from outside. */
import type { OpAttribute } from "./attributes.ts";
import type { Binding, Observer, Pointer, TensorMetadata } from "./binding.ts";
import { CallSite } from "./call_site.ts";
import { Hazard } from "./hazard.ts";
import type { Guard, Listener } from "./recording.ts";

/** One thing that happened in a step, in order. */
export type RecordedNode =
  | { kind: "constant"; output: TensorMetadata; tensor: Pointer }
  | {
    kind: "op";
    name: string;
    attributes: readonly OpAttribute[];
    inputs: readonly number[];
    outputs: readonly TensorMetadata[];
    site: CallSite;
  }
  | {
    kind: "update";
    name: string;
    attributes: readonly OpAttribute[];
    states: readonly number[];
    inputs: readonly number[];
    site: CallSite;
  };

/** A tensor that the step used and did not make, with the value that it had then. */
export interface CapturedTensor {
  metadata: TensorMetadata;
  /** A handle of the recorder's own: later updates in place do not reach it. */
  snapshot: Pointer;
}

/** A value of the eager run, such as a gradient, that the compiled run's is compared with. */
export interface ObservedTensor {
  label: string;
  id: number;
  handle: Pointer;
}

/** What takes no more ops than this from what the step starts with is computed again at no cost. */
const FEW_OPS = 4;

export class Recorder implements Observer, Listener {
  readonly nodes: RecordedNode[] = [];
  readonly captured = new Map<number, CapturedTensor>();
  readonly observed: ObservedTensor[] = [];
  /** The gradients as updates take them, clipped or not. */
  readonly gradients: ObservedTensor[] = [];
  readonly guards: Guard[] = [];
  hazard: Hazard | null = null;
  readonly #binding: Binding;
  readonly #produced = new Set<number>();
  readonly #starts: ReadonlySet<number>;
  /** How many ops each tensor takes from what the step starts with. */
  readonly #ops = new Map<number, number>();

  /** `known`: the step's inputs and all variables that exist, whether it uses them or not. */
  constructor(binding: Binding, readonly known: readonly TensorMetadata[]) {
    this.#binding = binding;
    this.#starts = new Set(known.map(({ id }) => id));
  }

  /** Notes the first thing that forbids compiling. */
  forbid(what: string, instead: string): void {
    this.hazard ??= new Hazard(what, instead, new CallSite());
  }

  created(output: TensorMetadata, tensor: Pointer): void {
    this.#produced.add(output.id);
    this.nodes.push({ kind: "constant", output, tensor });
  }

  uses(ids: readonly number[]): void {
    for (const id of ids) {
      if (this.#produced.has(id) || this.captured.has(id)) continue;
      const metadata = this.#binding.metadata(id);
      const snapshot = this.#binding.shareHandle(this.#binding.handleOf(id));
      this.captured.set(id, { metadata, snapshot });
    }
  }

  executed(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: readonly TensorMetadata[],
  ): void {
    const ops = inputs.reduce((sum, id) => sum + (this.#ops.get(id) ?? 0), 1);
    for (const { id } of outputs) {
      this.#produced.add(id);
      this.#ops.set(id, ops);
    }
    this.nodes.push({
      kind: "op",
      name,
      attributes,
      inputs: [...inputs],
      outputs,
      site: new CallSite(),
    });
  }

  updated(
    name: string,
    attributes: readonly OpAttribute[],
    states: readonly number[],
    inputs: readonly number[],
  ): void {
    // A number of its own came to the variable in mid-step: it was assigned, or shared with a copy.
    if (!states.every((id) => this.#starts.has(id))) {
      this.forbid(
        "it assigns or clones a variable and then updates the same variable with an optimizer",
        "assign it in another step, or copy it by tf.add(variable, 0)",
      );
    }
    const shapeOf = (id: number) => this.#binding.metadata(id).shape.join();
    for (const id of inputs) {
      const isGradient = shapeOf(id) === shapeOf(states[0]) && (this.#ops.get(id) ?? 0) > FEW_OPS;
      if (isGradient && !this.gradients.some((each) => each.id === id)) {
        this.gradients.push(this.#held("what an optimizer takes", id));
      }
    }
    const site = new CallSite();
    this.nodes.push({ kind: "update", name, attributes, states, inputs: [...inputs], site });
  }

  read(_id: number): void {
    this.forbid(
      "it reads a tensor's value (dataSync, arraySync, data, array or print)",
      "return the tensor and read it after the step, or use tf.where for a choice that depends on data",
    );
  }

  /** Keeps a tensor's present value for the comparison of compiled against eager. */
  observe(label: string, id: number): ObservedTensor {
    this.uses([id]);
    const observed = this.#held(label, id);
    this.observed.push(observed);
    return observed;
  }

  #held(label: string, id: number): ObservedTensor {
    return { label, id, handle: this.#binding.shareHandle(this.#binding.handleOf(id)) };
  }

  /**
   * Gives a captured tensor's snapshot to the caller, who must not share it on: then a state that starts
   * from it is updated in place, with no copy.
   */
  take(id: number): Pointer | undefined {
    const snapshot = this.captured.get(id)?.snapshot;
    this.captured.delete(id);
    return snapshot;
  }

  /** Takes a snapshot back, which it was given by {@link take}. */
  giveBack(metadata: TensorMetadata, snapshot: Pointer): void {
    this.captured.set(metadata.id, { metadata, snapshot });
  }

  /** Lets go of all but the first so many values that compiled and eager run are compared by. */
  forgetObserved(kept: number): void {
    for (const { handle } of this.observed.splice(kept)) {
      this.#binding.api.TFE_DeleteTensorHandle(handle);
    }
  }

  /** Frees what the recording holds on to. */
  dispose(): void {
    const { api } = this.#binding;
    for (const node of this.nodes) if (node.kind === "constant") api.TF_DeleteTensor(node.tensor);
    for (const { snapshot } of this.captured.values()) api.TFE_DeleteTensorHandle(snapshot);
    for (const { handle } of [...this.observed, ...this.gradients]) {
      api.TFE_DeleteTensorHandle(handle);
    }
    this.nodes.length = this.observed.length = this.gradients.length = 0;
    this.captured.clear();
  }
}
