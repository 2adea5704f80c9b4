/** What a recording says of the updates that optimizers make in place. */
import type { RecordedNode } from "./recorder.ts";

/** Tensors computed from a state after an update of it. */
export function dependentOnUpdates(nodes: readonly RecordedNode[]): Set<number> {
  const dependent = new Set<number>();
  for (const node of nodes) {
    if (node.kind === "update") node.states.forEach((id) => dependent.add(id));
    else if (node.kind === "op" && node.inputs.some((id) => dependent.has(id))) {
      node.outputs.forEach(({ id }) => dependent.add(id));
    }
  }
  return dependent;
}

/** All that the given tensors were computed from. */
export function ancestorsOf(ids: Iterable<number>, nodes: readonly RecordedNode[]): Set<number> {
  const reached = new Set(ids);
  const ancestors = new Set<number>();
  for (const node of [...nodes].reverse()) {
    if (node.kind !== "op" || !node.outputs.some(({ id }) => reached.has(id))) continue;
    for (const id of node.inputs) {
      reached.add(id);
      ancestors.add(id);
    }
  }
  return ancestors;
}
