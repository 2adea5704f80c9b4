/** A recording as a graph: what each node must come after. */
import type { TensorMetadata } from "../binding.ts";
import type { RecordedNode } from "../recorder.ts";
import { type Context, isAlias } from "./roles.ts";

export class RecordingGraph {
  /**
   * For each node the nodes that it must come after: those that make what it takes or what that is a view of,
   * and changes of states.
   */
  readonly before: readonly (readonly number[])[];
  readonly #producers = new Map<number, number>();
  /** What a reshaped tensor is a view of. */
  readonly #aliases = new Map<number, number>();
  /** Tensors that updates change: each use means the value at its time. */
  readonly #states: ReadonlySet<number>;
  readonly #users = new Map<number, number[]>();

  constructor(readonly nodes: readonly RecordedNode[], context: Context) {
    this.#states = new Set(nodes.flatMap((node) => node.kind === "update" ? node.states : []));
    nodes.forEach((node, index) => {
      if (node.kind === "constant") this.#producers.set(node.output.id, index);
      if (node.kind !== "op") return;
      node.outputs.forEach(({ id }) => this.#producers.set(id, index));
      if (isAlias(node, context) && !this.#states.has(node.inputs[0])) {
        this.#aliases.set(node.outputs[0].id, node.inputs[0]);
      }
    });
    this.before = this.#order();
    nodes.forEach((node, index) => {
      if (node.kind === "constant" || this.isView(node)) return;
      for (const root of new Set(node.inputs.map((id) => this.root(id)))) {
        const users = this.#users.get(root);
        if (users) users.push(index);
        else this.#users.set(root, [index]);
      }
    });
  }

  /** The node that makes a tensor; undefined where it comes from outside of the step. */
  producer(id: number): number | undefined {
    return this.#producers.get(id);
  }

  /** The nodes that make what a node takes, as it stands there. */
  makersOf(node: number): number[] {
    const taken = this.nodes[node];
    if (taken.kind === "constant") return [];
    return taken.inputs.flatMap((id) => this.#producers.get(id) ?? []);
  }

  /** The tensor whose numbers a reshaped one has, in the same order. */
  root(id: number): number {
    for (let next = this.#aliases.get(id); next !== undefined; next = this.#aliases.get(id)) {
      id = next;
    }
    return id;
  }

  /** The nodes that take a tensor, by whatever shape; views of it are none. */
  usersOf(root: number): readonly number[] {
    return this.#users.get(root) ?? [];
  }

  /** Whether updates change a tensor, so that each use means another value. */
  isState(id: number): boolean {
    return this.#states.has(id);
  }

  /** Whether a node gives on a tensor with no more than another shape. */
  isView(node: RecordedNode): boolean {
    return node.kind === "op" && this.#aliases.has(node.outputs[0]?.id);
  }

  /** A change of a state comes after all that reads the old value, and before all that reads the new one. */
  #order(): number[][] {
    const writers = new Map<number, number>();
    const readers = new Map<number, number[]>();
    return this.nodes.map((node, index) => {
      if (node.kind === "constant") return [];
      const before = new Set<number>();
      const after = (other: number | undefined) => other !== undefined && before.add(other);
      for (const id of node.inputs) {
        after(this.#producers.get(this.root(id)));
        if (!this.#states.has(id)) continue;
        after(writers.get(id));
        readers.set(id, [...readers.get(id) ?? [], index]);
      }
      if (node.kind === "update") {
        for (const state of node.states) {
          after(writers.get(state));
          readers.get(state)?.forEach(after);
          writers.set(state, index);
          readers.delete(state);
        }
      }
      before.delete(index);
      return [...before];
    });
  }
}

/** Shape and type of all that a recording names. */
export function metadataIn(
  nodes: readonly RecordedNode[],
  outside: (id: number) => TensorMetadata,
): (id: number) => TensorMetadata {
  const made = new Map<number, TensorMetadata>();
  for (const node of nodes) {
    if (node.kind === "constant") made.set(node.output.id, node.output);
    if (node.kind === "op") node.outputs.forEach((output) => made.set(output.id, output));
  }
  return (id) => made.get(id) ?? outside(id);
}
